"""`auditor audit --dry-run`: what an audit would be blind to, asked without reading anything."""

from __future__ import annotations

import os
from functools import partial

from auditor.cli.outputs import Output, deliver, look
from auditor.cli.progress import progress
from auditor.cli.wanted import Wanted
from auditor.document.relations.usage import PROGRAM as AUDIT_LOG
from auditor.errors import UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.find import find_opa
from auditor.judge.dry_run import DryRun, dry_run, ending
from auditor.judge.outcome import Outcome
from auditor.judge.rights import kinds_read
from auditor.judge.selection import within_reach
from auditor.report.dry_run import DryRunTable
from auditor.report.json import JsonRenderer
from auditor.report.terminal import ColorFlag
from auditor.report.write import Renders

FORMATS = ("table", "json")
"""A dry run is no audit: there is no report of it."""


def rehearse(wanted: Wanted) -> int:
    """Ask for every right that this audit would use; write the answers.

    Returns the exit code. Raises `UsageError` for a flag that goes with no dry run, else as an audit does.
    """
    scope = wanted.scope
    others = {
        "-f": scope.manifests,
        "--snapshot": scope.snapshot,
        "--save-snapshot": wanted.save_snapshot,
        "--kube-version": scope.kube_version,
    }
    for flag, value in others.items():
        if value:
            raise UsageError(f"--dry-run asks a cluster for rights and cannot be combined with {flag}")
    for one in wanted.outputs:
        if one.format not in FORMATS:
            raise UsageError(f"-o {one.format}: a dry run has no such form", f"forms: {', '.join(FORMATS)}")
    # what talks to a cluster takes a while to import: only who needs it pays
    from auditor.collect.api import Api
    from auditor.collect.cluster import ClusterSource
    from auditor.collect.connect import connect
    from auditor.collect.rights import rights

    connection = connect(scope.kubeconfig, scope.context, os.environ)
    source = ClusterSource(connection, scope.namespaces)
    binary = find_opa(wanted.opa, os.environ)
    with (
        progress("asking for rights", wanted=wanted.messages.format == "text"),
        load_bundle(binary, wanted.folders, wanted.overrides, cache=cache_folder(os.environ)) as bundle,
    ):
        selection, facts = wanted.selection(bundle), source.facts()
        answers = list(rights(Api(connection), kinds_read(selection.judging.values()), facts))
        asked: list[str] = [program for program, listed in wanted.endpoints.items() if listed]
        asked += [AUDIT_LOG] if wanted.audit_logs else []
        chosen = within_reach(selection, facts, asked=asked).judging.values()
        record = dry_run(facts, answers, chosen, bundle.digest)
    write = partial(_renderer, wanted.color)
    return deliver(record, wanted.outputs, ending(record, chosen), write, wanted.messages)


def _renderer(color: ColorFlag, output: Output, outcome: Outcome) -> Renders[DryRun]:
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return DryRunTable(outcome, tty=table.tty, color=table.color, ascii=table.ascii)

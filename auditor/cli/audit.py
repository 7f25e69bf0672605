"""`auditor audit`: the flags, the adapters, the exit code."""

from __future__ import annotations

import gc
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from auditor.cli import options
from auditor.cli.formats import FORMATS, renderer
from auditor.cli.kept import Keeping
from auditor.cli.message import Messages
from auditor.cli.outputs import deliver
from auditor.cli.progress import progress
from auditor.cli.source import choose_logs, choose_runtime, choose_source
from auditor.cli.wanted import Flags, Wanted, wanted
from auditor.collect.manifests import ManifestSource
from auditor.config.waivers import load_waivers
from auditor.errors import OutputError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.excerpt import excerpt
from auditor.evaluate.find import find_opa
from auditor.judge.outcome import Outcome, outcome
from auditor.model import Snapshot
from auditor.pipeline import run
from auditor.report.shape import Shape
from auditor.report.write import save

MAX_WARNINGS = 20
"""Warnings that are shown; a file of ten thousand documents may hold as many."""


TURN = 0.0005
"""Seconds after which Python lets another thread go on.

A page is read in hundreds of pieces, and so are OPA's answers: by default each of them would wait
5 ms for whoever computes meanwhile.
"""


def audit(
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespaces: options.Namespaces = None,
    snapshot: options.Snapshot = None,
    save_snapshot: options.SaveSnapshot = None,
    with_secrets: options.WithSecrets = None,
    prometheus: options.Prometheus = None,
    alertmanager: options.Alertmanager = None,
    audit_logs: options.AuditLog = None,
    frameworks: options.Frameworks = None,
    policies: options.Policies = None,
    folders: options.PolicyFolders = None,
    outputs: options.Outputs = None,
    by: options.ShownBy = None,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
    fail_on: options.FailOn = None,
    fail_on_system: options.FailOnSystem = None,
    min_coverage: options.MinCoverage = None,
    baseline: options.Baseline = None,
    waivers: options.Waivers = None,
    store: options.Store = None,
    kube_version: options.KubeVersion = None,
    dry_run: options.DryRun = False,
    config: options.Config = None,
    opa: options.Opa = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Audit the cluster of the current context, manifests with -f, or a snapshot with --snapshot."""
    flags = Flags(
        manifests=manifests,
        context=context,
        kubeconfig=kubeconfig,
        namespaces=namespaces,
        snapshot=snapshot,
        save_snapshot=save_snapshot,
        with_secrets=with_secrets,
        prometheus=prometheus,
        alertmanager=alertmanager,
        audit_logs=audit_logs,
        frameworks=frameworks,
        policies=policies,
        folders=folders,
        outputs=outputs,
        fail_on=fail_on,
        fail_on_system=fail_on_system,
        min_coverage=min_coverage,
        baseline=baseline,
        waivers=waivers,
        store=store,
        kube_version=kube_version,
        dry_run=dry_run,
        shape=Shape(by, verbose, quiet),
        config=config,
        opa=opa,
        color=color,
        log_format=log_format,
    )
    return _done(wanted(flags, FORMATS))


def _done(wanted: Wanted) -> int:
    """Do what is wanted, and return the exit code."""
    if wanted.dry_run:
        from auditor.cli.dry_run import rehearse

        return rehearse(wanted)
    messages = wanted.messages
    source, saving, keeping = choose_source(wanted.scope), _Saving(wanted.save_snapshot), Keeping(wanted)
    logs = choose_logs(wanted.audit_logs)
    acceptances = load_waivers(wanted.waivers, wanted.terms, datetime.now(UTC).date())
    binary = find_opa(wanted.opa, os.environ)
    with (
        _swift(),
        progress("auditing", wanted=messages.format == "text"),
        load_bundle(binary, wanted.folders, wanted.overrides, cache=cache_folder(os.environ)) as bundle,
    ):
        selection = wanted.selection(bundle, {one.framework for one in acceptances.attestations})
        with OpaEngine(binary, excerpt(bundle, selection.policies)) as engine:
            record = run(
                source,
                engine,
                selection,
                bundle=bundle,
                run_id=str(uuid.uuid4()),
                clock=lambda: datetime.now(UTC),
                save=saving if wanted.save_snapshot else None,
                acceptances=acceptances,
                terms=wanted.terms,
                config=wanted.config.digest if wanted.config else "",
                foresee=engine.foresee,
                runtime=choose_runtime(source, wanted.endpoints, logs),
            )
        record = keeping.kept(record)
    ending = outcome(
        record,
        fail_on=wanted.fail_on,
        min_coverage=wanted.min_coverage,
        system=wanted.fail_on_system,
        known=keeping.known(record),
    )
    if isinstance(source, ManifestSource):
        _warn(source.warnings, messages)
    _warn(logs.warnings if logs else (), messages)
    ending = keeping.told(saving.told(ending, messages))
    return deliver(record, wanted.outputs, ending, partial(renderer, wanted.color, wanted.shape), messages)


@contextmanager
def _swift() -> Iterator[None]:
    """Let nothing hold up the threads of an audit: no search for garbage, no long turns."""
    interval, collects = sys.getswitchinterval(), gc.isenabled()
    # what is read is data without circles: looking for some would double the time that decoding takes
    gc.disable()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if collects:
            gc.freeze()  # nor is it looked through at the end, when the program goes
            gc.enable()


class _Saving:
    """Writes the snapshot; that it cannot be written must not cost the audit."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._failure: OutputError | None = None

    def __call__(self, snapshot: Snapshot) -> None:
        from auditor.collect.snapshot import dump_snapshot

        try:
            save(self._path, partial(dump_snapshot, snapshot))
        except OutputError as error:
            self._failure = error

    def told(self, ending: Outcome, messages: Messages) -> Outcome:
        """Say that it failed, if it did, and return how the command ends then."""
        if self._failure is None:
            return ending
        messages.error(str(self._failure), self._failure.hint)
        return Outcome(self._failure.exit_code, f"the snapshot was not written; {ending.reason}")


def _warn(warnings: Sequence[str], messages: Messages) -> None:
    for warning in warnings[:MAX_WARNINGS]:
        messages.warning(warning)
    if len(warnings) > MAX_WARNINGS:
        messages.warning(f"{len(warnings) - MAX_WARNINGS} more like these")

"""`auditor audit`: the flags, the adapters, the exit code."""

from __future__ import annotations

import gc
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import Look, Output, deliver, look, parse_outputs
from auditor.cli.progress import progress
from auditor.cli.source import Scope, choose_source
from auditor.collect.manifests import ManifestSource
from auditor.config.settings import load_config
from auditor.errors import OutputError, UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.find import find_opa
from auditor.judge.outcome import Outcome, outcome
from auditor.judge.selection import Selection, select
from auditor.model import Snapshot
from auditor.pipeline import run
from auditor.ports import Renderer, Source
from auditor.record import Audit
from auditor.report.json import JsonRenderer
from auditor.report.table import TableRenderer
from auditor.report.terminal import ColorFlag
from auditor.report.write import save
from auditor.rules import Bundle, Severity

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
    frameworks: options.Frameworks = None,
    policies: options.Policies = None,
    folders: options.PolicyFolders = None,
    outputs: options.Outputs = None,
    fail_on: options.FailOn = "high",
    fail_on_system: options.FailOnSystem = False,
    min_coverage: options.MinCoverage = 100,
    kube_version: options.KubeVersion = "",
    dry_run: options.DryRun = False,
    config: options.Config = None,
    opa: options.Opa = None,
    color: options.Color = "auto",
    log_format: options.Log = "text",
) -> int:
    """Audit the cluster of the current context, manifests with -f, or a snapshot with --snapshot."""
    scope = Scope(manifests or (), snapshot, kubeconfig, context, namespaces or (), kube_version)
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    overrides = load_config(config)
    messages = Messages(log_format)
    if dry_run:
        from auditor.cli.dry_run import rehearse

        return rehearse(
            scope,
            wanted,
            save_snapshot=save_snapshot,
            frameworks=frameworks or (),
            policies=policies or (),
            folders=folders or (),
            overrides=overrides,
            opa=opa,
            color=color,
            messages=messages,
        )
    if save_snapshot and manifests:
        raise UsageError("--save-snapshot is for a cluster: manifests are a snapshot already")
    source, keeping = choose_source(scope), _Keeping(save_snapshot)
    binary = find_opa(opa, os.environ)
    with (
        _swift(),
        progress("auditing", wanted=log_format == "text"),
        load_bundle(binary, folders or (), overrides, cache=cache_folder(os.environ)) as bundle,
    ):
        selection = select(bundle, frameworks or (), policies or ())
        record = _record(source, binary, bundle, selection, keeping if save_snapshot else None)
    threshold = None if fail_on == "never" else Severity(fail_on)
    ending = outcome(record, fail_on=threshold, min_coverage=min_coverage, system=fail_on_system)
    if isinstance(source, ManifestSource):
        _warn(source.warnings, messages)
    ending = keeping.told(ending, messages)
    return deliver(record, wanted, ending, partial(_renderer, color), messages)


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


def _record(
    source: Source, opa: Path, bundle: Bundle, selection: Selection, save: Callable[[Snapshot], None] | None
) -> Audit:
    with OpaEngine(opa, bundle) as engine:
        return run(
            source,
            engine,
            selection,
            digest=bundle.digest,
            run_id=str(uuid.uuid4()),
            clock=lambda: datetime.now(UTC),
            save=save,
            foresee=engine.foresee,
        )


class _Keeping:
    """Writes the snapshot; that it cannot be written must not cost the audit."""

    def __init__(self, path: str | None) -> None:
        self._path = path or ""
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


def _renderer(color: ColorFlag, output: Output, ending: Outcome) -> Renderer:
    return FORMATS[output.format](ending, look(output, color))


def _table(ending: Outcome, look: Look) -> Renderer:
    return TableRenderer(ending, tty=look.tty, color=look.color, ascii=look.ascii)


def _html(*_: object) -> Renderer:
    # the template engine takes a while to import: only who needs it pays
    from auditor.report.html import HtmlRenderer

    return HtmlRenderer()


FORMATS: Mapping[str, Callable[[Outcome, Look], Renderer]] = {
    "table": _table,
    "json": lambda *_: JsonRenderer(),
    "html": _html,
}
"""How each format is made; a new one is one more line."""

"""`auditor audit`: the flags, the adapters, the exit code."""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.progress import progress
from auditor.collect.manifests import ManifestSource
from auditor.config import load_config
from auditor.errors import OutputError, UsageError, did_you_mean
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.find import find_opa, opa_version
from auditor.judge.outcome import Outcome, outcome
from auditor.judge.selection import select
from auditor.model import Severity
from auditor.pipeline import run
from auditor.ports import Renderer, Source
from auditor.record import Audit
from auditor.report.html import HtmlRenderer
from auditor.report.json import JsonRenderer
from auditor.report.table import TableRenderer
from auditor.report.terminal import ColorFlag, use_ascii, use_color
from auditor.report.write import write

STDOUT = "-"
"""The path that means standard output."""

STDOUT_PATHS = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Other names of it; as files they would be opened a second time, and overwrite what is in them."""

MAX_WARNINGS = 20
"""Warnings that are shown; a file of ten thousand documents may hold as many."""

VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+([-+][0-9A-Za-z.+-]*)?)?")
"""As the API server gives its own, `v1.36.3+k3s1`, or as people write it, `1.36`."""


class Output(msgspec.Struct, frozen=True):
    """One `-o FORMAT[=PATH]`."""

    format: str
    path: str
    """`STDOUT`, or a file."""


def audit(
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespaces: options.Namespaces = None,
    frameworks: options.Frameworks = None,
    policies: options.Policies = None,
    folders: options.PolicyFolders = None,
    outputs: options.Outputs = None,
    fail_on: options.FailOn = "high",
    fail_on_system: options.FailOnSystem = False,
    min_coverage: options.MinCoverage = 100,
    kube_version: options.KubeVersion = "",
    config: options.Config = None,
    opa: options.Opa = None,
    color: options.Color = "auto",
    log_format: options.Log = "text",
) -> int:
    """Audit the cluster of the current context, or manifests with -f."""
    wanted = _outputs(outputs or ["table"])
    overrides = load_config(config)
    source = _source(manifests or (), kubeconfig, context, namespaces or (), kube_version)
    binary = find_opa(opa, os.environ)
    opa_version(binary)
    with (
        progress("auditing", wanted=log_format == "text"),
        load_bundle(binary, folders or (), overrides) as bundle,
    ):
        selection = select(bundle, frameworks or (), policies or ())
        with OpaEngine(binary, bundle) as engine:
            record = run(
                source,
                engine,
                selection,
                digest=bundle.digest,
                run_id=str(uuid.uuid4()),
                clock=lambda: datetime.now(UTC),
            )
    ending = outcome(
        record,
        fail_on=None if fail_on == "never" else Severity(fail_on),
        min_coverage=min_coverage,
        system=fail_on_system,
    )
    messages = Messages(log_format)
    if isinstance(source, ManifestSource):
        _warn(source.warnings, messages)
    return _deliver(record, wanted, ending, color, messages)


def _deliver(
    record: Audit, wanted: Sequence[Output], ending: Outcome, color: ColorFlag, messages: Messages
) -> int:
    """Write every output that can be written and return the exit code.

    stdout comes last: the last line of a table there tells the exit code, a file's failure included.
    """
    told = False
    for one in sorted(wanted, key=lambda one: one.path == STDOUT):
        try:
            write(record, _renderer(one, ending, color, os.environ), one.path)
            told = one == Output("table", STDOUT)
        except OutputError as error:
            messages.error(str(error), error.hint)
            ending = Outcome(error.exit_code, f"not every output was written; {ending.reason}")
    if not told:
        messages.note(f"exit {ending.code}: {ending.reason}")
    return ending.code


def _warn(warnings: Sequence[str], messages: Messages) -> None:
    for warning in warnings[:MAX_WARNINGS]:
        messages.warning(warning)
    if len(warnings) > MAX_WARNINGS:
        messages.warning(f"{len(warnings) - MAX_WARNINGS} more like these")


def _source(
    manifests: Sequence[str],
    kubeconfig: str | None,
    context: str | None,
    namespaces: Sequence[str],
    kube_version: str,
) -> Source:
    if not manifests:
        if kube_version:
            raise UsageError("--kube-version is for manifests: a cluster knows its own version")
        # the client takes a fifth of a second to import: only who needs it pays
        from auditor.collect.cluster import ClusterSource
        from auditor.collect.connect import connect

        return ClusterSource(connect(kubeconfig, context, os.environ), namespaces)
    for flag, value in (("--context", context), ("--kubeconfig", kubeconfig)):
        if value:
            raise UsageError(f"{flag} is for a live cluster and cannot be combined with -f")
    if kube_version and not VERSION.fullmatch(kube_version):
        raise UsageError(f"--kube-version {kube_version}: not a version", "write it as v1.36 or v1.36.3")
    version = f"v{kube_version.removeprefix('v')}" if kube_version else ""
    return ManifestSource(manifests, sys.stdin.buffer, version, namespaces)


def _outputs(texts: Sequence[str]) -> list[Output]:
    found = []
    for text in texts:
        name, separator, path = text.partition("=")
        if name not in FORMATS:
            raise UsageError(
                f"-o {text}: unknown format {name!r}{did_you_mean(name, FORMATS)}",
                f"formats: {', '.join(FORMATS)}",
            )
        if separator and not path:
            raise UsageError(f"-o {text}: the path is missing")
        found.append(Output(name, STDOUT if path in ("", *STDOUT_PATHS) else path))
    places: dict[str, str] = {}
    for text, one in zip(texts, found, strict=True):
        place = STDOUT if one.path == STDOUT else os.path.realpath(one.path)
        if place in places:
            shown = "stdout" if place == STDOUT else one.path
            raise UsageError(
                f"two outputs go to {shown}: -o {places[place]} and -o {text}",
                "give one of them another path: -o FORMAT=PATH",
            )
        places[place] = text
    return found


def _renderer(output: Output, ending: Outcome, color: ColorFlag, environ: Mapping[str, str]) -> Renderer:
    return FORMATS[output.format](output, ending, color, environ)


def _table(output: Output, ending: Outcome, color: ColorFlag, environ: Mapping[str, str]) -> Renderer:
    tty = output.path == STDOUT and sys.stdout.isatty()
    encoding = sys.stdout.encoding if output.path == STDOUT else "utf-8"
    return TableRenderer(
        ending, tty=tty, color=use_color(color, environ, tty), ascii=use_ascii(encoding, environ)
    )


FORMATS: Mapping[str, Callable[..., Renderer]] = {
    "table": _table,
    "json": lambda *_: JsonRenderer(),
    "html": lambda *_: HtmlRenderer(),
}
"""How each format is made; a new one is one more line."""

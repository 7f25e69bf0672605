"""`auditor report AUDIT -o FORMAT`: an audit that was made before, in any format; `verify` checks one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from auditor.cli import options
from auditor.cli.diff import REFERENCE, Cluster
from auditor.cli.formats import FORMATS, renderer
from auditor.cli.message import Messages
from auditor.cli.outputs import DEFAULT_LOOK, deliver, parse_outputs
from auditor.cli.stored import find_audit, store_of, stored
from auditor.config.settings import FailOn as Threshold
from auditor.errors import UsageError
from auditor.history import Entry
from auditor.judge.outcome import Outcome, gate
from auditor.report.cut import cut
from auditor.report.shape import Shape
from auditor.report.text import visible
from auditor.report.unaltered import difference, format_of
from auditor.rules import Severity

if TYPE_CHECKING:
    from auditor.store.sqlite import SqliteStore

EXIT_CODES = (
    "Exit codes: 0 no findings at or above --fail-on, 1 some, 2 an audit that cannot be read, "
    "4 the store could not be read, or an output not written. verify: 0 unaltered, 1 not."
)

RENDER = "render"
"""The command that is meant where none is named."""


class _Group(TyperGroup):
    """Takes what is no command for an audit: `auditor report last` is `auditor report render last`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] and args[0] in (*self.commands, "-h", "--help")
        return list(super().parse_args(ctx, args if named or not args else [RENDER, *args]))


app = typer.Typer(
    cls=_Group,
    help="Write an audit that was made before in any format, or verify a report. Without a command: render.",
    no_args_is_help=True,
)

OfNamespace = Annotated[
    list[str] | None,
    typer.Option("-n", "--namespace", metavar="NAME", help="Only what is in it. Repeatable."),
]
OfOwner = Annotated[
    list[str] | None,
    typer.Option("--owner", metavar="NAME", help="Only what its owner label names. Repeatable."),
]
About = Annotated[
    list[str] | None, typer.Option("--framework", metavar="ID", help="Only what it is about. Repeatable.")
]
FailOn = Annotated[Threshold, typer.Option(help="Exit 1 on findings of this severity or worse.")]


@app.command(RENDER)
def render(
    audit: Annotated[str, typer.Argument(metavar="AUDIT", help=f"The audit: {REFERENCE}")],
    outputs: options.Outputs = None,
    namespaces: OfNamespace = None,
    owners: OfOwner = None,
    frameworks: About = None,
    by: options.ShownBy = None,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
    fail_on: FailOn = "never",
    store: options.Store = None,
    cluster: Cluster = None,
    config: options.Config = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Write an audit that was kept, or its JSON file, in other formats; nothing is judged again."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    record = find_audit(audit, stored(lambda: store_of(store, config), cluster))
    record = cut(record, namespaces=namespaces or (), owners=owners or (), frameworks=frameworks or ())
    count, told = gate(record, None if fail_on == "never" else Severity(fail_on))
    ending = Outcome(int(count > 0), told)
    writer = partial(renderer, color or "auto", Shape(by, verbose, quiet))
    return deliver(record, wanted, ending, writer, Messages(log_format or "text"))


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(metavar="FILE", help="A report: HTML, JSON or CSV.")],
    store: options.Store = None,
    cluster: Cluster = None,
    config: options.Config = None,
) -> int:
    """Prove that a report is what an audit of the store renders to, and that nobody changed that audit."""
    try:
        data = report.read_bytes()
    except OSError as error:
        raise UsageError(f"{report}: cannot be read: {error.strerror}") from None
    form = format_of(data)
    if not form:
        raise UsageError(f"{report}: is no HTML, JSON or CSV of an audit", "the other formats name no audit")
    kept = store_of(store, config)
    if kept is None or not kept.path.exists():
        where = f"there is no store {kept.path}" if kept else "no store is used"
        raise UsageError(f"{report}: {where} to hold it against", "--store names one")
    code, told = _verified(data, form, kept, cluster)
    print(visible(f"{report}: {told}"))
    return code


def _verified(data: bytes, form: str, kept: SqliteStore, cluster: str | None) -> tuple[int, str]:
    """Return the exit code, and what is to be said of a report."""
    unlike = ""
    for entry in _candidates(data, kept, cluster):
        record = kept.audit(str(entry.record.seq), entry.record.cluster)
        place = difference(data, record, FORMATS[form](_NO_OUTCOME, DEFAULT_LOOK))
        if place is None:
            known = f"unaltered: the {form} of audit {record.audit.id}, {record.audit.started_at}"
            faults = kept.verify().faults
            if faults:
                return 1, f"{known}; but the history is not: auditor history verify"
            return 0, f"{known}, record {entry.record.seq} of a history that nobody changed"
        if record.audit.id.encode() in data:
            unlike = (
                f"altered, or written by another version of auditor: it differs from the {form} of audit "
                f"{record.audit.id} in line {place.line}, column {place.column}"
            )
    return 1, unlike or f"no audit in {kept.path} has this {form}"


def _candidates(data: bytes, kept: SqliteStore, cluster: str | None) -> Iterator[Entry]:
    """The audits that a report names, or where it names none, all, the latest first."""
    entries = [one for one in reversed(kept.entries(cluster)) if one.kept]
    named = [one for one in entries if one.record.audit.encode() in data]
    yield from named or entries


_NO_OUTCOME = Outcome(0, "")
"""How a command ends is in no report that can be verified."""

"""`auditor diff A B`: what two audits find differently, and what one of them did not look at."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import STDOUT, Output, deliver, look, parse_outputs
from auditor.cli.stored import find_audit, store_of, stored
from auditor.config.settings import FailOn as Threshold
from auditor.errors import UsageError
from auditor.judge.baseline import excused
from auditor.judge.diff import Diff
from auditor.judge.diff import diff as compared
from auditor.judge.outcome import Outcome, gate
from auditor.report.delta import DiffTable
from auditor.report.json import JsonRenderer
from auditor.report.terminal import ColorFlag
from auditor.report.write import Renders
from auditor.rules import Severity

EXIT_CODES = (
    "Exit codes: 0 no new findings at or above --fail-on, 1 some, 2 an audit that cannot be read, "
    "4 the store could not be read, or an output not written."
)

REFERENCE = "a JSON file of an audit, - for stdin, or one in the store: last, last~1, a number, an id."

FailOn = Annotated[Threshold, typer.Option(help="Exit 1 on new findings of this severity or worse.")]
Outputs = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT[=PATH]", help="table or json; default table. Repeatable."),
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ID", help="References are to audits of this cluster.")
]

FORMATS = ("table", "json")


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=f"The earlier audit: {REFERENCE}")],
    b: Annotated[str, typer.Argument(metavar="B", help="The later audit, named likewise.")],
    outputs: Outputs = None,
    fail_on: FailOn = "never",
    store: options.Store = None,
    cluster: Cluster = None,
    config: options.Config = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Compare two audits: what is new, what is resolved, and what was not looked at."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    messages = Messages(log_format or "text")
    if a == b == STDOUT:
        raise UsageError("A and B are both standard input", "write one of the audits to a file")
    look_up = stored(lambda: store_of(store, config), cluster)
    before, after = (find_audit(name, look_up) for name in (a, b))
    record = compared(before, after)
    if any(one.format != "table" for one in wanted):
        for warning in record.warnings:
            messages.warning(warning)
    threshold = None if fail_on == "never" else Severity(fail_on)
    count, told = gate(after, threshold, known=excused(after, before))
    return deliver(
        record, wanted, Outcome(int(count > 0), told), partial(_renderer, color or "auto"), messages
    )


def _renderer(color: ColorFlag, output: Output, outcome: Outcome) -> Renders[Diff]:
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return DiffTable(outcome, tty=table.tty, color=table.color, ascii=table.ascii)

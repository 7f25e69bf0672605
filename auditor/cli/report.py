"""`auditor report AUDIT -o FORMAT`: an audit that was made before, in any format."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.cli import options
from auditor.cli.diff import REFERENCE, Cluster
from auditor.cli.formats import FORMATS, renderer
from auditor.cli.message import Messages
from auditor.cli.outputs import deliver, parse_outputs
from auditor.cli.stored import find_audit, store_of, stored
from auditor.config.settings import FailOn as Threshold
from auditor.judge.outcome import Outcome, gate
from auditor.report.shape import Shape
from auditor.rules import Severity

EXIT_CODES = (
    "Exit codes: 0 no findings at or above --fail-on, 1 some, 2 an audit that cannot be read, "
    "4 the store could not be read, or an output not written."
)

FailOn = Annotated[Threshold, typer.Option(help="Exit 1 on findings of this severity or worse.")]


def report(
    audit: Annotated[str, typer.Argument(metavar="AUDIT", help=f"The audit: {REFERENCE}")],
    outputs: options.Outputs = None,
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
    count, told = gate(record, None if fail_on == "never" else Severity(fail_on))
    ending = Outcome(int(count > 0), told)
    writer = partial(renderer, color or "auto", Shape(by, verbose, quiet))
    return deliver(record, wanted, ending, writer, Messages(log_format or "text"))

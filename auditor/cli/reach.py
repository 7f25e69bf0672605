"""`auditor reach`: which connections network policies leave open, in a cluster or in manifests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import Output, deliver, look, parse_outputs
from auditor.cli.picture import PICTURES, drawing
from auditor.cli.reach_diff import Question, compared, read, sides, tell
from auditor.cli.source import Scope, choose_source
from auditor.document.network import Parts
from auditor.errors import IncompleteError, UsageError
from auditor.judge.outcome import Outcome
from auditor.network.addresses import EVERYWHERE, Range, cidr
from auditor.network.reach import Reach, asked_ports, end
from auditor.network.reach import reach as answer
from auditor.network.space import Reading
from auditor.report.json import JsonRenderer
from auditor.report.reach import ReachTable
from auditor.report.terminal import ColorFlag
from auditor.report.view import plural
from auditor.report.write import Renders

EXIT_CODES = (
    "Exit codes: 0 answered, 2 usage, 3 not all pods and policies could be read, so that something may be "
    "missing, 4 an output could not be written. With --diff: 0 nothing changes, 1 some connection does, also "
    "where not all could be read."
)

FORMATS = ("table", "json", *PICTURES)

_ENDS = "NAMESPACE/KIND/NAME, as shop/Deployment/web; external; or a CIDR."

Port = Annotated[
    str | None,
    typer.Option(metavar="PORT", help="Only these ports: 5432, 8000-8080, 53/UDP; default all."),
]
PodCidrs = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CIDR", help="Addresses of pods lie in here: other ipBlocks match none. Repeatable."
    ),
]
IpBlocks = Annotated[
    bool | None,
    typer.Option(
        "--ipblocks-match-pods/--no-ipblocks-match-pods",
        help="What your network plugin does with pods whose address is in an ipBlock; by default it is "
        "unknown.",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "-o", "--output", metavar="FORMAT[=PATH]", help="table, json, svg or dot; default table. Repeatable."
    ),
]
Diff = Annotated[
    list[str] | None,
    typer.Option(
        "--diff",
        metavar="PATH",
        help="What changes with these: manifests, laid over what is there, or a snapshot, instead of it. "
        "Repeatable.",
    ),
]
Whole = Annotated[
    bool, typer.Option("--whole", help="The manifests of --diff are all there is: what they lack is gone.")
]
Snapshot = Annotated[
    str | None, typer.Option("--snapshot", metavar="FILE", help="Ask what --save-snapshot kept of a cluster.")
]


def reach(
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help=f"{_ENDS} With --diff it may be left out: from all."),
    ] = None,
    destination: Annotated[
        str | None, typer.Argument(metavar="[DESTINATION]", help="The same; without, all that is open.")
    ] = None,
    port: Port = None,
    pod_cidr: PodCidrs = None,
    ipblocks: IpBlocks = None,
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    snapshot: Snapshot = None,
    diff: Diff = None,
    whole: Whole = False,
    outputs: Outputs = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Tell which connections are open, closed or unknown, and by which policies."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    messages = Messages(log_format or "text")
    if whole and not diff:
        raise UsageError("--whole says what --diff is, and there is no --diff")
    if source is None and not diff:
        raise UsageError("SOURCE is missing", "name a workload, external or a CIDR; only --diff does without")
    asked = Question(
        end(source) if source else None,
        end(destination) if destination else None,
        asked_ports(port) if port else (),
        Reading(ipblocks, tuple(map(_cidr, pod_cidr or ())) or EVERYWHERE),
    )
    scope = Scope(manifests or (), snapshot, kubeconfig, context)
    if diff:
        both = sides(scope, diff, messages, whole=whole)
        return tell(compared(*both, asked), wanted, color or "auto", messages)
    return _answered(asked, read(choose_source(scope)), wanted, color or "auto", messages)


def _answered(
    asked: Question, found: Parts, wanted: Sequence[Output], color: ColorFlag, messages: Messages
) -> int:
    assert asked.source  # noqa: S101 - it is refused to leave it out
    network = found.network(asked.reading, asked.edges)
    record = answer(network, asked.source, asked.destination, asked.ports, found.unread)
    for one in found.unread:
        messages.warning(f"{one.kind} not read: {one.reason}")
    count = plural(len(record.reach), "connection")
    told = f"{count}, and what was not read may change them" if found.unread else count
    code = IncompleteError.exit_code if found.unread else 0
    return deliver(record, wanted, Outcome(code, told), partial(_renderer, color), messages)


def _cidr(written: str) -> Range:
    try:
        return cidr(written)
    except ValueError:
        raise UsageError(f"--pod-cidr {written}: no CIDR", "write it as 10.244.0.0/16") from None


def _renderer(color: ColorFlag, output: Output, _: Outcome) -> Renders[Reach]:
    if output.format in PICTURES:
        return drawing(output.format)
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return ReachTable(table.tty, table.color, table.ascii)

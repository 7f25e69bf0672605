"""`auditor reach`: which connections network policies leave open, in a cluster or in manifests."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import Output, deliver, look, parse_outputs
from auditor.cli.source import Scope, choose_source
from auditor.document.network import NETWORK_KINDS, Parts, parts
from auditor.errors import IncompleteError, UsageError
from auditor.judge.outcome import Outcome
from auditor.model import Gap, Resource
from auditor.network.addresses import EVERYWHERE, Range, cidr
from auditor.network.reach import End, Reach, asked_ports, end
from auditor.network.reach import reach as answer
from auditor.network.space import Reading
from auditor.ports import Source
from auditor.report.json import JsonRenderer
from auditor.report.reach import ReachTable
from auditor.report.terminal import ColorFlag
from auditor.report.view import plural
from auditor.report.write import Renders

EXIT_CODES = (
    "Exit codes: 0 answered, 2 usage, 3 not all pods and policies could be read, so that something may be "
    "missing, 4 an output could not be written."
)

FORMATS = ("table", "json")

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
    typer.Option("-o", "--output", metavar="FORMAT[=PATH]", help="table or json; default table. Repeatable."),
]
Snapshot = Annotated[
    str | None, typer.Option("--snapshot", metavar="FILE", help="Ask what --save-snapshot kept of a cluster.")
]


def reach(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=_ENDS)],
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
    outputs: Outputs = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Tell which connections are open, closed or unknown, and by which policies."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    messages = Messages(log_format or "text")
    ends = end(source), end(destination) if destination else None
    ports = asked_ports(port) if port else ()
    reading = Reading(ipblocks, tuple(map(_cidr, pod_cidr or ())) or EVERYWHERE)
    found = read(choose_source(Scope(manifests or (), snapshot, kubeconfig, context)))
    network = found.network(reading, _edges(*ends))
    record = answer(network, *ends, ports, found.unread)
    for one in found.unread:
        messages.warning(f"{one.kind} not read: {one.reason}")
    count = plural(len(record.reach), "connection")
    told = f"{count}, and what was not read may change them" if found.unread else count
    code = IncompleteError.exit_code if found.unread else 0
    return deliver(record, wanted, Outcome(code, told), partial(_renderer, color or "auto"), messages)


def read(source: Source) -> Parts:
    """Return pods and policies of a source, and what could not be read."""
    facts = source.facts()
    resources, gaps = [], []
    for part in source.read(NETWORK_KINDS):
        if isinstance(part, Gap):
            gaps.append(part)
        elif isinstance(part, Resource):
            resources.append(part)
    return parts(facts, resources, gaps)


def _edges(*ends: End | None) -> list[Range]:
    return [one for end in ends if end for one in end.addresses]


def _cidr(written: str) -> Range:
    try:
        return cidr(written)
    except ValueError:
        raise UsageError(f"--pod-cidr {written}: no CIDR", "write it as 10.244.0.0/16") from None


def _renderer(color: ColorFlag, output: Output, _: Outcome) -> Renders[Reach]:
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return ReachTable(table.tty, table.color, table.ascii)

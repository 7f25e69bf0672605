"""`auditor who-can`: whom the bindings of a cluster, or of manifests, give a right."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.access import objects
from auditor.access.aggregate import summed
from auditor.access.authoriser import Authoriser
from auditor.access.shipped import shipped
from auditor.access.who_can import Unread, WhoCan, attributes
from auditor.access.who_can import who_can as answer
from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import Output, deliver, look, parse_outputs
from auditor.cli.source import Scope, choose_source
from auditor.errors import IncompleteError
from auditor.judge.outcome import Outcome
from auditor.model import Gap, Resource
from auditor.ports import Source
from auditor.report.json import JsonRenderer
from auditor.report.terminal import ColorFlag
from auditor.report.who_can import WhoCanTable
from auditor.report.write import Renders

EXIT_CODES = (
    "Exit codes: 0 answered, 2 usage, 3 not all roles and bindings could be read, so that somebody may be "
    "missing, 4 an output could not be written."
)

FORMATS = ("table", "json")

Outputs = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT[=PATH]", help="table or json; default table. Repeatable."),
]
Namespace = Annotated[
    str | None,
    typer.Option("-n", "--namespace", metavar="NAME", help="In this namespace; without, in all at once."),
]
Snapshot = Annotated[
    str | None, typer.Option("--snapshot", metavar="FILE", help="Ask what --save-snapshot kept of a cluster.")
]


def who_can(
    verb: Annotated[str, typer.Argument(metavar="VERB", help="get, list, create, bind, ...; or *.")],
    resource: Annotated[
        str,
        typer.Argument(
            metavar="RESOURCE", help="pods, pods/exec, deployments.apps, *; or a URL as /metrics."
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of one object.")] = "",
    namespace: Namespace = None,
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    snapshot: Snapshot = None,
    outputs: Outputs = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Tell who may do something, through which bindings, and how kubectl asks the same."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    messages = Messages(log_format or "text")
    asked, notes = attributes(verb, resource, name, namespace or "")
    source = choose_source(Scope(manifests or (), snapshot, kubeconfig, context))
    authoriser, unread = read(source)
    record = answer(authoriser, asked, unread)
    for note in notes:
        messages.warning(note)
    count = len(record.subjects)
    told = f"{count} hold it" if not unread else f"{count} hold it, and what was not read may name more"
    code = IncompleteError.exit_code if unread else 0
    return deliver(record, wanted, Outcome(code, told), partial(_renderer, color or "auto"), messages)


def read(source: Source) -> tuple[Authoriser, list[Unread]]:
    """Return the authoriser of a source, and what of its roles and bindings could not be read."""
    roles, bindings, unread = [], [], []
    facts = source.facts()
    for part in source.read(frozenset((*objects.ROLES, *objects.BINDINGS))):
        if isinstance(part, Gap):
            unread.append(Unread(part.kind or "unknown", part.reason))
        elif isinstance(part, Resource) and part.content.refused:
            unread.append(Unread(part.ref.kind, f"{part.ref}: {part.content.refused}"))
        elif isinstance(part, Resource):
            try:
                if part.ref.kind in objects.ROLES:
                    roles.append(objects.role(part.body))
                else:
                    bindings.append(objects.binding(part.body))
            except objects.MalformedError as error:
                unread.append(Unread(part.ref.kind, f"{part.ref}: {error}"))
    if facts.kind == "cluster":  # where a controller has written the sums
        return Authoriser(roles, bindings), unread
    own = {role.ref for role in roles}
    others = [role for ref, role in shipped(facts.version).roles.items() if ref not in own]
    return Authoriser(summed([*roles, *others]), bindings), unread


def _renderer(color: ColorFlag, output: Output, _: Outcome) -> Renders[WhoCan]:
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return WhoCanTable(table.tty, table.color, table.ascii)

"""`auditor access`: what a subject may do in a cluster, or by manifests, and what it could come to."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from auditor.access import objects
from auditor.access.escalation import escalation, subject_node
from auditor.access.roles import Subject, SubjectKind
from auditor.access.subject_access import SubjectAccess, subject_access, unknown
from auditor.access.subject_access import subject as parsed
from auditor.access.who_can import Unread
from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.outputs import Output, deliver, look, parse_outputs
from auditor.cli.source import Scope, choose_source
from auditor.cli.who_can import FORMATS, Outputs, Snapshot
from auditor.document.assemble import answering
from auditor.document.kinds import WORKLOADS
from auditor.document.relations.relation import World
from auditor.document.relations.rights import rights
from auditor.document.relations.surroundings import surroundings
from auditor.errors import IncompleteError
from auditor.judge.outcome import Outcome
from auditor.model import Gap, Resource
from auditor.model import Snapshot as Read
from auditor.ports import Source
from auditor.report.access import AccessTable
from auditor.report.json import JsonRenderer
from auditor.report.terminal import ColorFlag
from auditor.report.write import Renders

EXIT_CODES = (
    "Exit codes: 0 answered, 2 usage, 3 not everything could be read, so that rights or paths may be "
    "missing, 4 an output could not be written."
)

KINDS = frozenset((*objects.ROLES, *objects.BINDINGS, "ServiceAccount", "Namespace", *WORKLOADS))
"""What is read: rights, and what they lead to."""


def access(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="NAMESPACE/NAME or serviceaccount/NAMESPACE/NAME (sa/ for short), user/NAME, group/NAME.",
        ),
    ],
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    snapshot: Snapshot = None,
    outputs: Outputs = None,
    color: options.Color = None,
    log_format: options.Log = None,
) -> int:
    """Tell what a subject may do, through which bindings, and what it could come to, step by step."""
    wanted = parse_outputs(outputs or ["table"], FORMATS)
    messages = Messages(log_format or "text")
    asked = parsed(subject)
    source = choose_source(Scope(manifests or (), snapshot, kubeconfig, context))
    record, note = answer(source, asked)
    if note:
        messages.warning(note)
    told = f"{len(record.grants)} grants, {len(record.reaches)} paths"
    code = IncompleteError.exit_code if record.unread else 0
    reason = f"{told}; what was not read may add to them" if record.unread else told
    return deliver(record, wanted, Outcome(code, reason), partial(_renderer, color or "auto"), messages)


def answer(source: Source, asked: Subject) -> tuple[SubjectAccess, str]:
    """Return what a source says of a subject, and that nothing names it, if nothing does."""
    world, unread = _read(source)
    held = rights(world)
    unread += [Unread(ref.kind, f"{ref}: {reason}") for ref, reason in sorted(held.broken.items())]
    roles = held.roles if world.live else {**held.shipped.roles, **held.roles}
    around = surroundings(world)
    graph = escalation(roles.values(), held.bindings.values(), around, [subject_node(asked)])
    accounts = [Subject(SubjectKind.SERVICE_ACCOUNT, one.name, one.namespace) for one in around.accounts]
    note = unknown(asked, held.bindings.values(), accounts)
    return subject_access(asked, roles, held.bindings.values(), graph, unread), note


def _read(source: Source) -> tuple[World, list[Unread]]:
    """Return all that was read, and what could not be."""
    facts = source.facts()
    resources, unread = [], []
    for part in source.read(KINDS):
        if isinstance(part, Gap):
            unread.append(Unread(part.kind or "unknown", part.reason))
        elif isinstance(part, Resource):
            resources.append(part)
            if part.content.refused and part.ref.kind not in (*objects.ROLES, *objects.BINDINGS):
                unread.append(Unread(part.ref.kind, f"{part.ref}: {part.content.refused}"))
    found = Read(facts, tuple(sorted(resources, key=lambda one: one.ref)))
    heads = tuple(answering(found, found.resources))
    live = facts.kind == "cluster"
    return World(found.resources, heads, live, version=facts.version), unread


def _renderer(color: ColorFlag, output: Output, _: Outcome) -> Renders[SubjectAccess]:
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return AccessTable(table.tty, table.color, table.ascii)

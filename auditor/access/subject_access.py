"""What one subject may do, through which bindings, what it could come to, and how to ask the API server."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.access.combinations import certain_groups
from auditor.access.cuts import told
from auditor.access.escalation import subject_node
from auditor.access.graph import Graph, Path, Sink, Step
from auditor.access.identity import account_of
from auditor.access.roles import Binding, Role, Subject, SubjectKind, effective
from auditor.access.who_can import BESIDE, Unread, command, impersonated
from auditor.errors import UsageError, did_you_mean
from auditor.model import ResourceRef

_PREFIXES: Mapping[str, SubjectKind] = {
    "group": SubjectKind.GROUP,
    "serviceaccount": SubjectKind.SERVICE_ACCOUNT,
    "sa": SubjectKind.SERVICE_ACCOUNT,
    "user": SubjectKind.USER,
}

FORMS = "NAMESPACE/NAME or serviceaccount/NAMESPACE/NAME, user/NAME, group/NAME"
"""How a subject is written."""


class Rights(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule, as it is written."""

    rule: int
    """Position in the rules of the role, counted from 0."""
    verbs: tuple[str, ...] = ()
    apiGroups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()
    nonResourceURLs: tuple[str, ...] = ()


class Holds(msgspec.Struct, frozen=True):
    """One binding that counts for the subject."""

    binding: str
    role: str
    namespace: str
    """Where; "" in all namespaces."""
    subject: str
    """Who of it is named: the subject, or a group that it is in."""
    rules: tuple[Rights, ...]
    check: str
    """The command that lists what the API server lets it do there."""


class Reach(msgspec.Struct, frozen=True):
    """The shortest path to one of what must not be reached."""

    sink: str
    words: str
    path: tuple[Mapping[str, Any], ...]
    """Steps: {from, to, edge, how, binding?, role?, rule?, with?, checks}."""


class SubjectAccess(msgspec.Struct, frozen=True):
    """The answer to `auditor access`."""

    subject: Subject
    grants: tuple[Holds, ...]
    reaches: tuple[Reach, ...]
    unread: tuple[Unread, ...] = ()
    beside: str = BESIDE
    """What stands outside of RBAC."""


def subject(text: str) -> Subject:
    """Read `FORMS`; what kubectl takes for `--as` of a ServiceAccount is one too.

    Raises `UsageError` for what is none of them.
    """
    if account := account_of(text):
        return Subject(SubjectKind.SERVICE_ACCOUNT, account[1], account[0])
    first, slash, rest = text.partition("/")
    kind = _PREFIXES.get(first.lower())
    if kind in (SubjectKind.USER, SubjectKind.GROUP) and rest:
        found = effective(Subject(kind, rest), "")
        assert found, f"{kind} is a kind of subject"  # noqa: S101
        return found
    namespace, _, name = rest.partition("/") if kind and "/" in rest else (first, slash, rest)
    if not (namespace and name) or "/" in name:
        meant = did_you_mean(first, _PREFIXES) if slash else ""
        raise UsageError(f"{text!r} names no subject{meant}", f"write {FORMS}")
    return Subject(SubjectKind.SERVICE_ACCOUNT, name, namespace)


def unknown(asked: Subject, bindings: Iterable[Binding], accounts: Iterable[Subject]) -> str:
    """Say that nothing names a subject, with the nearest one; "" if something does."""
    bound = (effective(one, binding.ref.namespace) for binding in bindings for one in binding.subjects)
    known = {_written(one) for one in (*bound, *accounts) if one}
    if _written(asked) in known:
        return ""
    return f"nothing is bound to {asked} by its name{did_you_mean(_written(asked), known)}"


def _written(one: Subject) -> str:
    place = f"{one.namespace}/" if one.namespace else ""
    return f"{one.kind.lower()}/{place}{one.name}"


def subject_access(
    asked: Subject,
    roles: Mapping[ResourceRef, Role],
    bindings: Iterable[Binding],
    graph: Graph,
    unread: Iterable[Unread] = (),
) -> SubjectAccess:
    """Return what a subject, which is a node of the graph, may do and come to."""
    paths = ((sink, graph.shortest(subject_node(asked), sink)) for sink in Sink)
    return SubjectAccess(
        asked,
        tuple(_holds(asked, roles, bindings)),
        tuple(_reach(sink, path) for sink, path in paths if path),
        tuple(unread),
    )


def _holds(asked: Subject, roles: Mapping[ResourceRef, Role], bindings: Iterable[Binding]) -> Iterator[Holds]:
    who = (asked, *certain_groups(asked))
    for binding in sorted(bindings, key=lambda one: one.ref):
        role = roles.get(binding.role)
        named = {effective(one, binding.ref.namespace) for one in binding.subjects}
        place = binding.ref.namespace
        for one in who:
            if role and one in named:
                check = ["kubectl", "auth", "can-i", "--list"]
                check += [f"--namespace={place}"] if place else []
                rules = tuple(_rights(role, index) for index in range(len(role.rules)))
                line = shlex.join([*check, *impersonated(asked)])
                yield Holds(str(binding.ref), str(role.ref), place, str(one), rules, line)


def _rights(role: Role, index: int) -> Rights:
    rule = role.rules[index]
    return Rights(index, rule.verbs, rule.groups, rule.resources, rule.names, rule.paths)


def _reach(sink: Sink, path: Path) -> Reach:
    return Reach(
        sink.value, str(path[-1].target), tuple({**told(one), "checks": _checks(one)} for one in path)
    )


def _checks(step: Step) -> list[str]:
    """Return the commands that show a step: a question for each grant, or where the fact is written."""
    source = step.source
    if source.kind in frozenset(SubjectKind):
        one = Subject(source.kind, source.name, source.namespace)
        grounds = [ground for move in step.moves for ground in move.grounds if ground.via]
        if step.moves[0].edge == "member":
            return [shlex.join(["kubectl", "auth", "whoami", *impersonated(one)])]
        return list(dict.fromkeys(command(one, ground.asked) for ground in grounds))
    if source.namespace:
        words = [
            "kubectl",
            "get",
            source.kind.lower(),
            source.name,
            f"--namespace={source.namespace}",
            "-o",
            "yaml",
        ]
        return [shlex.join(words)]
    return []

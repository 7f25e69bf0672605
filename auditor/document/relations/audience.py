"""`audience`: whom a binding names that is more than one person or program, {ships, subjects}.

`ships` where neither the binding nor its role has anything more than ships with Kubernetes. `subjects` are
those alone that are `masters` (the group system:masters), `anonymous` (who has not logged in), `everybody`
(all who have, or all ServiceAccounts) or `accounts` (ServiceAccount `default`, or all of a namespace); so
the value of most bindings is the same. Each is {index, kind, name, namespace, sort, known, gives, total,
writes, single}: `known` whether the rules of the role are, `gives` the first `MAX_GIVES` of `total` rights
that its members do not have already by what ships with Kubernetes (discovery, reviews of oneself), `writes`
whether one of them changes something, `single` whether all of them read objects that are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from auditor.access.covers import Extra, extra
from auditor.access.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    Identity,
    service_account,
)
from auditor.access.objects import BINDINGS
from auditor.access.roles import Binding, Role, Subject, SubjectKind, effective
from auditor.access.rule import Rule
from auditor.access.shipped import Shipped
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import Rights, named, plain, rights
from auditor.model import Resource, ResourceRef

MAX_GIVES = 5
MAX_SUBJECTS = 20
"""Subjects that are told of one binding; nobody binds as many groups of everybody."""

READS = frozenset({"get", "list", "watch", "head", "options"})
"""Verbs that change nothing, of resources and of URLs."""


class Sort(StrEnum):
    """What makes a subject more than somebody."""

    MASTERS = "masters"
    ANONYMOUS = "anonymous"
    EVERYBODY = "everybody"
    ACCOUNTS = "accounts"


class _Audience:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._rights: Rights = rights(world)
        self._told: dict[ResourceRef, list[tuple[int, Subject, Sort, Identity]]] = {}
        for ref, binding in self._rights.bindings.items():
            if found := list(_audience(binding))[:MAX_SUBJECTS]:
                self._told[ref] = found

    def keys(self, resource: Resource) -> ResourceRef | str | None:
        if resource.ref.kind not in BINDINGS:
            return None
        ref = named(resource)
        return ref if ref in self._told else "nobody"

    def value(self, resource: Resource) -> Any:
        ref = self.keys(resource)
        if not isinstance(ref, ResourceRef):
            return None if ref is None else {"ships": False, "subjects": []}
        binding = self._rights.bindings[ref]
        if self._rights.ships(binding):
            return {"ships": True, "subjects": []}
        role = self._rights.role(binding.role)
        found = [self._entry(one, role, binding) for one in self._told[ref]]
        return {"ships": False, "subjects": found}

    def refused(self, resource: Resource) -> str:
        if resource.ref.kind not in BINDINGS:
            return ""
        broken, ref = self._rights.broken, named(resource)
        if ref in broken:
            return broken[ref]
        role = self._rights.bindings[ref].role
        return f"{role}: {broken[role]}" if ref in self._told and role in broken else ""

    def _entry(
        self, told: tuple[int, Subject, Sort, Identity], role: Role | None, binding: Binding
    ) -> dict[str, Any]:
        index, subject, sort, identity = told
        rules = _counting(role.rules if role else (), binding)
        gives = [one for found in self._beyond(identity, rules) for one in found.gives]
        return {
            "index": index,
            "kind": subject.kind,
            "name": subject.name,
            "namespace": subject.namespace,
            "sort": sort.value,
            "known": role is not None or self._rights.live,
            "role": str(binding.role),
            "gives": [plain(one) for one in gives[:MAX_GIVES]],
            "total": len(gives),
            "writes": any(not READS.issuperset(one.verbs) for one in gives),
            "single": all(one.names and set(one.verbs) == {"get"} for one in gives),
        }

    def _beyond(self, identity: Identity, rules: tuple[Rule, ...]) -> tuple[Extra, ...]:
        return extra(_given(self._rights.shipped, identity.groups), rules)


def _audience(binding: Binding) -> Iterator[tuple[int, Subject, Sort, Identity]]:
    """Yield the subjects that are more than somebody, with their positions and who they are at the least."""
    for index, written in enumerate(binding.subjects):
        subject = effective(written, binding.ref.namespace)
        if subject and (found := _sort(subject)):
            yield (index, subject, *found)


def _sort(subject: Subject) -> tuple[Sort, Identity] | None:
    group = subject.name if subject.kind == SubjectKind.GROUP else ""
    if group == MASTERS:
        return Sort.MASTERS, Identity("", frozenset({MASTERS}))
    if group == UNAUTHENTICATED or (subject.kind, subject.name) == (SubjectKind.USER, ANONYMOUS.user):
        return Sort.ANONYMOUS, ANONYMOUS
    if group in (AUTHENTICATED, SERVICE_ACCOUNTS):
        return Sort.EVERYBODY, Identity("", frozenset({group, AUTHENTICATED}))
    if group.startswith(f"{SERVICE_ACCOUNTS}:"):
        return Sort.ACCOUNTS, service_account(group.removeprefix(f"{SERVICE_ACCOUNTS}:"), "default")
    if subject.kind == SubjectKind.SERVICE_ACCOUNT and subject.name == "default":
        return Sort.ACCOUNTS, service_account(subject.namespace, subject.name)
    return None


def _counting(rules: Iterable[Rule], binding: Binding) -> tuple[Rule, ...]:
    """The rules as they count where they are bound: a RoleBinding gives no URLs."""
    if not binding.ref.namespace:
        return tuple(rules)
    inside = (msgspec.structs.replace(one, paths=()) for one in rules)
    return tuple(one for one in inside if one.resources)


@cache
def _given(known: Shipped, groups: frozenset[str]) -> tuple[Rule, ...]:
    """What members of groups have everywhere, by the bindings that ship."""
    roles = [
        known.roles[one.role]
        for one in known.bindings.values()
        if not one.ref.namespace
        and any(subject.kind == SubjectKind.GROUP and subject.name in groups for subject in one.subjects)
    ]
    return tuple(rule for role in roles for rule in role.rules)


AUDIENCE = Relation(
    "audience",
    ("Role", "ClusterRole"),
    _Audience,
    words="which groups of everybody, and of nobody in particular, a binding names, and what that gives them",
)

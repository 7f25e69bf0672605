"""`dangling`: what a binding names that does not exist, {} where all of it does.

`role` is the role, as `ClusterRole view`; `accounts` are [{index, namespace, name}]; `created` is when the
binding was made. What ships with Kubernetes names accounts before there are some: `{ships: true}`. Manifests
do not tell what is missing in a cluster: there, there is no such relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from auditor.access.objects import BINDINGS, MalformedError, binding
from auditor.access.roles import Binding, Subject, SubjectKind, effective
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import Rights, named, rights
from auditor.model import Resource, ResourceRef

_KINDS = ("Role", "ClusterRole", "ServiceAccount")


class _Dangling:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._rights: Rights = rights(world)
        self._accounts = {
            (one.ref.namespace or "default", one.ref.name)
            for one in world.resources
            if one.ref.kind == "ServiceAccount"
        }
        self._namespaces = frozenset(world.namespaces)
        self._loose = {ref for ref, one in self._rights.bindings.items() if self._missing(one)}

    def keys(self, resource: Resource) -> ResourceRef | str | None:
        if resource.ref.kind not in BINDINGS:
            return None
        ref = named(resource)
        return ref if ref in self._loose else "whole"

    def value(self, resource: Resource) -> Any:
        ref = self.keys(resource)
        if ref is None or not self._rights.live:
            return None
        if not isinstance(ref, ResourceRef):
            return {}
        found = self._rights.bindings[ref]
        if self._rights.ships(found):
            return {"ships": True}
        created = resource.body["metadata"].get("creationTimestamp", "")
        return self._missing(found) | {"created": created}

    def refused(self, resource: Resource) -> str:
        return "" if self.keys(resource) is None else self._rights.broken.get(named(resource), "")

    def _missing(self, found: Binding) -> dict[str, Any]:
        there = self._rights.role(found.role) or found.role in self._rights.broken
        role = {} if there else {"role": str(found.role)}
        accounts = [
            {"index": index, "namespace": one.namespace, "name": one.name}
            for index, one in _accounts(found)
            if (one.namespace, one.name) not in self._accounts and self._was_read(one.namespace, found)
        ]
        return role | ({"accounts": accounts} if accounts else {})

    def _was_read(self, namespace: str, found: Binding) -> bool:
        """Whether an account would have been seen: of other namespaces than its own nothing may be known."""
        return not self._namespaces or namespace == found.ref.namespace


def _accounts(found: Binding) -> Iterator[tuple[int, Subject]]:
    for index, one in enumerate(found.subjects):
        subject = effective(one, found.ref.namespace)
        if subject and subject.kind == SubjectKind.SERVICE_ACCOUNT:
            yield index, subject


def _named(resource: Resource) -> Iterable[ResourceRef]:
    """The role and the accounts that a binding names."""
    if resource.ref.kind not in BINDINGS or resource.content.refused:
        return ()
    try:
        found = binding(resource.body)
    except MalformedError:
        return ()
    accounts = (ResourceRef("v1", one.kind, one.name, one.namespace) for _, one in _accounts(found))
    return [one for one in (found.role, *accounts) if one.kind in _KINDS and one.name]


DANGLING = Relation(
    "dangling",
    _KINDS,
    _Dangling,
    named=_named,
    words="the role and the ServiceAccounts that a binding names and that do not exist",
)

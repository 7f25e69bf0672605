"""Relations: what is joined to a document, each with its key functions.

A relation names the kinds it is made from and two functions: from a document to the keys it asks
for, and from a resource to the keys it answers. Joining is a look-up per document, never a product
of two lists; later the same keys tell which documents a changed resource touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.document.kinds import KINDS
from auditor.document.normalise import meta
from auditor.document.pointer import canonical, digest
from auditor.model import Part, Resource, ResourceRef


class Relation(msgspec.Struct, frozen=True):
    """One named join."""

    name: str
    """As METADATA `needs` and `wants` say it, and `input.related.<name>`."""
    kinds: tuple[str, ...]
    """The kinds that must be read for it."""
    asks: Callable[[Resource], Iterable[str]]
    """The keys that a resource's document looks for."""
    answers: Callable[[Resource], Iterable[str]]
    """The keys under which a resource is found."""
    shape: Callable[[Sequence[Resource]], Any]
    """What the policy sees of the resources that were found; None leaves the relation out."""
    named: Callable[[str], ResourceRef] | None = None
    """The object that a key names, where it names one: its absence can be confirmed by asking for it."""


class Index:
    """The resources of a snapshot, found by the keys of the relations in use."""

    def __init__(self, relations: Iterable[Relation], resources: Iterable[Resource]) -> None:
        """Index every resource under the keys of each relation that is made from its kind."""
        self._relations = {relation.name: relation for relation in relations}
        self._found: dict[tuple[str, str], list[Resource]] = {}
        self._refused: dict[tuple[str, str], str] = {}
        self._parts: dict[tuple[str, tuple[str, ...]], Part | None] = {}
        for resource in resources:
            for relation in self._relations.values():
                if resource.ref.kind in relation.kinds:
                    self._add(relation, resource)

    def related(self, resource: Resource) -> Mapping[str, Part]:
        """Return what each relation in use has for this resource, by name; the same keys are joined once."""
        joined = {}
        for name, relation in self._relations.items():
            keys = tuple(relation.asks(resource))
            if (name, keys) not in self._parts:
                self._parts[name, keys] = self._join(relation, keys)
            if part := self._parts[name, keys]:
                joined[name] = part
        return joined

    def missing(self, resource: Resource) -> Mapping[str, str]:
        """Return the relations that would join a broken manifest to this resource, with the reason."""
        return {
            name: self._refused[name, key]
            for name, relation in self._relations.items()
            for key in relation.asks(resource)
            if (name, key) in self._refused
        }

    def absent(self, resource: Resource) -> Iterator[ResourceRef]:
        """Yield the objects that this resource names and that are not among those indexed."""
        for name, relation in self._relations.items():
            if relation.named:
                for key in relation.asks(resource):
                    if (name, key) not in self._found and (name, key) not in self._refused:
                        yield relation.named(key)

    def _add(self, relation: Relation, resource: Resource) -> None:
        for key in relation.answers(resource):
            if reason := resource.content.refused:
                self._refused.setdefault((relation.name, key), f"{resource.ref}: {reason}")
            else:
                self._found.setdefault((relation.name, key), []).append(resource)

    def _join(self, relation: Relation, keys: Iterable[str]) -> Part | None:
        found = [one for key in keys for one in self._found.get((relation.name, key), ())]
        value = relation.shape(found)
        return None if value is None else part(value)


def part(value: Any) -> Part:
    """Return a part of a document, encoded and known by its digest."""
    encoded = canonical.encode(value)
    return Part(digest(encoded), encoded)


def _namespace(found: Sequence[Resource]) -> Any:
    if not found:
        return None
    return {"name": found[0].ref.name, "labels": meta(found[0].body)["labels"]}


def _own_namespace(resource: Resource) -> tuple[str, ...]:
    known = KINDS.get(resource.ref.kind)
    namespaced = known is None or known.namespaced
    return (resource.ref.namespace or "default",) if namespaced else ()


RELATIONS: Mapping[str, Relation] = {
    relation.name: relation
    for relation in (
        Relation(
            name="namespace",
            kinds=("Namespace",),
            asks=_own_namespace,
            answers=lambda resource: (resource.ref.name,),
            shape=_namespace,
            named=lambda key: ResourceRef("v1", "Namespace", key),
        ),
    )
}
"""Every relation that METADATA may name."""

CONFIRMED = frozenset(kind for one in RELATIONS.values() if one.named for kind in one.kinds)
"""The kinds of which single objects are asked for by name, before they count as missing."""

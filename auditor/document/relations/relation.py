"""What a relation is: the kinds that it is made from, and how it is joined to a resource.

Joining is a look-up per document, never a product of two lists. A relation is prepared once for a
snapshot, and only if a selected policy needs or wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Protocol

import msgspec

from auditor.document.owners import Head
from auditor.document.pointer import canonical, digest
from auditor.model import Observation, Part, Resource, ResourceRef


class World(msgspec.Struct, frozen=True, eq=False):
    """The resources of a snapshot, as relations look at them."""

    resources: tuple[Resource, ...]
    heads: tuple[Head, ...] = ()
    """What is judged on its own, each with the live pods that it answers for."""
    live: bool = False
    """They come from a cluster, and not from manifests."""
    observations: tuple[Observation, ...] = ()
    """What running programs say of themselves."""
    namespaces: tuple[str, ...] = ()
    """Those that were read; empty if all were."""
    version: str = ""
    """Of Kubernetes, as `v1.36.3`; "" if it is unknown."""
    apis: tuple[str, ...] = ()
    """Group-versions that the server offers; empty if that is unknown."""

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of these kinds, those that nothing may judge left out."""
        return (one for one in self.resources if one.ref.kind in kinds and not one.content.refused)


class Join(Protocol):
    """A relation, prepared for the resources of one snapshot."""

    def keys(self, resource: Resource) -> Hashable:
        """Return all that the value depends on: for resources with the same keys it is made once."""

    def value(self, resource: Resource) -> Any:
        """Return what policies see of the others, plain JSON; None leaves the relation out."""

    def refused(self, resource: Resource) -> str:
        """Say which broken object would have been joined to this resource, "" if none."""


class Relation(msgspec.Struct, frozen=True):
    """One named join."""

    name: str
    """As METADATA `needs` and `wants` say it, and `input.related.<name>`."""
    kinds: tuple[str, ...]
    """The kinds that must be read for it."""
    join: Callable[[World], Join]
    named: Callable[[Resource], Iterable[ResourceRef]] | None = None
    """The objects that a resource names, where it names some: their absence is confirmed by asking."""
    words: str = ""
    """What it tells a policy, for people: `the Services that select its pods`."""
    files: tuple[str, ...] = ()
    """The names by which its value may hold something, as `powers.node_proxy`, for policies that are about
    some of them only."""
    observed: str = ""
    """The program of the observations that it is made of; empty if it is made of resources."""


def part(value: Any, filed: frozenset[str] | None = None) -> Part:
    """Return a part of a document, encoded and known by its digest."""
    encoded = canonical.encode(value)
    return Part(digest(encoded), encoded, filed)


def filed(relation: Relation, value: Any) -> frozenset[str] | None:
    """Return under which names the value of a relation holds something, each with that of the relation.

    None where that is not all it says: it has something besides the sections in which it files.
    """
    sections = {name.partition(".")[0] for name in relation.files}
    if not sections or not sections <= value.keys():
        return None
    names = (f"{section}.{name}" for section in sections for name, found in value[section].items() if found)
    return frozenset((relation.name, *(f"{relation.name}.{name}" for name in names)))

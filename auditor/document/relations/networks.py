"""The model of a snapshot's network, made once for all relations about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from auditor.document.network import NETWORK_KINDS, Parts, owner, parts
from auditor.document.owners import Head
from auditor.document.relations.bounded import LIMIT, bounded
from auditor.document.relations.relation import World
from auditor.document.relations.selected import heads_of, workloads
from auditor.model import Resource, ResourceRef, SourceFacts
from auditor.network.exposure import CUTS, Answer, Fact
from auditor.network.model import Network
from auditor.network.neighbours import Neighbours
from auditor.network.ports import Traffic
from auditor.network.space import Reading

MAX_WORDS = 5
"""Ranges of ports that are said in words."""


class Networked(msgspec.Struct, frozen=True, eq=False):
    """A network, and where the workloads of its snapshot stand in it."""

    parts: Parts
    network: Network
    heads: Mapping[int, Head]
    """By the `id` of a resource, the workload that answers for it."""
    places: Mapping[ResourceRef, tuple[int, ...]]
    """The classes of pods of each workload."""

    def of(self, resource: Resource) -> tuple[int, ...] | None:
        """Return where the pods of a workload stand; None of what is none, or could not be read."""
        head = self.heads.get(id(resource))
        return self.places.get(owner(head)) if head else None


@lru_cache(maxsize=1)
def networked(world: World) -> Networked:
    """Return the network of a snapshot.

    An ipBlock may match the addresses of pods or not: nobody knows, and so do the answers.
    """
    facts = SourceFacts("cluster" if world.live else "manifests")
    listed = [one for one in world.resources if one.ref.kind in NETWORK_KINDS]
    found = parts(facts, listed, answering=workloads(world))
    network = found.network(Reading(), CUTS)
    places: dict[ResourceRef, list[int]] = defaultdict(list)
    for place, one in enumerate(network.space.classes):
        places[one.owner].append(place)
    return Networked(found, network, heads_of(world), {ref: tuple(all_) for ref, all_ in places.items()})


@lru_cache(maxsize=1)
def neighbouring(network: Network) -> Neighbours:
    """Return who may connect to whom in it."""
    return Neighbours(network)


def told(fact: Fact, most: int = LIMIT) -> dict[str, Any]:
    """Return what policies see of a fact: {answer}, and unless it is `no` a witness.

    That is `peer`, `ports`, the same in `words`, the `policies` that decide about it, each with what it does,
    at most so many, and the `reasons` why it is unknown.
    """
    if fact.answer is Answer.NO:
        return {"answer": "no"}
    return {"answer": fact.answer.value, "peer": fact.peer, **ports(fact.ports), **decided(fact, most)}


def ports(found: Iterable[Traffic]) -> dict[str, Any]:
    """Return ports, and the first of them in words."""
    traffic = list(found)
    words = ", ".join(map(str, traffic[:MAX_WORDS])) + (", ..." if len(traffic) > MAX_WORDS else "")
    if [str(one) for one in traffic] == ["TCP", "UDP", "SCTP"]:
        words = "all ports"
    return {"ports": bounded(msgspec.to_builtins(one) for one in traffic), "words": words}


def decided(fact: Fact, most: int = LIMIT) -> dict[str, Any]:
    """Return the policies that decide, at most so many of them, and why it is unknown."""
    said = list(dict.fromkeys(f"{one.policy} {one.effect}" for one in fact.notes))
    return {"policies": bounded(said[:most], len(said)), "reasons": list(fact.reasons[:MAX_WORDS])}

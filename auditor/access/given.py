"""What a binding gives, and to whom: the powers of its role where it is bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from auditor.access.attributes import Attributes
from auditor.access.graph import Edge, Node, Place, Via
from auditor.access.power import REQUESTS, Power
from auditor.access.powers import Held, held
from auditor.access.roles import Role
from auditor.access.rule import ALL
from auditor.model import ResourceRef

HALVES = frozenset(
    {
        *(Power.BIND, Power.BINDING_WRITE, Power.ESCALATE, Power.ROLE_WRITE),
        *(Power.CSR_APPROVE, Power.SIGNER_APPROVE, Power.IMPERSONATE),
        *(Power.NAMESPACE_LABEL, Power.VOLUME_CREATE, Power.WORKLOAD_CREATE),
        *(Power.SECRET_CREATE, Power.SECRET_READ, Power.SECRET_CHANGE),
    }
)
"""Powers that can be one of two."""


class Given(msgspec.Struct, frozen=True, eq=False):
    """A role in a namespace, or in all: by a binding that is there, or by one that could be made."""

    role: Role
    namespace: str
    """"" everywhere."""
    powers: tuple[Held, ...]
    edge: Edge
    """That leads to it as a place in the graph."""
    everything: bool
    """Whether it gives every right where it is bound."""
    halves: tuple[Held, ...]
    """The powers that can be one of two."""
    binding: ResourceRef | None = None

    @property
    def node(self) -> Node:
        """It as a place in the graph."""
        return self.edge.target


class Holding(msgspec.Struct, frozen=True, eq=False):
    """One power of what is given: what an edge stands on."""

    given: Given
    power: Held
    among: str = ""
    """The resource that matters of it; "" if any does."""

    @property
    def namespace(self) -> str:
        """Where it holds, "" everywhere."""
        return self.given.namespace

    @property
    def via(self) -> tuple[Via, ...]:
        """The grant; none where nothing binds the role yet."""
        given = self.given
        return (Via(str(given.binding), str(given.role.ref), self.power.rule),) if given.binding else ()

    @property
    def asked(self) -> Attributes:
        """A request that it allows."""
        power, namespace = self.power, self.namespace
        if power.power == Power.CLUSTER_ADMIN:
            return Attributes(ALL, ALL, ALL, namespace=namespace)
        for one in REQUESTS[power.power]:
            verbs = [verb for verb in one.verbs if verb in power.verbs]
            if one.resource in power.resources and self.among in ("", one.resource) and verbs:
                resource, _, sub = one.resource.partition("/")
                name = next(iter(power.names), namespace if resource == "namespaces" else "")
                return Attributes(verbs[0], one.group, resource, sub, name, namespace)
        raise ValueError(power)


Pair = tuple[Holding, Holding, str]
"""Two powers, and the place where both hold; "" everywhere."""


class Halves:
    """The powers that one subject holds, its groups included."""

    def __init__(self, own: Sequence[Given], shared: Sequence[Given] = ()) -> None:
        """`own` is what is bound to it, `shared` to its groups."""
        self.given = (*own, *shared)
        self._own = frozenset(map(id, own))
        self._by_power: dict[Power, dict[str, list[Holding]]] = {}
        for one in self.given:
            for power in one.halves:
                places = self._by_power.setdefault(power.power, {})
                places.setdefault(one.namespace, []).append(Holding(one, power))

    def owns(self, *given: Given) -> bool:
        """Tell whether any of it is its own: what is all of a group is the group's."""
        return any(id(one) in self._own for one in given)

    def pairs(self, first: Power, second: Power, *, shared: bool = False) -> Iterator[Pair]:
        """Yield two powers that hold in the same place, and that place; with `shared` those of groups too."""
        others = self._by_power.get(second, {})
        for namespace, halves in self._by_power.get(first, {}).items():
            places = {namespace, ""} if namespace else others.keys()
            for one in halves:
                for place in places:
                    for other in others.get(place, ()):
                        if shared or self.owns(one.given, other.given):
                            yield one, other, namespace or place


def given(role: Role, namespace: str, binding: ResourceRef | None = None) -> Given:
    """Return what a role gives in a namespace, everywhere for ""."""
    powers = held(role, namespace)
    everything = any(one.power == Power.CLUSTER_ADMIN for one in powers)
    if binding:
        node = Node(Place.BINDING, namespace, f"{binding.kind} {binding.name}")
    else:
        node = Node(Place.ROLE, namespace, f"{role.ref.kind} {role.ref.name}")
    # who is cluster admin needs no halves
    halves = () if everything and not namespace else tuple(one for one in powers if one.power in HALVES)
    return Given(role, namespace, powers, Edge(node, 1), everything, halves, binding)

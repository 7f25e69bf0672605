"""`neighbours`: who else may connect to a workload, and it to the nodes, by the policies of both ends.

`{host: true}` as in `exposure`. Else:

- `foreign`: {total, items}, sets of ports with one that its containers declare, and at which pods of other
  namespaces may connect: {ports, words, namespaces}; of each namespace {namespace, peer, answer, policies,
  reasons}, where "" stands for a pod that nobody knows yet;
- `labels`: the keys of the labels of its namespace;
- `tenants`: by label of its namespace: {own, others, ...} and one witness, where pods of a namespace
  in which it has another value may connect;
- `control_plane`: whether it may connect to a node at a port of the control plane.

Nodes are read for it, so that an audit of some namespaces, which knows of no others, does not answer.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from auditor.document.network import NETWORK_KINDS
from auditor.document.normalise import pod_holder
from auditor.document.relations.bounded import LIMIT, bounded
from auditor.document.relations.exposed import declared_ports
from auditor.document.relations.networks import Networked, decided, neighbouring, networked, ports, told
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource
from auditor.network.addresses import Range, cidr
from auditor.network.neighbours import Neighbours, Opening
from auditor.network.policy import PortRange
from auditor.network.selection import NAME_LABEL, union

CONTROL_PLANE = tuple(PortRange("TCP", one, one) for one in (443, 2379, 6443, 10250))
"""API server, etcd and kubelet: https://kubernetes.io/docs/reference/networking/ports-and-protocols/"""

PRIVATE = tuple(map(cidr, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""Where nodes are whose addresses are not known."""

MAX_OPENINGS, MAX_HOMES, MAX_POLICIES = 10, 8, 3
"""Sets of ports that are told, namespaces of each, and policies for each of those."""

_NO_TENANTS = "pod-security.kubernetes.io/"

_Others = Mapping[str, Mapping[str, int]]
"""By label and value, the pods of the namespaces that have it."""


class _Join:
    """The `Join` of `relation.py`; nothing is made before it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _found(self) -> Networked:
        return networked(self._world)

    @property
    def _neighbours(self) -> Neighbours:
        return neighbouring(self._found.network)

    def keys(self, resource: Resource) -> Hashable:
        places = self._found.of(resource)
        return places and (places, id(self._found.heads[id(resource)]))

    def value(self, resource: Resource) -> Any:
        places = self._found.of(resource)
        if places is None:
            return None
        space = self._found.network.space
        if all(space.host >> place & 1 for place in places):
            return {"host": True}
        namespace = space.classes[places[0]].owner.namespace
        openings = self._neighbours.openings(places)
        declared = self._declared(self._found.heads[id(resource)].resource)
        ranges, known = self._nodes
        return {
            "host": False,
            "foreign": self._foreign((one for one in openings if one.atoms & declared), namespace),
            "labels": sorted(self._found.parts.namespaces.get(namespace, {}))[:LIMIT],
            "tenants": dict(islice(self._tenants(openings, namespace), LIMIT)),
            "control_plane": told(self._neighbours.to_addresses(places, ranges, CONTROL_PLANE, known=known)),
        }

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a policy that cannot be read makes unknown
        return ""

    def _declared(self, workload: Resource) -> int:
        """The ports that containers declare."""
        atom = self._found.network.space.ports.atom
        spec = (pod_holder(workload.body) or {}).get("spec", {})
        declared = ((one.get("protocol", "TCP"), one["containerPort"]) for one in declared_ports(spec))
        return union(1 << atom(*one) for one in set(declared))

    def _foreign(self, openings: Iterable[Opening], namespace: str) -> dict[str, Any]:
        """Who may connect from elsewhere, by ports."""
        found = [(one, homes) for one in openings if (homes := self._homes(one, namespace))]
        items = []
        for opening, homes in found[:MAX_OPENINGS]:
            facts = ((name, self._neighbours.fact(opening, bits)) for name, bits in homes[:MAX_HOMES])
            named = (
                {
                    "namespace": name,
                    "peer": fact.peer,
                    "answer": fact.answer.value,
                    **decided(fact, MAX_POLICIES),
                }
                for name, fact in facts
            )
            traffic = self._found.network.space.ports.traffic(opening.atoms)
            items.append({**ports(traffic), "namespaces": bounded(named, len(homes))})
        return bounded(items, len(found))

    def _homes(self, opening: Opening, own: str) -> list[tuple[str, int]]:
        """The namespaces of those who may connect, but its own; the stranger's first."""
        stranger = opening.likely & 1 << self._found.network.stranger
        named = (
            (name, bits & opening.likely)
            for name, bits in sorted(self._neighbours.namespaces.items())
            if name != own and bits & opening.likely
        )
        return [*([("", stranger)] if stranger else ()), *named]

    def _tenants(self, openings: Sequence[Opening], namespace: str) -> Iterator[tuple[str, Any]]:
        """By label of the namespace, those who have another value there and may connect."""
        everybody = union(one.likely for one in openings)
        for key, own in sorted(self._found.parts.namespaces.get(namespace, {}).items()):
            values = self._by_label.get(key, {})
            others = {value: bits for value, bits in values.items() if value != own and bits & everybody}
            if others:
                bits = union(others.values())
                # a witness of what is certain, if there is one
                opening = max(openings, key=lambda one: (bool(one.sure & bits), bool(one.likely & bits)))
                fact = self._neighbours.fact(opening, bits)
                yield key, {"own": own, "others": bounded(sorted(others)), **told(fact, MAX_POLICIES)}

    @cached_property
    def _by_label(self) -> _Others:
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for name, bits in self._neighbours.namespaces.items():
            for key, value in self._found.parts.namespaces.get(name, {}).items():
                if key != NAME_LABEL and not key.startswith(_NO_TENANTS):
                    found[key][value] |= bits
        return found

    @cached_property
    def _nodes(self) -> tuple[Sequence[Range], bool]:
        """The addresses of the nodes, one for all of which the same holds; or where they may be."""
        kept: dict[int, Range] = {}
        for one in self._world.of("Node"):
            for address in _addresses(one):
                kept.setdefault(self._neighbours.touched(address), address)
        return (tuple(kept.values()), True) if kept else (PRIVATE, False)


def _addresses(node: Resource) -> Iterator[Range]:
    listed = node.body.get("status", {}).get("addresses", ())
    for one in listed if isinstance(listed, list) else ():
        written = one.get("address") if isinstance(one, dict) else None
        try:
            yield cidr(str(ipaddress.ip_address(str(written))))
        except ValueError:
            continue  # the name of a host


NEIGHBOURS = Relation(
    "neighbours",
    tuple(sorted({*NETWORK_KINDS, "Node"})),
    _Join,
    words="who else in the cluster may connect to it, and it to the nodes, by all network policies",
)

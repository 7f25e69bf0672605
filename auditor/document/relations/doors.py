"""`doors`: the ports of a workload that something opens to the outside of the cluster: {ports, by}.

`ports` is {total, items} of {protocol, port}, as its pods have them: of Services of type NodePort or
LoadBalancer or with external addresses, of those that an Ingress or a route names, and ports of the host.
`by` is {total, items}, what opens them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any

from auditor.document.normalise import pod_holder
from auditor.document.relations.bounded import bounded
from auditor.document.relations.exposed import KINDS, Exposed, declared_ports
from auditor.document.relations.heads import place, sketch
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.selected import heads_of
from auditor.model import Resource

_Port = tuple[str, int]
"""Protocol and number."""


class _Join:
    """The `Join` of `relation.py`; nothing is made before it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _heads(self) -> Mapping[int, Any]:
        return heads_of(self._world)

    @cached_property
    def _exposed(self) -> Exposed:
        return Exposed(self._world)

    def _top(self, resource: Resource) -> Resource | None:
        head = self._heads.get(id(resource))
        return None if head is None or head.resource.content.refused else head.resource

    def keys(self, resource: Resource) -> Hashable:
        top = self._top(resource)
        return top and id(top)

    def value(self, resource: Resource) -> Any:
        top = self._top(resource)
        if top is None:
            return None
        spec = (pod_holder(top.body) or {}).get("spec", {})
        ports, by = set[_Port](), list[str]()
        for service, names in self._exposed.leading(place(top), sketch(top).labels):
            ports |= set(_targets(service.body["spec"], spec))
            by += names
        for port in declared_ports(spec):
            if port.get("hostPort"):
                ports.add((port.get("protocol", "TCP"), port["containerPort"]))
                by.append(f"hostPort {port['hostPort']}")
        items = ({"protocol": protocol, "port": number} for protocol, number in sorted(ports))
        return {"ports": bounded(items), "by": bounded(by)}

    def refused(self, resource: Resource) -> str:
        return self._exposed.broken.get(place(resource), "")


def _targets(service: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[_Port]:
    """Yield the ports of pods that a Service sends to; by default they are its own."""
    for one in service.get("ports", ()):
        protocol, target = one.get("protocol", "TCP"), one.get("targetPort", one.get("port"))
        if isinstance(target, int):
            yield protocol, target
        for port in declared_ports(pod):
            if port.get("name") == target and port.get("protocol", "TCP") == protocol:
                yield protocol, port["containerPort"]


DOORS = Relation("doors", KINDS, _Join, words="the ports of it that something opens to the outside")

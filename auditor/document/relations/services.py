"""`services`: the Services that select the pods of a workload, [{name, type, ports, ...}], by name.

`publishNotReadyAddresses` is there only where it is set: such a Service names pods that are not ready
as well. A Service without a selector selects nothing: its endpoints are somebody else's business, and
so is a name elsewhere (ExternalName), whatever it selects.
https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
"""

from __future__ import annotations

from typing import Any

from auditor.document.normalise import pod_holder
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.selectors import Selecting
from auditor.model import Resource
from auditor.selectors import plain

MAX_SERVICES = 20
"""Services that are told of one workload; none needs more than to know that there are some."""

_UNREADY = "publishNotReadyAddresses"

_Keys = tuple[str, tuple[tuple[str, str], ...]] | None


class _Services:
    """The `Join` of `relation.py` over the selectors of Services."""

    def __init__(self, world: World) -> None:
        selectors = ((one, _selector(one)) for one in world.of("Service"))
        self._selecting = Selecting((one, plain(selector)) for one, selector in selectors if selector)
        broken = (one for one in world.resources if one.ref.kind == "Service" and one.content.refused)
        self._broken = {one.ref.namespace: f"{one.ref}: {one.content.refused}" for one in broken}

    def keys(self, resource: Resource) -> _Keys:
        holder = None if resource.content.refused else pod_holder(resource.body)
        if holder is None:
            return None
        labels = holder.get("metadata", {}).get("labels", {})
        return resource.ref.namespace, tuple(sorted(labels.items()))

    def value(self, resource: Resource) -> Any:
        keys = self.keys(resource)
        if keys is None:
            return None
        found = self._selecting.of(keys[0], dict(keys[1]))
        return [_entry(one) for one in found[:MAX_SERVICES]]

    def refused(self, resource: Resource) -> str:
        return self._broken.get(resource.ref.namespace, "")


def _selector(service: Resource) -> Any:
    spec = service.body.get("spec", {})
    return None if spec.get("type") == "ExternalName" else spec.get("selector")


def _entry(service: Resource) -> dict[str, Any]:
    spec = service.body["spec"]
    ports = [port.get("port") for port in spec.get("ports", ())]
    unready = {_UNREADY: True} if spec.get(_UNREADY) is True else {}
    return {"name": service.ref.name, "type": spec.get("type", "ClusterIP"), "ports": ports, **unready}


SERVICES = Relation("services", ("Service",), _Services, words="the Services that select its pods")

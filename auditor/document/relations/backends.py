"""`backends`: the Services that an object sends requests to, {total, items}; of a Service itself.

An item is {namespace, name, found?, external?, ports?, endpoints?}. `found` is missing where manifests
hold no such Service: the cluster may have it. `external` is a name elsewhere (ExternalName), `ports`
are its numbers and names, `endpoints` what its EndpointSlices have, {total, ready}, which only a
cluster tells. Those who send are webhooks, of admission and of custom kinds, APIServices and Ingresses.
https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource, ResourceRef

MAX_BACKENDS = 200
"""Services that are told of one object; the total is the true one."""

_OWNER = "kubernetes.io/service-name"
"""The label of an EndpointSlice that names its Service."""

_Name = tuple[str, str]
"""Namespace and name of a Service."""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._live = world.live
        self._services = {(place(one), one.ref.name): one for one in _services(world)}
        self._endpoints: dict[_Name, list[Mapping[str, int]]] = {}
        for one in world.of("EndpointSlice"):
            owner = _at(one.body, "metadata", "labels", _OWNER)
            if isinstance(owner, str):
                self._endpoints.setdefault((place(one), owner), []).append(one.body["endpoints"])

    def keys(self, resource: Resource) -> tuple[_Name, ...] | None:
        return backends(resource) if resource.ref.kind in _CALLERS else None

    def value(self, resource: Resource) -> Any:
        names = self.keys(resource)
        if names is None:
            return None
        return {"total": len(names), "items": [self._item(name) for name in names[:MAX_BACKENDS]]}

    def refused(self, resource: Resource) -> str:
        found = (self._services.get(name) for name in backends(resource))
        return next((f"{one.ref}: {one.content.refused}" for one in found if one and one.content.refused), "")

    def _item(self, name: _Name) -> dict[str, Any]:
        item: dict[str, Any] = {"namespace": name[0], "name": name[1]}
        service = self._services.get(name)
        if service is None:
            return {**item, "found": False} if self._live else item
        spec = service.body.get("spec", {})
        if spec.get("type") == "ExternalName":
            return {**item, "found": True, "external": True}
        listed = [port[key] for port in spec.get("ports", ()) for key in ("port", "name") if key in port]
        item |= {"found": True, "ports": listed}
        if self._live:
            slices = self._endpoints.get(name, ())
            item["endpoints"] = {key: sum(one[key] for one in slices) for key in ("total", "ready")}
        return item


def backends(resource: Resource) -> tuple[_Name, ...]:
    """Return namespace and name of the Services that an object sends requests to, each once, sorted."""
    if resource.content.refused or resource.ref.kind not in _CALLERS:
        return ()
    if resource.ref.kind == "Service":
        return ((place(resource), resource.ref.name),)
    named = _CALLERS[resource.ref.kind](resource.body)
    names = {(one.get("namespace") or place(resource), one.get("name")) for one in named if one}
    return tuple(sorted(name for name in names if all(isinstance(word, str) for word in name)))


def _webhooks(body: Body) -> Iterator[Any]:
    return (_at(one, "clientConfig", "service") for one in body.get("webhooks", ()))


def _ingress(body: Body) -> Iterator[Any]:
    yield _at(body, "spec", "defaultBackend", "service")
    for rule in _at(body, "spec", "rules") or ():
        for path in _at(rule, "http", "paths") or ():
            yield _at(path, "backend", "service")


_CALLERS: Mapping[str, Any] = {
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _webhooks,
    "CustomResourceDefinition": lambda body: [
        _at(body, "spec", "conversion", "webhook", "clientConfig", "service")
    ],
    "APIService": lambda body: [_at(body, "spec", "service")],
    "Ingress": _ingress,
    "Service": None,
}
"""How the Services are found that objects of a kind name."""


def _services(world: World) -> Iterator[Resource]:
    return (one for one in world.resources if one.ref.kind == "Service")


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _named(resource: Resource) -> Iterable[ResourceRef]:
    names = () if resource.ref.kind == "Service" else backends(resource)
    return [ResourceRef("v1", "Service", name, namespace) for namespace, name in names]


BACKENDS = Relation(
    "backends",
    ("Service", "EndpointSlice"),
    _Join,
    named=_named,
    words="the Services that it sends requests to, and who answers there",
)

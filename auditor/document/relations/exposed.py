"""Which workloads can be reached from outside of the cluster, and through what.

A Service of type NodePort or LoadBalancer or with external addresses, an Ingress or a route of the Gateway
API that names a Service, a port of the host, or its network. That something is between is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.document.relations.heads import place
from auditor.document.relations.relation import World
from auditor.document.relations.selectors import Selecting
from auditor.model import Resource, ResourceRef
from auditor.selectors import Labels, plain

ROUTES = ("HTTPRoute", "GRPCRoute")
KINDS = ("Service", "Ingress", *ROUTES)
"""The kinds that expose."""

_OUTSIDE = frozenset({"NodePort", "LoadBalancer"})


class _Backend(msgspec.Struct):
    """What an Ingress sends requests to."""

    service: dict[str, Any] = {}


class _Path(msgspec.Struct):
    backend: _Backend = msgspec.field(default_factory=_Backend)


class _Http(msgspec.Struct):
    paths: list[_Path] = []


class _Rule(msgspec.Struct):
    http: _Http = msgspec.field(default_factory=_Http)


class _IngressSpec(msgspec.Struct):
    defaultBackend: _Backend = msgspec.field(default_factory=_Backend)
    rules: list[_Rule] = []


class _Ingress(msgspec.Struct):
    spec: _IngressSpec = msgspec.field(default_factory=_IngressSpec)


class _Ref(msgspec.Struct):
    name: str = ""
    kind: str = "Service"
    group: str = ""
    namespace: str = ""


class _RouteRule(msgspec.Struct):
    backendRefs: list[_Ref] = []


class _RouteSpec(msgspec.Struct):
    rules: list[_RouteRule] = []


class _Route(msgspec.Struct):
    spec: _RouteSpec = msgspec.field(default_factory=_RouteSpec)


class Exposed:
    """What exposes the workloads of one world."""

    def __init__(self, world: World) -> None:
        """Look at Services, and at who names them."""
        self.broken: dict[str, str] = {}
        """By namespace, an object there that may expose something, and that cannot be read."""
        self._named: dict[tuple[str, str], list[ResourceRef]] = {}
        for one in world.resources:
            if one.ref.kind not in KINDS:
                continue
            try:
                self._note(one)
            except msgspec.ValidationError as error:
                self.broken.setdefault(place(one), f"{one.ref}: {one.content.refused or error}")
        services = ((one, one.body.get("spec", {})) for one in world.of("Service"))
        self._selecting = Selecting(
            (one, plain(spec["selector"]))
            for one, spec in services
            if spec.get("selector") and spec.get("type") != "ExternalName"
        )

    def _note(self, one: Resource) -> None:
        if one.content.refused:
            raise msgspec.ValidationError
        for service in _services(one):
            self._named.setdefault(service, []).append(one.ref)

    def by_services(self, namespace: str, labels: Labels) -> list[str]:
        """Return what leads to pods with these labels: `Service web (LoadBalancer)`, `Ingress shop/web`."""
        return [name for _, names in self.leading(namespace, labels) for name in names]

    def leading(self, namespace: str, labels: Labels) -> Iterator[tuple[Resource, list[str]]]:
        """Yield the Services by which pods with these labels are open, with what opens each of them."""
        for service in self._selecting.of(namespace, labels):
            spec = service.body["spec"]
            name, found = service.ref.name, []
            if spec.get("type") in _OUTSIDE:
                found.append(f"Service {name} ({spec['type']})")
            elif spec.get("externalIPs"):
                found.append(f"Service {name} (externalIPs)")
            found += map(str, sorted(self._named.get((place(service), name), ())))
            if found:
                yield service, found


def declared_ports(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the ports that containers of a pod declare, as they are written."""
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        yield from (one for one in container.get("ports", ()) if isinstance(one.get("containerPort"), int))


def by_itself(spec: Mapping[str, Any]) -> list[str]:
    """Return how a pod exposes itself: `hostNetwork`, `hostPort 8080`."""
    found = ["hostNetwork"] if spec.get("hostNetwork") is True else []
    ports = {
        port["hostPort"]
        for container in (*spec.get("containers", ()), *spec.get("initContainers", ()))
        for port in container.get("ports", ())
        if port.get("hostPort")
    }
    return found + [f"hostPort {port}" for port in sorted(ports)]


def _services(one: Resource) -> Iterator[tuple[str, str]]:
    """Yield the Services that an object sends requests to, by namespace and name."""
    if one.ref.kind == "Ingress":
        spec = msgspec.json.decode(one.content.json, type=_Ingress).spec
        paths = (path.backend for rule in spec.rules for path in rule.http.paths)
        for backend in (spec.defaultBackend, *paths):
            if isinstance(name := backend.service.get("name"), str):
                yield place(one), name
    elif one.ref.kind in ROUTES:
        for rule in msgspec.json.decode(one.content.json, type=_Route).spec.rules:
            for ref in rule.backendRefs:
                if ref.kind == "Service" and not ref.group:
                    yield ref.namespace or place(one), ref.name

"""Who calls which Service, as far as objects say: Ingresses by their controllers, workloads in plain words.

A workload calls a Service if the value of an environment variable, a command or an argument of its
containers names it with one of its ports: NAME:PORT, NAME.NAMESPACE:PORT, NAME.NAMESPACE.svc:PORT, or behind
a scheme that has a port by itself, https://NAME. A name without a port may be anything, as that in a
certificate. What stands in a ConfigMap, or in the program, is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from auditor.document.normalise import pod_holder
from auditor.document.relations.backends import backends
from auditor.document.relations.heads import place
from auditor.document.relations.reachability import Backing, Reachable
from auditor.document.relations.relation import World
from auditor.document.relations.selected import workloads
from auditor.model import Resource
from auditor.network.selection import members
from auditor.selectors import plain

MAX_TEXT = 64 * 1024
"""Characters of the words of one workload that are looked through."""

CONTROLLERS: Mapping[str, Mapping[str, str]] = {
    "k8s.io/ingress-nginx": {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
    },
    "nginx.org/ingress-controller": {"app.kubernetes.io/name": "nginx-ingress"},
    "traefik.io/ingress-controller": {"app.kubernetes.io/name": "traefik"},
    "haproxy-ingress.github.io/controller": {"app.kubernetes.io/name": "haproxy-ingress"},
    "haproxy.org/ingress-controller": {"app.kubernetes.io/name": "kubernetes-ingress"},
    "ingress-controllers.konghq.com/kong": {"app.kubernetes.io/name": "kong"},
}
"""By the controller of an IngressClass, the labels that its pods have as its own charts install it."""

_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAME = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+]{0,30})://(?:[^/@\s]{0,200}@)?)?"
    rf"(?<![-.\w])(?P<name>{_LABEL})(?:\.(?P<namespace>{_LABEL})(?P<svc>\.svc(?![-\w]))?)?"
    r"(?(svc)[.a-z0-9-]{0,200})(?::(?P<port>[0-9]{1,5}))?(?![-\w])"
)
_SCHEMES = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "redis": 6379, "mysql": 3306}
_SCHEMES |= {"amqp": 5672, "mongodb": 27017, "nats": 4222}

_Key = tuple[str, str]


class Caller(NamedTuple):
    """Somebody who calls a Service."""

    name: str
    """For people: `Deployment shop/web`, or `Ingress shop/web by Deployment ingress/nginx`."""
    place: int
    port: int | str
    """The number or name of the port of the Service."""


def callers(world: World, found: Reachable) -> Mapping[_Key, list[Caller]]:
    """Return those who call each Service that selects pods, by its namespace and name."""
    calls: dict[_Key, list[Caller]] = {}
    for key, caller in (*_by_words(world, found), *_by_ingress(world, found)):
        calls.setdefault(key, []).append(caller)
    return calls


def _by_words(world: World, found: Reachable) -> Iterator[tuple[_Key, Caller]]:
    for head in workloads(world):
        one = head.resource
        bearer = found.owners.get(id(one))
        if one.content.refused or bearer is None:
            continue
        named = sorted(_named(_words(one), place(one), found.services))
        for key, port in named:
            for at in found.places.get(bearer, ()):
                yield key, Caller(str(bearer), at, port)


def _words(one: Resource) -> str:
    """All that the containers of a workload are told."""
    holder = pod_holder(one.body) or {}
    spec = holder.get("spec", {})
    words: list[str] = []
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        words += (value for field in ("command", "args") for value in container.get(field, ()))
        words += (entry.get("value", "") for entry in container.get("env", ()))
    return "\n".join(word for word in words if isinstance(word, str))[:MAX_TEXT]


def _named(words: str, namespace: str, services: Mapping[_Key, Backing]) -> set[tuple[_Key, int]]:
    """The Services that a text names, and at which ports."""
    named: set[tuple[_Key, int]] = set()
    for match in _NAME.finditer(words):
        key = match["namespace"] or namespace, match["name"]
        port = int(match["port"] or _SCHEMES.get(match["scheme"], 0))
        if key in services and port in {one.number for one in services[key].ports}:
            named.add((key, port))
    return named


def _by_ingress(world: World, found: Reachable) -> Iterator[tuple[_Key, Caller]]:
    classes = {one.ref.name: one for one in world.of("IngressClass")}
    standard = [name for name, one in classes.items() if _annotation(one, _DEFAULT) == "true"]
    for one in world.of("Ingress"):
        spec = one.body.get("spec", {})
        chosen = spec.get("ingressClassName") or _annotation(one, "kubernetes.io/ingress.class")
        named = classes.get(chosen or (standard[0] if len(standard) == 1 else ""))
        places = _controllers(str(named.body.get("spec", {}).get("controller")), found) if named else []
        for key, port in _routes(one):
            for at in places if key in found.services else ():
                owner = found.network.space.classes[at].owner
                yield key, Caller(f"{one.ref} by {owner}", at, port)


def _controllers(name: str, found: Reachable) -> list[int]:
    labels = CONTROLLERS.get(name)
    return members(found.labelled.selected(plain(labels))) if labels else []


def _routes(ingress: Resource) -> Iterator[tuple[_Key, int | str]]:
    """The Services that an Ingress names, and at which port."""
    if not backends(ingress):
        return
    spec = ingress.body.get("spec", {})
    listed = [spec.get("defaultBackend")]
    for rule in spec.get("rules") or ():
        listed += [path.get("backend") for path in (rule.get("http") or {}).get("paths") or ()]
    for one in listed:
        service: Mapping[str, Any] = (one or {}).get("service") or {}
        port = service.get("port") or {}
        if isinstance(service.get("name"), str):
            yield (place(ingress), service["name"]), port.get("number") or str(port.get("name"))


def _annotation(one: Resource, key: str) -> str:
    value = one.body["metadata"].get("annotations", {}).get(key)
    return value if isinstance(value, str) else ""

"""`service_reach`: what network policies close of a Service, {nobody, closed, unknown}, each {total, items}.

An item of `nobody` is {port, at, policies, open?}: a port of the Service at which no pod behind it lets
anybody in, whoever it may be; `open` is there where the pods let somebody in at the number of the Service's
own port, on which they do not listen. One of `closed` is {port, at, caller, policies}: a caller
(callers.py) that policies keep from all pods behind a port. `at` is the position of the port in spec.ports.
`unknown` has {caller, why}, `anybody` for all.

Pods on the network of their node are left out: what applies to them is undefined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from auditor.document.network import NETWORK_KINDS
from auditor.document.relations.bounded import NAMED, bounded
from auditor.document.relations.callers import Caller, callers
from auditor.document.relations.heads import place
from auditor.document.relations.reachability import Backing, Reachable, ServicePort, reachable
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource
from auditor.network.policy import Direction
from auditor.network.selection import members

_KIND = "Service"
_ANYBODY = "anybody"
_OPEN = "policies leave it open"

_Ends = list[tuple[int, int]]
"""The pods behind a port, each with the atom of the port that it listens on."""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[int, Mapping[str, list[dict[str, Any]]]] = {}

    def keys(self, resource: Resource) -> int | bool | None:
        if resource.ref.kind != _KIND:
            return None
        return id(resource) if any(self._found(resource).values()) else True

    def value(self, resource: Resource) -> Any:
        if resource.ref.kind != _KIND:
            return None
        return {name: bounded(found) for name, found in self._found(resource).items()}

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a broken policy makes it unknown
        return ""

    @property
    def _all(self) -> Reachable:
        return reachable(self._world)

    @cached_property
    def _callers(self) -> Mapping[tuple[str, str], list[Caller]]:
        return callers(self._world, self._all)

    def _found(self, resource: Resource) -> Mapping[str, list[dict[str, Any]]]:
        if id(resource) not in self._known:
            key = place(resource), resource.ref.name
            backing = self._all.services.get(key)
            own = backing is not None and backing.resource is resource
            made = _Closed(self._all, backing, self._callers.get(key, ())) if own and backing else None
            self._known[id(resource)] = made.told() if made else {"nobody": [], "closed": [], "unknown": []}
        return self._known[id(resource)]


class _Closed:
    """What is closed of one Service."""

    def __init__(self, found: Reachable, backing: Backing, calls: Iterable[Caller]) -> None:
        self._all = found
        self._ports = backing.ports
        self._calls = calls
        self._ends: list[_Ends] = [list(found.backends(backing, port)) for port in backing.ports]

    def told(self) -> Mapping[str, list[dict[str, Any]]]:
        """Return all that is told of it."""
        nobody: list[dict[str, Any]] = []
        closed: dict[tuple[str, int], dict[str, Any]] = {}
        unknown: dict[str, dict[str, Any]] = {}
        for at, port in enumerate(self._ports):
            if (why := self._dark(self._ends[at])) is None:
                nobody.append(self._nobody(at, port))
            elif why:
                unknown.setdefault(_ANYBODY, {"caller": _ANYBODY, "why": why})
        shut = {one["at"] for one in nobody}
        for call in self._calls:
            for at, port in enumerate(self._ports):
                if call.port not in (port.number, port.name) or at in shut or not self._ends[at]:
                    continue
                if (why := self._doubt(call, self._ends[at])) is None:
                    closed.setdefault((call.name, at), self._told(call, at))
                elif why:
                    unknown.setdefault(call.name, {"caller": call.name, "why": why})
        return {"nobody": nobody, "closed": list(closed.values()), "unknown": list(unknown.values())}

    def _doubt(self, call: Caller, ends: _Ends) -> str | None:
        """Why it is not known whether a caller gets through; "" if it does, None if it does not."""
        why = None
        for end, atom in ends:
            open_, unknown = self._all.network.connection(call.place, end)
            if open_ >> atom & 1 or end == call.place:
                return ""
            if unknown >> atom & 1:
                why = next(iter(self._all.doubts(call.place, end, atom)), _OPEN)
        return why

    def _dark(self, ends: _Ends) -> str | None:
        """Why it is not known whether anybody gets in; "" if somebody does, or may come; None if nobody."""
        why = None if ends else ""
        for end, atom in ends:
            piece = self._all.ingress(end, atom)
            some, sure = (bits & ~self._all.network.space.host for bits in (piece.allowed, ~piece.denied))
            if some & sure:
                return ""
            if not some and self._all.meant(Direction.INGRESS, end, atom):
                return ""
            if some:
                why = next(iter(self._all.doubts(members(some)[0], end, atom)), _OPEN)
        return why

    def _lets_in(self, end: int, atom: int) -> bool:
        """Whether a pod may let anybody in; those on the network of their node are nobody."""
        return bool(self._all.ingress(end, atom).allowed & ~self._all.network.space.host)

    def _nobody(self, at: int, port: ServicePort) -> dict[str, Any]:
        space = self._all.network.space
        own = space.ports.atom(port.protocol, port.number)
        wrong = any(atom != own and self._lets_in(end, own) for end, atom in self._ends[at])
        stranger = self._all.network.stranger
        notes = (note for end, atom in self._ends[at] for note in self._all.notes(stranger, end, atom))
        told = {"port": f"{port.protocol} {port.number}", "at": at, "policies": _few(notes)}
        return told | ({"open": True} if wrong else {})

    def _told(self, call: Caller, at: int) -> dict[str, Any]:
        port = self._ports[at]
        notes = (note for end, atom in self._ends[at] for note in self._all.notes(call.place, end, atom))
        return {
            "port": f"{port.protocol} {port.number}",
            "at": at,
            "caller": call.name,
            "policies": _few(notes),
        }


def _few(notes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(notes))[:NAMED]


SERVICE_REACH = Relation(
    "service_reach",
    (*sorted(NETWORK_KINDS), "Ingress", "IngressClass", _KIND),
    _Join,
    words="who of those that call a Service is kept from its pods by network policies",
)

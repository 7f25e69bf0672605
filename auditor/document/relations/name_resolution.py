"""`name_resolution`: whether policies let a workload ask the DNS, {answer, why?, servers?, policies?}.

`answer` is `yes`, `no` or `unknown` with `why`. The DNS is what a Service in kube-system called kube-dns or
coredns, or labelled `k8s-app: kube-dns`, or openshift-dns/dns-default, leads to on port 53, at the port
that its pods listen on. One of UDP and TCP is enough. `servers` are those pods' workloads, `policies` what
policies do to the connection.

Where none was read, or a cache on each node answers (NodeLocal DNSCache), nobody knows whom it asks: it can
ask nobody if nothing at all is open at port 53, or at 5353, where OpenShift's pods listen.
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from auditor.document.kinds import WORKLOADS
from auditor.document.network import NETWORK_KINDS
from auditor.document.relations.bounded import NAMED
from auditor.document.relations.reachability import Reachable, reachable
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource
from auditor.network.exposure import Answer
from auditor.network.model import DNS_KEY
from auditor.network.policy import Direction

_CLUSTER, _OPENSHIFT = "kube-system", "openshift-dns"
_NAMES = {(_CLUSTER, "kube-dns"), (_CLUSTER, "coredns"), (_OPENSHIFT, "dns-default")}
_PORT = 53
_CACHE = "node-local-dns"

_NOBODY_READ = "no Service of the cluster's DNS is among what was read"
_CACHED = "a cache on each node answers, and policies do not name it"

_Server = tuple[int, int]
"""Its place, and the atom of the port that it listens on."""


class Told(NamedTuple):
    """What is told of one workload; equal ones are one part."""

    answer: Answer
    why: str = ""
    servers: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[tuple[int, ...], Told] = {}

    def keys(self, resource: Resource) -> Told | None:
        if resource.ref.kind not in WORKLOADS:
            return None
        found = self._all
        places = found.places.get(found.owners[id(resource)], ()) if id(resource) in found.owners else ()
        if places not in self._known:
            self._known[places] = self._told(places)
        return self._known[places]

    def value(self, resource: Resource) -> Any:
        told = self.keys(resource)
        if told is None:
            return None
        if told.answer is Answer.NO:
            return {"answer": told.answer, "servers": told.servers, "policies": told.policies}
        return {"answer": told.answer} | ({"why": told.why} if told.why else {})

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a broken policy makes it unknown
        return ""

    @property
    def _all(self) -> Reachable:
        return reachable(self._world)

    def _told(self, places: tuple[int, ...]) -> Told:
        """The worst of what holds for the pods of a workload."""
        space = self._all.network.space
        found = [self._of(place) for place in places if not space.host >> place & 1]
        order = (Answer.NO, Answer.UNKNOWN, Answer.YES)
        return min(found, key=lambda told: order.index(told.answer), default=Told(Answer.YES))

    def _of(self, place: int) -> Told:
        known = self._servers and not self._cached
        servers = self._servers if known else self._assumed
        bits = [self._all.network.connection(place, server) for server, _ in servers]
        pairs = list(zip(bits, servers, strict=True))
        if any(open_ >> atom & 1 for (open_, _), (_, atom) in pairs):
            return Told(Answer.YES)
        doubt = next((server for (_, unknown), server in pairs if unknown >> server[1] & 1), None)
        if doubt is None and (known or not self._asks(place)):
            return Told(Answer.NO, "", self._named if known else (), self._policies(place, servers))
        if self._cached:
            return Told(Answer.UNKNOWN, _CACHED)
        reasons = self._all.doubts(place, *doubt) if doubt else []
        return Told(Answer.UNKNOWN, next(iter(reasons), _NOBODY_READ))

    def _asks(self, place: int) -> bool:
        """Whether anything may be open at a port at which some DNS listens."""
        found, out = self._all, Direction.EGRESS
        atoms = {atom for _, atom in self._assumed}
        return any(found.egress(place, atom).allowed or found.meant(out, place, atom) for atom in atoms)

    def _policies(self, place: int, servers: list[_Server]) -> tuple[str, ...]:
        found = (note for server in servers for note in self._all.notes(place, *server))
        return tuple(dict.fromkeys(found))[:NAMED]

    @cached_property
    def _servers(self) -> list[_Server]:
        found = self._all
        return [
            server
            for (namespace, name), backing in found.services.items()
            if (namespace, name) in _NAMES or (namespace == _CLUSTER and _is_labelled(backing.resource))
            for port in backing.ports
            if port.number == _PORT
            for server in found.backends(backing, port)
        ]

    @cached_property
    def _named(self) -> tuple[str, ...]:
        classes = self._all.network.space.classes
        return tuple(dict.fromkeys(str(classes[place].owner) for place, _ in self._servers))[:NAMED]

    @cached_property
    def _assumed(self) -> list[_Server]:
        """Each of the usual ones at each of its ports."""
        space = self._all.network.space
        return [
            (place, space.ports.atom(port.protocol, port.number))
            for place in self._all.assumed
            for port in space.classes[place].ports
        ]

    @cached_property
    def _cached(self) -> bool:
        return any(one.labels.get(DNS_KEY) == _CACHE for one in self._all.network.space.classes)


def _is_labelled(service: Resource) -> bool:
    return bool(service.body["metadata"].get("labels", {}).get(DNS_KEY) == "kube-dns")


NAME_RESOLUTION = Relation(
    "name_resolution",
    (*sorted(NETWORK_KINDS), "Service"),
    _Join,
    words="whether policies let it ask the cluster's DNS",
)

"""Who may connect to whom in a snapshot, and which pods are behind its Services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from auditor.document.network import owner, parts
from auditor.document.relations.heads import place as namespace_of
from auditor.document.relations.relation import World
from auditor.document.relations.selected import heads_of
from auditor.model import Resource, ResourceRef, SourceFacts
from auditor.network.model import Network
from auditor.network.pods import ContainerPort, Distinctions, PodFacts
from auditor.network.policy import LAST_PORT, PROTOCOLS, Action, Direction
from auditor.network.selection import Labelled, members
from auditor.network.space import Reading
from auditor.network.trace import Note, trace
from auditor.network.verdict import Piece
from auditor.selectors import Selector, plain

NAME_KEYS = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "dns.operator.openshift.io/daemonset-dns",
)
"""Labels by which parts of a cluster are known that others bring."""

ASSUMED_DNS = (
    PodFacts(
        ResourceRef("apps/v1", "Deployment", "coredns (assumed)", "kube-system"),
        {"k8s-app": "kube-dns"},
        (ContainerPort("dns", "UDP", 53), ContainerPort("dns-tcp", "TCP", 53)),
    ),
    PodFacts(
        ResourceRef("apps/v1", "DaemonSet", "dns-default (assumed)", "openshift-dns"),
        {"dns.operator.openshift.io/daemonset-dns": "default"},
        (ContainerPort("dns", "UDP", 5353), ContainerPort("dns-tcp", "TCP", 5353)),
    ),
)
"""The DNS of a cluster as kubeadm and most clouds, and as OpenShift set it up: where none was read."""


class ServicePort(NamedTuple):
    """A port of a Service."""

    protocol: str
    number: int
    target: int | str
    name: str = ""


class Backing(NamedTuple):
    """A Service, and the classes of pods behind it, as bits."""

    resource: Resource
    ports: tuple[ServicePort, ...]
    pods: int


class Reachable(msgspec.Struct, frozen=True, eq=False):
    """The model, and where what is asked about stands in it."""

    network: Network
    places: Mapping[ResourceRef, tuple[int, ...]]
    """The classes of each workload."""
    owners: Mapping[int, ResourceRef]
    """As whom a workload, or a live pod, is known there, by its `id`."""
    services: Mapping[tuple[str, str], Backing]
    """By namespace and name, those that select pods."""
    assumed: tuple[int, ...]
    """The places of `ASSUMED_DNS`."""
    labelled: Labelled
    unread: str

    def numbers(self, place: int, port: ServicePort) -> int | None:
        """Return the port of a pod that a port of a Service leads to; None if the pod has no such name."""
        if isinstance(port.target, int):
            return port.target
        for one in self.network.space.classes[place].ports:
            if (one.name, one.protocol) == (port.target, port.protocol):
                return one.number
        return None

    def backends(self, backing: Backing, port: ServicePort) -> Iterator[tuple[int, int]]:
        """Yield the places behind a port of a Service, each with the atom of the port that it listens on."""
        for place in members(backing.pods):
            number = self.numbers(place, port)
            if number is not None and 1 <= number <= LAST_PORT:
                yield place, self.network.space.ports.atom(port.protocol, number)

    def ingress(self, place: int, atom: int) -> Piece:
        """Return what holds for traffic into a pod at an atom of ports."""
        return _piece(self.network.verdicts(Direction.INGRESS, place), atom)

    def egress(self, place: int, atom: int) -> Piece:
        """Return what holds for traffic out of a pod at an atom of ports."""
        return _piece(self.network.verdicts(Direction.EGRESS, place), atom)

    def meant(self, direction: Direction, place: int, atom: int) -> bool:
        """Tell whether a rule allows traffic at an atom of ports with somebody who is not there (yet)."""
        return any(
            rule.action is Action.ALLOW and not rule.sure and rule.covers(place, direction, atom)
            for one in self.network.selecting(direction, place)
            for rule in one.policy.rules.get(direction, ())
        )

    def notes(self, source: int, destination: int, atom: int) -> list[str]:
        """Return what policies do to a connection, as `egress: NetworkPolicy shop/web isolates`."""
        found = trace(self.network, Direction.EGRESS, source, destination, atom)
        found += trace(self.network, Direction.INGRESS, destination, source, atom)
        return list(dict.fromkeys(map(said, found)))

    def doubts(self, source: int, destination: int, atom: int) -> list[str]:
        """Return why it is not known whether two pods may connect."""
        ends = [(Direction.EGRESS, source, destination), (Direction.INGRESS, destination, source)]
        found = {note.unsure for one in ends for note in trace(self.network, *one, atom) if note.unsure}
        pods = (place for place in (source, destination) if place < self.network.space.count)
        found |= {one.reason for place in pods for one in self.network.opaque(place)}
        return sorted(found)


@lru_cache(maxsize=1)
def reachable(world: World) -> Reachable:
    """Return the model of a snapshot."""
    found = parts(SourceFacts("cluster" if world.live else "manifests"), world.resources)
    services = list(_services(world))
    keys = {key for _, selector, _ in services for key, _ in selector.labels}
    names = {port.target for *_, ports in services for port in ports if isinstance(port.target, str)}
    told = Distinctions(keys.union(NAME_KEYS), names.union(("dns", "dns-tcp")), ())
    pods = (*found.pods, *ASSUMED_DNS)
    network = Network(pods, found.namespaces, found.policies, found.opaque, Reading(), (), told)
    classes = network.space.classes
    places: dict[ResourceRef, tuple[int, ...]] = {}
    inside: dict[str, int] = {}
    assumed = {one.owner for one in ASSUMED_DNS}
    for place, one in enumerate(classes):
        places[one.owner] = (*places.get(one.owner, ()), place)
        if one.owner not in assumed and not one.host_network:
            inside[one.owner.namespace] = inside.get(one.owner.namespace, 0) | 1 << place
    labelled = Labelled([one.labels for one in classes])
    backing = {
        (namespace_of(one), one.ref.name): Backing(
            one, ports, labelled.selected(selector) & inside.get(namespace_of(one), 0)
        )
        for one, selector, ports in services
    }
    standing = tuple(place for one in ASSUMED_DNS for place in places[one.owner])
    unread = next((one.reason for one in found.unread), "")
    return Reachable(network, places, _owners(world), backing, standing, labelled, unread)


def said(note: Note) -> str:
    """Return what a policy does, for people."""
    return f"{note.direction}: {note.policy} {note.effect}"


def _owners(world: World) -> Mapping[int, ResourceRef]:
    if world.live:
        bearers = {id(head): owner(head) for head in world.heads}
        return {key: bearers[id(head)] for key, head in heads_of(world).items()}
    return {id(head.resource): owner(head) for head in world.heads}


def _piece(pieces: Iterable[Piece], atom: int) -> Piece:
    return next(one for one in pieces if one.atoms >> atom & 1)


def _services(world: World) -> Iterator[tuple[Resource, Selector, tuple[ServicePort, ...]]]:
    """The Services that select pods."""
    for one in world.of("Service"):
        spec = one.body.get("spec", {})
        if spec.get("selector") and spec.get("type") != "ExternalName":
            yield one, plain(spec["selector"]), tuple(_ports(spec))


def _ports(spec: Mapping[str, Any]) -> Iterator[ServicePort]:
    for port in spec.get("ports", ()):
        number, target = port.get("port"), port.get("targetPort") or port.get("port")
        protocol = port.get("protocol") or "TCP"
        whole = isinstance(number, int) and isinstance(target, int | str)
        if whole and 1 <= number <= LAST_PORT and protocol in PROTOCOLS:
            yield ServicePort(protocol, number, target, str(port.get("name") or ""))

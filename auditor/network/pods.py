"""Pods, and the classes of those that no policy can tell apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

import msgspec

from auditor.model import ResourceRef
from auditor.network.addresses import Range
from auditor.selectors import Labels


class ContainerPort(msgspec.Struct, frozen=True):
    """A port that a container has a name for."""

    name: str
    protocol: str
    number: int


class PodFacts(msgspec.Struct, frozen=True):
    """One pod, or the template of pods to come, as far as policies look at it."""

    owner: ResourceRef
    """The workload that answers for it; its namespace is that of the pod."""
    labels: Labels
    ports: tuple[ContainerPort, ...] = ()
    """Those with names, in the order in which a name is looked up."""
    host_network: bool = False
    addresses: tuple[Range, ...] = ()
    """Its own, each a range of one; empty where they are not known."""


class PodClass(msgspec.Struct, frozen=True):
    """Pods of one workload that no policy can tell apart."""

    owner: ResourceRef
    labels: Labels
    """Only those that some policy asks for."""
    ports: tuple[ContainerPort, ...]
    host_network: bool
    atoms: tuple[int, ...] | None
    """In which pieces of the address space they are; None if that is not known."""
    pods: int = 1


class Distinctions(msgspec.Struct, frozen=True):
    """What policies tell pods apart by."""

    keys: Collection[str]
    """Keys of labels."""
    port_names: Collection[str]
    addresses: Sequence[Range]
    """All addresses, in order, cut where policies tell them apart; of IPv4 first."""


class _Key(msgspec.Struct, frozen=True):
    owner: ResourceRef
    labels: tuple[tuple[str, str], ...]
    ports: tuple[ContainerPort, ...]
    host_network: bool
    atoms: tuple[int, ...]


def classes(pods: Iterable[PodFacts], told: Distinctions) -> tuple[PodClass, ...]:
    """Return the classes of pods, in the order of their first pods."""
    keys, starts = sorted(told.keys), [(one.family, one.first) for one in told.addresses]
    counts: dict[_Key, int] = {}
    seen: dict[int, tuple[Labels, tuple[tuple[str, str], ...]]] = {}
    for pod in pods:
        known = seen.get(id(pod.labels))  # most pods of one owner share their labels
        if known is None or known[0] is not pod.labels:
            restricted = tuple((key, pod.labels[key]) for key in keys if key in pod.labels)
            known = seen[id(pod.labels)] = pod.labels, restricted
        atoms = {bisect_right(starts, (one.family, one.first)) - 1 for one in pod.addresses}
        ports = tuple(one for one in pod.ports if one.name in told.port_names)
        key = _Key(pod.owner, known[1], ports, pod.host_network, tuple(sorted(atoms)))
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        PodClass(key.owner, dict(key.labels), key.ports, key.host_network, key.atoms or None, count)
        for key, count in counts.items()
    )

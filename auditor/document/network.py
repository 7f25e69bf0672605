"""The model of a cluster's network out of what was read: its pods, its policies, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.document.home import home
from auditor.document.kinds import KINDS, WORKLOADS
from auditor.document.normalise import pod_holder
from auditor.document.owners import Head, heads, is_node
from auditor.model import Body, Gap, Resource, ResourceRef, SourceFacts
from auditor.network.addresses import Range, cidr
from auditor.network.cluster_objects import (
    admin_network_policy,
    baseline_admin_network_policy,
    cluster_network_policy,
)
from auditor.network.engines import ENGINES
from auditor.network.model import Network
from auditor.network.objects import MalformedError, network_policy
from auditor.network.pods import ContainerPort, PodFacts
from auditor.network.policy import LAST_PORT, PROTOCOLS, Opaque, Policy
from auditor.network.reach import Unread
from auditor.network.space import Reading
from auditor.selectors import Labels, text

_PARSERS: Mapping[str, Callable[[ResourceRef, Body], Policy]] = {
    "NetworkPolicy": network_policy,
    "ClusterNetworkPolicy": cluster_network_policy,
    "AdminNetworkPolicy": admin_network_policy,
    "BaselineAdminNetworkPolicy": baseline_admin_network_policy,
}

POLICY_KINDS = tuple(_PARSERS)
"""The kinds of policies that are read."""

NETWORK_KINDS = frozenset((*WORKLOADS, "Namespace", *_PARSERS, *ENGINES))
"""What must be read to know who may connect to whom."""


class Parts(msgspec.Struct, frozen=True, eq=False):
    """What a `Network` is made of."""

    pods: tuple[PodFacts, ...]
    namespaces: Mapping[str, Labels]
    policies: tuple[Policy, ...]
    opaque: tuple[Opaque, ...]
    unread: tuple[Unread, ...] = ()

    def network(self, reading: Reading, cuts: Sequence[Range] = ()) -> Network:
        """Return the model."""
        return Network(self.pods, self.namespaces, self.policies, self.opaque, reading, cuts)


class _Content(msgspec.Struct, frozen=True, eq=False):
    labels: Labels
    ports: tuple[ContainerPort, ...]
    host_network: bool
    addresses: tuple[Range, ...]


class _ContainerPort(msgspec.Struct):
    containerPort: int
    name: str = ""
    protocol: str = "TCP"


class _Container(msgspec.Struct):
    ports: list[_ContainerPort] = []
    restartPolicy: str = ""


class _PodSpec(msgspec.Struct):
    containers: list[_Container] = []
    initContainers: list[_Container] = []
    hostNetwork: bool = False


class _PodIP(msgspec.Struct):
    ip: str = ""


class _Status(msgspec.Struct):
    podIPs: list[_PodIP] = []


def parts(
    facts: SourceFacts,
    resources: Iterable[Resource],
    gaps: Iterable[Gap] = (),
    answering: Iterable[Head] | None = None,
    *,
    templates: bool = False,
) -> Parts:
    """Return pods, policies and what is not known, of all that was read of `NETWORK_KINDS`.

    `answering` are the workloads that answer for pods, where somebody knows them already. With `templates`
    those count too of which there are live pods: they tell which pods may come.
    """
    everything = list(resources)
    reader = _Reader(facts.kind == "cluster", templates)
    for gap in gaps:
        reader.take_gap(gap)
    for one in everything:
        if one.ref.kind not in WORKLOADS:
            reader.take(one)
    pods = tuple(reader.pods([one for one in everything if one.ref.kind in WORKLOADS], answering))
    opaque = tuple(dict.fromkeys(reader.opaque))
    return Parts(pods, reader.namespaces, tuple(reader.policies), opaque, tuple(reader.unread))


def policy(one: Resource) -> Policy:
    """Return a policy of `POLICY_KINDS` that is not refused; raise `MalformedError` if it is none."""
    ref = msgspec.structs.replace(one.ref, namespace=home(one.ref))
    if ref.api_version != KINDS[ref.kind].api_version:
        raise MalformedError(f"{ref.api_version} is a version that is not read")
    return _PARSERS[ref.kind](ref, one.body)


def owner(head: Head) -> ResourceRef:
    """Return whom people know the pods of a head by: the owner outside of what we list, if there is one."""
    outside = head.managed_by
    found = outside if outside and not is_node(outside) else head.resource.ref
    return msgspec.structs.replace(found, namespace=home(found) or head.resource.ref.namespace)


class _Reader:
    """Takes one object after the other."""

    def __init__(self, live: bool, templates: bool) -> None:
        self._live = live
        self._templates = templates
        self.namespaces: dict[str, Labels] = {}
        self.policies: list[Policy] = []
        self.opaque: list[Opaque] = []
        self.unread: list[Unread] = []
        self._contents: dict[int, _Content] = {}
        """By identity: pods that look alike share one."""
        self._labels: dict[int, tuple[Labels, Labels]] = {}
        """By identity, with what it is of: most pods of one owner share theirs."""

    def take(self, one: Resource) -> None:
        """Take a namespace, or a policy of any API."""
        ref = msgspec.structs.replace(one.ref, namespace=home(one.ref) if one.ref.kind != "Namespace" else "")
        if one.content.refused:
            self._cannot_read(ref, one.content.refused)
        elif ref.kind == "Namespace":
            self.namespaces[ref.name] = _labels(one.body["metadata"].get("labels"))
        elif ref.kind in ENGINES:
            engine = ENGINES[ref.kind]
            namespace = "" if ref.namespace == engine.root else ref.namespace
            self.opaque.append(Opaque(f"other policy engine: {ref.kind}", namespace, engine.opens))
        elif ref.kind in _PARSERS:
            try:
                self.policies.append(policy(one))
            except MalformedError as error:
                self._cannot_read(ref, str(error))

    def take_gap(self, gap: Gap) -> None:
        """Take what the source could not read; a policy among it may have said anything."""
        if gap.kind is None or gap.kind in NETWORK_KINDS:
            self.unread.append(Unread(gap.kind or "unknown", gap.reason))
        if gap.kind is None or gap.kind in _PARSERS or gap.kind in ENGINES:
            what = f"{gap.kind} objects" if gap.kind else "an object of unknown kind"
            self.opaque.append(Opaque(f"{what} could not be read", gap.namespace or ""))

    def pods(self, workloads: Sequence[Resource], answering: Iterable[Head] | None) -> Iterator[PodFacts]:
        """Yield live pods, and templates of workloads without any; in manifests everything is for itself."""
        if not self._live:
            for one in workloads:
                yield from self._pod(owner(Head(one)), one)
            return
        for head in heads(workloads) if answering is None else answering:
            bearer = owner(head)
            for one in self._counted(head):
                yield from self._pod(bearer, one)

    def _counted(self, head: Head) -> Iterable[Resource]:
        if self._templates and head.resource.ref.kind != "Pod":
            return (head.resource, *head.pods)
        return head.pods or (head.resource,)

    def _pod(self, bearer: ResourceRef, one: Resource) -> Iterator[PodFacts]:
        if one.content.refused:
            self.unread.append(Unread(one.ref.kind, f"{one.ref}: {one.content.refused}"))
            return
        key = id(one.content)
        if key not in self._contents:
            try:
                self._contents[key] = _content(one.body, live=self._live)
            except (msgspec.ValidationError, ValueError) as error:
                self.unread.append(Unread(one.ref.kind, f"{one.ref}: {error}"))
                return
        found = self._contents[key]
        labels = found.labels if one.labels is None else self._shared(one.labels)
        yield PodFacts(bearer, labels, found.ports, found.host_network, found.addresses)

    def _shared(self, written: Labels) -> Labels:
        known = self._labels.get(id(written))
        if known is None:
            known = self._labels[id(written)] = written, _labels(written)
        return known[1]

    def _cannot_read(self, ref: ResourceRef, reason: str) -> None:
        self.unread.append(Unread(ref.kind, f"{ref}: {reason}"))
        if ref.kind != "Namespace":
            self.opaque.append(Opaque(f"{ref} could not be read", ref.namespace))


def _content(body: Body, *, live: bool) -> _Content:
    """What is looked at of a pod, or of the template of one.

    The name of a port is looked up in containers first, then in sidecars, and the first one counts
    (FindPort in pkg/api/v1/pod of Kubernetes). Raises `ValidationError` and `ValueError`.
    """
    holder = pod_holder(body) or {}
    pod = msgspec.convert(holder["spec"], _PodSpec)
    sidecars = [one for one in pod.initContainers if one.restartPolicy == "Always"]
    named: dict[tuple[str, str], ContainerPort] = {}
    for container in (*pod.containers, *sidecars):
        for port in container.ports:
            if port.protocol not in PROTOCOLS or not 1 <= port.containerPort <= LAST_PORT:
                raise ValueError(f"no port: {port.protocol} {port.containerPort}")
            if port.name:
                found = ContainerPort(port.name, port.protocol, port.containerPort)
                named.setdefault((port.name, port.protocol), found)
    status = msgspec.convert(body.get("status", {}), _Status) if live else _Status()
    addresses = tuple(cidr(one.ip) for one in status.podIPs)
    labels = _labels(holder.get("metadata", {}).get("labels"))
    return _Content(labels, tuple(named.values()), pod.hostNetwork, addresses)


def _labels(written: Any) -> Labels:
    """Labels as selectors compare them."""
    return {key: text(value) for key, value in (written or {}).items()}

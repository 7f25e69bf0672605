"""Policies for the whole cluster out of Kubernetes objects: of today's API, and of the one before it.

https://network-policy-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from auditor.model import Body, ResourceRef
from auditor.network.objects import MalformedError, addresses, converted, ports, selector
from auditor.network.policy import (
    Action,
    Block,
    Direction,
    Everybody,
    NamedPort,
    Outside,
    Peer,
    Pods,
    Policy,
    Port,
    PortRange,
    Rule,
    Tier,
)
from auditor.selectors import Selector

_ACTIONS = {"Accept": Action.ALLOW, "Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}
_TIERS = {"Admin": Tier.ADMIN, "Baseline": Tier.BASELINE}


class _NamespacedPod(msgspec.Struct):
    namespaceSelector: Any = None
    podSelector: Any = None


class _Peer(msgspec.Struct):
    namespaces: Any = None
    pods: _NamespacedPod | None = None
    nodes: Any = None
    networks: list[str] | None = None
    domainNames: list[str] | None = None


class _Range(msgspec.Struct):
    start: int
    end: int
    protocol: str = "TCP"


class _Number(msgspec.Struct):
    port: int
    protocol: str = "TCP"


class _DestinationPort(msgspec.Struct):
    number: int | None = None
    range: _Range | None = None


class _Protocol(msgspec.Struct):
    destinationPort: _DestinationPort | None = None


class _Protocols(msgspec.Struct):
    tcp: _Protocol | None = None
    udp: _Protocol | None = None
    sctp: _Protocol | None = None
    destinationNamedPort: str | None = None


class _Ports(msgspec.Struct):
    portNumber: _Number | None = None
    portRange: _Range | None = None
    namedPort: str | None = None


class _Rule(msgspec.Struct):
    action: str
    sources: list[_Peer] | None = msgspec.field(default=None, name="from")
    destinations: list[_Peer] | None = msgspec.field(default=None, name="to")
    protocols: list[_Protocols] | None = None
    """Of v1alpha2."""
    ports: list[_Ports] | None = None
    """Of v1alpha1."""


class _Spec(msgspec.Struct):
    subject: _Peer
    tier: str | None = None
    """Of v1alpha2."""
    priority: int | None = None
    """A BaselineAdminNetworkPolicy has none: there is one."""
    ingress: list[_Rule] | None = None
    egress: list[_Rule] | None = None


def cluster_network_policy(ref: ResourceRef, body: Body) -> Policy:
    """Return a ClusterNetworkPolicy (v1alpha2); raise `MalformedError` if a field is wrong."""
    spec = converted(body.get("spec"), _Spec)
    if spec.tier not in _TIERS:
        raise MalformedError(f"unknown tier {spec.tier!r}")
    return _policy(ref, _TIERS[spec.tier], spec)


def admin_network_policy(ref: ResourceRef, body: Body) -> Policy:
    """Return an AdminNetworkPolicy (v1alpha1); raise `MalformedError` as for the others."""
    return _policy(ref, Tier.ADMIN, converted(body.get("spec"), _Spec))


def baseline_admin_network_policy(ref: ResourceRef, body: Body) -> Policy:
    """Return a BaselineAdminNetworkPolicy (v1alpha1); raise `MalformedError` as for the others."""
    spec = converted(body.get("spec"), _Spec)
    return _policy(ref, Tier.BASELINE, msgspec.structs.replace(spec, priority=0))


def _policy(ref: ResourceRef, tier: Tier, spec: _Spec) -> Policy:
    subject = _pods(spec.subject)
    if subject is None:
        raise MalformedError("a subject says nobody")
    if spec.priority is None:
        raise MalformedError("no priority")
    rules = {
        Direction.INGRESS: tuple(_rule(one, one.sources or []) for one in spec.ingress or ()),
        Direction.EGRESS: tuple(_rule(one, one.destinations or []) for one in spec.egress or ()),
    }
    return Policy(ref, tier, subject, rules, priority=spec.priority)


def _rule(rule: _Rule, written: Sequence[_Peer]) -> Rule:
    if rule.action not in _ACTIONS:
        raise MalformedError(f"unknown action {rule.action!r}")
    action, peers = _ACTIONS[rule.action], [_peer(one) for one in written]
    if None in peers:
        # Of a version that has more sorts of peers. Failing closed is part of the API.
        return Rule(action, ()) if action is Action.ALLOW else Rule(Action.DENY, (Everybody(),))
    found = [_protocols(one) for one in rule.protocols or ()] + [_ports(one) for one in rule.ports or ()]
    return Rule(action, tuple(one for one in peers if one), tuple(found) or None)


def _peer(peer: _Peer) -> Peer | None:
    """One peer, None if it is of a sort that we do not know."""
    if pods := _pods(peer):
        return pods
    if peer.networks is not None:
        return Block(tuple(sorted(map(addresses, peer.networks))), pods=True)
    if peer.nodes is not None:
        return Outside("nodes")
    return None if peer.domainNames is None else Outside("domain names")


def _pods(peer: _Peer) -> Pods | None:
    if peer.namespaces is not None:
        return Pods(Selector(), selector(peer.namespaces))
    if peer.pods is None:
        return None
    namespaces = {} if peer.pods.namespaceSelector is None else peer.pods.namespaceSelector
    return Pods(selector(peer.pods.podSelector), selector(namespaces))


def _protocols(one: _Protocols) -> Port:
    if one.destinationNamedPort:
        return NamedPort(one.destinationNamedPort)
    for name, protocol in (("TCP", one.tcp), ("UDP", one.udp), ("SCTP", one.sctp)):
        if protocol is not None:
            port = protocol.destinationPort
            if port is None:
                return PortRange(name)
            if port.range is not None:
                return ports(name, port.range.start, port.range.end)
            if port.number is not None:
                return ports(name, port.number, port.number)
    raise MalformedError("a protocol of a sort that we do not know")


def _ports(one: _Ports) -> Port:
    if one.namedPort:
        return NamedPort(one.namedPort)
    if one.portRange is not None:
        return ports(one.portRange.protocol, one.portRange.start, one.portRange.end)
    if one.portNumber is not None:
        return ports(one.portNumber.protocol, one.portNumber.port, one.portNumber.port)
    raise MalformedError("a port of a sort that we do not know")

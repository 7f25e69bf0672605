"""Network policies out of Kubernetes objects, as the API server stores them or as people write them.

Defaults that the API server fills in (protocol TCP, policyTypes) are filled in here. What it refuses is
an error: read otherwise it would be a policy that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from auditor.model import Body, ResourceRef
from auditor.network.addresses import Range, cidr, without
from auditor.network.policy import (
    LAST_PORT,
    PROTOCOLS,
    Action,
    Block,
    Direction,
    Everybody,
    NamedPort,
    Peer,
    Pods,
    Policy,
    Port,
    PortRange,
    Rule,
    Tier,
)
from auditor.selectors import Selector, label_selector

_Shape = TypeVar("_Shape")


class MalformedError(Exception):
    """An object is no network policy; the message says which field is wrong."""


class _IPBlock(msgspec.Struct):
    cidr: str
    excepted: list[str] | None = msgspec.field(default=None, name="except")


class _Peer(msgspec.Struct):
    podSelector: Any = None
    namespaceSelector: Any = None
    ipBlock: _IPBlock | None = None


class _Port(msgspec.Struct):
    protocol: str = "TCP"
    port: int | str | None = None
    endPort: int | None = None


class _Ingress(msgspec.Struct):
    peers: list[_Peer] | None = msgspec.field(default=None, name="from")
    ports: list[_Port] | None = None


class _Egress(msgspec.Struct):
    peers: list[_Peer] | None = msgspec.field(default=None, name="to")
    ports: list[_Port] | None = None


class _Spec(msgspec.Struct):
    podSelector: Any = None
    policyTypes: list[str] | None = None
    ingress: list[_Ingress] | None = None
    egress: list[_Egress] | None = None


_TYPES = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}


def network_policy(ref: ResourceRef, body: Body) -> Policy:
    """Return a NetworkPolicy; raise `MalformedError` if a field has a wrong type or is refused.

    https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
    """
    spec = converted(body.get("spec") or {}, _Spec)
    types = spec.policyTypes or ["Ingress", *(["Egress"] if spec.egress else [])]
    if unknown := [one for one in types if one not in _TYPES]:
        raise MalformedError(f"policyTypes: unknown {unknown[0]!r}")
    isolates = frozenset(_TYPES[one] for one in types)
    written: Mapping[Direction, list[_Ingress] | list[_Egress]] = {
        Direction.INGRESS: spec.ingress or [],
        Direction.EGRESS: spec.egress or [],
    }
    return Policy(
        ref,
        Tier.NAMESPACED,
        Pods(selector({} if spec.podSelector is None else spec.podSelector)),
        # rules of a direction that the policy has no type for are dead
        {
            direction: tuple(map(_rule, written[direction]))
            for direction in Direction
            if direction in isolates
        },
        isolates,
    )


def _rule(rule: _Ingress | _Egress) -> Rule:
    peers = tuple(map(_peer, rule.peers or ())) or (Everybody(),)
    return Rule(Action.ALLOW, peers, tuple(map(_port, rule.ports or ())) or None)


def _peer(peer: _Peer) -> Peer:
    pods, namespaces, block = peer.podSelector, peer.namespaceSelector, peer.ipBlock
    if block:
        if pods is not None or namespaces is not None:
            raise MalformedError("a peer has both ipBlock and selectors")
        return Block(without(addresses(block.cidr), map(addresses, block.excepted or ())))
    if pods is None and namespaces is None:
        raise MalformedError("a peer says nobody")
    return Pods(selector({} if pods is None else pods), None if namespaces is None else selector(namespaces))


def _port(port: _Port) -> Port:
    protocol = port.protocol or "TCP"
    if isinstance(port.port, str):
        if port.endPort is not None:
            raise MalformedError(f"endPort beside the name {port.port!r}")
        return NamedPort(port.port, known(protocol))
    if port.port is None:
        if port.endPort is not None:
            raise MalformedError("endPort without port")
        return PortRange(known(protocol))
    return ports(protocol, port.port, port.port if port.endPort is None else port.endPort)


def ports(protocol: str, first: int, last: int) -> PortRange:
    """Return ports from first to last; raise `MalformedError` if there are no such."""
    if not 1 <= first <= last <= LAST_PORT:
        raise MalformedError(f"no ports: {first} to {last}")
    return PortRange(known(protocol), first, last)


def known(protocol: str) -> str:
    """Return the protocol; raise `MalformedError` for one that no policy can name."""
    if protocol not in PROTOCOLS:
        raise MalformedError(f"unknown protocol {protocol!r}")
    return protocol


def selector(written: Any) -> Selector:
    """Return a label selector; raise `MalformedError` for what the API server refuses."""
    found = label_selector(written)
    if found.invalid:
        raise MalformedError(f"no selector: {found.invalid}")
    return found


def addresses(text: str) -> Range:
    """Return the addresses of a CIDR; raise `MalformedError` if it is none."""
    try:
        if "/" in text:
            return cidr(text)
    except ValueError:
        pass
    raise MalformedError(f"{text!r} is no CIDR")


def converted(value: Any, shape: Callable[..., _Shape] | type[_Shape]) -> _Shape:
    """Return a part of an object as its type; raise `MalformedError` if a field has a wrong one."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from None

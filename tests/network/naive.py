"""Network policies read as slowly and plainly as possible: one pod, one other end, one port at a time.

It shares nothing with auditor/network: it takes the objects as people write them and follows the text of
the APIs. What it cannot tell is more than one outcome, so that it is a set of outcomes that it returns.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, permutations
from typing import Any, NamedTuple

Object = dict[str, Any]


class Packet(NamedTuple):
    """What is asked: may it pass?"""

    source: Object | str
    """A pod, or the address of somebody else."""
    destination: Object | str
    protocol: str
    port: int


class World(NamedTuple):
    """All objects; `ipblocks` is whether an ipBlock of a NetworkPolicy matches pods, None if that is open."""

    namespaces: Sequence[Object]
    pods: Sequence[Object]
    network_policies: Sequence[Object]
    cluster_policies: Sequence[Object] = ()
    ipblocks: bool | None = True


def verdict(world: World, packet: Packet) -> str:
    """Return `allow`, `deny` or `unknown`."""
    if packet.source is packet.destination:
        return "allow"
    out = _direction(world, packet, "egress")
    into = _direction(world, packet, "ingress")
    if out == {"deny"} or into == {"deny"}:
        return "deny"
    return "allow" if out == into == {"allow"} else "unknown"


def _direction(world: World, packet: Packet, direction: str) -> set[str]:
    pod = packet.source if direction == "egress" else packet.destination
    if isinstance(pod, str):
        return {"allow"}
    outcomes = _tier(world, packet, direction, pod, "Admin")
    if "pass" in outcomes:
        outcomes.remove("pass")
        outcomes |= _network_policies(world, packet, direction, pod)
    if "pass" in outcomes:
        outcomes.remove("pass")
        outcomes |= _tier(world, packet, direction, pod, "Baseline")
    if "pass" in outcomes:
        outcomes.remove("pass")
        outcomes.add("allow")
    return outcomes


def _tier(world: World, packet: Packet, direction: str, pod: Object, tier: str) -> set[str]:
    policies = [
        one for one in world.cluster_policies if one["spec"]["tier"] == tier and _is_subject(world, one, pod)
    ]
    policies.sort(key=lambda one: one["spec"]["priority"])
    orders: list[list[Object]] = [[]]
    for _, equals in groupby(policies, key=lambda one: one["spec"]["priority"]):
        same = list(equals)
        orders = [[*before, *order] for before in orders for order in permutations(same)]
    return {outcome for order in orders for outcome in _tried(world, packet, direction, order)}


def _tried(world: World, packet: Packet, direction: str, policies: Iterable[Object]) -> set[str]:
    outcomes = set()
    words = {"Accept": "allow", "Deny": "deny", "Pass": "pass"}
    for policy in policies:
        for rule in policy["spec"].get(direction) or []:
            hit = _cluster_rule(world, packet, direction, rule)
            if hit != "no":
                outcomes.add(words[rule["action"]])
            if hit == "yes":
                return outcomes
    return outcomes | {"pass"}


def _is_subject(world: World, policy: Object, pod: Object) -> bool:
    if pod["spec"].get("hostNetwork"):
        return False
    return _selects_pod(world, policy["spec"]["subject"], pod)


def _selects_pod(world: World, peer: Object, pod: Object) -> bool:
    if "namespaces" in peer:
        return _matches(peer["namespaces"], _namespace(world, pod))
    return _matches(peer["pods"]["namespaceSelector"], _namespace(world, pod)) and _matches(
        peer["pods"]["podSelector"], _labels(pod)
    )


def _cluster_rule(world: World, packet: Packet, direction: str, rule: Object) -> str:
    protocols = rule.get("protocols")
    if protocols and not any(_cluster_port(packet, one) for one in protocols):
        return "no"
    other = packet.destination if direction == "egress" else packet.source
    answers = [_cluster_peer(world, other, peer) for peer in rule["to" if direction == "egress" else "from"]]
    return "yes" if "yes" in answers else "maybe" if "maybe" in answers else "no"


def _cluster_peer(world: World, other: Object | str, peer: Object) -> str:
    if "networks" in peer:
        if isinstance(other, str):
            return "yes" if any(_in(other, one) for one in peer["networks"]) else "no"
        if other["spec"].get("hostNetwork"):
            return "maybe"
        return "yes" if any(_in(_address(other), one) for one in peer["networks"]) else "no"
    if isinstance(other, str) or other["spec"].get("hostNetwork"):
        return "no"
    return "yes" if _selects_pod(world, peer, other) else "no"


def _cluster_port(packet: Packet, written: Object) -> bool:
    if "destinationNamedPort" in written:
        return (written["destinationNamedPort"], packet.protocol, packet.port) in _names(packet.destination)
    if packet.protocol.lower() not in written:
        return False
    port = written[packet.protocol.lower()].get("destinationPort")
    if not port:
        return True
    if "range" in port:
        return bool(port["range"]["start"] <= packet.port <= port["range"]["end"])
    return bool(port["number"] == packet.port)


def _network_policies(world: World, packet: Packet, direction: str, pod: Object) -> set[str]:
    selecting = [
        policy
        for policy in world.network_policies
        if policy["metadata"]["namespace"] == pod["metadata"]["namespace"]
        and direction in _types(policy["spec"])
        and _matches(policy["spec"].get("podSelector") or {}, _labels(pod))
    ]
    if not selecting:
        return {"pass"}
    answers = [
        _rule(world, packet, direction, policy, rule)
        for policy in selecting
        for rule in policy["spec"].get(direction) or []
    ]
    if pod["spec"].get("hostNetwork"):  # perhaps any of them counts, perhaps none
        whole = [
            any(
                _rule(world, packet, direction, policy, rule) == "yes"
                for rule in policy["spec"].get(direction) or []
            )
            for policy in selecting
        ]
        outcomes = {"pass"}
        outcomes |= {"allow"} if "yes" in answers or "maybe" in answers else set()
        return outcomes | (set() if all(whole) else {"deny"})
    if "yes" in answers:
        return {"allow"}
    return {"allow", "deny"} if "maybe" in answers else {"deny"}


def _types(spec: Object) -> list[str]:
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return [one.lower() for one in types]


def _rule(world: World, packet: Packet, direction: str, policy: Object, rule: Object) -> str:
    ports = rule.get("ports")
    if ports and not any(_port(packet, one) for one in ports):
        return "no"
    peers = rule.get("to" if direction == "egress" else "from")
    if not peers:
        return "yes"
    other = packet.destination if direction == "egress" else packet.source
    if not isinstance(other, str) and other["spec"].get("hostNetwork"):
        return "maybe"
    answers = [_peer(world, policy, other, peer) for peer in peers]
    return "yes" if "yes" in answers else "maybe" if "maybe" in answers else "no"


def _peer(world: World, policy: Object, other: Object | str, peer: Object) -> str:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        address = other if isinstance(other, str) else _address(other)
        inside = _in(address, block["cidr"]) and not any(
            _in(address, one) for one in block.get("except") or []
        )
        if isinstance(other, str) or world.ipblocks or not inside:
            return "yes" if inside else "no"
        return "no" if world.ipblocks is False else "maybe"
    if isinstance(other, str):
        return "no"
    if "namespaceSelector" in peer:
        here = _matches(peer["namespaceSelector"], _namespace(world, other))
    else:
        here = other["metadata"]["namespace"] == policy["metadata"]["namespace"]
    return "yes" if here and _matches(peer.get("podSelector") or {}, _labels(other)) else "no"


def _port(packet: Packet, written: Object) -> bool:
    protocol, port = written.get("protocol") or "TCP", written.get("port")
    if protocol != packet.protocol:
        return False
    if port is None:
        return True
    if isinstance(port, str):
        return (port, protocol, packet.port) in _names(packet.destination)
    return bool(port <= packet.port <= (written.get("endPort") or port))


def _names(pod: Object | str) -> Iterator[tuple[str, str, int]]:
    if isinstance(pod, str):
        return
    seen = set()
    sidecars = [
        one for one in pod["spec"].get("initContainers") or [] if one.get("restartPolicy") == "Always"
    ]
    for container in pod["spec"]["containers"] + sidecars:
        for port in container.get("ports") or []:
            name = (port.get("name"), port.get("protocol") or "TCP")
            if name not in seen:
                seen.add(name)
                yield (*name, port["containerPort"])


def _matches(selector: Object, labels: dict[str, str]) -> bool:
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions") or []:
        has, value = one["key"] in labels, labels.get(one["key"])
        holds = {
            "In": has and value in (one.get("values") or []),
            "NotIn": not (has and value in (one.get("values") or [])),
            "Exists": has,
            "DoesNotExist": not has,
        }
        if not holds[one["operator"]]:
            return False
    return True


def _labels(thing: Object) -> dict[str, str]:
    return thing["metadata"].get("labels") or {}


def _namespace(world: World, pod: Object) -> dict[str, str]:
    name = pod["metadata"]["namespace"]
    (found,) = (one for one in world.namespaces if one["metadata"]["name"] == name)
    return {**_labels(found), "kubernetes.io/metadata.name": name}


def _address(pod: Object) -> str:
    address: str = pod["status"]["podIPs"][0]["ip"]
    return address


def _in(address: str, block: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(block, strict=False)

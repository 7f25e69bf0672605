"""Small random clusters with network policies, made to meet every corner of their APIs, and packets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.network.naive import Object, Packet, World

NAMESPACES = ("x", "y", "z")
LABELS = {"app": ("a", "b"), "tier": ("1", "2")}
PORTS = (80, 81, 443, 8080)
NAMES = {"http": 80, "web": 8080}
PROTOCOLS = ("TCP", "UDP", "SCTP")
BLOCKS = (
    *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.4/30", "192.0.2.0/24", "192.0.2.128/25"),
    *("10.0.0.2/32", "169.254.169.254/32", "::/0", "2001:db8::/32"),
)
OUTSIDERS = ("192.0.2.1", "192.0.2.200", "203.0.113.9", "169.254.169.254", "10.200.0.1", "2001:db8::1")


class Choice(NamedTuple):
    """What a world may have."""

    cluster: bool = True
    ties: bool = True
    hosts: bool = True
    sidecars: bool = True


class Maker:
    """Makes one world; the same seed makes the same one."""

    def __init__(self, seed: int, choice: Choice = Choice()) -> None:  # noqa: B008 - it is immutable
        self._random = random.Random(seed)
        self._choice = choice

    def world(self) -> World:
        """Return namespaces, pods and policies as people write them, defaults left out here and there."""
        chance = self._random.random
        namespaces = [self._object("Namespace", name, labels=self._labels()) for name in NAMESPACES]
        pods = [self._pod(number) for number in range(self._random.randint(3, 6))]
        policies = [self._network_policy(number) for number in range(self._random.randint(0, 4))]
        tiers = self._random.randint(0, 3) if self._choice.cluster and chance() < 0.7 else 0
        order = self._random.sample(range(1000), tiers)
        if self._choice.ties and chance() < 0.4:
            order = [one % 2 for one in order]
        cluster = [self._cluster_policy(number, priority) for number, priority in enumerate(order)]
        ipblocks = self._random.choice((True, True, False, None))
        return World(namespaces, pods, policies, cluster, ipblocks)

    def packets(self, world: World, count: int) -> Iterator[Packet]:
        """Yield packets from somewhere to somewhere, at one end at least a pod."""
        pick = self._random.choice
        for _ in range(count):
            source: Object | str = pick(world.pods)
            destination: Object | str = pick(world.pods)
            if self._random.random() < 0.15:
                source = pick(OUTSIDERS)
            elif self._random.random() < 0.2:
                destination = pick(OUTSIDERS)
            yield Packet(source, destination, pick(PROTOCOLS[:2] + PROTOCOLS), pick(PORTS))

    def every_packet(self, world: World) -> Iterator[Packet]:
        """Yield all packets between two pods, or a pod and somebody outside."""
        ends: list[tuple[Object | str, Object | str]] = []
        for pod in world.pods:
            ends += [(pod, other) for other in world.pods if other is not pod]
            ends += [(pod, other) for other in OUTSIDERS]
            ends += [(other, pod) for other in OUTSIDERS]
        for source, destination in ends:
            for protocol in PROTOCOLS:
                for port in (*PORTS, 480, 481):
                    yield Packet(source, destination, protocol, port)

    def _object(self, kind: str, name: str, namespace: str = "", **metadata: Any) -> Object:
        place = {"namespace": namespace} if namespace else {}
        return {"kind": kind, "metadata": {"name": name, **place, **metadata}}

    def _labels(self) -> dict[str, str]:
        return {
            key: self._random.choice(values) for key, values in LABELS.items() if self._random.random() < 0.7
        }

    def _pod(self, number: int) -> Object:
        ports = [
            {"name": name, "containerPort": self._random.choice((port, 443)), **self._protocol()}
            for name, port in NAMES.items()
            if self._random.random() < 0.6
        ]
        containers: list[Object] = [{"name": "c", "image": "c:1", "ports": ports}]
        spec: Object = {"containers": containers}
        if self._choice.sidecars and self._random.random() < 0.2:
            side = {"name": "http", "containerPort": 81}
            spec["initContainers"] = [
                {"name": "s", "image": "s:1", "restartPolicy": "Always", "ports": [side]},
                {"name": "i", "image": "i:1", "ports": [{"name": "web", "containerPort": 81}]},
            ]
        if self._choice.hosts and self._random.random() < 0.15:
            spec["hostNetwork"] = True
        address = f"10.0.0.{number + 1}"
        return {
            "apiVersion": "v1",
            **self._object("Pod", f"p{number}", self._random.choice(NAMESPACES), labels=self._labels()),
            "spec": spec,
            "status": {"podIP": address, "podIPs": [{"ip": address}]},
        }

    def _protocol(self) -> Object:
        protocol = self._random.choice(("TCP", "TCP", "UDP"))
        return {} if protocol == "TCP" and self._random.random() < 0.5 else {"protocol": protocol}

    def _selector(self) -> Object:
        chance, pick = self._random.random(), self._random.choice
        key = pick(list(LABELS))
        if chance < 0.25:
            return {}
        if chance < 0.6:
            return {"matchLabels": {key: pick(LABELS[key])}}
        operator = pick(("In", "NotIn", "Exists", "DoesNotExist"))
        values = {"values": [pick(LABELS[key])]} if operator in ("In", "NotIn") else {}
        found: Object = {"matchExpressions": [{"key": key, "operator": operator, **values}]}
        if chance > 0.9:
            other = pick(list(LABELS))
            found["matchLabels"] = {other: pick(LABELS[other])}
        return found

    def _namespaces(self) -> Object:
        if self._random.random() < 0.3:
            return {"matchLabels": {"kubernetes.io/metadata.name": self._random.choice(NAMESPACES)}}
        return self._selector()

    def _network_policy(self, number: int) -> Object:
        spec: Object = {}
        if self._random.random() < 0.9:
            spec["podSelector"] = self._selector()
        for direction, field in (("ingress", "from"), ("egress", "to")):
            if self._random.random() < 0.65:
                rules = [self._rule(field) for _ in range(self._random.randint(0, 2))]
                spec[direction] = rules
        types = self._random.choice((None, None, ["Ingress"], ["Egress"], ["Ingress", "Egress"]))
        if types:
            spec["policyTypes"] = types
        found = self._object("NetworkPolicy", f"n{number}", self._random.choice(NAMESPACES))
        return {"apiVersion": "networking.k8s.io/v1", **found, "spec": spec}

    def _rule(self, field: str) -> Object:
        rule: Object = {}
        if self._random.random() < 0.7:
            rule[field] = [self._peer() for _ in range(self._random.randint(0, 2))]
        if self._random.random() < 0.6:
            rule["ports"] = [self._port() for _ in range(self._random.randint(0, 2))]
        return rule

    def _peer(self) -> Object:
        chance = self._random.random()
        if chance < 0.3:
            return {"podSelector": self._selector()}
        if chance < 0.5:
            return {"namespaceSelector": self._namespaces()}
        if chance < 0.7:
            return {"namespaceSelector": self._namespaces(), "podSelector": self._selector()}
        block = self._random.choice(BLOCKS)
        inside = [one for one in BLOCKS if one != block and (":" in one) == (":" in block)]
        if block.endswith("/0") and self._random.random() < 0.6:
            return {"ipBlock": {"cidr": block, "except": self._random.sample(inside, 1)}}
        return {"ipBlock": {"cidr": block}}

    def _port(self) -> Object:
        chance = self._random.random()
        if chance < 0.15:
            return self._protocol()
        if chance < 0.4:
            return {"port": self._random.choice(list(NAMES)), **self._protocol()}
        first = self._random.choice(PORTS)
        if chance < 0.6:
            return {"port": first, "endPort": first + self._random.choice((0, 1, 400)), **self._protocol()}
        return {"port": first, **self._protocol()}

    def _cluster_policy(self, number: int, priority: int) -> Object:
        tier = self._random.choice(("Admin", "Baseline"))
        spec = {"tier": tier, "priority": priority, "subject": self._selected()}
        for direction, field in (("ingress", "from"), ("egress", "to")):
            if self._random.random() < 0.7:
                spec[direction] = [self._cluster_rule(field) for _ in range(self._random.randint(1, 2))]
        found = self._object("ClusterNetworkPolicy", f"c{number}")
        return {"apiVersion": "policy.networking.k8s.io/v1alpha2", **found, "spec": spec}

    def _selected(self) -> Object:
        if self._random.random() < 0.5:
            return {"namespaces": self._namespaces()}
        return {"pods": {"namespaceSelector": self._namespaces(), "podSelector": self._selector()}}

    def _cluster_rule(self, field: str) -> Object:
        peers = [self._selected() for _ in range(self._random.randint(1, 2))]
        networks = field == "to" and self._random.random() < 0.3
        if networks:
            peers[0] = {"networks": self._random.sample(BLOCKS, self._random.randint(1, 2))}
        rule: Object = {"action": self._random.choice(("Accept", "Deny", "Pass")), field: peers}
        if self._random.random() < 0.5:
            rule["protocols"] = [self._cluster_port(named=not networks)]
        return rule

    def _cluster_port(self, *, named: bool) -> Object:
        chance = self._random.random()
        if chance < 0.25 and named:
            return {"destinationNamedPort": self._random.choice(list(NAMES))}
        protocol, first = self._random.choice(("tcp", "udp", "sctp")), self._random.choice(PORTS)
        if chance < 0.4:
            return {protocol: {}}
        if chance < 0.6:
            return {protocol: {"destinationPort": {"range": {"start": first, "end": first + 1}}}}
        return {protocol: {"destinationPort": {"number": first}}}

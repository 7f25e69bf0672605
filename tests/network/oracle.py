"""Asks sigs.k8s.io/kube-network-policies: the Python end of tests/oracles/network."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tests.network.naive import Object, Packet, World
from tools.build import tool_bin

_PLURALS = {
    "ClusterNetworkPolicy": "clusterNetworkPolicies",
    "AdminNetworkPolicy": "adminNetworkPolicies",
    "BaselineAdminNetworkPolicy": "baselineAdminNetworkPolicies",
}


def passed(questions: Iterable[tuple[World, Sequence[Packet]]]) -> list[list[bool]]:
    """Return which packets pass, for each world; raise `CalledProcessError` if the oracle broke."""
    encode = msgspec.json.Encoder().encode
    run = subprocess.run(
        [tool_bin("oracle/network") / "network"],
        input=b"".join(encode(_question(world, packets)) + b"\n" for world, packets in questions),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [[one == "1" for one in msgspec.json.decode(line)["passed"]] for line in run.stdout.splitlines()]


def _question(world: World, packets: Sequence[Packet]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "namespaces": [_named(one) for one in world.namespaces],
        "pods": [_pod(one) for one in world.pods],
        "networkPolicies": [stored(one) for one in world.network_policies],
        "packets": [
            {
                "source": _address(one.source),
                "destination": _address(one.destination),
                "protocol": one.protocol,
                "port": one.port,
            }
            for one in packets
        ],
    }
    for kind, plural in _PLURALS.items():
        found[plural] = [one for one in world.cluster_policies if one["kind"] == kind]
    return found


def stored(policy: Object) -> Object:
    """Return a NetworkPolicy as the API server stores it: with its defaults, and no empty lists of rules."""
    spec = dict(policy["spec"])
    spec.setdefault("podSelector", {})
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    rules = {
        direction: [_rule(one) for one in spec[direction]]
        for direction in ("ingress", "egress")
        if spec.get(direction)
    }
    rest = {key: value for key, value in spec.items() if key not in ("ingress", "egress")}
    return {**policy, "spec": {**rest, **rules, "policyTypes": types}}


def _rule(rule: Object) -> Object:
    if not rule.get("ports"):
        return {key: value for key, value in rule.items() if key != "ports"}
    return {**rule, "ports": [{"protocol": "TCP", **one} for one in rule["ports"]]}


def _pod(pod: Object) -> Object:
    containers = [
        {**one, "ports": [{"protocol": "TCP", **port} for port in one["ports"]]}
        for one in pod["spec"]["containers"]
    ]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def _named(namespace: Object) -> Object:
    name = namespace["metadata"]["name"]
    labels = {**namespace["metadata"]["labels"], "kubernetes.io/metadata.name": name}
    return {**namespace, "metadata": {"name": name, "labels": labels}}


def _address(end: Object | str) -> str:
    if isinstance(end, str):
        return end
    address: str = end["status"]["podIPs"][0]["ip"]
    return address

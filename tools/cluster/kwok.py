"""Simulated nodes: kwok plays the kubelet of every node, by the Stage objects of stages.yaml."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path

from tools.cluster.components import Command, Layout

STAGES = Path(__file__).with_name("stages.yaml")
ZONES = 3
FIRST_ADDRESS = ip_address("10.0.0.1")
"""Of the nodes; nothing answers there."""
POD_ADDRESSES = "10.128.0.0/12"


def kwok(layout: Layout) -> Command:
    """Manage all nodes."""
    return [
        f"--kubeconfig={layout.kubeconfig_of('kwok')}",
        f"--config={STAGES}",
        "--manage-all-nodes",
        # Without leases the node controller takes a node for dead after 50 seconds, and its pods are not
        # ready from then on.
        "--node-lease-duration-seconds=40",
        f"--cidr={POD_ADDRESSES}",
    ]


def nodes(count: int, version: str) -> str:
    """Return `node-1` to `node-<count>` as a JSON list for kubectl; `version` is that of their kubelets."""
    return json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [_node(n, version) for n in range(count)]}
    )


def _node(index: int, version: str) -> dict[str, object]:
    name = f"node-{index + 1}"
    size = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "500"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": f"zone-{index % ZONES + 1}",
            },
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": str(FIRST_ADDRESS + index)},
                {"type": "Hostname", "address": name},
            ],
            "allocatable": size,
            "capacity": size,
            "nodeInfo": {
                "kubeletVersion": version,
                "kubeProxyVersion": "",
                "containerRuntimeVersion": "kwok://0",
                "operatingSystem": "linux",
                "architecture": "amd64",
                "osImage": "simulated",
                "kernelVersion": "",
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
            },
        },
    }

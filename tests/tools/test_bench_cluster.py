"""The cluster of the benchmark: what is in it, and that it is the same every time."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import msgspec
import pytest

from tools import build
from tools.bench.cluster import furniture, loose, workloads
from tools.bench.cluster.block import PODS, Block
from tools.bench.cluster.draw import hexadecimal
from tools.bench.cluster.pods import Pod
from tools.bench.cluster.sidecar import NAME as SIDECAR
from tools.bench.cluster.writer import Made, Writer

BLOCKS = 10
DIGEST = """
import hashlib
from tests.tools.test_bench_cluster import written
from tools.bench.cluster.block import Block
print(hashlib.sha256(written(Block(3))[2]).hexdigest())
"""


class Recorder(Writer):
    """Writes nowhere and remembers what it was given."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []

    def create(self, body: dict[str, Any], manager: str = "") -> Made:
        self.objects.append(body)
        return Made(hexadecimal(32, body["kind"], body["metadata"]["name"]), "2026-01-01T00:00:00Z")

    def report(self, body: dict[str, Any], status: dict[str, Any], manager: str) -> None:
        self.objects.append({"kind": body["kind"], "metadata": body["metadata"], "status": status})


def written(block: Block) -> tuple[list[dict[str, Any]], list[Pod], bytes]:
    """Return the objects of a block, its pods, and all of it as JSON."""
    writer = Recorder()
    tasks = [*workloads.tasks(block), *loose.tasks(block, {name: f"uid-{name}" for name in block.nodes})]
    pods = [pod for task in tasks for pod in task(writer)]
    objects = [*writer.objects, *furniture.namespaces(block), *furniture.objects(block)]
    text = msgspec.json.encode([objects, [pod.body for pod in pods]], order="sorted")
    return objects, pods, text


@pytest.fixture(scope="module")
def cluster() -> tuple[list[dict[str, Any]], list[Pod]]:
    """All that a cluster of 10,000 pods is made of, but its nodes."""
    objects, pods = [], []
    for number in range(BLOCKS):
        more, running, _ = written(Block(number))
        objects += more
        pods += running
    return objects, pods


def owner(pod: Pod) -> str:
    return str(pod.body["metadata"].get("ownerReferences", [{}])[0].get("kind", "nobody"))


def is_injected(pod: Pod) -> bool:
    return any(one["name"] == SIDECAR for one in pod.body["spec"]["containers"])


def test_counts_are_those_of_a_realistic_cluster(cluster: tuple[list[dict[str, Any]], list[Pod]]) -> None:
    objects, pods = cluster
    kinds = Counter(one["kind"] for one in objects if "status" not in one)
    assert len(pods) == 10_000
    expected = {
        "Deployment": 440,
        "ReplicaSet": 3 * 440 + 2 * 13,  # 13 of the custom resources own two each
        "StatefulSet": 30,
        "DaemonSet": 20,
        "CronJob": 20,
        "Job": 70,
        "Rollout": 25,
        "Namespace": 50,
        "ConfigMap": 1_000,
        "NetworkPolicy": 200,
    }
    assert {kind: kinds[kind] for kind in expected} == expected
    assert kinds["Role"] + kinds["ClusterRole"] == 2_000
    assert kinds["RoleBinding"] + kinds["ClusterRoleBinding"] == 3_000
    owners = Counter(map(owner, pods))
    assert owners["DaemonSet"] == 1_000
    assert owners["Node"] == 150
    assert owners["nobody"] == 100
    outside = [
        one for one in pods if owner(one) == "Rollout" or one.body["metadata"]["name"].startswith("roll")
    ]
    assert len(outside) == 500


def test_one_pod_in_ten_has_a_sidecar_whatever_owns_it(
    cluster: tuple[list[dict[str, Any]], list[Pod]],
) -> None:
    _, pods = cluster
    injected = Counter(owner(one) for one in pods if is_injected(one))
    assert 900 <= injected.total() <= 1_100
    assert injected.keys() == {"ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Rollout", "nobody"}


def test_one_deployment_in_ten_is_rolling(cluster: tuple[list[dict[str, Any]], list[Pod]]) -> None:
    objects, _ = cluster
    full = [one for one in objects if one["kind"] == "ReplicaSet" and one.get("spec", {}).get("replicas")]
    up = Counter(one["metadata"]["ownerReferences"][0]["name"] for one in full)
    rolling = [name for name, count in up.items() if count == 2]
    namespaces = {
        one["metadata"]["namespace"]
        for one in full
        if one["metadata"]["ownerReferences"][0]["name"] in rolling
    }
    assert 35 <= len(rolling) <= 44  # a Deployment with one replica has no pod to leave behind
    assert len({int(name.removeprefix("team-")) % 5 for name in namespaces}) == 5


def test_names_are_unique(cluster: tuple[list[dict[str, Any]], list[Pod]]) -> None:
    objects, pods = cluster
    bodies = [
        *(one for one in objects if "status" not in one),
        *({"kind": "Pod", **one.body} for one in pods),
    ]
    names = Counter(
        (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in bodies
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_pods_of_a_claim_and_of_a_node_are_as_controllers_make_them() -> None:
    _, pods, _ = written(Block(0))
    [stateful] = [
        one for one in pods if owner(one) == "StatefulSet" and one.body["metadata"]["name"].endswith("-11")
    ]
    name, spec = stateful.body["metadata"]["name"], stateful.body["spec"]
    claims = [one["persistentVolumeClaim"] for one in spec["volumes"] if "persistentVolumeClaim" in one]
    assert claims == [{"claimName": f"data-{name}"}]
    assert spec["hostname"] == name
    daemons = [one.body["spec"] for one in pods if owner(one) == "DaemonSet"]
    for one in daemons:
        required = one["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert required["nodeSelectorTerms"][0]["matchFields"][0]["values"] == [one["nodeName"]]


def test_a_block_is_the_same_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=build.ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_every_block_has_its_thousand_pods() -> None:
    assert {len(written(Block(number))[1]) for number in (0, 1, 10, 99)} == {PODS}

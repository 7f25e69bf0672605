"""The real controllers and scheduler do with the profile ha what it says: replicas, nodes, budgets, load."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
import yaml

from tests.stack.live import volumes
from tests.stack.loopback import until
from tests.stack.render import DEPLOY, Object, find, overlay
from tools.cluster import ControlPlane

NODES = 2
KINDS = (
    "Namespace PriorityClass ServiceAccount ConfigMap Service PodDisruptionBudget StatefulSet Deployment "
    "DaemonSet HorizontalPodAutoscaler"
).split()
"""What controllers work with; nothing enforces a NetworkPolicy here."""


class Cluster:
    """A control plane with the stack in it."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self.kubectl = plane.kubectl
        headers = {"Authorization": f"Bearer {plane.token('admin')}"}
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca), headers=headers)

    def get(self, *what: str) -> Any:
        return json.loads(self.kubectl("get", *what, "-n", "monitoring", "-o", "json"))

    def pods(self, name: str) -> list[Object]:
        return list(self.get("pods", "-l", f"app.kubernetes.io/name={name}")["items"])

    def ready(self, name: str) -> int:
        conditions = [one for pod in self.pods(name) for one in pod["status"].get("conditions", ())]
        return sum(one["type"] == "Ready" and one["status"] == "True" for one in conditions)

    def evict(self, pod: str) -> int:
        """Ask for the eviction of a pod, as a drain does; return the status."""
        url = f"{self._plane.url}/api/v1/namespaces/monitoring/pods/{pod}/eviction"
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
        return int(self._pool.request("POST", url, json=body).status)


@pytest.fixture(scope="module", name="cluster")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    listed = sorted(
        (one for one in overlay("ha") if one["kind"] in KINDS), key=lambda one: KINDS.index(one["kind"])
    )
    with ControlPlane(tmp_path_factory.mktemp("ha") / "plane", nodes=NODES) as plane:
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": [*volumes(overlay("ha")), *listed]})
        plane.kubectl("apply", "--server-side", "-f", "-", input=body)
        cluster = Cluster(plane)
        until(lambda: cluster.ready("prometheus") == 2)
        yield cluster


def test_replicas_run_on_two_nodes_with_a_claim_each(cluster: Cluster) -> None:
    pods = cluster.pods("prometheus")
    assert {pod["metadata"]["name"] for pod in pods} == {"prometheus-0", "prometheus-1"}
    assert len({pod["spec"]["nodeName"] for pod in pods}) == 2
    claims = cluster.get("persistentvolumeclaims")["items"]
    bound = {claim["metadata"]["name"]: claim["status"]["phase"] for claim in claims}
    assert {name: bound[name] for name in ("data-prometheus-0", "data-prometheus-1")} == {
        "data-prometheus-0": "Bound",
        "data-prometheus-1": "Bound",
    }


def test_a_third_replica_waits_for_a_third_node(cluster: Cluster) -> None:
    cluster.kubectl("scale", "statefulset/prometheus", "--replicas=3", "-n", "monitoring")
    try:

        def refused() -> bool:
            waiting = [pod for pod in cluster.pods("prometheus") if pod["metadata"]["name"] == "prometheus-2"]
            said = [one.get("message", "") for pod in waiting for one in pod["status"].get("conditions", ())]
            return any("anti-affinity" in message for message in said)

        until(refused)
        assert cluster.ready("prometheus") == 2
    finally:
        cluster.kubectl("scale", "statefulset/prometheus", "--replicas=2", "-n", "monitoring")
        until(lambda: len(cluster.pods("prometheus")) == 2)


def test_three_alertmanagers_and_two_of_what_tells_the_state(cluster: Cluster) -> None:
    until(lambda: (cluster.ready("alertmanager"), cluster.ready("kube-state-metrics")) == (3, 2))


def test_node_exporter_runs_on_every_node(cluster: Cluster) -> None:
    def status() -> Object:
        found = cluster.kubectl("get", "daemonset/node-exporter", "-n", "monitoring-node", "-o", "json")
        return dict(json.loads(found)["status"])

    until(lambda: status().get("numberReady") == NODES)


def test_the_autoscaler_keeps_two_and_says_that_it_knows_no_load(cluster: Cluster) -> None:
    """There is no metrics API here: the minimum holds all the same."""
    until(lambda: cluster.ready("thanos-query") == 2)

    def conditions() -> dict[str, tuple[str, str]]:
        found = cluster.get("horizontalpodautoscaler/thanos-query")["status"].get("conditions", ())
        return {one["type"]: (one["status"], one["reason"]) for one in found}

    until(lambda: conditions().get("ScalingActive", ("", ""))[0] == "False")
    assert conditions()["ScalingActive"] == ("False", "FailedGetResourceMetric")
    assert conditions()["AbleToScale"][0] == "True"


def test_drains_take_one_replica_at_a_time(cluster: Cluster) -> None:
    budget = "poddisruptionbudget/prometheus"
    until(lambda: cluster.get(budget)["status"].get("disruptionsAllowed") == 1)
    nodes = cluster.kubectl("get", "nodes", "-o", "name").split()
    cluster.kubectl("cordon", *nodes)  # so that what is evicted does not come back meanwhile
    try:
        assert cluster.evict("prometheus-0") == 201
        until(lambda: cluster.get(budget)["status"]["disruptionsAllowed"] == 0)
        assert cluster.evict("prometheus-1") == 429
    finally:
        cluster.kubectl("uncordon", *nodes)
    until(lambda: cluster.ready("prometheus") == 2)


def test_a_rollout_leaves_one_replica_ready(cluster: Cluster) -> None:
    """Both are replaced, the second only when the first was ready for a while (minReadySeconds)."""
    before = {pod["metadata"]["uid"] for pod in cluster.pods("prometheus")}
    change = {"spec": {"template": {"metadata": {"annotations": {"example/changed": "yes"}}}}}
    cluster.kubectl("patch", "statefulset/prometheus", "-n", "monitoring", "-p", json.dumps(change))
    lowest = NODES

    def done() -> bool:
        nonlocal lowest
        lowest = min(lowest, cluster.ready("prometheus"))
        uids = {pod["metadata"]["uid"] for pod in cluster.pods("prometheus")}
        return len(uids) == 2 and not uids & before and cluster.ready("prometheus") == 2

    until(done, 180)
    assert lowest >= 1


def restore_procedure() -> tuple[list[list[list[str]]], Object]:
    """What the README of the component backup says: commands to take away and bring back, and the claim."""
    readme = (DEPLOY / "components/backup/README.md").read_text().partition("## Restore")[2]
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)[1:]  # the first one looks, and does nothing
    steps = [[shlex.split(line) for line in block.splitlines() if line.strip()] for block in blocks]
    assert [len(step) for step in steps] == [3, 1]
    assert all(one[:3] == ["kubectl", "-n", "monitoring"] for step in steps for one in step)
    [claim] = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    return [[command[1:] for command in step] for step in steps], dict(yaml.safe_load(claim))


def test_a_restore_leaves_the_other_replica_alone(cluster: Cluster) -> None:
    """By the commands of the README; the snapshot is one in name, and its volume is made by hand."""
    until(lambda: cluster.ready("prometheus") == 2)
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in cluster.pods("prometheus")}
    (away, back), claim = restore_procedure()
    for command in away:
        cluster.kubectl(*command)
    assert [pod["metadata"]["name"] for pod in cluster.pods("prometheus")] == ["prometheus-1"]
    name = claim["metadata"]["name"]
    claim["spec"]["storageClassName"] = ""
    volume: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "restored"},
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/restored"},
            "claimRef": {"namespace": "monitoring", "name": name},
        },
    }
    for one in (volume, claim):
        cluster.kubectl("apply", "--server-side", "-f", "-", input=json.dumps(one))
    for command in back:
        cluster.kubectl(*command)
    until(lambda: cluster.ready("prometheus") == 2)
    after = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in cluster.pods("prometheus")}
    assert after.keys() == before.keys()
    assert after["prometheus-1"] == before["prometheus-1"]
    assert after["prometheus-0"] != before["prometheus-0"]
    bound = cluster.get("persistentvolumeclaim", name)
    assert bound["spec"]["volumeName"] == "restored"
    assert bound["spec"]["dataSource"]["kind"] == "VolumeSnapshot"
    # The next backup finds it.
    [template] = find(overlay("ha"), "StatefulSet", "prometheus")["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["labels"].items() <= template["metadata"]["labels"].items()

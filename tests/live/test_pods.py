"""Every live pod is accounted for, once, and what differs from its template is seen."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from auditor.document.assemble import assemble
from auditor.document.kinds import WORKLOADS
from auditor.model import Document, Resource, Snapshot
from tests.live.live import Object, apply, audit, pod_spec, pods, source, until, workload
from tools.cluster import ControlPlane

NEVER_SCHEDULED = {"nodeSelector": {"no": "node"}}
"""Keeps a Job's pods from finishing."""
ROLLOUT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "name": "canary",
    "uid": "7c3a7f0e-0000-4000-8000-000000000001",
    "controller": True,
}
"""An owner of a kind that neither the server nor the audit knows."""


def documents(plane: ControlPlane, namespace: str) -> list[Document]:
    live = source(plane.kubeconfig, namespace)
    facts, read = live.facts(), list(live.read(frozenset(WORKLOADS)))
    resources = tuple(item for item in read if isinstance(item, Resource))
    assert len(resources) == len(read), "there is a gap"
    parts = frozenset({"pod", "containers"})
    return list(assemble(Snapshot(facts, resources), frozenset(WORKLOADS), frozenset(), parts))


def pod(name: str, spec: Object, **metadata: object) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": spec}


def job(name: str, spec: Object, count: int) -> Object:
    template = {"spec": {"restartPolicy": "Never", **spec}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"parallelism": count, "completions": count, "template": template},
    }


def every_sort_of_pod(plane: ControlPlane) -> list[Object]:
    node = json.loads(plane.kubectl("get", "node", "node-1", "-o", "json"))["metadata"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": node["uid"], "controller": True}
    waiting = job("waiting", pod_spec(**NEVER_SCHEDULED), 2)
    schedule = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": waiting["spec"]}}
    replica_set = workload("ReplicaSet", "of-rollout", pod_spec(), replicas=2)
    replica_set["metadata"]["ownerReferences"] = [ROLLOUT]
    static = pod_spec(nodeName="node-1", automountServiceAccountToken=False)
    return [
        workload("Deployment", "web", pod_spec(), replicas=3),
        workload("Deployment", "asleep", pod_spec(), replicas=0),
        workload("StatefulSet", "db", pod_spec(), replicas=2, serviceName="db"),
        workload("DaemonSet", "agent", pod_spec()),
        job("finished", pod_spec(), 2),
        waiting,
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "yearly"}, "spec": schedule},
        pod("bare", pod_spec()),
        pod(
            "static-node-1",
            static,
            ownerReferences=[owner],
            annotations={"kubernetes.io/config.mirror": "digest"},
        ),
        replica_set,
        workload("ReplicaSet", "left", pod_spec(), replicas=1),
        pod("of-rollout-a", pod_spec(), ownerReferences=[ROLLOUT]),
        pod("of-rollout-b", pod_spec(), ownerReferences=[ROLLOUT]),
    ]


def test_every_live_pod_is_accounted_for_once(control_plane: ControlPlane, namespace: str) -> None:
    kubectl = control_plane.kubectl
    apply(control_plane, namespace, *every_sort_of_pod(control_plane))
    kubectl("create", "job", "by-hand", "--from=cronjob/yearly", "-n", namespace)
    kubectl("wait", "--for=condition=Complete", "job/finished", "-n", namespace, "--timeout=60s")
    until(lambda: "left-" in kubectl("get", "pods", "-n", namespace, "-o", "name"))
    kubectl("delete", "replicaset", "left", "-n", namespace, "--cascade=orphan")
    expected = {
        ("Deployment", "web"): 3,
        ("Deployment", "asleep"): 0,
        ("StatefulSet", "db"): 2,
        ("DaemonSet", "agent"): 2,
        ("Job", "finished"): 0,
        ("Job", "waiting"): 2,
        ("CronJob", "yearly"): 2,
        ("Pod", "bare"): 1,
        ("Pod", "static-node-1"): 1,
        ("ReplicaSet", "of-rollout"): 2,
        ("Pod", "left-*"): 1,
        ("Pod", "of-rollout-a"): 2,
    }
    until(lambda: len(pods(control_plane, namespace)) == sum(expected.values()))
    found = documents(control_plane, namespace)
    counted: Counter[tuple[str, str]] = Counter()
    for document in found:
        assert document.pods, document.ref
        assert not document.variant, f"{document.ref}: what Kubernetes writes itself is no difference"
        name = "left-*" if document.ref.name.startswith("left-") else document.ref.name
        counted[document.ref.kind, name] += document.pods.affected
    assert dict(counted) == expected
    managers = {document.ref.name: str(document.managed_by) for document in found if document.managed_by}
    rollout = f"Rollout {namespace}/canary"
    assert managers == {
        "static-node-1": "Node node-1",
        "of-rollout": rollout,
        "of-rollout-a": rollout,
    }


def test_what_one_pod_alone_has_is_found_on_its_owner(
    control_plane: ControlPlane,
    namespace: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    apply(control_plane, namespace, workload("Deployment", "web", pod_spec(), replicas=3))
    until(lambda: len(pods(control_plane, namespace)) == 3)
    limits = ("--kubeconfig", control_plane.kubeconfig, "-n", namespace)
    assert audit(tmp_path / "before.json", *limits).code == 0
    changed = pods(control_plane, namespace)[1]
    debug = {"name": "debug", "image": "debug:1", "securityContext": {"privileged": True}}
    changed["spec"]["ephemeralContainers"] = [debug]
    path = f"/api/v1/namespaces/{namespace}/pods/{changed['metadata']['name']}/ephemeralcontainers"
    control_plane.kubectl("replace", "--raw", path, "-f", "-", input=json.dumps(changed))
    ended = audit(tmp_path / "after.json", *limits, "-o", "table")
    assert ended.code == 1
    [finding] = [one for one in ended.findings(namespace) if one["policy"] == "privileged_container"]
    assert (finding["resource"]["kind"], finding["resource"]["name"]) == ("Deployment", "web")
    assert finding["pods"] == {"affected": 1, "total": 3}
    assert finding["evidence"]["role"] == "ephemeral"
    assert {one["resource"]["name"] for one in ended.findings(namespace)} == {"web"}
    [line] = [one for one in capsys.readouterr().out.splitlines() if "\tprivileged_container\t" in one]
    assert "1 of 3 live pods" in line

"""What we read raw is what the official Python client reads, object by object."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes import client, config

from auditor.model import Resource
from tests.live.live import WORKLOADS, apply, pod_spec, pods, source, until, workload
from tools.cluster import ControlPlane

LISTS = {
    "Pod": (client.CoreV1Api, "list_namespaced_pod"),
    "ReplicationController": (client.CoreV1Api, "list_namespaced_replication_controller"),
    "Deployment": (client.AppsV1Api, "list_namespaced_deployment"),
    "StatefulSet": (client.AppsV1Api, "list_namespaced_stateful_set"),
    "DaemonSet": (client.AppsV1Api, "list_namespaced_daemon_set"),
    "ReplicaSet": (client.AppsV1Api, "list_namespaced_replica_set"),
    "Job": (client.BatchV1Api, "list_namespaced_job"),
    "CronJob": (client.BatchV1Api, "list_namespaced_cron_job"),
}


@pytest.fixture
def inhabited(control_plane: ControlPlane, namespace: str) -> str:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}}
    job["spec"] = {"template": {"spec": pod_spec(restartPolicy="Never")}}
    objects = [
        workload(kind, kind.lower(), pod_spec()) for kind in ("Deployment", "StatefulSet", "DaemonSet")
    ]
    apply(control_plane, namespace, *objects, job)
    until(lambda: len(pods(control_plane, namespace)) >= 4)
    return namespace


def official(plane: ControlPlane, namespace: str) -> set[tuple[str, str, str, str]]:
    """Kind, name, uid and the uid of the controller, as the official client has them."""
    found = set()
    with config.new_client_from_config(str(plane.kubeconfig)) as api:
        for kind, (group, method) in LISTS.items():
            for item in getattr(group(api), method)(namespace).items:
                found.add((kind, item.metadata.name, item.metadata.uid, _controller(item.metadata)))
    return found


def _controller(metadata: Any) -> str:
    return next((one.uid for one in metadata.owner_references or () if one.controller), "")


def test_the_same_objects_with_the_same_owners(control_plane: ControlPlane, inhabited: str) -> None:
    assert len(LISTS) == len(WORKLOADS)
    seen: set[tuple[str, str, str, str]] = set()

    def agree() -> bool:
        """Controllers work meanwhile: compare until nothing moves between the two readings."""
        seen.clear()
        for one in source(control_plane.kubeconfig, inhabited).read(frozenset(LISTS)):
            assert isinstance(one, Resource)
            seen.add((one.ref.kind, one.ref.name, one.uid, one.owner.uid if one.owner else ""))
        return seen == official(control_plane, inhabited)

    until(agree)
    assert {kind for kind, *_ in seen} >= {
        "Pod",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
    }

"""Writes objects to the API server as their controllers would: several threads, a connection each."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from tools.cluster import ControlPlane

Object = dict[str, Any]
Item = TypeVar("Item")
Answer = TypeVar("Answer")

THREADS = 8

RESOURCES = {
    "Namespace": ("api/v1", "namespaces"),
    "Node": ("api/v1", "nodes"),
    "Pod": ("api/v1", "pods"),
    "ConfigMap": ("api/v1", "configmaps"),
    "Service": ("api/v1", "services"),
    "ServiceAccount": ("api/v1", "serviceaccounts"),
    "Deployment": ("apis/apps/v1", "deployments"),
    "ReplicaSet": ("apis/apps/v1", "replicasets"),
    "StatefulSet": ("apis/apps/v1", "statefulsets"),
    "DaemonSet": ("apis/apps/v1", "daemonsets"),
    "Job": ("apis/batch/v1", "jobs"),
    "CronJob": ("apis/batch/v1", "cronjobs"),
    "PodDisruptionBudget": ("apis/policy/v1", "poddisruptionbudgets"),
    "HorizontalPodAutoscaler": ("apis/autoscaling/v2", "horizontalpodautoscalers"),
    "NetworkPolicy": ("apis/networking.k8s.io/v1", "networkpolicies"),
    "Role": ("apis/rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles"),
    "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings"),
    "CustomResourceDefinition": ("apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "Rollout": ("apis/example.dev/v1alpha1", "rollouts"),
}
"""Where each kind is written: the root of its API, and its name there."""


class _Metadata(msgspec.Struct, rename="camel"):
    uid: str
    creation_timestamp: str


class _Made(msgspec.Struct):
    metadata: _Metadata


class Made(msgspec.Struct, frozen=True):
    """What the API server said of a new object."""

    uid: str
    created: str
    """Its creationTimestamp."""


class RefusedError(Exception):
    """The API server did not take an object; the message says which, and why."""


class Writer:
    """Writes as admin; every thread that uses it has its own connection."""

    def __init__(self, plane: ControlPlane) -> None:
        """Connect lazily to a running control plane."""
        address = urlsplit(plane.url)
        self._host, self._port = str(address.hostname), address.port
        self._tls = ssl.create_default_context(cafile=plane.ca)
        self._authorization = f"Bearer {plane.token('admin')}"
        self._own = threading.local()
        self._connections: list[http.client.HTTPSConnection] = []

    def create(self, body: Object, manager: str = "kubectl-client-side-apply") -> Made:
        """Post one object; `manager` is who managedFields say it was. Raises `RefusedError`."""
        body = {"apiVersion": RESOURCES[body["kind"]][0].partition("/")[2], **body}
        answer = self._send("POST", f"{_collection(body)}?fieldManager={manager}", body)
        read = msgspec.json.decode(answer, type=_Made).metadata
        return Made(read.uid, read.creation_timestamp)

    def report(self, body: Object, status: Object, manager: str) -> None:
        """Put the status of an object that was created; raises `RefusedError`."""
        path = f"{_collection(body)}/{body['metadata']['name']}/status?fieldManager={manager}"
        # all of the metadata: what is left out of it would be emptied
        root = RESOURCES[body["kind"]][0].partition("/")[2]
        sent = {"apiVersion": root, "kind": body["kind"], "metadata": body["metadata"], "status": status}
        self._send("PUT", path, sent)

    def exists(self, path: str) -> bool:
        """Tell whether a GET of this path is answered with 200."""
        connection = self._connection()
        connection.request("GET", path, headers={"Authorization": self._authorization})
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> http.client.HTTPSConnection:
        found: http.client.HTTPSConnection | None = getattr(self._own, "connection", None)
        if found is None:
            found = http.client.HTTPSConnection(self._host, self._port, context=self._tls, timeout=60)
            self._own.connection = found
            self._connections.append(found)
        return found

    def _send(self, method: str, path: str, body: Object) -> bytes:
        connection = self._connection()
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        connection.request(method, path, msgspec.json.encode(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status not in (200, 201):
            raise RefusedError(f"{method} {path} {body['metadata']['name']}: {answer.status} {data.decode()}")
        return data


def _collection(body: Object) -> str:
    root, plural = RESOURCES[body["kind"]]
    namespace = body["metadata"].get("namespace")
    return f"/{root}/namespaces/{namespace}/{plural}" if namespace else f"/{root}/{plural}"


class Crew:
    """The threads that write; a context manager that leaves at once when something goes wrong."""

    def __init__(self, threads: int = THREADS) -> None:
        """Start no thread yet."""
        self._pool = ThreadPoolExecutor(threads)

    def __enter__(self) -> Crew:
        """Take work."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget what was not begun, finish what was."""
        self._pool.shutdown(cancel_futures=True)

    def work(self, task: Callable[[Item], Answer], items: Iterable[Item]) -> Sequence[Answer]:
        """Do the task for each item and return the answers in their order; raises what a task raised."""
        return list(self._pool.map(task, items))

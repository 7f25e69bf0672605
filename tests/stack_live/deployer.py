"""A small stack for the tests of what is applied: a few objects in one namespace, with its own inventory."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from auditor.collect.connect import connect
from auditor.collect.patience import Patience
from auditor.collect.write import WritingApi
from auditor.stack.compose import identity
from auditor.stack.live import inventory
from auditor.stack.live.cluster import Cluster
from auditor.stack.live.engine import Engine
from auditor.stack.live.inventory import Inventory
from auditor.stack.live.order import KEPT
from auditor.stack.live.plan import Plan, Planner, Step
from auditor.stack.live.wanted import PART_OF, Wanted, applyset, named, wanted
from auditor.stack.patches import Object
from tools.cluster import ControlPlane

SECONDS = 2
"""How long a Lease lasts here."""


class Deployer:
    """Applies to one namespace of a cluster."""

    def __init__(
        self, kubeconfig: Path, home: str, take_over: Collection[str] = (), seconds: int = SECONDS
    ) -> None:
        self.home = home
        self.seconds = seconds
        self.api = WritingApi(connect(str(kubeconfig), None, {}), Patience(rate=1000))
        self.cluster = Cluster(self.api)
        self.planner = Planner(self.cluster, "test", take_over)

    def inventory(self) -> Inventory:
        """What is remembered."""
        return inventory.load(self.cluster, self.home)

    def wanted(self, objects: Sequence[Object]) -> Wanted:
        """What is sent for these."""
        return wanted(self.home, copy.deepcopy(list(objects)))

    def plan(self, objects: Sequence[Object], kept: dict[str, str] = KEPT) -> Plan:
        """What an apply of these would do."""
        return self.planner.plan(self.wanted(objects), self.inventory(), kept)

    def apply(self, objects: Sequence[Object], kept: dict[str, str] = KEPT) -> Plan:
        """Plan and apply."""
        plan = self.plan(objects, kept)
        if not plan.empty:
            Engine(self.cluster, self.planner, lease_seconds=self.seconds).apply(self.wanted(objects), plan)
        return plan


def actions(plan: Plan) -> dict[str, str]:
    """What is done with each object, by kind and name."""
    return {named(one.identity).replace(f"{_space(one)}/", ""): one.action.value for one in plan.steps}


def _space(one: Step) -> str:
    return one.identity.split("/", 3)[2]


def versions(plane: ControlPlane, namespace: str) -> dict[str, str]:
    """The resourceVersion of everything in a namespace that the small stack has, inventory included."""
    kinds = "configmaps,secrets,services,deployments,networkpolicies,leases,serviceaccounts,pvc"
    listed = json.loads(plane.kubectl("get", kinds, "-n", namespace, "-o", "json"))["items"]
    return {
        f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["resourceVersion"]
        for one in listed
        # its status is its controller's
        if one["kind"] != "Deployment"
    }


def config(namespace: str, name: str = "settings", **data: str) -> Object:
    """A ConfigMap."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": "small"}},
        "data": data or {"a.yml": "a: 1\nb: 2\n"},
    }


def secret(namespace: str, value: str, name: str = "login") -> Object:
    """A Secret."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": value}}


def deployment(namespace: str, replicas: int | None = 2, image: str = "web:1") -> Object:
    """A Deployment of pods that the standard `restricted` takes."""
    labels = {"app": "web"}
    quiet = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{"name": "web", "image": image, "securityContext": quiet}],
            },
        },
    }
    if replicas is not None:
        spec["replicas"] = replicas
    metadata = {"name": "web", "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def autoscaler(namespace: str) -> Object:
    """A HorizontalPodAutoscaler of that Deployment."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 3,
            "maxReplicas": 5,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                }
            ],
        },
    }


def service(namespace: str, name: str = "web") -> Object:
    """A Service."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}]},
    }


def claim(namespace: str) -> Object:
    """A PersistentVolumeClaim."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def closed(namespace: str) -> Object:
    """A NetworkPolicy that closes everything."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "a-default-deny", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def small(namespace: str) -> list[Object]:
    """Several of them."""
    return [
        deployment(namespace),
        service(namespace),
        closed(namespace),
        secret(namespace, "first-value-of-it"),
        config(namespace),
        config(namespace, "other", key="1"),
    ]


def deployer_objects(plane: ControlPlane, namespace: str) -> set[str]:
    """The identities of everything in a namespace that carries the label of its stack."""
    kinds = "configmaps,services,deployments,horizontalpodautoscalers,pvc"
    label = f"--selector={PART_OF}={applyset(namespace)}"
    listed = json.loads(plane.kubectl("get", kinds, "-n", namespace, label, "-o", "json"))["items"]
    return {identity(one) for one in listed}

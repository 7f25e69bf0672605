"""What people write of a workload: itself, its service account, and what stands beside it."""

from __future__ import annotations

import json

from tools.bench.cluster.templates import Object
from tools.bench.cluster.writer import Made, Writer

KUBECTL, HELM = "kubectl-client-side-apply", "helm"


def create_applied(writer: Writer, body: Object, number: int) -> Made:
    """Create an object as kubectl apply does, with its copy in an annotation, or as Helm does."""
    annotations = body["metadata"].setdefault("annotations", {})
    if number % 3:
        annotations["meta.helm.sh/release-name"] = f"{body['metadata']['name']}-prod"
        annotations["meta.helm.sh/release-namespace"] = body["metadata"]["namespace"]
        return writer.create(body, HELM)
    annotations["kubectl.kubernetes.io/last-applied-configuration"] = f"{json.dumps(body)}\n"
    return writer.create(body, KUBECTL)


def account_of(writer: Writer, name: str, namespace: str) -> str:
    """Write the service account of a workload; return its name."""
    writer.create({"kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}})
    return name


def surroundings(writer: Writer, body: Object, number: int) -> None:
    """Write what people put beside a workload: a Service, often a PodDisruptionBudget or an autoscaler."""
    selector, name = body["spec"]["selector"]["matchLabels"], body["metadata"]["name"]
    metadata = {"name": name, "namespace": body["metadata"]["namespace"], "labels": selector}
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    writer.create({"kind": "Service", "metadata": metadata, "spec": {"selector": selector, "ports": ports}})
    if number % 3 == 0:
        spec: Object = {"maxUnavailable": 1, "selector": {"matchLabels": selector}}
        writer.create({"kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec})
    if number % 4 == 0:
        target = {"apiVersion": "apps/v1", "kind": body["kind"], "name": name}
        spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 100}
        writer.create({"kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec})

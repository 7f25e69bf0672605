"""What the API server fills in: N1, N3, N5 and N8 of the normaliser contract.

Source: pkg/apis/{core,apps,batch,autoscaling}/v1/defaults.go of Kubernetes 1.37. A live object has
these values already, so a manifest and the object made from it look the same to a policy.
Values are not filled in where their absence is itself a finding (probes, limits, securityContext).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECTS: Mapping[str, Mapping[str, Any]] = {
    "Deployment": {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate"},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    },
    "StatefulSet": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate"},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    },
    "DaemonSet": {"updateStrategy": {"type": "RollingUpdate"}, "revisionHistoryLimit": 10},
    "ReplicaSet": {"replicas": 1},
    "ReplicationController": {"replicas": 1},
    "Job": {"backoffLimit": 6, "parallelism": 1},
    "CronJob": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "HorizontalPodAutoscaler": {
        "minReplicas": 1,
        "metrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
            }
        ],
    },
}

_ROLLING: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Deployment": ("strategy", {"maxSurge": "25%", "maxUnavailable": "25%"}),
    "DaemonSet": ("updateStrategy", {"maxSurge": 0, "maxUnavailable": 1}),
    "StatefulSet": ("updateStrategy", {"partition": 0}),
}
"""The field that holds the rollout strategy, and what a RollingUpdate gets."""

_POD = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "serviceAccountName": "default",
    "terminationGracePeriodSeconds": 30,
}

_PROBE: Mapping[str, int] = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}


def default_object(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the spec of a controller or autoscaler (N8)."""
    filled: dict[str, Any] = {**_OBJECTS.get(kind, {}), **spec}
    if kind == "HorizontalPodAutoscaler" and not filled["metrics"]:
        filled["metrics"] = _OBJECTS[kind]["metrics"]
    if kind in _ROLLING:
        field, values = _ROLLING[kind]
        strategy = filled.get(field) or {}
        if strategy.get("type", "RollingUpdate") == "RollingUpdate":
            rolling = {**values, **strategy.get("rollingUpdate", {})}
            filled[field] = {**strategy, "type": "RollingUpdate", "rollingUpdate": rolling}
    return filled


def default_pod(spec: Mapping[str, Any], *, live_defaults: bool) -> dict[str, Any]:
    """Fill in a pod spec.

    `live_defaults` is true for the kind Pod: some defaults the API server gives to pods only, not
    to templates (N4, N5).
    """
    filled: dict[str, Any] = {**_POD, **spec}
    if "serviceAccountName" not in spec and spec.get("serviceAccount"):
        filled["serviceAccountName"] = spec["serviceAccount"]  # its deprecated twin
    if "volumes" in filled:
        filled["volumes"] = [_volume(volume) for volume in filled["volumes"]]
    if live_defaults and (limits := filled.get("resources", {}).get("limits")):
        # N4: the pod's own requests, where no container asks for that resource
        listed = (*filled.get("containers", []), *filled.get("initContainers", []))
        asked = {name for container in listed for name in _asked(container)}
        requests = {name: value for name, value in limits.items() if name not in asked}
        resources = filled["resources"]
        filled["resources"] = {**resources, "requests": {**requests, **resources.get("requests", {})}}
    return filled


def default_container(
    container: Mapping[str, Any], pod_spec: Mapping[str, Any], role: str, *, live_defaults: bool
) -> dict[str, Any]:
    """Fill in one container; `role` is app, init or ephemeral, `live_defaults` as above."""
    filled: dict[str, Any] = {"imagePullPolicy": _pull_policy(str(container.get("image", ""))), **container}
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in filled:
            filled[probe] = {**_PROBE, **filled[probe]}
    if role == "ephemeral":
        return filled
    if limits := filled.get("resources", {}).get("limits"):
        # N3: a limit is a request too. The API server says so of pods only; a template, which
        # would otherwise disagree with its own pods, gets the same.
        resources = filled["resources"]
        filled["resources"] = {**resources, "requests": {**limits, **resources.get("requests", {})}}
    if live_defaults and pod_spec.get("hostNetwork") is True and "ports" in filled:
        # N5: on the host's network every container port is a host port
        filled["ports"] = [_host_port(port) for port in filled["ports"]]
    return filled


def _volume(volume: Mapping[str, Any]) -> Mapping[str, Any]:
    """N1: a volume without a source is an emptyDir; N8: an image volume has a pull policy too."""
    if set(volume) <= {"name"}:
        return {**volume, "emptyDir": {}}
    if image := volume.get("image"):
        return {**volume, "image": {"pullPolicy": _pull_policy(str(image.get("reference", ""))), **image}}
    return volume


def _host_port(port: Mapping[str, Any]) -> dict[str, Any]:
    if port.get("hostPort") or "containerPort" not in port:
        return dict(port)
    return {**port, "hostPort": port["containerPort"]}


def _asked(container: Mapping[str, Any]) -> list[str]:
    resources = container.get("resources", {})
    return [*resources.get("limits", {}), *resources.get("requests", {})]


def _pull_policy(image: str) -> str:
    """Always for the tag `latest` and for neither tag nor digest."""
    named, _, digest = image.rpartition("/")[2].partition("@")
    tag = named.partition(":")[2] or ("" if digest else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"

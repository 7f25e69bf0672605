"""In which order objects are applied; pruned and deleted they are the other way round."""

from __future__ import annotations

from auditor.stack.compose import identity
from auditor.stack.patches import Object

NAMESPACE = "Namespace"
AUTOSCALER = "HorizontalPodAutoscaler"
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
KEPT = dict.fromkeys(
    ("Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"),
    "is never deleted by apply",
)
"""What stays when it is not wanted any more, and why."""
KEPT_BY_COPIES = {**KEPT, "Secret": "stays: copies of what was applied hold no Secrets"}
"""The same where the objects that are wanted come of such a copy."""

_FIRST = (
    "Namespace CustomResourceDefinition PriorityClass StorageClass VolumeSnapshotClass ServiceAccount "
    "ClusterRole Role ClusterRoleBinding RoleBinding ResourceQuota LimitRange ConfigMap Secret "
    "ClusterIssuer Issuer Certificate NetworkPolicy Service PodDisruptionBudget "
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding PersistentVolumeClaim"
).split()
_LAST = "StatefulSet Deployment DaemonSet Job CronJob HorizontalPodAutoscaler".split()
_RANK = {kind: place - len(_FIRST) for place, kind in enumerate(_FIRST)}
_RANK |= {kind: place + 1 for place, kind in enumerate(_LAST)}
_EDGE = len(_LAST) + 1
"""Gateways, routes and whatever else leads to the workloads."""


def rank(one: Object) -> tuple[int, bool, str]:
    """Return what objects are sorted by: what others need comes before them.

    A NetworkPolicy that opens something comes before one that closes everything.
    """
    return _RANK.get(one["kind"], _EDGE), _closes(one), identity(one)


def _closes(one: Object) -> bool:
    spec = one.get("spec")
    if one["kind"] != "NetworkPolicy" or not isinstance(spec, dict):
        return False
    return not (spec.get("ingress") or spec.get("egress"))

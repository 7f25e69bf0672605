"""Replicas that an autoscaler decides: they are left out of what is sent, and handed over without a dip.

Who alone owned `spec.replicas` and sends it no more makes it go back to the default, 1. So before that a
second manager says what it is now: https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.stack.compose import identity
from auditor.stack.live.cluster import MANAGER
from auditor.stack.live.conflicts import Conflict, owned
from auditor.stack.live.order import AUTOSCALER
from auditor.stack.patches import Object

HANDOVER = "auditor-handover"
"""The manager that keeps the number until the autoscaler says another."""

AUTOSCALERS_OWN = (HANDOVER, "kube-controller-manager")
"""Who wrote the number for an autoscaler: once there is none, nobody misses it."""

FIELD = ".spec.replicas"


def scaled(objects: Iterable[Object]) -> dict[str, str]:
    """Return which objects the autoscalers among these scale: identity, and the autoscaler's name."""
    found = {}
    for one in objects:
        target = one.get("spec", {}).get("scaleTargetRef")
        if one["kind"] == AUTOSCALER and isinstance(target, dict):
            namespace = one["metadata"].get("namespace", "")
            stub = {
                "apiVersion": target.get("apiVersion", ""),
                "kind": target.get("kind", ""),
                "metadata": {"name": target.get("name", ""), "namespace": namespace},
            }
            found[identity(stub)] = one["metadata"]["name"]
    return found


def without_replicas(one: Object) -> Object:
    """Return an object that leaves the number of its pods to others."""
    spec = {key: value for key, value in one["spec"].items() if key != "replicas"}
    return {**one, "spec": spec}


def handover(live: Object, sent: Object) -> Object | None:
    """Return what has to be applied by `HANDOVER` first; None where the number does not go back to 1."""
    ours = owned(live, MANAGER)
    if not isinstance(ours, dict) or "f:replicas" not in ours.get("f:spec", {}) or "replicas" in sent["spec"]:
        return None
    metadata = {key: sent["metadata"][key] for key in ("name", "namespace") if key in sent["metadata"]}
    return {
        "apiVersion": sent["apiVersion"],
        "kind": sent["kind"],
        "metadata": metadata,
        "spec": {"replicas": live["spec"]["replicas"]},
    }


def left_over(found: Sequence[Conflict]) -> bool:
    """Tell whether all conflicts are about what an autoscaler has left behind."""
    return bool(found) and all(
        one.field == FIELD and one.manager in AUTOSCALERS_OWN and one.subresource in ("", "scale")
        for one in found
    )

"""`target`: whether what a HorizontalPodAutoscaler scales is there, {exists?, reason?, replicas?}.

`exists` by group, kind and name in its own namespace, and of a kind that has the scale subresource;
absent where that is not known. `reason` says why it is false or absent. `replicas` is what the target
asks for now: at 0 it is not scaled.
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.document.kinds import KINDS
from auditor.document.relations.heads import SCALED, has_scale, place, sketch
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.replicas import autoscaler, autoscaler_key, named
from auditor.model import Body, Resource, ResourceRef


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._live = world.live
        self._there = {named(one.ref, place(one)): one for one in world.resources if one.ref.kind in SCALED}
        self._heads = {named(head.resource.ref, place(head.resource)): head for head in world.heads}

    def keys(self, resource: Resource) -> int | None:
        return autoscaler_key(resource)

    def value(self, resource: Resource) -> Any:
        if self.keys(resource) is None:
            return None
        ref = autoscaler(resource, live=self._live).target
        key = named(ref, ref.namespace)
        if key in self._there:
            head = self._heads.get(key)
            if head is None or head.resource.content.refused:
                return {"exists": True}
            return {"exists": True, "replicas": sketch(head.resource).replicas}
        if has_scale(ref) is None:
            return self._answered(resource.body, ref)
        reason = f"{ref.kind} {ref.name} is not in namespace {ref.namespace}"
        return {"exists": False, "reason": _no_such_kind(ref) or reason}

    def refused(self, resource: Resource) -> str:
        if self.keys(resource) is None:
            return ""
        ref = autoscaler(resource, live=self._live).target
        found = self._there.get(named(ref, ref.namespace))
        # what answers for its ReplicaSets is another matter: they are there
        reason = found.content.refused if found and found.ref.kind != "ReplicaSet" else ""
        return f"{ref.kind} {ref.name}: {reason}" if reason else ""

    def _answered(self, body: Body, ref: ResourceRef) -> dict[str, Any]:
        """What the controller says of a target of somebody's own kind."""
        reason = f"whether there is a {ref.kind} {ref.name} that can be scaled is not known"
        status = body.get("status") if self._live else None
        for one in (status or {}).get("conditions") or ():
            if one.get("type") == "AbleToScale" and one.get("status") == "True":
                return {"exists": True}
            if one.get("type") == "AbleToScale" and one.get("reason") == "FailedGetScale":
                return {"exists": False, "reason": str(one.get("message", ""))}
        return {"reason": reason}


def _no_such_kind(ref: ResourceRef) -> str:
    """Say what is wrong with the kind of a target of Kubernetes itself, "" if it can be scaled."""
    if has_scale(ref):
        return ""
    known = KINDS.get(ref.kind)
    if known and known.group == ref.group:
        return f"a {ref.kind} has no scale subresource"
    right = f"; {ref.kind} is one of {known.api_version}" if known else ""
    return f"API group {ref.group or 'core'} has no kind {ref.kind}{right}"


def _named(resource: Resource) -> Iterable[ResourceRef]:
    """The target, where it is of a kind whose absence can be told."""
    if resource.ref.kind != "HorizontalPodAutoscaler" or resource.content.refused:
        return ()
    ref = autoscaler(resource, live=False).target
    known = KINDS.get(ref.kind)
    if not known or not has_scale(ref) or not ref.name:
        return ()
    return [ResourceRef(known.api_version, ref.kind, ref.name, ref.namespace)]


TARGET = Relation(
    "target",
    ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"),
    _Join,
    named=_named,
    words="the workload that a HorizontalPodAutoscaler scales",
)

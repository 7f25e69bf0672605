"""Who answers for a pod: every live pod is accounted for by exactly one head.

A head is the highest object in the controller chain that we have. If the chain leaves the kinds
we list (a ReplicaSet of an Argo Rollout, a pod of some operator's own kind), the last one we have
is judged and the outside owner is named. Mirror pods answer for themselves; their owner is the
node, whose manifest folder has to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.model import Body, Resource, ResourceRef

_MIRROR = "kubernetes.io/config.mirror"
_FINISHED = frozenset({"Succeeded", "Failed"})


class Head(msgspec.Struct, frozen=True, eq=False):
    """A resource that is judged, and the live pods that it answers for."""

    resource: Resource
    managed_by: ResourceRef | None = None
    pods: tuple[Resource, ...] = ()
    """For a pod that answers for itself: that pod, and the others of the same outside owner."""


def heads(resources: Iterable[Resource]) -> Iterator[Head]:
    """Yield every resource that is judged on its own, in the order they were read.

    Finished pods, ReplicaSets and Jobs of an owner that we have, and the emptied ReplicaSets of
    one that we do not have are no heads. The pods of one outside owner share one head.
    """
    everything = list(resources)
    owners = {uid: one for one in everything if (uid := _section(one.body, "metadata").get("uid"))}
    pods: dict[str, list[Resource]] = {}
    found: dict[str, tuple[Resource, ResourceRef | None]] = {}
    for one in everything:
        is_pod = one.ref.kind == "Pod"
        if is_pod and _section(one.body, "status").get("phase") in _FINISHED:
            continue
        top, outside = _top(one, owners)
        key = str(id(top))
        if is_pod and top is one and outside and outside.kind != "Node":
            key = f"{outside.kind} {(controller(one.body) or {}).get('uid')}"
        if is_pod:
            pods.setdefault(key, []).append(one)
        if top is one and not (outside and _is_history(one)):
            found.setdefault(key, (one, _node(one) or outside))
    for key, (one, managed_by) in found.items():
        yield Head(one, managed_by, tuple(pods.get(key, ())))


def controller(body: Body) -> dict[str, Any] | None:
    """Return the ownerReference that controls the object, None if nothing does."""
    for reference in _section(body, "metadata").get("ownerReferences") or ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            return reference
    return None


def _top(resource: Resource, owners: dict[str, Resource]) -> tuple[Resource, ResourceRef | None]:
    """Climb the controller chain as far as we have it; the second value is the owner beyond."""
    seen = {id(resource)}
    while resource.ref.kind in WORKLOADS and (reference := controller(resource.body)):
        owner = owners.get(str(reference.get("uid")))
        if owner is None or id(owner) in seen or owner.ref.kind not in WORKLOADS:
            return resource, ResourceRef(
                api_version=str(reference.get("apiVersion", "")),
                kind=str(reference.get("kind", "")),
                name=str(reference.get("name", "")),
                namespace="" if reference.get("kind") == "Node" else resource.ref.namespace,
            )
        seen.add(id(owner))
        resource = owner
    return resource, None


def _node(resource: Resource) -> ResourceRef | None:
    """The node of a mirror pod (N15)."""
    if resource.ref.kind != "Pod" or _MIRROR not in _section(
        _section(resource.body, "metadata"), "annotations"
    ):
        return None
    return ResourceRef("v1", "Node", str(_section(resource.body, "spec").get("nodeName", "")))


def _is_history(resource: Resource) -> bool:
    return resource.ref.kind == "ReplicaSet" and _section(resource.body, "spec").get("replicas") == 0


def _section(body: Body, key: str) -> dict[str, Any]:
    """A mapping inside the object, empty where a broken manifest has something else."""
    section = body.get(key)
    return section if isinstance(section, dict) else {}

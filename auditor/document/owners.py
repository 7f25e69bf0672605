"""Who answers for a pod: every live pod is accounted for by exactly one head.

A head is the highest object in the controller chain that we have. If the chain leaves the kinds
we list (a ReplicaSet of an Argo Rollout, a pod of some operator's own kind), the last one we have
is judged and the outside owner is named. Mirror pods answer for themselves; their owner is the
node, whose manifest folder has to be changed.

Anybody may write ownerReferences: they are followed within one namespace only, as the garbage
collector does, and in circles they lead to one of those who stand in it.
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
    everything = [one for one in resources if not _is_finished(one)]
    owners = _Owners(everything)
    pods: dict[object, list[Resource]] = {}
    found: dict[object, tuple[Resource, ResourceRef | None]] = {}
    for one in everything:
        top, outside = owners.top(one)
        key: object = id(top)
        if one.ref.kind == "Pod":
            if top is one and outside and outside.kind != "Node":
                key = (outside, _text(controller(one.body) or {}, "uid"))
            pods.setdefault(key, []).append(one)
        if top is one:
            found.setdefault(key, (one, outside or _node(one)))
    for key, (one, managed_by) in found.items():
        owned = tuple(pods.get(key, ()))
        if owned or not (managed_by and _is_history(one)):
            yield Head(one, managed_by, owned)


def controller(body: Body) -> dict[str, Any] | None:
    """Return the ownerReference that controls the object, None if nothing does."""
    references = _section(body, "metadata").get("ownerReferences")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            return reference
    return None


class _Owners:
    """The objects that may own pods, found as ownerReferences name them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_uid: dict[tuple[str, str], Resource] = {}
        self._names: set[tuple[str, str, str, str]] = set()
        for one in resources:
            uid = _text(_section(one.body, "metadata"), "uid")
            # a pod that owns pods (a Spark driver) is as unlike them as an owner outside
            if uid and one.ref.kind in WORKLOADS and one.ref.kind != "Pod":
                self._by_uid[one.ref.namespace, uid] = one
                self._names.add(_name(one.ref))

    def top(self, resource: Resource) -> tuple[Resource, ResourceRef | None]:
        """Climb the controller chain as far as we have it; the second value is the owner beyond."""
        chain = [resource]
        while chain[-1].ref.kind in WORKLOADS and (reference := controller(chain[-1].body)):
            owner = self._by_uid.get((resource.ref.namespace, _text(reference, "uid")))
            if owner is None:
                return chain[-1], self._outside(reference, resource.ref.namespace)
            if owner in chain:
                return min(chain[chain.index(owner) :], key=lambda one: one.ref), None
            chain.append(owner)
        return chain[-1], None

    def _outside(self, reference: dict[str, Any], namespace: str) -> ResourceRef | None:
        """The owner that we do not have; None if another object has its name by now."""
        kind = _text(reference, "kind")
        ref = ResourceRef(
            api_version=_text(reference, "apiVersion"),
            kind=kind,
            name=_text(reference, "name"),
            namespace="" if kind == "Node" else namespace,
        )
        return None if _name(ref) in self._names else ref


def _name(ref: ResourceRef) -> tuple[str, str, str, str]:
    return ref.group, ref.kind, ref.namespace, ref.name


def _node(resource: Resource) -> ResourceRef | None:
    """The node of a mirror pod (N15)."""
    annotations = _section(_section(resource.body, "metadata"), "annotations")
    if resource.ref.kind != "Pod" or _MIRROR not in annotations:
        return None
    return ResourceRef("v1", "Node", _text(_section(resource.body, "spec"), "nodeName"))


def _is_finished(resource: Resource) -> bool:
    return resource.ref.kind == "Pod" and _text(_section(resource.body, "status"), "phase") in _FINISHED


def _is_history(resource: Resource) -> bool:
    return resource.ref.kind == "ReplicaSet" and _section(resource.body, "spec").get("replicas") == 0


def _section(body: Body, key: str) -> dict[str, Any]:
    """A mapping inside the object, empty where a broken manifest has something else."""
    section = body.get(key)
    return section if isinstance(section, dict) else {}


def _text(body: Body, key: str) -> str:
    """A text inside the object, empty where a broken manifest has something else."""
    text = body.get(key)
    return text if isinstance(text, str) else ""

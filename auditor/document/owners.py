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

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.model import Owner, Resource, ResourceRef

_MIRROR = "kubernetes.io/config.mirror"


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
    everything = [one for one in resources if not one.finished]
    owners = _Owners(everything)
    pods: dict[object, list[Resource]] = {}
    found: dict[object, tuple[Resource, ResourceRef | None]] = {}
    for one in everything:
        top, outside = owners.top(one)
        key: object = id(top)
        if one.ref.kind == "Pod":
            if top is one and one.owner and not is_node(one.owner.ref):
                key = (one.ref.namespace, one.owner.uid or one.owner.ref)
            pods.setdefault(key, []).append(one)
        if top is one:
            found.setdefault(key, (one, outside or _node(one)))
    for key, (one, managed_by) in found.items():
        owned = tuple(pods.get(key, ()))
        if owned or not (managed_by and _is_history(one)):
            yield Head(one, managed_by, owned)


def is_node(ref: ResourceRef) -> bool:
    """Tell whether it is a node: what the kubelet makes of its files answers for itself."""
    return ref.kind == "Node" and ref.group == ""


class _Owners:
    """The objects that may own pods, found as ownerReferences name them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_uid: dict[tuple[str, str], Resource] = {}
        self._names: set[tuple[str, str, str, str]] = set()
        for one in resources:
            # a pod that owns pods (a Spark driver) is as unlike them as an owner outside
            if one.uid and one.ref.kind in WORKLOADS and one.ref.kind != "Pod":
                self._by_uid[one.ref.namespace, one.uid] = one
                self._names.add(_name(one.ref))

    def top(self, resource: Resource) -> tuple[Resource, ResourceRef | None]:
        """Climb the controller chain as far as we have it; the second value is the owner beyond."""
        chain = [resource]
        while chain[-1].ref.kind in WORKLOADS and (named := chain[-1].owner):
            owner = self._by_uid.get((resource.ref.namespace, named.uid))
            if owner is None:
                return chain[-1], self._outside(named)
            if owner in chain:
                return min(chain[chain.index(owner) :], key=lambda one: one.ref), None
            chain.append(owner)
        return chain[-1], None

    def _outside(self, owner: Owner) -> ResourceRef | None:
        """The owner that we do not have; None if another object has its name by now."""
        return None if _name(owner.ref) in self._names else owner.ref


def _name(ref: ResourceRef) -> tuple[str, str, str, str]:
    return ref.group, ref.kind, ref.namespace, ref.name


def _node(resource: Resource) -> ResourceRef | None:
    """The node of a mirror pod (N15)."""
    if resource.ref.kind != "Pod" or resource.content.refused:
        return None
    body = resource.body
    if _MIRROR not in body["metadata"].get("annotations", {}):
        return None
    return ResourceRef("v1", "Node", body["spec"].get("nodeName", ""))


def _is_history(resource: Resource) -> bool:
    return resource.ref.kind == "ReplicaSet" and resource.body.get("spec", {}).get("replicas") == 0

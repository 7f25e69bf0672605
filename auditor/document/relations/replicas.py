"""`replicas`: how many pods a workload may have, {min, max, autoscalers}, through its autoscalers.

`autoscalers` are the HorizontalPodAutoscalers that target it, {name, min, max, scaled}: by group, kind
and name, in its namespace; `scaled` is when one last changed the number. The ReplicaSets of an owner
that we do not have (an Argo Rollout) share its replicas. Kinds without replicas have no such relation.
"""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.document.owners import Head
from auditor.document.relations.bounded import bounded
from auditor.document.relations.heads import SCALED, place, sketch
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.selected import heads_of
from auditor.document.replicas import Replicas, effective
from auditor.model import Resource, ResourceRef

Name = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


class Autoscaler(msgspec.Struct, frozen=True):
    """What a HorizontalPodAutoscaler may do to its target."""

    resource: Resource
    target: ResourceRef
    replicas: Replicas
    scaled: str
    """When it last did, RFC 3339; "" if never, or if that is not known."""


def autoscaler_key(resource: Resource) -> int | None:
    """Return the key of a relation of HorizontalPodAutoscalers; None for others and for broken ones."""
    is_one = resource.ref.kind == "HorizontalPodAutoscaler" and not resource.content.refused
    return id(resource) if is_one else None


def autoscaler(resource: Resource, *, live: bool) -> Autoscaler:
    """Return what a HorizontalPodAutoscaler, which is not refused, says."""
    body = resource.body
    spec = body.get("spec") or {}
    target = spec.get("scaleTargetRef") or {}
    ref = ResourceRef(
        target.get("apiVersion", ""), target.get("kind", ""), target.get("name", ""), place(resource)
    )
    low = max(0, spec.get("minReplicas", 1))
    status = body.get("status") if live else None
    scaled = status.get("lastScaleTime", "") if isinstance(status, dict) else ""
    return Autoscaler(resource, ref, Replicas(low, spec.get("maxReplicas", low)), scaled)


class Scaling:
    """The replicas of every workload that has some."""

    def __init__(self, world: World) -> None:
        """Find the autoscalers by their targets, and the owners outside by their ReplicaSets."""
        self._targets: dict[Name, list[Autoscaler]] = {}
        self._siblings: dict[ResourceRef, list[Head]] = {}
        self.refused: dict[str, str] = {}
        """By namespace, an autoscaler there of which nothing is known."""
        for one in world.resources:
            if one.ref.kind == "HorizontalPodAutoscaler":
                if reason := one.content.refused:
                    self.refused.setdefault(place(one), f"{one.ref}: {reason}")
                else:
                    found = autoscaler(one, live=world.live)
                    self._targets.setdefault(named(found.target, place(one)), []).append(found)
        for head in world.heads:
            one = head.resource
            if head.managed_by and one.ref.kind == "ReplicaSet" and not one.content.refused:
                self._siblings.setdefault(head.managed_by, []).append(head)

    def autoscalers(self, head: Head) -> list[Autoscaler]:
        """Return those that target a workload, or the owner whose ReplicaSet it is, by name."""
        where = place(head.resource)
        found = list(self._targets.get(named(head.resource.ref, where), ()))
        if head.managed_by and head.managed_by in self._siblings:
            found += self._targets.get(named(head.managed_by, where), ())
        return sorted(found, key=lambda one: one.resource.ref)

    def replicas(self, head: Head) -> Replicas:
        """Return the replicas of a workload of a kind that has some, and is not refused."""
        heads = self._siblings.get(head.managed_by, [head]) if head.managed_by else [head]
        asked = sum(sketch(one.resource).replicas for one in heads)
        return effective(asked, [one.replicas for one in self.autoscalers(head)])


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._scaling = Scaling(world)
        self._heads = heads_of(world)

    def keys(self, resource: Resource) -> int | None:
        head = self._heads.get(id(resource))
        return id(head) if head and _counts(head) else None

    def value(self, resource: Resource) -> Any:
        head = self._heads.get(id(resource))
        if head is None or not _counts(head):
            return None
        found = self._scaling.replicas(head)
        return {
            "min": found.min,
            "max": found.max,
            "autoscalers": bounded(map(_told, self._scaling.autoscalers(head))),
        }

    def refused(self, resource: Resource) -> str:
        return self._scaling.refused.get(place(resource), "")


def _counts(head: Head) -> bool:
    return head.resource.ref.kind in SCALED and not head.resource.content.refused


def _told(one: Autoscaler) -> dict[str, Any]:
    told = {"name": one.resource.ref.name, "min": one.replicas.min, "max": one.replicas.max}
    return {**told, "scaled": one.scaled} if one.scaled else told


def named(ref: ResourceRef, namespace: str) -> Name:
    """Return how an autoscaler names its target, whatever the version; `namespace` is where it is."""
    return ref.group, ref.kind, namespace, ref.name


REPLICAS = Relation(
    "replicas",
    ("HorizontalPodAutoscaler",),
    _Join,
    words="how many pods it may have, through its HorizontalPodAutoscalers",
)

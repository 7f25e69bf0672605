"""`covered`: what a PodDisruptionBudget selects, and what the disruption controller makes of it.

    owners     of the selected pods, {kind, name, pods, replicas?, scale?}; `scale` is false where their
               kind has no scale subresource, absent where that is not known
    pods       live pods that it selects now; `bare` are those that nobody controls
    budgets    other budgets on the same pods, {name, pods, names, owners}
    unscaled   the owners without scale, if the budget is a share of what the owners ask for: then the
               controller cannot work, and allows nothing
    failed     that it does not work now, in its own words
    expected   the pods that it expects now; finished ones, which nobody judges, may be among them
    invalid    why its selector is none: it selects nothing
    budget     {expected, desired, healthy, allowed, enough?} where every pod is healthy, at the
               replicas that allow the least; `enough` is with how many it lets a pod go. Absent, with
               `unknown` why; and absent where there is never a pod to evict

Lists are {total, items}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.document.relations.bounded import NAMED, bounded
from auditor.document.relations.disruption_budgets import budgets
from auditor.document.relations.heads import SCALED, has_scale, place
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.replicas import Scaling
from auditor.document.relations.selected import Pick, Selected, Shared
from auditor.document.replicas import NONE, Cover, Replicas, Rule, enough, rule, total, worst
from auditor.model import Body, Resource, ResourceRef


class _Owner(msgspec.Struct, frozen=True):
    """The owner of selected pods."""

    ref: ResourceRef
    pods: int
    """Live ones that are selected, or that are there when a Job of a manifest runs."""
    scale: bool | None
    replicas: Replicas = NONE
    """Of those with a scale."""
    asked: int = 0
    """What those ask for now."""
    whole: bool = False
    """All of its pods are selected."""
    idle: bool = False
    """It is suspended, and has no pods."""
    counted: bool = True
    """`pods` says how many there are: a manifest cannot tell on how many nodes a DaemonSet runs."""


class _Status(msgspec.Struct, frozen=True):
    """What the controller said last, if it was about the present spec."""

    failed: str = ""
    expected: int | None = None


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._live = world.live
        selectors = list(budgets(world))
        self._invalid = {id(one): selector.invalid for one, selector in selectors}
        self._selected = Selected(world, selectors)
        self._scaling = Scaling(world)

    def keys(self, resource: Resource) -> int | None:
        return id(resource) if id(resource) in self._invalid else None

    def value(self, resource: Resource) -> Any:
        if id(resource) not in self._invalid:
            return None
        body = resource.body
        spec = body.get("spec") or {}
        picks = self._selected.picks(resource)
        status = _status(body) if self._live else _Status()
        bare = sum(pick.pods for pick in picks if self._is_bare(pick))
        owners = list(_merged(self._owner(pick) for pick in picks if not self._is_bare(pick)))
        wanted = rule(spec)
        others, shared = self._selected.shared(resource)
        share = isinstance(wanted, Rule) and wanted.scaled
        told = {
            "owners": bounded(map(_told, owners)),
            "pods": sum(pick.pods for pick in picks),
            "bare": bare,
            "budgets": bounded((_other(*pair) for pair in shared), others),
            "unscaled": bounded(_told(one) for one in owners if share and _lacks_scale(one)),
        }
        if status.failed:
            told["failed"] = status.failed
        if status.expected:
            told["expected"] = status.expected
        if "selector" in spec and (invalid := self._invalid[id(resource)]):
            return {**told, "invalid": invalid}
        if isinstance(wanted, str):
            return {**told, "unknown": f"No API server takes it: {wanted}."}
        return told | _budget(wanted, owners, bare, status)

    def refused(self, resource: Resource) -> str:
        where = place(resource)
        return self._selected.refused.get(where, "") or self._scaling.refused.get(where, "")

    def _is_bare(self, pick: Pick) -> bool:
        one = pick.head.resource
        owned = pick.head.managed_by or (one.owner and self._live)
        return one.ref.kind == "Pod" and not owned

    def _owner(self, pick: Pick) -> _Owner:
        head, pods = pick.head, pick.pods
        ref = head.resource.ref
        if ref.kind == "Pod":
            owner = head.managed_by or (head.resource.owner.ref if head.resource.owner else ref)
            # one of a kind that has a scale, and is not there, has none that could be known
            return _Owner(owner, pods, None if has_scale(owner) else has_scale(owner))
        assert pick.sketch, f"{ref.kind} has a template"  # noqa: S101
        if ref.kind in SCALED:
            whole = pick.template or pods == len(head.pods)
            asked = pick.sketch.replicas
            shared = head.managed_by if head.managed_by and ref.kind == "ReplicaSet" else ref
            replicas = self._scaling.replicas(head)
            return _Owner(shared, pods, scale=True, replicas=replicas, asked=asked, whole=whole)
        if self._live or ref.kind == "DaemonSet":
            idle = not pods and not pick.sketch.replicas
            return _Owner(ref, pods, scale=False, idle=idle, counted=self._live)
        pods = pick.sketch.replicas
        return _Owner(ref, pods, scale=False, idle=not pods)


def _merged(owners: Iterable[_Owner]) -> Iterable[_Owner]:
    """Each owner once: one that manifests define twice, one that we do not have by its ReplicaSets."""
    found: dict[ResourceRef, _Owner] = {}
    for one in owners:
        known = found.get(one.ref)
        found[one.ref] = _both(known, one) if known else one
    return [found[ref] for ref in sorted(found)]


def _lacks_scale(owner: _Owner) -> bool:
    return owner.scale is False and not owner.idle


def _both(one: _Owner, other: _Owner) -> _Owner:
    low, high = min(one.replicas.min, other.replicas.min), max(one.replicas.max, other.replicas.max)
    return msgspec.structs.replace(
        one,
        pods=one.pods + other.pods,
        replicas=Replicas(low, high),
        asked=one.asked + other.asked,
        whole=one.whole and other.whole,
    )


def _budget(wanted: Rule, owners: Iterable[_Owner], bare: int, status: _Status) -> dict[str, Any]:
    """The budget at its tightest, or why it cannot be told."""
    whole = [one for one in owners if one.whole]
    rest = [one for one in owners if not one.whole]
    unseen = 0
    for one in rest:
        name = f"{one.ref.kind} {one.ref.name}"
        if not wanted.scaled and not one.counted:
            return {"unknown": f"On how many nodes {name} has pods is not known."}
        if wanted.scaled and _lacks_scale(one):
            return {"unknown": f"{name} has no scale."}
        if wanted.scaled and one.scale is None:
            if status.expected is None or status.failed:
                return {"unknown": f"Whether {name} has a scale, and which, is not known."}
            unseen = max(0, status.expected - sum(one.asked for one in owners))
    part = total(one.replicas for one in rest)
    cover = Cover(
        whole=total(one.replicas for one in whole),
        part=Replicas(part.min + unseen, part.max + unseen),
        others=bare + sum(one.pods for one in rest),
    )
    found = worst(wanted, cover)
    if found is None:
        return {}
    told = {
        "expected": found.expected,
        "desired": found.desired,
        "healthy": found.healthy,
        "allowed": found.allowed,
    }
    if not found.allowed and whole and (needed := enough(wanted, cover)):
        told["enough"] = needed
    return {"budget": told}


def _status(body: Body) -> _Status:
    status = body.get("status")
    if not isinstance(status, Mapping):
        return _Status()
    failed = (
        str(one.get("message") or "it gives no reason")
        for one in status.get("conditions") or ()
        if one.get("type") == "DisruptionAllowed" and one.get("reason") == "SyncFailed"
    )
    # one that fails leaves all but its condition as it was
    current = status.get("observedGeneration") == body["metadata"].get("generation")
    return _Status(next(failed, ""), status.get("expectedPods") if current else None)


def _told(owner: _Owner) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": owner.ref.kind, "name": owner.ref.name, "pods": owner.pods}
    if owner.scale:
        told["replicas"] = {"min": owner.replicas.min, "max": owner.replicas.max}
    return told if owner.scale is None else {**told, "scale": owner.scale}


def _other(budget: Resource, shared: Shared) -> dict[str, Any]:
    owners = [f"{ref.kind} {ref.name}" for ref in sorted(shared.owners)]
    return {
        "name": budget.ref.name,
        "pods": shared.pods,
        "names": sorted(shared.names)[:NAMED],
        "owners": owners[:NAMED],
    }


COVERED = Relation(
    "covered",
    (
        *("PodDisruptionBudget", "HorizontalPodAutoscaler", "Pod", "Deployment", "StatefulSet"),
        *("DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"),
    ),
    _Join,
    words="the workloads and pods that a PodDisruptionBudget selects, and other budgets on them",
)

"""`rivals`: other HorizontalPodAutoscalers that scale the same pods, {total, items}.

An item is {name, target, pods, names}: the other's target as `Kind name`, and the live pods that the
selectors of both targets select. The same target counts where it has no pods, too: it will.
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.document.relations.bounded import NAMED, bounded
from auditor.document.relations.heads import SCALED, place
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.replicas import Autoscaler, Name, autoscaler, named
from auditor.document.relations.selected import Selected, Shared
from auditor.model import Resource
from auditor.selectors import Selector, label_selector, plain


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        known = [autoscaler(one, live=world.live) for one in world.of("HorizontalPodAutoscaler")]
        self._known = {id(one.resource): one for one in known}
        self._by_target: dict[Name, list[Autoscaler]] = {}
        for scaler in known:
            self._by_target.setdefault(named(scaler.target, scaler.target.namespace), []).append(scaler)
        wanted = [
            one
            for one in world.resources
            if one.ref.kind in SCALED and named(one.ref, place(one)) in self._by_target
        ]
        selectors = {named(one.ref, place(one)): _selector(one) for one in wanted if not one.content.refused}
        self._selected = Selected(world, list(self._selecting(known, selectors)))
        self._refused: dict[str, str] = {}
        for one in world.resources:
            if one.ref.kind == "HorizontalPodAutoscaler" and (reason := one.content.refused):
                self._refused.setdefault(place(one), f"{one.ref}: {reason}")

    def keys(self, resource: Resource) -> int | None:
        return id(resource) if id(resource) in self._known else None

    def value(self, resource: Resource) -> Any:
        own = self._known.get(id(resource))
        if own is None:
            return None
        total, shared = self._selected.shared(resource)
        found = {other.ref: (self._known[id(other)], common) for other, common in shared}
        for one in self._by_target[named(own.target, own.target.namespace)]:
            # without pods they share none, but will
            if one.resource.ref != resource.ref and one.resource.ref not in found:
                found[one.resource.ref] = (one, Shared())
        return bounded((_told(*found[ref]) for ref in sorted(found)), max(total, len(found)))

    def refused(self, resource: Resource) -> str:
        where = place(resource)
        return self._refused.get(where, "") or self._selected.refused.get(where, "")

    def _selecting(
        self, known: list[Autoscaler], selectors: dict[Name, Selector]
    ) -> Iterator[tuple[Resource, Selector]]:
        for one in known:
            if selector := selectors.get(named(one.target, one.target.namespace)):
                yield one.resource, selector


def _selector(workload: Resource) -> Selector:
    selector = (workload.body.get("spec") or {}).get("selector")
    if workload.ref.kind == "ReplicationController":
        return plain(selector) if isinstance(selector, dict) else Selector(invalid="there is none")
    return label_selector(selector)


def _told(one: Autoscaler, shared: Shared) -> dict[str, Any]:
    target = f"{one.target.kind} {one.target.name}"
    return {
        "name": one.resource.ref.name,
        "target": target,
        "pods": shared.pods,
        "names": sorted(shared.names)[:NAMED],
    }


RIVALS = Relation(
    "rivals",
    (
        *("HorizontalPodAutoscaler", "Pod", "Deployment", "StatefulSet", "ReplicaSet"),
        "ReplicationController",
    ),
    _Join,
    words="other HorizontalPodAutoscalers that scale the same pods",
)

"""`disruption_budgets`: the PodDisruptionBudgets that select the pods of a workload, {total, items}.

An item is {name}. Those that select what its template makes, or one of its live pods (N14); of a live
pod that differs from its template, those that select this pod.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.document.kinds import WORKLOADS
from auditor.document.relations.bounded import bounded
from auditor.document.relations.heads import place, pod_labels
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.selected import Selected
from auditor.model import Resource
from auditor.selectors import Selector, label_selector


def budgets(world: World) -> Iterable[tuple[Resource, Selector]]:
    """Return the PodDisruptionBudgets that are not refused, with their selectors."""
    return [
        (one, label_selector((one.body.get("spec") or {}).get("selector")))
        for one in world.of("PodDisruptionBudget")
    ]


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._selected = Selected(world, budgets(world))
        self._heads = {id(head.resource) for head in world.heads}
        self._refused: dict[str, str] = {}
        for one in world.resources:
            if one.ref.kind == "PodDisruptionBudget" and (reason := one.content.refused):
                self._refused.setdefault(place(one), f"{one.ref}: {reason}")

    def keys(self, resource: Resource) -> tuple[str, ...] | None:
        if resource.ref.kind not in WORKLOADS or resource.content.refused:
            return None
        if id(resource) in self._heads:
            found = self._selected.selecting(resource)
        else:
            found = list(self._selected.of(place(resource), pod_labels(resource)))
        return tuple(one.ref.name for one in found)

    def value(self, resource: Resource) -> Any:
        names = self.keys(resource)
        return None if names is None else bounded({"name": name} for name in names)

    def refused(self, resource: Resource) -> str:
        return self._refused.get(place(resource), "")


DISRUPTION_BUDGETS = Relation(
    "disruption_budgets",
    ("PodDisruptionBudget",),
    _Join,
    words="the PodDisruptionBudgets that select its pods",
)

"""`priority_classes`: what pods are given that name no PriorityClass, {default?}.

`default` is the name of the PriorityClass that is the default of the whole cluster; without one such pods
have the priority 0.
https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
"""

from __future__ import annotations

from typing import Any

from auditor.document.relations.relation import Relation, World
from auditor.model import Resource


class _Join:
    """The `Join` of `relation.py`: the same for every resource."""

    def __init__(self, world: World) -> None:
        chosen = [one for one in world.of("PriorityClass") if one.body.get("globalDefault") is True]
        # of several the API server takes the one of the smallest value; their names are evidence only
        names = sorted(one.ref.name for one in chosen)
        self._value = {"default": names[0]} if names else {}
        broken = (one for one in world.resources if one.ref.kind == "PriorityClass" and one.content.refused)
        self._refused = next((f"{one.ref}: {one.content.refused}" for one in broken), "")

    def keys(self, resource: Resource) -> None:  # noqa: ARG002 - whoever asks
        return None

    def value(self, resource: Resource) -> Any:  # noqa: ARG002
        return self._value

    def refused(self, resource: Resource) -> str:  # noqa: ARG002
        return self._refused


PRIORITY_CLASSES = Relation(
    "priority_classes",
    ("PriorityClass",),
    _Join,
    words="the PriorityClass that pods have which name none",
)

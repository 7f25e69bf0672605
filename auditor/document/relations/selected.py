"""What objects with a selector really select: templates of workloads, and live pods by their own labels.

Operators and people label live pods (`role: primary`), so the template of a workload says only which
pods there will be. Every set of labels is held against the selectors once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.document.owners import Head
from auditor.document.relations.bounded import LIMIT, NAMED
from auditor.document.relations.heads import Sketch, place, pod_labels, sketch
from auditor.document.relations.relation import World
from auditor.document.relations.selectors import Selecting
from auditor.model import Resource, ResourceRef
from auditor.selectors import Labels, Selector


class Pick(msgspec.Struct, eq=False):
    """What is selected of one workload."""

    head: Head
    sketch: Sketch | None
    """None for pods without a template."""
    template: bool = False
    """The pods that its template makes are selected."""
    pods: int = 0
    """Its live pods that are selected now."""


class Shared(msgspec.Struct, eq=False):
    """What the same objects select together."""

    pods: int = 0
    names: dict[str, None] = {}
    """Some of these live pods, about `NAMED`."""
    owners: dict[ResourceRef, None] = {}
    """Some of the workloads concerned, about `NAMED`."""

    def add(self, pods: int, names: Iterable[str], owners: Iterable[ResourceRef]) -> None:
        """Take more in."""
        self.pods += pods
        if len(self.names) < NAMED:
            self.names.update(dict.fromkeys(names))
        if len(self.owners) < NAMED:
            self.owners.update(dict.fromkeys(owners))


class Selected:
    """Joins objects that select pods with what they select, in one pass over pods and workloads."""

    def __init__(self, world: World, objects: Iterable[tuple[Resource, Selector]]) -> None:
        """`world` is held: what it has is known by identity."""
        listed = list(objects)
        self._world = world
        self._selecting = Selecting(listed)
        self._places = {place(one) for one, _ in listed}
        self._seen: dict[tuple[str, frozenset[tuple[str, str]]], tuple[Resource, ...]] = {}
        self._picks: dict[int, dict[int, Pick]] = {}
        """By the `id` of the object and of the head."""
        self._shared: dict[frozenset[int], Shared] = {}
        """By the ids of the objects, where there are several."""
        self._with: dict[int, list[frozenset[int]]] = {}
        self._by_head: dict[int, dict[int, Resource]] = {}
        self._objects = {id(one): one for one, _ in listed}
        self.refused: dict[str, str] = {}
        """By namespace, the first workload there that nothing can be told of."""
        for head in workloads(world):
            self._take(head)

    def picks(self, one: Resource) -> Sequence[Pick]:
        """Return what an object selects, in the order of the workloads' names."""
        found = self._picks.get(id(one), {})
        return sorted(found.values(), key=lambda pick: pick.head.resource.ref)

    def selecting(self, resource: Resource) -> list[Resource]:
        """Return the objects that select what a resource stands for: its template, its live pods."""
        return sorted(self._by_head.get(id(resource), {}).values(), key=lambda one: one.ref)

    def of(self, namespace: str, labels: Labels) -> tuple[Resource, ...]:
        """Return the objects that select a pod with these labels."""
        key = (namespace, frozenset(labels.items()))
        if key not in self._seen:
            self._seen[key] = tuple(self._selecting.of(namespace, labels))
        return self._seen[key]

    def shared(self, one: Resource) -> tuple[int, list[tuple[Resource, Shared]]]:
        """Return how many other objects select what this one selects, and the first of them by name.

        The same object, defined once more in other manifests, is no other.
        """
        groups = self._with.get(id(one), ())
        others = {self._objects[key].ref: key for key in frozenset[int]().union(*groups)}
        others.pop(one.ref, None)
        found = {others[ref]: Shared() for ref in nsmallest(LIMIT, others)}
        chosen = frozenset(found)
        for group in groups:
            common = self._shared[group]
            for key in chosen & group:
                found[key].add(common.pods, common.names, common.owners)
        return len(others), [(self._objects[key], common) for key, common in found.items()]

    def _take(self, head: Head) -> None:
        where = place(head.resource)
        if where not in self._places:
            return
        if reason := head.resource.content.refused:
            self.refused.setdefault(where, f"{head.resource.ref}: {reason}")
            return
        known = None
        if head.resource.ref.kind != "Pod":
            known = sketch(head.resource)
            for one in self._found(head, self.of(where, known.labels), ()):
                self._pick(one, head, known).template = True
        alike: dict[tuple[int, int], list[Resource]] = {}
        for pod in head.pods:
            alike.setdefault((id(pod.content), id(pod.labels)), []).append(pod)
        for pods in alike.values():
            if reason := pods[0].content.refused:
                self.refused.setdefault(where, f"{pods[0].ref}: {reason}")
                continue
            for one in self._found(head, self.of(where, pod_labels(pods[0])), pods):
                self._pick(one, head, known).pods += len(pods)

    def _found(
        self, head: Head, objects: tuple[Resource, ...], pods: Sequence[Resource]
    ) -> tuple[Resource, ...]:
        """Note what these objects select; return them."""
        for one in objects:
            self._by_head.setdefault(id(head.resource), {})[id(one)] = one
        if len(objects) > 1:
            group = frozenset(map(id, objects))
            if group not in self._shared:
                self._shared[group] = Shared()
                for key in group:
                    self._with.setdefault(key, []).append(group)
            names = (pod.ref.name for pod in pods[:NAMED])
            self._shared[group].add(len(pods), names, [head.resource.ref])
        return objects

    def _pick(self, one: Resource, head: Head, known: Sketch | None) -> Pick:
        picks = self._picks.setdefault(id(one), {})
        return picks.setdefault(id(head), Pick(head, known))


def workloads(world: World) -> Iterator[Head]:
    """Yield the heads that are workloads: everything that is judged has one."""
    return (head for head in world.heads if head.resource.ref.kind in WORKLOADS)


def heads_of(world: World) -> Mapping[int, Head]:
    """Return the head that each of its pods, and itself, belongs to, by the `id` of the resource."""
    found: dict[int, Head] = {}
    for head in workloads(world):
        found[id(head.resource)] = head
        found.update((id(pod), head) for pod in head.pods)
    return found

"""Objects that select pods, found by the labels of a pod without trying them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from auditor.document.relations.heads import place
from auditor.model import Resource
from auditor.selectors import Labels, Selector


class Selecting:
    """Objects that select pods of their own namespace, found by the labels of a pod.

    Each is kept under one label that it demands, the one that the fewest of the others demand, so
    that a pod is only held against those which demand a label that it has.
    """

    def __init__(self, objects: Iterable[tuple[Resource, Selector]]) -> None:
        """Keep the objects, each with its selector; one that selects nothing is never found."""
        valid = [one for one in objects if not one[1].invalid]
        often = Counter((place(one), label) for one, selector in valid for label in selector.labels)
        self._found: dict[tuple[str, tuple[str, str] | None], list[tuple[Resource, Selector]]] = {}
        for one, selector in valid:
            where = place(one)
            label = min(selector.labels, key=lambda label: often[where, label], default=None)
            self._found.setdefault((where, label), []).append((one, selector))

    def of(self, namespace: str, labels: Labels) -> list[Resource]:
        """Return those that select a pod with these labels, in the order of their names."""
        found = (one for one in self._near(namespace or "default", labels) if one[1].selects(labels))
        return sorted((resource for resource, _ in found), key=lambda one: one.ref)

    def _near(self, namespace: str, labels: Labels) -> Iterator[tuple[Resource, Selector]]:
        yield from self._found.get((namespace, None), ())
        for label in labels.items():
            yield from self._found.get((namespace, label), ())

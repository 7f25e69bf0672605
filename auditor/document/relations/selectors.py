"""Label selectors: what they select, and how those that select a pod are found without trying them all.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.model import Resource

Labels = Mapping[str, str]


class Selector(msgspec.Struct, frozen=True):
    """A label selector: all of it must hold; an empty one selects everything."""

    labels: tuple[tuple[str, str], ...] = ()
    """Labels that must have exactly this value."""
    expressions: tuple[tuple[str, str, frozenset[str]], ...] = ()
    """Key, operator, values."""
    invalid: str = ""
    """Why it is no selector; it selects nothing then."""

    def selects(self, labels: Labels) -> bool:
        """Tell whether it selects an object with these labels."""
        if self.invalid or any(labels.get(key) != value for key, value in self.labels):
            return False
        return all(_holds(labels, *expression) for expression in self.expressions)


def plain(selector: Labels) -> Selector:
    """Return the selector of a Service or ReplicationController: a map of labels."""
    return Selector(tuple(sorted(selector.items())))


def label_selector(selector: Mapping[str, Any]) -> Selector:
    """Return a LabelSelector, {matchLabels, matchExpressions}."""
    expressions = []
    for one in selector.get("matchExpressions") or ():
        key, operator = one.get("key", ""), one.get("operator", "")
        values = frozenset(one.get("values") or ())
        if operator in ("In", "NotIn") and not values:
            return Selector(invalid=f"{operator} without values for {key}")
        if operator in ("Exists", "DoesNotExist") and values:
            return Selector(invalid=f"{operator} with values for {key}")
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            return Selector(invalid=f"unknown operator {operator!r} for {key}")
        expressions.append((key, operator, values))
    return Selector(tuple(sorted((selector.get("matchLabels") or {}).items())), tuple(expressions))


class Selecting:
    """Objects that select pods of their own namespace, found by the labels of a pod.

    Each is kept under one label that it demands, so that a pod is only held against those which
    demand a label that it has.
    """

    def __init__(self, objects: Iterable[tuple[Resource, Selector]]) -> None:
        """Keep the objects, each with its selector; one that selects nothing is never found."""
        self._found: dict[tuple[str, tuple[str, str] | None], list[tuple[Resource, Selector]]] = {}
        for resource, selector in objects:
            label = selector.labels[0] if selector.labels else None
            self._found.setdefault((resource.ref.namespace, label), []).append((resource, selector))

    def of(self, namespace: str, labels: Labels) -> list[Resource]:
        """Return those that select a pod with these labels, in the order of their names."""
        found = (one for one in self._near(namespace, labels) if one[1].selects(labels))
        return sorted((resource for resource, _ in found), key=lambda one: one.ref)

    def _near(self, namespace: str, labels: Labels) -> Iterator[tuple[Resource, Selector]]:
        yield from self._found.get((namespace, None), ())
        for label in labels.items():
            yield from self._found.get((namespace, label), ())


def _holds(labels: Labels, key: str, operator: str, values: frozenset[str]) -> bool:
    match operator:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":  # holds for those without the label too
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels

"""Label selectors: what they select.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_canonical = msgspec.json.Encoder(order="sorted")

Labels = Mapping[str, str]

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?", re.ASCII)
_KEY = re.compile(
    # a DNS subdomain may stand before the name
    r"(?:(?=[^/]{1,253}/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*/)?"
    + _NAME.pattern,
    re.ASCII,
)


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


def plain(selector: Mapping[str, Any]) -> Selector:
    """Return the selector of a Service or ReplicationController: a map of labels."""
    return Selector(tuple(sorted((key, text(value)) for key, value in selector.items())))


def label_selector(selector: Any) -> Selector:
    """Return a LabelSelector, {matchLabels, matchExpressions}; absent, it selects nothing.

    What the API server refuses is invalid, and selects nothing:
    https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1/validation#ValidateLabelSelector
    """
    if not isinstance(selector, Mapping):
        return Selector(invalid="there is none" if selector is None else "it is no mapping")
    labels, listed = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not isinstance(labels, Mapping) or not isinstance(listed, list):
        return Selector(invalid="matchLabels is no mapping, or matchExpressions no list")
    faults = [_fault(key, [value]) for key, value in labels.items()]
    expressions = []
    for one in listed:
        if not isinstance(one, Mapping) or not isinstance(one.get("values") or [], list):
            return Selector(invalid="an entry of matchExpressions is no mapping, or its values no list")
        key, operator, values = one.get("key", ""), one.get("operator", ""), one.get("values") or []
        faults.append(_operator_fault(key, operator, values) or _fault(key, values))
        expressions.append((text(key), text(operator), frozenset(map(text, values))))
    if fault := next(filter(None, faults), ""):
        return Selector(invalid=fault)
    exact = tuple(sorted((key, text(value)) for key, value in labels.items()))
    return Selector(exact, tuple(expressions))


def _operator_fault(key: Any, operator: Any, values: list[Any]) -> str:
    match operator:
        case "In" | "NotIn":
            return "" if values else f"{operator} without values for {key}"
        case "Exists" | "DoesNotExist":
            return f"{operator} with values for {key}" if values else ""
        case _:
            return f"unknown operator {operator!r} for {key}"


def _fault(key: Any, values: Iterable[Any]) -> str:
    """Say what is no label; a value that was taken for a credential was one, whatever it is now."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return f"{key!r} is no label"
    wrong = (one for one in values if isinstance(one, str) and one and not _NAME.fullmatch(one))
    return next((f"{one!r} is no value of a label" for one in wrong), "")


def text(value: Any) -> str:
    """Return the value of a label, or the mark of a credential in its place, as a text."""
    return value if isinstance(value, str) else _canonical.encode(value).decode()


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

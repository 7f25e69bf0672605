"""What an expression of PromQL asks for: facts for policies, in place of its text.

Expressions come from anybody, and the parser is native code that needs a time quadratic in what is nested
and ends the process where that is too deep: what joins too much is not read, and said to be unread.
https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

import msgspec

MAX_LENGTH = 16 * 1024
"""Characters of an expression that is read."""

MAX_JOINTS = 200
"""Brackets and operators of one; the longest of well-known rules have about 60."""

_STRING = re.compile(r"""(?s)"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|#[^\n]*+""")

_JOINT = re.compile(r"[-+*/^%<>=!(\[{@,]|\b(?:and|or|unless|offset|atan2)\b", re.IGNORECASE)

_COUNTERS_ONLY = frozenset({"rate", "irate", "increase"})
"""Functions that take each fall of a value for a restart of what counts."""

_ABSENT = frozenset({"absent", "absent_over_time"})

_ALONE = frozenset({"scalar", "time", "vector"})
"""Functions that have a value whatever they are given."""

ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE", "up"})
"""Series that Prometheus makes by itself, some of them only while there is a reason."""


class Query(msgspec.Struct, omit_defaults=True):
    """What is kept of an expression."""

    metrics: list[str] = []
    """Names of the series that it selects, sorted."""
    rates: list[str] = []
    """Those of them that it takes for counters, by rate, irate or increase."""
    seconds: int = 0
    """How far back it looks: ranges, subqueries and offsets together."""
    bounds: list[str] = []
    """Values of `le` that it asks for as whole numbers, where the label has them as 1.0."""
    unread: bool = False
    """It is no PromQL that can be read here."""


def joints(text: str) -> int:
    """Return how much an expression joins together: what reading it costs grows with the square of that."""
    return len(_JOINT.findall(_STRING.sub('""', text)))


@lru_cache(maxsize=4096)
def query(text: str) -> Query:
    """Return the facts of an expression; of one that cannot be read, that alone."""
    read = _read(text)
    if read is None:
        return Query(unread=True)
    found = _Found()
    try:
        found.walk(read, 0.0)
    except RecursionError:  # pragma: no cover - as deep as MAX_JOINTS allows is not that deep
        return Query(unread=True)
    return Query(sorted(found.metrics), sorted(found.rates), int(found.seconds), sorted(found.bounds))


def dead(text: str, known: Collection[str]) -> list[str]:
    """Return the names for want of which an expression has no result, where only the `known` ones exist.

    Empty if it may have one: another side of `or` has, it asks for what is absent, or it cannot be read.
    """
    read = _read(text)
    return [] if read is None else sorted(_missing(read, known))


def _read(text: str) -> Any:
    """The expression as a tree; None if it cannot be read."""
    if len(text) > MAX_LENGTH or joints(text) > MAX_JOINTS:
        return None
    import promql_parser

    try:
        return promql_parser.parse(text)
    except ValueError:
        return None


class _Found:
    """What has been seen in an expression."""

    def __init__(self) -> None:
        self.metrics: set[str] = set()
        self.rates: set[str] = set()
        self.bounds: set[str] = set()
        self.seconds = 0.0

    def walk(self, node: Any, back: float) -> None:
        """Look at a part that is asked for at times up to `back` seconds ago."""
        kind = type(node).__name__
        if kind == "VectorSelector":
            self._selector(node, back)
        elif kind == "MatrixSelector":
            self._selector(node.vector_selector, back + node.range.total_seconds())
        elif kind == "SubqueryExpr":
            self.walk(node.expr, back + node.range.total_seconds() + _ago(node.offset))
        else:
            if kind == "Call" and node.func.name in _COUNTERS_ONLY:
                self.rates.update(
                    _name(one.vector_selector) for one in node.args if type(one).__name__ == "MatrixSelector"
                )
                self.rates.discard("")
            for part in _parts(node):
                self.walk(part, back)

    def _selector(self, node: Any, back: float) -> None:
        self.seconds = max(self.seconds, back + _ago(node.offset))
        if name := _name(node):
            self.metrics.add(name)
        for one in node.matchers.matchers:
            if one.name == "le" and _equal(one) and one.value.isascii() and one.value.isdigit():
                self.bounds.add(one.value)


def _parts(node: Any) -> Iterator[Any]:
    """What a node of the tree is made of."""
    if type(node).__name__ == "Call":
        yield from node.args
        return
    for name in ("expr", "param", "lhs", "rhs"):
        part = getattr(node, name, None)
        if part is not None:
            yield part


def _missing(node: Any, known: Collection[str]) -> set[str]:
    """The names for want of which a part has no result, empty if it may have one."""
    kind = type(node).__name__
    if kind in ("VectorSelector", "MatrixSelector"):
        name = _name(node if kind == "VectorSelector" else node.vector_selector)
        return {name} - ALERTS if name and name not in known else set()
    if kind == "BinaryExpr":
        left, right = _missing(node.lhs, known), _missing(node.rhs, known)
        match str(node.op):
            case "or":
                return left | right if left and right else set()
            case "unless":
                return left
        return left | right
    if kind == "Call":
        if node.func.name in _ABSENT | _ALONE:
            return set()
        return set().union(*(_missing(one, known) for one in node.args))
    return _missing(node.expr, known) if hasattr(node, "expr") else set()


def _name(selector: Any) -> str:
    """The name of the series of a selector, "" if it leaves that open."""
    if selector.name:
        return str(selector.name)
    return next(
        (str(one.value) for one in selector.matchers.matchers if one.name == "__name__" and _equal(one)), ""
    )


def _equal(matcher: Any) -> bool:
    return str(matcher.op).rpartition(".")[2] == "Equal"


def _ago(offset: timedelta | None) -> float:
    """Seconds of an offset into the past; one into the future asks for nothing older."""
    return max(0.0, offset.total_seconds()) if offset else 0.0

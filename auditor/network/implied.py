"""What follows from a label selector alone: that another one selects the same and more, or never the same."""

from __future__ import annotations

from auditor.network.selection import NAME_LABEL
from auditor.selectors import Selector

_Expression = tuple[str, str, frozenset[str]]


def implies(narrow: Selector, wide: Selector) -> bool:
    """Tell whether whatever `narrow` selects is certainly selected by `wide`."""
    expressions = _expressions(narrow)
    return all(any(_follows(one, asked) for one in expressions) for asked in _expressions(wide))


def disjoint(one: Selector, other: Selector) -> bool:
    """Tell whether no labels can be selected by both."""
    return any(
        first[0] == second[0] and (_excludes(first, second) or _excludes(second, first))
        for first in _expressions(one)
        for second in _expressions(other)
    )


def by_name(namespaces: Selector | None, own: str) -> Selector:
    """Return a selector of namespaces; of None, which is the policy's own namespace, one of its name."""
    return Selector(((NAME_LABEL, own),)) if namespaces is None else namespaces


def _expressions(selector: Selector) -> list[_Expression]:
    """All that it demands, exact labels as In with one value."""
    exact = [(key, "In", frozenset((value,))) for key, value in selector.labels]
    return [*exact, *selector.expressions]


def _follows(known: _Expression, asked: _Expression) -> bool:
    """Whether labels for which one holds are labels for which the other one holds."""
    key, operator, values = known
    if key != asked[0]:
        return False
    if asked[1] == "Exists":
        return operator in ("In", "Exists")
    if asked[1] == "In":
        return operator == "In" and values <= asked[2]
    if asked[1] == "DoesNotExist":
        return operator == "DoesNotExist"
    return (  # NotIn
        operator == "DoesNotExist"
        or (operator == "NotIn" and values >= asked[2])
        or (operator == "In" and values.isdisjoint(asked[2]))
    )


def _excludes(one: _Expression, other: _Expression) -> bool:
    """Whether of two demands on the same label the first leaves nothing to the second."""
    operator, values = one[1:]
    if operator == "In":
        if other[1] == "In":
            return values.isdisjoint(other[2])
        return other[1] == "DoesNotExist" or (other[1] == "NotIn" and values <= other[2])
    return operator == "Exists" and other[1] == "DoesNotExist"

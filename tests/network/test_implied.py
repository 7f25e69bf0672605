"""What follows from selectors alone, held against what they select."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.network.implied import by_name, disjoint, implies
from auditor.selectors import Selector, label_selector

KEYS, VALUES = ("a", "b"), ("x", "y", "z")

WORLD = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value}
    for values in product(("", *VALUES), repeat=len(KEYS))
]
"""Every way in which the two labels can be set."""

EXPRESSIONS = st.one_of(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from(("In", "NotIn")),
        st.frozensets(st.sampled_from(VALUES), min_size=1),
    ),
    st.tuples(st.sampled_from(KEYS), st.sampled_from(("Exists", "DoesNotExist")), st.just(frozenset[str]())),
)
SELECTORS = st.builds(
    Selector,
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(lambda one: tuple(one.items())),
    st.lists(EXPRESSIONS, max_size=2).map(tuple),
)


@given(SELECTORS, SELECTORS)
def test_what_is_implied_and_what_is_disjoint_is_so(one: Selector, other: Selector) -> None:
    if implies(one, other):
        assert all(other.selects(labels) for labels in WORLD if one.selects(labels))
    if disjoint(one, other):
        assert not any(one.selects(labels) and other.selects(labels) for labels in WORLD)


def expression(operator: str, *values: str) -> Selector:
    return Selector((), (("a", operator, frozenset(values)),))


X = label_selector({"matchLabels": {"a": "x"}})
XB = label_selector({"matchLabels": {"a": "x", "b": "y"}})


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (X, Selector()),
        (XB, X),
        (X, expression("In", "x", "y")),
        (expression("In", "x"), X),
        (X, expression("Exists")),
        (expression("Exists"), expression("Exists")),
        (X, expression("NotIn", "y")),
        (expression("NotIn", "y", "z"), expression("NotIn", "y")),
        (expression("DoesNotExist"), expression("NotIn", "y")),
        (expression("DoesNotExist"), expression("DoesNotExist")),
    ],
)
def test_a_narrow_selector_implies_a_wide_one(narrow: Selector, wide: Selector) -> None:
    assert implies(narrow, wide)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, label_selector({"matchLabels": {"a": "y"}})),
        (X, expression("DoesNotExist")),
        (expression("DoesNotExist"), expression("Exists")),
        (expression("NotIn", "x", "y"), X),
    ],
)
def test_selectors_that_never_select_the_same(one: Selector, other: Selector) -> None:
    assert disjoint(one, other)
    assert disjoint(other, one)


def test_the_own_namespace_is_known_by_its_name() -> None:
    assert by_name(None, "shop") == label_selector({"matchLabels": {"kubernetes.io/metadata.name": "shop"}})
    assert by_name(X, "shop") is X

"""Label selectors, and the index over those that select pods.

That they are those of the API server is proven in tests/availability/test_selectors.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.relations.selectors import Selecting
from auditor.model import Resource
from auditor.selectors import Selector, label_selector, plain
from tests import factories as make

KEYS = st.sampled_from(["app", "tier", "zone"])
VALUES = st.sampled_from(["", "a", "b"])
LABELS = st.dictionaries(KEYS, VALUES)
MATCH_LABELS = st.dictionaries(KEYS, VALUES, max_size=2)
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {"key": KEYS, "operator": st.sampled_from(["In", "NotIn"]), "values": st.lists(VALUES, min_size=1)}
    ),
    st.fixed_dictionaries({"key": KEYS, "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": MATCH_LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=2)}
)


def naive(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """The same, as the documentation says it."""
    for key, value in selector.get("matchLabels", {}).items():
        if key not in labels or labels[key] != value:
            return False
    for one in selector.get("matchExpressions", []):
        key, values = one["key"], one.get("values", [])
        holds = {
            "In": key in labels and labels[key] in values,
            "NotIn": key not in labels or labels[key] not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not holds[one["operator"]]:
            return False
    return True


@given(SELECTORS, LABELS)
def test_it_selects_what_a_naive_one_does(selector: dict[str, Any], labels: dict[str, str]) -> None:
    assert label_selector(selector).selects(labels) is naive(selector, labels)


@given(st.lists(st.tuples(st.sampled_from(["shop", "bank", ""]), SELECTORS), max_size=8), LABELS)
def test_the_index_finds_all_that_select(
    listed: list[tuple[str, dict[str, Any]]], labels: dict[str, str]
) -> None:
    objects = [(budget(f"b{number}", space), selector) for number, (space, selector) in enumerate(listed)]
    index = Selecting((one, label_selector(selector)) for one, selector in objects)
    for space in ("shop", "bank", "default", ""):
        found = [one.ref.name for one in index.of(space, labels)]
        assert found == sorted(
            one.ref.name
            for one, selector in objects
            if (one.ref.namespace or "default") == (space or "default") and naive(selector, labels)
        )


def budget(name: str, namespace: str = "shop") -> Resource:
    body = make.obj("PodDisruptionBudget", {}, name=name, namespace=namespace)
    if not namespace:
        del body["metadata"]["namespace"]
    return make.resource(body)


def test_a_selector_is_kept_under_its_rarest_label() -> None:
    """Labels that all share do not make every pod a candidate for all of them."""
    selectors = [
        label_selector({"matchLabels": {"app": "shop", "part": f"p{number}"}}) for number in range(50)
    ]
    index = Selecting((budget(f"b{number:02}"), one) for number, one in enumerate(selectors))
    assert len(list(index._near("shop", {"app": "shop", "part": "p7"}))) == 1


@pytest.mark.parametrize(
    ("selector", "invalid"),
    [
        (None, "there is none"),
        (5, "it is no mapping"),
        ([], "it is no mapping"),
        ({"matchLabels": 5}, "matchLabels is no mapping, or matchExpressions no list"),
        ({"matchExpressions": {}}, ""),
        ({"matchExpressions": 5}, "matchLabels is no mapping, or matchExpressions no list"),
        ({"matchExpressions": [5]}, "an entry of matchExpressions is no mapping, or its values no list"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": "x"}]}, "an entry of"),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "In without values for a"),
        (
            {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": []}]},
            "NotIn without values for a",
        ),
        (
            {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]},
            "Exists with values for a",
        ),
        (
            {"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]},
            "unknown operator 'Gt' for a",
        ),
        ({"matchExpressions": [{"key": "a", "operator": []}]}, "unknown operator [] for a"),
        ({"matchExpressions": [{"operator": "Exists"}]}, "'' is no label"),
        ({"matchExpressions": [{"key": 5, "operator": "Exists"}]}, "5 is no label"),
        ({"matchLabels": {"a b": "x"}}, "'a b' is no label"),
        ({"matchLabels": {"a": "-x"}}, "'-x' is no value of a label"),
        ({"matchLabels": {"x" * 64: "x"}}, "is no label"),
        ({"matchLabels": {f"{'a.' * 126}a/b": "x"}}, ""),
        ({"matchLabels": {f"{'a.' * 127}a/b": "x"}}, "is no label"),
        ({"matchLabels": {"example.com/app_1.x": ""}}, ""),
    ],
)
def test_what_is_no_selector_selects_nothing(selector: Any, invalid: str) -> None:
    found = label_selector(selector)
    assert invalid in found.invalid
    assert bool(found.invalid) is bool(invalid)
    if invalid:
        assert not found.selects({})
        assert not Selecting([(budget("b"), found)]).of("shop", {})


def test_not_in_holds_without_the_label() -> None:
    selector = label_selector({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]})
    assert selector.selects({})
    assert selector.selects({"a": "y"})
    assert not selector.selects({"a": "x"})


def test_empty_selects_everything() -> None:
    assert label_selector({}) == Selector()
    assert label_selector({"matchLabels": None, "matchExpressions": None}) == Selector()
    assert label_selector({}).selects({"a": "b"})
    assert plain({}).selects({})


def test_a_value_that_was_taken_for_a_credential_still_matches_itself() -> None:
    mark = {"class": "vendor_token", "length": 40}
    text = '{"class":"vendor_token","length":40}'
    assert label_selector({"matchLabels": {"a": mark}}).selects({"a": text})
    assert plain({"a": mark}).selects({"a": text})
    assert not label_selector({"matchLabels": {"a": mark}}).selects({"a": "b"})

"""JSON patches: what is made of a difference makes the one of the other."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.stack.patches import Operation, PatchError, apply, difference

SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"])
KEYS = st.sampled_from(["a", "b", "a/b", "a~b", "~1", "0", "-"])
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(OBJECTS, OBJECTS)
def test_a_difference_makes_one_of_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    made = copy.deepcopy(old)
    apply(made, list(difference(old, new)))
    assert made == new
    assert json.dumps(made, sort_keys=True) == json.dumps(new, sort_keys=True), "true is not 1"


@given(OBJECTS)
def test_nothing_differs_from_itself(one: dict[str, Any]) -> None:
    assert list(difference(one, copy.deepcopy(one))) == []


def test_what_is_appended_composes() -> None:
    base = {"ports": [{"name": "a"}]}
    first = list(difference(base, {"ports": [{"name": "a"}, {"name": "b"}]}))
    second = list(difference(base, {"ports": [{"name": "a"}, {"name": "c"}], "x": 1}))
    assert [one.path for one in (*first, *second)] == ["/ports/-", "/ports/-", "/x"]
    apply(base, [*first, *second])
    assert base == {"ports": [{"name": "a"}, {"name": "b"}, {"name": "c"}], "x": 1}


def test_a_patch_keeps_its_own_values() -> None:
    patch = [Operation("add", "/a", {"b": [1]})]
    one: dict[str, Any] = {}
    apply(one, patch)
    one["a"]["b"].append(2)
    other: dict[str, Any] = {}
    apply(other, patch)
    assert other == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    "one",
    [
        Operation("replace", "/x", 1),
        Operation("remove", "/x"),
        Operation("add", "/x/y", 1),
        Operation("add", "/list/3", 1),
        Operation("replace", "/list/2", 1),
        Operation("add", "/text/y", 1),
        Operation("test", "/text", "a"),
    ],
    ids=lambda one: f"{one.op} {one.path}",
)
def test_a_path_that_leads_nowhere(one: Operation) -> None:
    with pytest.raises(PatchError, match=one.path):
        apply({"list": [1, 2], "text": "a"}, [one])

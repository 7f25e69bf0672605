"""How many replicas there may be, and what a disruption budget makes of them.

That the figures are those of a real controller is proven in tests/availability.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.replicas import (
    MOST,
    NONE,
    Budget,
    Cover,
    Replicas,
    Rule,
    effective,
    enough,
    rule,
    total,
    worst,
)


@pytest.mark.parametrize(
    ("replicas", "autoscalers", "expected"),
    [
        (3, [], Replicas(3, 3)),
        (0, [], NONE),
        (3, [Replicas(1, 9)], Replicas(1, 9)),  # whatever the manifest says
        (1, [Replicas(2, 9)], Replicas(2, 9)),
        (0, [Replicas(2, 9)], NONE),  # scaled to 0, no autoscaler changes it
        (0, [Replicas(0, 9)], Replicas(0, 9)),  # unless one brought it there
        (3, [Replicas(0, 9)], Replicas(0, 9)),
        (3, [Replicas(2, 4), Replicas(3, 9)], Replicas(2, 9)),
        (3, [Replicas(5, 2)], Replicas(5, 5)),  # no API server takes it
    ],
)
def test_effective_replicas(replicas: int, autoscalers: list[Replicas], expected: Replicas) -> None:
    assert effective(replicas, autoscalers) == expected


def test_total() -> None:
    assert total([]) == NONE
    assert total([Replicas(1, 2), Replicas(3, 5)]) == Replicas(4, 7)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Rule()),
        ({"minAvailable": 0}, Rule("minAvailable", 0)),
        ({"maxUnavailable": 2}, Rule("maxUnavailable", 2)),
        ({"minAvailable": "50%"}, Rule("minAvailable", 50, percent=True)),
        ({"maxUnavailable": "0%"}, Rule("maxUnavailable", 0, percent=True)),
        ({"maxUnavailable": "007%"}, Rule("maxUnavailable", 7, percent=True)),
        ({"minAvailable": MOST}, Rule("minAvailable", MOST)),
    ],
)
def test_rules(spec: dict[str, Any], expected: Rule) -> None:
    assert rule(spec) == expected


@pytest.mark.parametrize(
    "value", [-1, MOST + 1, True, 1.5, None, "", "1", "101%", "-1%", "1 %", "٣%", "1" * 5000 + "%", []]
)
def test_what_no_api_server_takes(value: Any) -> None:
    for field in ("minAvailable", "maxUnavailable"):
        assert rule({field: value}) == f"{field} is neither a number of pods nor a percentage up to 100%"


def test_both_are_none() -> None:
    assert rule({"minAvailable": 1, "maxUnavailable": 1}) == "it sets both minAvailable and maxUnavailable"


@pytest.mark.parametrize(
    ("spec", "scale", "expected"),
    [
        ({"minAvailable": 2}, 3, (3, 2, 1)),
        ({"minAvailable": 3}, 3, (3, 3, 0)),
        ({"minAvailable": 4}, 3, (3, 4, 0)),
        ({"minAvailable": 0}, 3, (3, 0, 3)),
        ({"minAvailable": "90%"}, 3, (3, 3, 0)),
        ({"minAvailable": "90%"}, 9, (9, 9, 0)),
        ({"minAvailable": "90%"}, 10, (10, 9, 1)),
        ({"minAvailable": "50%"}, 1, (1, 1, 0)),
        ({"minAvailable": "50%"}, 3, (3, 2, 1)),
        ({"minAvailable": "0%"}, 3, (3, 0, 3)),
        ({"minAvailable": "100%"}, 3, (3, 3, 0)),
        ({"maxUnavailable": 0}, 3, (3, 3, 0)),
        ({"maxUnavailable": 1}, 1, (1, 0, 1)),
        ({"maxUnavailable": 5}, 3, (3, 0, 3)),
        ({"maxUnavailable": "1%"}, 3, (3, 2, 1)),
        ({"maxUnavailable": "0%"}, 3, (3, 3, 0)),
        ({"maxUnavailable": "50%"}, 3, (3, 1, 2)),
        ({"maxUnavailable": "100%"}, 3, (3, 0, 3)),
        ({}, 3, (0, 0, 0)),
    ],
)
def test_the_table(spec: dict[str, Any], scale: int, expected: tuple[int, int, int]) -> None:
    found = worst(read(spec), Cover(whole=Replicas(scale, scale)))
    assert found
    assert (found.expected, found.desired, found.allowed) == expected


def read(spec: dict[str, Any]) -> Rule:
    found = rule(spec)
    assert isinstance(found, Rule)
    return found


def test_pods_of_nobody_are_healthy_and_not_expected() -> None:
    beside = worst(read({"maxUnavailable": 0}), Cover(whole=Replicas(2, 2), others=1))
    assert beside
    assert (beside.expected, beside.desired, beside.healthy, beside.allowed) == (2, 2, 3, 1)
    alone = worst(read({"maxUnavailable": 1}), Cover(others=2))
    assert alone
    assert (alone.expected, alone.allowed) == (0, 0)


def test_all_pods_of_an_owner_are_expected_where_some_are_selected() -> None:
    found = worst(read({"maxUnavailable": 1}), Cover(part=Replicas(3, 5), others=1))
    assert found == Budget(expected=5, desired=4, healthy=1)


def test_nothing_to_evict() -> None:
    assert worst(read({"minAvailable": 1}), Cover()) is None
    assert worst(read({"minAvailable": 1}), Cover(whole=Replicas(0, 0))) is None


def test_on_the_way_up_from_nothing_there_is_one() -> None:
    found = worst(read({"minAvailable": 1}), Cover(whole=Replicas(0, 3)))
    assert found
    assert (found.healthy, found.allowed) == (1, 0)


@pytest.mark.parametrize(
    ("spec", "others", "expected"),
    [
        ({"minAvailable": 3}, 0, 4),
        ({"minAvailable": 3}, 1, 3),
        ({"minAvailable": "90%"}, 0, 10),
        ({"minAvailable": "99%"}, 0, 100),
        ({"minAvailable": "100%"}, 0, None),
        ({"maxUnavailable": 0}, 0, None),
        ({"maxUnavailable": 1}, 0, 1),
        ({}, 0, None),
    ],
)
def test_enough(spec: dict[str, Any], others: int, expected: int | None) -> None:
    assert enough(read(spec), Cover(whole=Replicas(1, 1), others=others)) == expected


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    field = draw(st.sampled_from(["minAvailable", "maxUnavailable", ""]))
    percent = draw(st.booleans()) and bool(field)
    return Rule(field, draw(st.integers(0, 100 if percent else 12)) if field else 0, percent)


@st.composite
def ranges(draw: st.DrawFn, least: int = 0) -> Replicas:
    low = draw(st.integers(least, 8))
    return Replicas(low, low + draw(st.integers(0, 6)))


# an owner of which some pods are selected has some
@given(rules(), ranges(), st.just(NONE) | ranges(least=1), st.integers(0, 4))
def test_the_worst_is_the_least_of_all(asked: Rule, whole: Replicas, part: Replicas, others: int) -> None:
    """At no number of replicas within the ranges, where there are pods, does it allow less."""
    cover = Cover(whole, part if others else NONE, others)
    everywhere = [
        Budget(expected, asked.desired(expected), scale + others).allowed
        for scale in range(whole.min, whole.max + 1)
        for rest in range(cover.part.min, cover.part.max + 1)
        for expected in [asked.expected(scale + rest, scale + others)]
        if scale + others
    ]
    found = worst(asked, cover)
    assert (found.allowed if found else None) == min(everywhere, default=None)

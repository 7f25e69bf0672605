"""Attestations: a person's answer to a control that no policy answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from auditor.judge.waivers import Applied
from auditor.rules import Severity
from auditor.waiver import Terms
from tests.judge.accepting import (
    ALL,
    applied,
    attestation,
    waiver,
)

CONTROLS = msgspec.structs.replace(ALL, controls={"f/1": (), "f/2": ("privileged",)})


def answered(*entries: Any, **options: Any) -> Applied:
    return applied(*entries, findings=(), **{"looked": CONTROLS, **options})


@pytest.mark.parametrize(
    ("day", "answers", "then"),
    [
        ("2026-10-31", False, "unused"),
        ("2026-11-01", True, "active"),
        ("2026-12-17", True, "expiring"),
        ("2026-12-31", True, "expiring"),
        ("2027-01-01", False, "expired"),
    ],
)
def test_the_life_of_an_attestation(day: str, answers: bool, then: str) -> None:
    result = answered(attestation(), today=date.fromisoformat(day))
    assert (result.attested, result.entries[0].state) == ({"f/1"} if answers else set(), then)
    assert [one.policy for one in result.told] == (["attestation_expired"] if then == "expired" else [])


def test_an_attestation_has_the_term_of_info() -> None:
    lasting = attestation(expires="2030-01-01")
    assert answered(lasting, today=date(2027, 4, 30)).attested == {"f/1"}
    assert not answered(lasting, today=date(2027, 5, 1)).attested
    terms = Terms(max_days={Severity.INFO: 10}, approvers={Severity.INFO: ("ada",)})
    assert answered(lasting, terms=terms, today=date(2026, 11, 11)).attested
    assert not answered(lasting, terms=terms, today=date(2026, 11, 12)).attested
    other = attestation(approver="eve")
    assert not answered(other, terms=terms, today=date(2026, 11, 11)).attested
    entry = answered(other, terms=terms, today=date(2026, 11, 2)).entries[0]
    assert entry.state == "unused"
    assert entry.message.endswith("eve may not approve attestations: it answers nothing")


@pytest.mark.parametrize(
    ("control", "then", "message"),
    [
        ("f/2", "unused", "policies answer f/2: privileged"),
        ("f/11", "unused", "f has no control '11'; did you mean '1'?"),
        ("g/1", "unused", "the framework g was not judged"),
    ],
)
def test_what_no_attestation_can_answer(control: str, then: str, message: str) -> None:
    result = answered(attestation(control=control))
    (entry,) = result.entries
    assert (entry.state, entry.message, entry.control) == (then, message, control)
    assert not result.attested
    assert not result.told


def test_two_answers_to_one_control() -> None:
    result = answered(attestation("b"), attestation("a"))
    assert [(one.id, one.state) for one in result.entries] == [("a", "conflicting"), ("b", "conflicting")]
    assert result.entries[0].message == "b answers the same control"
    assert result.attested == {"f/1"}


def test_an_expired_attestation_is_a_finding() -> None:
    (told,) = answered(attestation(expires="2026-11-20")).told
    assert (told.policy, told.severity, told.controls) == ("attestation_expired", "medium", ("f/1",))
    assert told.message == "Attestation a-1 of platform ended on 2026-11-20: f/1 is manual again."
    assert (told.resource.kind, told.resource.name) == ("Attestation", "a-1")
    (told,) = answered(attestation(expires="2026-11-20"), attestation("a-2")).told
    assert (told.severity, told.message) == ("low", "Attestation a-1 of platform ended on 2026-11-20.")


def test_waivers_come_before_attestations_each_by_id() -> None:
    result = applied(attestation("a"), waiver("z"), attestation("b"), waiver("c"))
    assert [one.id for one in result.entries] == ["c", "z", "a", "b"]

"""Waivers applied: which finding is accepted on which day, by which waiver, on whose word."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec
import pytest

from auditor.rules import Severity
from auditor.waiver import Terms
from tests.judge.accepting import (
    CRITICAL,
    applied,
    state,
    status,
    waiver,
)
from tests.report.records import finding

# --- time -------------------------------------------------------------------------------------------

LIFE = [
    ("2026-10-31", "open", "unused"),
    ("2026-11-01", "waived", "active"),
    ("2026-11-15", "waived", "active"),
    ("2026-11-16", "waived", "expiring"),
    ("2026-11-30", "waived", "expiring"),
    ("2026-12-01", "expired_waiver", "expired"),
    ("2027-12-01", "expired_waiver", "expired"),
]


@pytest.mark.parametrize(("day", "became", "then"), LIFE)
def test_a_whole_life(day: str, became: str, then: str) -> None:
    """It is valid from the day it was made through the day that it names, and not an hour longer."""
    result = applied(waiver(), findings=(CRITICAL,), today=date.fromisoformat(day))
    (only,) = result.findings
    assert (only.status, result.entries[0].state) == (became, then)
    assert only == msgspec.structs.replace(
        CRITICAL, status=became, waiver="w-1" if became != "open" else None
    )
    assert [one.policy for one in result.told] == (["waiver_expired"] if then == "expired" else [])


def test_what_is_said_on_the_way() -> None:
    said = {
        day: state(waiver(), findings=(CRITICAL,), today=date.fromisoformat(day)).message
        for day in ("2026-11-15", "2026-11-29", "2026-11-30", "2026-12-01")
    }
    assert said == {
        "2026-11-15": "",
        "2026-11-29": "ends in 1 day",
        "2026-11-30": "ends today",
        "2026-12-01": "ended on 2026-11-30; 1 finding is open again",
    }


def test_a_renewal_begins_a_new_term() -> None:
    """Reviews are appended: 30 days for a critical finding are counted from the last of them."""
    day = date(2026, 12, 20)
    kept = {"created": "2026-10-01", "expires": "2026-12-31"}
    review = ("2026-12-01", "eve", "the vendor is late")
    assert status(CRITICAL, waiver(**kept), today=day) == ("expired_waiver", "w-1")
    renewed = waiver(**kept, review=[("2026-11-01", "ada", "still needed"), review])
    assert status(CRITICAL, renewed, today=day) == ("waived", "w-1")
    assert status(CRITICAL, renewed, today=date(2027, 1, 1)) == ("expired_waiver", "w-1")
    assert "renewed on 2026-12-01 by eve" in state(renewed, findings=(CRITICAL,), today=day).message
    longer = waiver(**{**kept, "expires": "2027-03-01"}, review=[review])
    assert status(CRITICAL, longer, today=date(2026, 12, 31)) == ("waived", "w-1")
    assert status(CRITICAL, longer, today=date(2027, 1, 1)) == ("expired_waiver", "w-1")


@pytest.mark.parametrize(
    ("severity", "days"), [("critical", 30), ("high", 90), ("medium", 180), ("low", 180), ("info", 180)]
)
def test_the_longest_term_is_by_severity(severity: str, days: int) -> None:
    one, lasting = finding(severity=severity), waiver(created="2026-01-01", expires="2030-01-01")
    last = date(2026, 1, 1) + timedelta(days=days)
    assert status(one, lasting, today=last) == ("waived", "w-1")
    assert status(one, lasting, today=last + timedelta(days=1)) == ("expired_waiver", "w-1")
    entry = state(lasting, findings=(one,), today=date(2026, 1, 2))
    assert (entry.state, entry.expires) == ("active", str(last))
    told = f"ends on {last}, not on 2030-01-01: {severity} findings are accepted for {days} days at most"
    assert entry.message == told


def test_the_longest_terms_are_configured_one_by_one() -> None:
    terms = Terms(max_days={Severity.CRITICAL: 5})
    lasting = waiver(created="2026-11-01", expires="2027-06-01")
    assert status(CRITICAL, lasting, terms=terms, today=date(2026, 11, 6))[0] == "waived"
    assert status(CRITICAL, lasting, terms=terms, today=date(2026, 11, 7))[0] == "expired_waiver"
    assert status(finding(severity="high"), lasting, terms=terms, today=date(2027, 1, 30))[0] == "waived"
    endless = Terms(max_days={Severity.CRITICAL: 10**9})
    assert status(CRITICAL, lasting, terms=endless, today=date(2027, 6, 1))[0] == "waived"


def test_it_ends_for_one_severity_before_the_other() -> None:
    """The worst is told: a finding is open again."""
    medium = finding(severity="medium", path="/spec", fingerprint="b" * 64)
    result = applied(waiver(expires="2027-02-01"), findings=(CRITICAL, medium), today=date(2026, 12, 10))
    assert [one.status for one in result.findings] == ["expired_waiver", "waived"]
    (entry,) = result.entries
    assert (entry.state, entry.expires, entry.matched) == ("expired", "2026-12-01", 2)
    assert entry.message == (
        "ended on 2026-12-01, not on 2027-02-01: critical findings are accepted for 30 days at most;"
        " 1 finding is open again; 1 finding is still accepted"
    )


@pytest.mark.parametrize(
    ("days", "expected"), [(0, "active"), (5, "active"), (6, "expiring"), (30, "expiring")]
)
def test_expiring_is_configured(days: int, expected: str) -> None:
    assert state(waiver(), terms=Terms(expiring_days=days)).state == expected


# --- who --------------------------------------------------------------------------------------------

SECURITY = Terms(approvers={Severity.CRITICAL: ("Security Team", "eve")})


@pytest.mark.parametrize(
    ("approver", "expected"),
    [("eve", "waived"), ("EVE ", "waived"), ("security  team", "waived"), ("ada", "open"), ("ev", "open")],
)
def test_who_may_approve_is_by_severity(approver: str, expected: str) -> None:
    assert status(CRITICAL, waiver(approver=approver), terms=SECURITY)[0] == expected
    assert status(finding(severity="high"), waiver(approver=approver), terms=SECURITY)[0] == "waived"


def test_where_nobody_may_approve_nothing_is_accepted() -> None:
    assert status(CRITICAL, waiver(), terms=Terms(approvers={Severity.CRITICAL: ()}))[0] == "open"


def test_what_is_not_for_the_approver_is_said() -> None:
    entry = state(waiver(), findings=(CRITICAL,), terms=SECURITY)
    assert entry.message == (
        "ends in 6 days; ada may not approve critical findings: 1 finding is not accepted"
    )
    assert (entry.state, entry.matched) == ("unused", 0)


def test_the_last_reviewer_is_the_approver() -> None:
    reviewed = waiver(approver="eve", review=[("2026-11-10", "ada", "still needed")])
    assert status(CRITICAL, reviewed, terms=SECURITY)[0] == "open"
    reviewed = waiver(approver="ada", review=[("2026-11-10", "eve", "still needed")])
    assert status(CRITICAL, reviewed, terms=SECURITY)[0] == "waived"


# --- several waivers --------------------------------------------------------------------------------


def test_of_two_in_force_the_one_that_ends_first_wins_and_both_conflict() -> None:
    first, other = waiver("z", expires="2026-11-28"), waiver("a", expires="2026-11-29")
    for order in ((first, other), (other, first)):
        result = applied(*order, findings=(CRITICAL,))
        assert [(one.status, one.waiver) for one in result.findings] == [("waived", "z")]
        assert [(one.id, one.state, one.matched) for one in result.entries] == [
            ("a", "conflicting", 1),
            ("z", "conflicting", 1),
        ]
        assert result.entries[0].message == "ends in 5 days; z accepts some of the same findings"


def test_of_two_that_end_together_the_first_by_id_wins() -> None:
    assert status(CRITICAL, waiver("b"), waiver("a")) == ("waived", "a")


def test_one_in_force_wins_over_one_that_has_ended() -> None:
    ended, valid = waiver("a", expires="2026-11-23"), waiver("b")
    result = applied(ended, valid, findings=(CRITICAL,))
    assert [(one.status, one.waiver) for one in result.findings] == [("waived", "b")]
    assert [one.state for one in result.entries] == ["expired", "expiring"]
    assert result.entries[0].message == "ended on 2026-11-23"
    (told,) = result.told
    assert (told.policy, told.severity) == ("waiver_expired", "low")


def test_the_order_of_findings_and_waivers_changes_nothing() -> None:
    entries = [waiver(name, expires=f"2026-11-{20 + number}") for number, name in enumerate("edcba")]
    entries += [waiver(f"n{number}", "host_network") for number in range(3)]
    findings = [
        finding(policy, fingerprint=f"{number:064}")
        for policy in ("privileged", "host_network")
        for number in range(4)
    ]
    one = applied(*entries, findings=findings)
    for seed in range(5):
        random.Random(seed).shuffle(entries)
        random.Random(seed).shuffle(findings)
        other = applied(*entries, findings=findings)
        assert other.entries == one.entries
        by_name = sorted(other.findings, key=lambda one: (one.policy, one.fingerprint))
        assert by_name == sorted(one.findings, key=lambda one: (one.policy, one.fingerprint))
        assert sorted(other.told, key=lambda one: one.fingerprint) == sorted(
            one.told, key=lambda one: one.fingerprint
        )

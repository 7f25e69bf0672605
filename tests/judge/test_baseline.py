"""Which findings a baseline excuses: what it had, unless it is waived no more or has become worse."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.baseline import excused
from auditor.judge.outcome import outcome
from auditor.objects import ResourceEntry
from auditor.record import Audit, BundleEntry
from auditor.rules import Severity
from tests.judge.audits import audit, bundle, finding, rule

HIGH, LOW = {"severity": Severity.HIGH}, {"severity": Severity.LOW}


def is_excused(then: dict[str, Any], now: dict[str, Any], /, **bundles: Any) -> bool:
    baseline = audit(finding(**then), day=1, by=bundles.get("then"))
    return bool(excused(audit(finding(**now), by=bundles.get("now")), baseline))


@pytest.mark.parametrize("now", ["open", "waived", "expired_waiver"])
@pytest.mark.parametrize("then", ["open", "waived", "expired_waiver"])
def test_a_finding_that_was_waived_and_is_not_any_more_counts(then: str, now: str) -> None:
    assert is_excused({"status": then}, {"status": now}) is not (then == "waived" and now != "waived")


def test_only_what_the_baseline_had() -> None:
    one, other = finding("a"), finding("b")
    assert excused(audit(one, other), audit(one, finding("c"))) == {one.fingerprint}


def test_what_was_hidden_behind_another_finding_was_there() -> None:
    assert is_excused({"superseded_by": "q"}, {})


def test_a_waiver_that_is_too_broad_lets_nothing_new_through() -> None:
    about = ResourceEntry("auditor.dev/v1", "Waiver", "", "broad")
    broad = finding(policy="waiver_too_broad", resource=about)
    old, new = (finding(name, status="waived", waiver="broad") for name in ("old", "new"))
    base = audit(broad, old, day=1)
    assert ended(audit(broad, old), base)[0] == 0
    assert ended(audit(broad, old, new), base)[0] == 1
    other = finding("new", status="waived", waiver="narrow")
    assert ended(audit(broad, old, other), base)[0] == 0


RULED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "the same": (HIGH, HIGH, {}, True),
    "its object made it worse": (LOW, HIGH, {}, False),
    "it is less bad": (HIGH, LOW, {}, True),
    "auditor.yaml made it worse": (LOW, HIGH, {"now": bundle(rule(severity=Severity.HIGH))}, True),
    "its policy made it worse": (LOW, HIGH, {"now": bundle(rule(digest="e"))}, True),
    "a parameter made it worse": (LOW, HIGH, {"now": bundle(rule(parameters={"days": 1}))}, True),
    "an older record does not tell": (LOW, HIGH, {"then": BundleEntry("sha256:d", ("p",))}, True),
    "auditor.yaml had made it less bad": (LOW, HIGH, {"then": bundle(rule(severity=Severity.LOW))}, True),
}


@pytest.mark.parametrize(("then", "now", "bundles", "expected"), RULED.values(), ids=RULED)
def test_what_has_become_worse(
    then: dict[str, Any], now: dict[str, Any], bundles: dict[str, Any], expected: bool
) -> None:
    assert is_excused(then, now, **bundles) is expected


def ended(now: Audit, baseline: Audit, **options: Any) -> tuple[int, str]:
    found = outcome(now, fail_on=Severity.HIGH, known=excused(now, baseline), **options)
    return found.code, found.reason


def test_a_team_with_old_findings_gates_on_new_ones() -> None:
    old = [finding(f"old-{number}") for number in range(3)]
    base = audit(*old, day=1)
    assert ended(audit(*old), base) == (0, "no new finding at or above high (3 known ones do not count)")
    assert ended(audit(*old, finding("new")), base) == (
        1,
        "1 new finding at or above high (3 known ones do not count)",
    )
    low = finding("low", severity=Severity.LOW)
    assert ended(audit(old[0], low), base) == (
        0,
        "no new finding at or above high (1 known one does not count)",
    )
    assert ended(audit(), base) == (0, "no new finding at or above high")

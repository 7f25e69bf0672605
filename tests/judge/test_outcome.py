"""Exit codes: 0 clean, 1 findings, 3 incomplete; 1 wins over 3, and both are told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.judge.outcome import Outcome, outcome
from auditor.objects import ResourceEntry
from auditor.record import (
    Audit,
    BundleEntry,
    Counts,
    Finding,
    Run,
    Summary,
)
from auditor.rules import Severity


def finding(severity: Severity = Severity.HIGH, **fields: Any) -> Finding:
    one = Finding(
        fingerprint="f",
        policy="p",
        title="T",
        severity=severity,
        category="c",
        status="open",
        resource=ResourceEntry(apiVersion="v1", kind="Pod", namespace="", name="web"),
        path="",
        message="m",
        evidence={},
        remediation="r",
        controls=(),
    )
    return msgspec.structs.replace(one, **fields)


def audit(*findings: Finding, coverage: float = 1, documents: int = 1, resources: int = 1) -> Audit:
    run = Run("id", "", "", "0", {"kind": "cluster"}, BundleEntry("", ()))
    summary = Summary(resources, documents, 1, Counts(), coverage, {})
    return Audit(audit=run, summary=summary, findings=findings)


def ended(record: Audit, fail_on: Severity | None = Severity.HIGH, **options: Any) -> tuple[int, str]:
    found: Outcome = outcome(record, fail_on=fail_on, **options)
    return found.code, found.reason


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.CRITICAL, Severity.HIGH, 1),
        (Severity.HIGH, Severity.HIGH, 1),
        (Severity.MEDIUM, Severity.HIGH, 0),
        (Severity.INFO, Severity.INFO, 1),
        (Severity.HIGH, Severity.CRITICAL, 0),
        (Severity.CRITICAL, None, 0),
    ],
)
def test_the_threshold(severity: Severity, fail_on: Severity | None, code: int) -> None:
    assert ended(audit(finding(severity)), fail_on)[0] == code


def test_reasons() -> None:
    assert ended(audit()) == (0, "no finding at or above high")
    assert ended(audit(), None) == (0, "findings never fail the run")
    assert ended(audit(finding())) == (1, "1 finding at or above high")
    assert ended(audit(finding(), finding())) == (1, "2 findings at or above high")


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (finding(status="waived"), 0),
        (finding(status="expired_waiver"), 1),
        (finding(superseded_by="other"), 0),
        (finding(system=True), 0),
    ],
)
def test_which_findings_count(one: Finding, code: int) -> None:
    assert ended(audit(one))[0] == code


def test_system_findings_if_asked() -> None:
    assert ended(audit(finding(system=True)), system=True)[0] == 1


@pytest.mark.parametrize(
    ("coverage", "wanted", "reason"),
    [
        (0.5, 100.0, "coverage 50% is below 100%"),
        (0.9997, 100.0, "coverage 99.9% is below 100%"),
        (0.99999999, 100.0, "coverage 99.9% is below 100%"),
        (0.5, 75.5, "coverage 50% is below 75.5%"),
        (0.0, 1.0, "coverage 0% is below 1%"),
    ],
)
def test_incomplete(coverage: float, wanted: float, reason: str) -> None:
    assert ended(audit(coverage=coverage), min_coverage=wanted) == (3, reason)


@pytest.mark.parametrize(("coverage", "wanted"), [(1, 100), (0.5, 50), (0, 0), (sum([0.1] * 10), 100)])
def test_enough(coverage: float, wanted: float) -> None:
    assert ended(audit(coverage=coverage), min_coverage=wanted)[0] == 0


@pytest.mark.parametrize("resources", [0, 7])
def test_nothing_to_judge(resources: int) -> None:
    nothing = audit(documents=0, resources=resources)
    assert ended(nothing, min_coverage=0) == (3, "nothing was collected that the policies judge")


def test_findings_win_over_incompleteness_and_both_are_told() -> None:
    record = audit(finding(), coverage=0.5)
    assert ended(record) == (1, "1 finding at or above high; coverage 50% is below 100%")


def known(*fingerprints: str) -> dict[str, Any]:
    return {"known": frozenset(fingerprints)}


def test_with_a_baseline_only_new_findings_count() -> None:
    some = audit(finding(), finding(fingerprint="g"), finding(Severity.LOW, fingerprint="h"))
    assert ended(some, **known()) == (1, "2 new findings at or above high")
    assert ended(some, **known("f")) == (1, "1 new finding at or above high (1 known one does not count)")
    assert ended(some, **known("f", "g", "h")) == (
        0,
        "no new finding at or above high (2 known ones do not count)",
    )
    assert ended(audit(), **known("f")) == (0, "no new finding at or above high")
    assert ended(some, None, **known("f")) == (0, "findings never fail the run")


def test_known_findings_that_would_not_count_anyway_are_not_told() -> None:
    quiet = audit(finding(status="waived"), finding(superseded_by="q"), finding(system=True))
    assert ended(quiet, **known("f")) == (0, "no new finding at or above high")
    assert ended(quiet, system=True, **known("f")) == (
        0,
        "no new finding at or above high (1 known one does not count)",
    )


def test_a_baseline_does_not_excuse_incompleteness() -> None:
    half = audit(finding(), coverage=0.5)
    assert ended(half, **known("f")) == (3, "coverage 50% is below 100%")
    assert ended(half, **known()) == (1, "1 new finding at or above high; coverage 50% is below 100%")

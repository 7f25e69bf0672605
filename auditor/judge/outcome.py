"""How a run ends: the exit code, and why."""

from __future__ import annotations

import math

import msgspec

from auditor.record import Audit, Finding
from auditor.rules import Severity


class Outcome(msgspec.Struct, frozen=True):
    """What the process tells its caller."""

    code: int
    """0 clean, 1 findings at or above --fail-on, 3 incomplete, 4 another output could not be written."""
    reason: str
    """One clause that a person understands, as `3 findings at or above high`."""


def outcome(
    audit: Audit, *, fail_on: Severity | None, min_coverage: float = 100.0, system: bool = False
) -> Outcome:
    """Decide the exit code of a finished audit; findings win over incompleteness, both are told.

    `fail_on` None is "never". `min_coverage` is a percentage. With `system`, findings in system
    namespaces count as well.
    """
    failing = [one for one in audit.findings if _counts(one, fail_on, system=system)]
    reasons = []
    if failing:
        noun = "finding" if len(failing) == 1 else "findings"
        reasons.append(f"{len(failing)} {noun} at or above {fail_on}")
    missing = _incomplete(audit, min_coverage)
    if missing:
        reasons.append(missing)
    if failing:
        return Outcome(1, "; ".join(reasons))
    if missing:
        return Outcome(3, "; ".join(reasons))
    return Outcome(0, f"no finding at or above {fail_on}" if fail_on else "findings never fail the run")


def _counts(finding: Finding, fail_on: Severity | None, *, system: bool) -> bool:
    return (
        fail_on is not None
        and finding.status != "waived"
        and finding.superseded_by is None
        and finding.severity.rank <= fail_on.rank
        and (system or not finding.system)
    )


def _incomplete(audit: Audit, min_coverage: float) -> str:
    summary = audit.summary
    if not summary.documents:
        return "nothing was collected that the policies judge"
    percent = summary.coverage * 100
    if percent + 1e-9 < min_coverage:
        # rounded down: 99.97 must not read as 100
        return f"coverage {math.floor(percent * 10) / 10:g}% is below {min_coverage:g}%"
    return ""

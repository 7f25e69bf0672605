"""How a run ends: the exit code, and why."""

from __future__ import annotations

import math
from collections.abc import Collection

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
    audit: Audit,
    *,
    fail_on: Severity | None,
    min_coverage: float = 100.0,
    system: bool = False,
    known: Collection[str] | None = None,
) -> Outcome:
    """Decide the exit code of a finished audit; findings win over incompleteness, both are told.

    `fail_on` None is "never". `min_coverage` is a percentage. With `system`, findings in system
    namespaces count as well. `known` are the fingerprints that a baseline excuses (`baseline.excused`);
    None without a baseline.
    """
    count, told = gate(audit, fail_on, system=system, known=known)
    missing = _incomplete(audit, min_coverage)
    if count:
        return Outcome(1, f"{told}; {missing}" if missing else told)
    if missing:
        return Outcome(3, missing)
    return Outcome(0, told)


def gate(
    audit: Audit, fail_on: Severity | None, *, system: bool = False, known: Collection[str] | None = None
) -> tuple[int, str]:
    """Return how many findings count for --fail-on, and say so; arguments as for `outcome`."""
    if fail_on is None:
        return 0, "findings never fail the run"
    failing = [one for one in audit.findings if _counts(one, fail_on, system=system)]
    counted = [one for one in failing if known is None or one.fingerprint not in known]
    new = "" if known is None else "new "
    noun = f"{new}finding" if len(counted) < 2 else f"{new}findings"
    told = f"{len(counted) or 'no'} {noun} at or above {fail_on}"
    if excused := len(failing) - len(counted):
        told += f" ({excused} known {'one does' if excused == 1 else 'ones do'} not count)"
    return len(counted), told


def _counts(finding: Finding, fail_on: Severity, *, system: bool) -> bool:
    return (
        finding.status != "waived"
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

"""What table and HTML both show of a record, in the order in which they show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from auditor.model import SourceFacts
from auditor.objects import ResourceEntry
from auditor.record import Audit, Counts, Cut, Finding, GapEntry, NotEvaluated
from auditor.rules import Severity

UNVERIFIED = "the server's certificate was not verified: anybody on the way may have changed what was read"
"""Said of every audit of such a connection."""


class State(StrEnum):
    """What an audit says as a whole. Only `CLEAN` may be green."""

    FAILURES = "failures"
    INCONCLUSIVE = "inconclusive"
    """Nothing failed that counts, but not everything was looked at, or something failed that does not."""
    CLEAN = "clean"


class Verdict(msgspec.Struct, frozen=True):
    """The audit in one sentence."""

    state: State
    headline: str
    reasons: tuple[str, ...]
    """What limits the headline, each a clause that can stand alone."""


class Group(msgspec.Struct, frozen=True):
    """One object and its findings, worst first."""

    resource: ResourceEntry
    findings: tuple[Finding, ...]


class FrameworkScore(msgspec.Struct, frozen=True):
    """How far a framework is met."""

    id: str
    score: float | None
    """0 to 1; None when nothing is decided."""
    passed: int
    decided: int
    """Controls that passed or failed; a waived failure has failed."""
    others: Mapping[str, int]
    """Controls in every other status, by status, none of them 0."""


class Unjudged(msgspec.Struct, frozen=True):
    """One reason why policies have no verdict, and how often it kept each of them from one."""

    reason: str
    policies: Mapping[str, int]
    where: tuple[str, ...]
    """The objects or kinds concerned."""


class Declined(msgspec.Struct, frozen=True):
    """Policies that were not to judge anything, for one reason."""

    reason: str
    """A clause about one of them: `judges live status, which manifests do not have`."""
    policies: tuple[str, ...]


def facts(audit: Audit) -> SourceFacts:
    """Return what the record says of its source."""
    return msgspec.convert(audit.audit.source, SourceFacts, strict=False)


def shown(audit: Audit) -> list[Finding]:
    """Return the findings that count: not waived, not superseded, outside system namespaces."""
    return [finding for finding in _standing(audit) if not finding.system]


def system(audit: Audit) -> list[Finding]:
    """Return those that would count, but sit in system namespaces."""
    return [finding for finding in _standing(audit) if finding.system]


def waived(audit: Audit) -> list[Finding]:
    """Return the findings that a valid waiver accepts."""
    return [finding for finding in audit.findings if finding.status == "waived"]


def superseded(audit: Audit) -> list[Finding]:
    """Return the unwaived findings whose root cause another finding tells."""
    return [f for f in audit.findings if f.superseded_by is not None and f.status != "waived"]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Group findings by the object they sit on; the worst object first, and in it the worst finding."""
    by_object: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        by_object.setdefault(_identity(finding.resource), []).append(finding)
    for found in by_object.values():
        found.sort(key=lambda f: (f.severity.rank, f.policy, f.path, f.fingerprint))
    groups = [Group(found[0].resource, tuple(found)) for found in by_object.values()]
    return sorted(
        groups, key=lambda g: (g.findings[0].severity.rank, -len(g.findings), _identity(g.resource))
    )


def unjudged(entries: Iterable[NotEvaluated]) -> list[Unjudged]:
    """Group what has no verdict by reason; the most frequent reason first."""
    by_reason: dict[str, list[NotEvaluated]] = {}
    for entry in entries:
        by_reason.setdefault(entry.reason, []).append(entry)
    return [
        Unjudged(
            reason,
            dict(sorted(Counter(entry.policy for entry in found).items())),
            tuple(sorted({_where(entry) for entry in found})),
        )
        for reason, found in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def declined(entries: Iterable[GapEntry]) -> list[Declined]:
    """Group the policies that are out of reach as a whole by reason, in the order of the record."""
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        if entry.policy:
            reason = entry.reason.removeprefix(f"policy {entry.policy} ")
            by_reason.setdefault(reason, []).append(entry.policy)
    return [Declined(reason, tuple(policies)) for reason, policies in by_reason.items()]


def frameworks(audit: Audit) -> list[FrameworkScore]:
    """Return every framework of the record with its score, by id."""
    statuses: dict[str, Counter[str]] = {framework: Counter() for framework in audit.summary.scores}
    for control in audit.controls:
        statuses.setdefault(control.framework, Counter())[control.status] += 1
    return [
        FrameworkScore(
            framework,
            audit.summary.scores.get(framework),
            passed=found["pass"] + found["attested"],
            decided=sum(found[status] for status in ("pass", "attested", "fail", "pass_with_waivers")),
            others={s: n for s, n in sorted(found.items()) if s not in ("pass", "attested", "fail")},
        )
        for framework, found in sorted(statuses.items())
    ]


def counts(figures: Counts) -> str:
    """Write the findings by severity, worst first, without the zeros."""
    named = [(severity.value, int(getattr(figures, severity))) for severity in Severity]
    return ", ".join(f"{number} {name}" for name, number in named if number) or "no findings"


def percent(ratio: float) -> str:
    """Write a ratio as a percentage, never rounded up: `100%` means all of it."""
    return f"{math.floor(round(ratio * 1000, 6)) / 10:g}%"


def plural(number: int, noun: str) -> str:
    """Write a number with its noun: `1 finding`, `2 findings`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("cy") else f"{number} {noun}s"


def verdict(audit: Audit) -> Verdict:
    """Say in one sentence what the audit found, and what limits it."""
    failing, inside, accepted = shown(audit), system(audit), waived(audit)
    limits = _limits(audit)
    part = (limited(audit.cut),) if audit.cut else ()
    notes = (
        (inside, "finding", "in system namespaces"),
        (accepted, "finding", "waived"),
        ([one for one in audit.out_of_reach if not one.policy], "kind", "out of reach"),
        ([one for one in audit.out_of_reach if one.policy], "policy", "out of reach"),
        (audit.skipped_files, "file", "skipped"),
    )
    reasons = (*part, *limits, *(f"{plural(len(some), noun)} {what}" for some, noun, what in notes if some))
    if failing:
        headline = f"{plural(len(failing), 'finding')} on {plural(len(grouped(failing)), 'object')}"
        return Verdict(State.FAILURES, headline, reasons)
    if audit.summary.evaluations == 0:
        return Verdict(State.INCONCLUSIVE, "Nothing was evaluated", reasons)
    if limits:
        return Verdict(State.INCONCLUSIVE, "No failure found, but the audit is incomplete", reasons)
    if part:
        return Verdict(State.INCONCLUSIVE, "No failure found in this part of the audit", reasons)
    if inside or accepted:
        return Verdict(State.INCONCLUSIVE, "No failure found that counts", reasons)
    return Verdict(State.CLEAN, "No failure found; all that is within reach was looked at", reasons)


def limited(cut: Cut) -> str:
    """Say what a report is cut to, and of how many findings."""
    named = (("namespace", cut.namespaces), ("owner", cut.owners), ("framework", cut.frameworks))
    only = " and ".join(f"{what} {' or '.join(names)}" for what, names in named if names)
    return f"only {only}; the whole audit has {counts(cut.findings)}"


def _standing(audit: Audit) -> list[Finding]:
    return [f for f in audit.findings if f.status != "waived" and f.superseded_by is None]


def _limits(audit: Audit) -> list[str]:
    reasons = []
    if audit.summary.coverage < 1:
        reasons.append(f"coverage {percent(audit.summary.coverage)}")
    if audit.summary.evaluations == 0:
        reasons.append(f"0 evaluations of {plural(audit.summary.resources, 'resource')}")
    if audit.not_evaluated:
        reasons.append(f"{plural(len(audit.not_evaluated), 'result')} without a verdict")
    if audit.gaps:
        reasons.append(f"{plural(len(audit.gaps), 'gap')} in what was read")
    return reasons


def _identity(resource: ResourceEntry) -> tuple[str, ...]:
    # Two files may define the same object; only there does the file tell them apart.
    place = (resource.source.path, f"{resource.source.document:09}") if resource.source else ("", "")
    return (resource.kind, resource.namespace, resource.name, resource.apiVersion, *place)


def _where(entry: NotEvaluated) -> str:
    if entry.resource is not None:
        return str(entry.resource)
    return f"every {entry.kind}" if entry.kind else "the whole audit"

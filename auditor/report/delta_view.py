"""What a screen, a pipe and other reports show of a delta, in the order in which they show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.judge.diff import Diff, Difference
from auditor.objects import ResourceEntry
from auditor.past import Against, Delta, KnownFinding, RuleChanges, UnknownFinding
from auditor.record import Audit, Finding
from auditor.rules import Severity

RULES = {
    "added": "added to the bundle",
    "removed": "removed from the bundle",
    "changed": "changed",
    "parameters": "with other parameters",
    "severity": "with another severity in auditor.yaml",
    "selected": "judged now, and not before",
    "deselected": "judged before, and not now",
}
"""What can change in the rules, by the fields of `RuleChanges`, in the order of a report."""


class Item(msgspec.Struct, frozen=True):
    """A finding of either audit, as a list shows it."""

    severity: Severity
    policy: str
    resource: ResourceEntry
    path: str
    marks: tuple[str, ...]
    """What else must be known of it: waived, superseded, system namespace, since when."""
    counts: bool
    """It is neither waived nor superseded."""

    @property
    def place(self) -> str:
        """Where its object is defined, "" in a cluster."""
        source = self.resource.source
        return f"{source.path}:{source.line}" if source else ""


def new(audit: Audit) -> list[Item]:
    """Return the new findings of an audit by its own delta, worst first."""
    names = frozenset(audit.delta.new if audit.delta else ())
    return items(one for one in audit.findings if one.fingerprint in names)


def items(findings: Iterable[Finding]) -> list[Item]:
    """Return what a list shows of findings, in their order."""
    return [item(one) for one in findings]


def item(finding: Finding | KnownFinding, changed: Iterable[str] = ()) -> Item:
    """Return what a list shows of a finding; `changed` are the policies whose rules are others now."""
    superseded = finding.superseded_by is not None if isinstance(finding, Finding) else finding.superseded
    marks = {
        "waived": finding.status == "waived",
        "its waiver has expired": finding.status == "expired_waiver",
        "superseded": superseded,
        "system namespace": finding.system,
        "its policy changed": finding.policy in changed,
    }
    return Item(
        severity=finding.severity,
        policy=finding.policy,
        resource=finding.resource,
        path=finding.path,
        marks=tuple(text for text, true in marks.items() if true),
        counts=not superseded and finding.status != "waived",
    )


def resolved(delta: Delta | Difference) -> list[Item]:
    """Return the resolved findings, worst first; those that other rules may have resolved are marked."""
    changed = {*delta.rules.changed, *delta.rules.parameters}
    return [item(one, changed) for one in delta.resolved]


def by_reason(unknown: Iterable[UnknownFinding]) -> Mapping[str, list[Item]]:
    """Group what was not looked at by the reason; the one that hides the worst finding first."""
    reasons: dict[str, list[Item]] = {}
    for one in unknown:
        reasons.setdefault(one.reason, []).append(item(one.finding))
    worst = {reason: min(one.severity.rank for one in found) for reason, found in reasons.items()}
    return dict(sorted(reasons.items(), key=lambda entry: (worst[entry[0]], -len(entry[1]), entry[0])))


def sentence(delta: Delta | Difference) -> str:
    """Count all four sorts of findings, whatever is waived, superseded or in a system namespace."""
    figures = (len(delta.new), len(delta.resolved), len(delta.unknown), delta.unchanged)
    words = ("new", "resolved", "unknown", "unchanged")
    return ", ".join(f"{number} {word}" for number, word in zip(figures, words, strict=True))


def since(against: Against) -> str:
    """Say what a delta is against."""
    what = {"baseline": "the baseline", "history": "the last audit", "audit": "the audit"}[against.kind]
    return f"{what} of {against.at}" if against.at else what


def source(facts: Mapping[str, Any]) -> str:
    """Say what an audit is of: `source` of the record."""
    limited = f", namespaces {', '.join(facts['namespaces'])}" if facts.get("namespaces") else ""
    if facts.get("kind") == "cluster":
        server = facts.get("server") or "an unknown address"
        return f"cluster {facts.get('name') or '(unnamed)'} at {server}{limited}"
    return f"manifests {', '.join(facts.get('paths', ()))}{limited}"


def unchanged(diff: Diff) -> str:
    """Count the unchanged findings by the severity that they have in the later audit."""
    rest = Counter(diff.b.findings)
    rest.subtract(one.severity for one in diff.delta.new)
    return severities(rest.elements())


def severities(items: Iterable[Severity]) -> str:
    """Count by severity, worst first, without the zeros."""
    counted = Counter(items)
    return ", ".join(f"{counted[one]} {one}" for one in Severity if counted[one])


def rules(changes: RuleChanges) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each sort of change in the rules that there was, with the policies."""
    for field in RULES:
        if names := getattr(changes, field):
            yield field, names

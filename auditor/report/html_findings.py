"""The findings of the HTML page: which of them it holds, and under which policy each stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import msgspec

from auditor.record import Audit, Finding, PolicyText
from auditor.report import view

MOST = 5000
"""Findings that a page holds; a browser opens that many in less than two seconds."""

BUDGET = 8_600_000
"""Characters that findings may take, as estimated: with all else a page stays under 10 MB."""

_MARKUP = 1050
"""Characters around the text of one finding."""

_LISTS = (
    ("findings", "Findings", ""),
    (
        "system",
        "System namespaces",
        "Findings in namespaces that the platform brings along. They do not count for the exit code.",
    ),
    ("waived", "Waived findings", "Accepted for now by a waiver. They still count as failed."),
    (
        "superseded",
        "Superseded findings",
        "The same root cause as another finding; they count for controls only.",
    ),
)


class Group(msgspec.Struct, frozen=True):
    """The findings of one policy in one list, worst first, and what the policy says once for all."""

    text: PolicyText
    controls: tuple[str, ...]
    findings: tuple[Finding, ...]
    total: int
    """With those that the page does not hold."""
    told: bool
    """The text of the policy stands here; otherwise in a list before."""


class Section(msgspec.Struct, frozen=True):
    """One of the lists that together hold every finding of the record exactly once."""

    id: str
    title: str
    lead: str
    total: int
    groups: tuple[Group, ...]


class Listing(msgspec.Struct, frozen=True):
    """All findings of a page."""

    sections: tuple[Section, ...]
    shown: int
    total: int

    @property
    def policies(self) -> frozenset[str]:
        """The policies whose text stands with their findings."""
        return frozenset(group.text.policy for section in self.sections for group in section.groups)


def listing(audit: Audit, *, most: int = MOST, budget: int = BUDGET) -> Listing:
    """Choose the findings of a page and sort them: those that count first, and of them the worst."""
    lists = [view.shown(audit), view.system(audit), view.waived(audit), view.superseded(audit)]
    texts = {one.policy: one for one in audit.policies}
    sections, told, held = [], set[str](), 0
    for (name, title, lead), found in zip(_LISTS, lists, strict=True):
        found.sort(key=_order)
        kept = []
        for one in found:
            budget -= _size(one)
            if held == most or budget < 0:
                # what comes later is not worse: nothing is picked out of the rest
                budget = 0
                break
            kept.append(one)
            held += 1
        sections.append(Section(name, title, lead, len(found), _groups(kept, found, texts, told)))
    return Listing(tuple(sections), held, len(audit.findings))


def _groups(
    kept: Iterable[Finding], found: Iterable[Finding], texts: Mapping[str, PolicyText], told: set[str]
) -> tuple[Group, ...]:
    by_policy: dict[str, list[Finding]] = {}
    for one in kept:
        by_policy.setdefault(one.policy, []).append(one)
    totals: dict[str, int] = {}
    for one in found:
        totals[one.policy] = totals.get(one.policy, 0) + 1
    groups = []
    for policy, few in by_policy.items():
        text = texts.get(policy) or _text(few[0])
        groups.append(Group(text, few[0].controls, tuple(few), totals[policy], policy not in told))
        told.add(policy)
    # Python's sort keeps the order of equals: by the worst finding, then by how many
    return tuple(sorted(groups, key=lambda one: (one.findings[0].severity.rank, -one.total, one.text.policy)))


def _text(finding: Finding) -> PolicyText:
    """What a finding says of a policy that the record has no text of: an older one, or a built-in one."""
    return PolicyText(
        finding.policy, finding.title, finding.severity, finding.category, "", finding.remediation
    )


def _order(finding: Finding) -> tuple[int, str, str, str, str, str]:
    resource = finding.resource
    return (
        finding.severity.rank,
        finding.policy,
        resource.namespace,
        resource.name,
        finding.path,
        finding.fingerprint,
    )


def _size(finding: Finding) -> int:
    """How many characters of markup a finding takes, about; each `<` or `"` of its text is five."""
    free = json.dumps([finding.evidence, finding.related, finding.patch], indent=2, default=str)
    text = free + finding.message + finding.path * 3 + str(finding.resource) * 3
    return _MARKUP + len(text) + 4 * sum(map(text.count, "<>&\"'"))

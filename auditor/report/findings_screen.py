"""The findings on a terminal: the worst, or all of them by namespace, policy, object or owner."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from auditor.record import Audit, Finding
from auditor.report import set_by, view
from auditor.report.page import Page
from auditor.report.shape import By, Shape
from auditor.report.text import lines
from auditor.rules import Severity

WORST = 10
"""Findings that are shown where nobody asks for all."""

NOWHERE = "(no namespace)"
NOBODY = "(no owner)"


GROUPS: Mapping[By, Callable[[Finding], str]] = {
    "namespace": lambda one: one.resource.namespace or NOWHERE,
    "policy": lambda one: one.policy,
    "owner": lambda one: one.owner or NOBODY,
}
"""What findings have in common that are shown together; those of an object are always."""


def section(audit: Audit, page: Page, shape: Shape) -> None:
    """Write the findings that count, then those in system namespaces."""
    shown, system = view.shown(audit), view.system(audit)
    writer = _Writer(page, shape, audit.audit.started_at)
    if shape.everything:
        writer.all("Findings", shown)
        writer.all("System namespaces (not counted)", system)
        return
    worst = sorted(shown, key=_rank)[:WORST]
    writer.all(
        "Findings" if len(worst) == len(shown) else f"The worst {WORST} of {len(shown)} findings", worst
    )
    if len(worst) < len(shown):
        more = _counts(sorted(shown, key=_rank)[WORST:])
        ways = "--by namespace, policy, resource or owner lists all, --verbose with their evidence"
        page.blank()
        page.text(f"{more} more: {ways}.", hang=2)
    if system:
        page.blank()
        page.text(
            f"System namespaces (not counted): {_counts(system)}; --by and --verbose list them.", hang=2
        )


def _rank(finding: Finding) -> tuple[int, str, str, str]:
    return (finding.severity.rank, finding.policy, str(finding.resource), finding.fingerprint)


def _counts(findings: Iterable[Finding]) -> str:
    found = Counter(one.severity for one in findings)
    return ", ".join(f"{found[one]} {one.value}" for one in Severity if found[one])


class _Writer:
    """Writes findings to a page."""

    def __init__(self, page: Page, shape: Shape, at: str) -> None:
        self._page, self._shape, self._at = page, shape, at

    def all(self, title: str, findings: Sequence[Finding]) -> None:
        """Write a section, if there is anything in it."""
        if not findings:
            return
        self._page.blank()
        self._page.text(title, style="heading")
        by = self._shape.by
        if by is None or by not in GROUPS:
            self._by_object(findings)
            return
        groups: dict[str, list[Finding]] = {}
        for one in findings:
            groups.setdefault(GROUPS[by](one), []).append(one)
        # the group with the worst finding first, then that with most of them
        order = sorted(groups, key=lambda name: (sorted(one.severity.rank for one in groups[name]), name))
        for name in order:
            self._page.blank()
            self._page.ends(name, _counts(groups[name]), style="heading")
            if by == "policy":
                self._of_policy(groups[name])
            else:
                self._by_object(groups[name])

    def _of_policy(self, findings: Sequence[Finding]) -> None:
        """Write findings of one policy: its title and advice once, then where."""
        page, first = self._page, min(findings, key=_rank)
        page.text(first.title, indent=2)
        for one in sorted(findings, key=_rank):
            page.ends(f"  {one.severity.value:<8} {one.resource}", _source(one))
            page.text(one.message, indent=11)
            self._details(one, 11)
        for text in dict.fromkeys(one.remediation for one in findings):
            self._advice(text, 2)

    def _by_object(self, findings: Iterable[Finding]) -> None:
        for group in view.grouped(findings):
            self._page.blank()
            self._page.ends(str(group.resource), _place(group))
            for number, finding in enumerate(group.findings, start=1):
                after = group.findings[number] if number < len(group.findings) else None
                # Three containers with the same fault need the same advice once.
                last = after is None or (after.policy, after.remediation) != (
                    finding.policy,
                    finding.remediation,
                )
                self._finding(finding, one_line=_line(group) is not None, advise=last)

    def _finding(self, finding: Finding, *, one_line: bool, advise: bool) -> None:
        page, severity = self._page, finding.severity.value
        inner = 11 if page.columns >= 60 else 4
        marks = [finding.policy]
        if finding.resource.source and not one_line:
            marks.append(f"line {finding.resource.source.line}")
        if finding.pods:
            marks.append(f"in {finding.pods.affected} of {finding.pods.total} live pods")
        if finding.status == "expired_waiver":
            marks.append("its waiver has expired")
        page.labelled(severity, " " * (8 - len(severity)) + ", ".join(marks), 2, inner - 2, severity)
        page.text(finding.message, indent=inner)
        if finding.path:
            page.text(finding.path, indent=inner, style="quiet")
        if finding.set_by:
            page.text(set_by.words(finding.set_by, self._at), indent=inner, style="quiet")
        self._details(finding, inner)
        if advise:
            self._advice(finding.remediation, inner)

    def _details(self, finding: Finding, indent: int) -> None:
        """Write what --verbose adds."""
        if not self._shape.verbose:
            return
        page = self._page
        for name, value in finding.evidence.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            page.text(f"{name}: {text}", indent=indent, hang=2, style="quiet")
        if finding.controls:
            page.text(f"controls: {', '.join(finding.controls)}", indent=indent, hang=2, style="quiet")
        if finding.first_seen:
            seen = f"{finding.first_seen.at}, {finding.first_seen.cause.replace('_', ' ')}"
            page.text(f"first seen: {seen}", indent=indent, hang=2, style="quiet")
        page.text(f"fingerprint: {finding.fingerprint[:12]}", indent=indent, hang=2, style="quiet")

    def _advice(self, remediation: str, indent: int) -> None:
        for number, text in enumerate(lines(remediation)):
            shown = text if number else f"Fix: {text}"
            self._page.text(shown, indent=indent + 5 * (number > 0), hang=5 * (number == 0))


def _line(group: view.Group) -> int | None:
    """Return the line that all findings of an object name, if it is one and the same."""
    found = {finding.resource.source.line for finding in group.findings if finding.resource.source}
    return found.pop() if len(found) == 1 else None


def _place(group: view.Group) -> str:
    source, owner = group.resource.source, group.resource.managed_by
    if source:
        line = _line(group)
        return f"{source.path}:{line}" if line else source.path
    return f"managed by {owner}" if owner else ""


def _source(finding: Finding) -> str:
    source = finding.resource.source
    return f"{source.path}:{source.line}" if source else ""

"""JUnit XML, as CI servers read it: a suite for each policy, a case for each thing it says of an object.

No standard fixes the format; this is its common ground: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import IO
from xml.etree import ElementTree

import msgspec

from auditor.record import Audit, Finding
from auditor.report.text import lines, visible

GAPS = "what was read"
"""The suite of gaps: they are no policy's."""


class Case(msgspec.Struct, frozen=True):
    """One test case."""

    name: str
    outcome: str = ""
    """`failure`, `error` or `skipped`; "" if it passed."""
    type: str = ""
    message: str = ""
    text: str = ""


class JunitRenderer:
    """Writes an audit as test suites."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the document to `out`.

        What is not evaluated is an error, as is a gap; what is waived, told by another finding, or sits in a
        system namespace is skipped. A policy that says nothing at all is one case that passed.
        """
        suites = {policy: [Case("all that it judges")] for policy in audit.audit.bundle.policies}
        suites.update(_suites(audit))
        root = ElementTree.Element("testsuites", name="auditor")
        for name in sorted(suites):
            cases = _unique(suites[name])
            suite = ElementTree.SubElement(root, "testsuite", {"name": visible(name), **_counts(cases)})
            suite.set("timestamp", visible(audit.audit.started_at).removesuffix("Z"))
            for case in cases:
                suite.append(_element(case, name))
        for name, value in _counts(case for cases in suites.values() for case in cases).items():
            root.set(name, value)
        ElementTree.indent(root)
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write(ElementTree.tostring(root, encoding="unicode") + "\n")


def _suites(audit: Audit) -> dict[str, list[Case]]:
    suites: dict[str, list[Case]] = {}
    reasons = {one.id: f"{one.reason} (until {one.expires})" for one in audit.waivers}
    for finding in audit.findings:
        suites.setdefault(finding.policy, []).append(_found(finding, reasons.get(finding.waiver or "", "")))
    for entry in audit.not_evaluated:
        where = (
            str(entry.resource) if entry.resource else f"every {entry.kind}" if entry.kind else "everything"
        )
        case = Case(where, "error", "not_evaluated", entry.reason)
        suites.setdefault(entry.policy, []).append(case)
    for gap in audit.gaps:
        where = f"{gap.kind or 'unknown'} in {gap.namespace}" if gap.namespace else gap.kind or "unknown"
        suites.setdefault(GAPS, []).append(Case(where, "error", "gap", gap.reason, visible(gap.effect)))
    return suites


def _found(finding: Finding, reason: str) -> Case:
    name = f"{finding.resource} {finding.path}"
    if finding.status == "waived":
        return Case(name, "skipped", "waived", f"waiver {finding.waiver}: {reason}")
    if finding.superseded_by:
        return Case(name, "skipped", "superseded", f"{finding.superseded_by} tells the same root cause")
    if finding.system:
        return Case(name, "skipped", "system", f"in a system namespace: {finding.message}")
    source = finding.resource.source
    place = [f"at {source.path}:{source.line}"] if source else []
    told = (*map(visible, (*place, finding.message)), *lines(finding.remediation))
    text = "\n".join((*told, f"fingerprint {visible(finding.fingerprint)}"))
    return Case(name, "failure", finding.severity.value, f"{finding.severity}: {finding.message}", text)


def _unique(cases: Sequence[Case]) -> list[Case]:
    """Number the cases that share a name: who counts by names would lose some."""
    seen: Counter[str] = Counter()
    named = []
    for case in cases:
        seen[case.name] += 1
        again = seen[case.name]
        named.append(msgspec.structs.replace(case, name=f"{case.name} #{again}") if again > 1 else case)
    return named


def _counts(cases: Iterable[Case]) -> dict[str, str]:
    outcomes = Counter(case.outcome for case in cases)
    figures = {"tests": outcomes.total()}
    figures |= {name: outcomes[word] for name, word in _OUTCOMES.items()}
    return {name: str(number) for name, number in figures.items()}


_OUTCOMES = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _element(case: Case, suite: str) -> ElementTree.Element:
    # `visible` leaves none of the characters that XML 1.0 cannot hold
    found = ElementTree.Element("testcase", classname=f"auditor.{visible(suite)}", name=visible(case.name))
    if case.outcome:
        told = ElementTree.SubElement(found, case.outcome, type=case.type, message=visible(case.message))
        told.text = case.text or None
    return found

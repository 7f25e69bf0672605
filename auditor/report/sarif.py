"""SARIF 2.1.0, as code scanning reads it: findings at lines of files, and what was not looked at.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and, for what is accepted and shown,
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any
from urllib.parse import quote

import msgspec

from auditor.objects import ResourceEntry
from auditor.record import Audit, Finding
from auditor.report import view
from auditor.report.repository import inside
from auditor.report.text import lines, shorten, visible
from auditor.rules import Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

MAX_RESULTS = 5000
"""More are not shown by code scanning: the worst stay, and a notification says how many went."""

MAX_TEXT = 1024
"""Characters of a description that are accepted."""

MAX_NOTIFICATIONS = 200
"""What was not looked at comes grouped by its reason; beyond these only their number."""

SCORES: Mapping[Severity, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}
"""`security-severity` of a rule: above 9.0 is critical, from 7.0 high, from 4.0 medium, from 0.1 low."""

LEVELS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

Json = dict[str, Any]


class SarifRenderer(msgspec.Struct, frozen=True):
    """Writes an audit as one run of SARIF."""

    root: str = ""
    """The folder of the repository, which paths of manifests are relative to; "" leaves them as they are."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the log to `out`, with a final newline. The same record gives the same bytes."""
        worst = sorted(audit.findings, key=_order)
        kept = worst[:MAX_RESULTS]
        rules = _rules(worst)
        places = {name: number for number, name in enumerate(sorted({one.policy for one in worst}))}
        justified = {one.id: one.reason for one in audit.waivers}
        driver = {
            "name": "auditor",
            "semanticVersion": visible(audit.audit.auditor_version),
            "rules": rules,
        }
        run = {
            "tool": {"driver": driver},
            "automationDetails": {"id": f"auditor/{_segment(_cluster(audit))}/"},
            "invocations": [_invocation(audit, len(worst) - len(kept))],
            "results": [_result(one, places[one.policy], justified, self._uri(audit, one)) for one in kept],
            "columnKind": "unicodeCodePoints",
            "properties": {
                "audit": visible(audit.audit.id),
                "bundle": visible(audit.audit.bundle.digest),
                "coverage": audit.summary.coverage,
            },
        }
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        out.write(msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n")

    def _uri(self, audit: Audit, finding: Finding) -> str:
        source = finding.resource.source
        return _file(source.path, self.root) if source else _object(_cluster(audit), finding.resource)


def _order(finding: Finding) -> tuple[bool, int, str, str]:
    """Worst first; those that are suppressed come last, so that they are cut off first."""
    return (bool(_suppressed(finding, {})), finding.severity.rank, finding.policy, finding.fingerprint)


def _rules(findings: Sequence[Finding]) -> list[Json]:
    """Every policy that has a finding, by id; it is as bad as the worst of them."""
    first: dict[str, Finding] = {}
    for one in findings:
        known = first.setdefault(one.policy, one)
        if one.severity.rank < known.severity.rank:
            first[one.policy] = one
    return [_rule(first[name]) for name in sorted(first)]


def _rule(worst: Finding) -> Json:
    remediation = " ".join(lines(worst.remediation))
    return {
        "id": visible(worst.policy),
        "name": visible("".join(word.capitalize() for word in worst.policy.split("_"))),
        "shortDescription": {"text": _text(worst.title)},
        "fullDescription": {"text": _text(f"{worst.title}. {remediation}")},
        "help": {"text": _text(remediation)},
        "defaultConfiguration": {"level": LEVELS[worst.severity]},
        "properties": {
            "tags": ["security", visible(worst.category)],
            "precision": "very-high",
            "security-severity": SCORES[worst.severity],
        },
    }


def _result(finding: Finding, rule: int, justified: Mapping[str, str], uri: str) -> Json:
    source = finding.resource.source
    found: Json = {
        "ruleId": visible(finding.policy),
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": source.line if source else 1},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": visible(f"{finding.resource} {finding.path}"), "kind": "object"}
                ],
            }
        ],
        # the only one that is looked at, so that it has to be ours
        "partialFingerprints": {"primaryLocationLineHash": visible(finding.fingerprint)},
        "properties": {
            "severity": finding.severity.value,
            "controls": [visible(one) for one in finding.controls],
            **({"system": True} if finding.system else {}),
        },
    }
    if suppressed := _suppressed(finding, justified):
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": suppressed}]
    return found


def _suppressed(finding: Finding, justified: Mapping[str, str]) -> str:
    """Say why a finding is not to be shown, "" if it is."""
    if finding.status == "waived":
        name = finding.waiver or ""
        return visible(f"waiver {name}: {justified.get(name, '')}".rstrip(": "))
    if finding.superseded_by:
        return visible(f"{finding.superseded_by} tells the same root cause")
    return ""


def _message(finding: Finding) -> str:
    """The first sentence is what a list shows."""
    return _plain(f"{finding.title}: {finding.resource}. {finding.message}")


def _invocation(audit: Audit, cut: int) -> Json:
    notes = [*_notes(audit)]
    told = notes[:MAX_NOTIFICATIONS]
    if more := len(notes) - len(told):
        told.append(
            ("warning", f"and {view.plural(more, 'more notification')}: the JSON report has them all")
        )
    if cut:
        told.append(("warning", f"{cut} more findings, none worse: the JSON report has them all"))
    return {
        "executionSuccessful": not (audit.not_evaluated or audit.gaps),
        "startTimeUtc": visible(audit.audit.started_at),
        "endTimeUtc": visible(audit.audit.finished_at),
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": _plain(text)}} for level, text in told
        ],
    }


def _notes(audit: Audit) -> Iterator[tuple[str, str]]:
    """What was not looked at: as bad as a finding, and worth nothing where nobody expected it."""
    for gap in audit.gaps:
        yield "error", f"not read: {gap.kind or 'unknown'}: {gap.reason}; {gap.effect}"
    for one in view.unjudged(audit.not_evaluated):
        count = sum(one.policies.values())
        yield "error", f"not evaluated ({view.plural(count, 'result')} of {_few(one.policies)}): {one.reason}"
    for skipped in audit.skipped_files:
        yield "warning", f"skipped: {skipped.path}: {skipped.reason}"
    for gap in audit.out_of_reach:
        yield "note", f"out of reach: {gap.kind or gap.policy or 'unknown'}: {gap.reason}"


def _few(names: Iterable[str]) -> str:
    first, *rest = sorted(names)
    return f"{first} and {len(rest)} more" if rest else first


def _cluster(audit: Audit) -> str:
    facts = view.facts(audit)
    return (facts.name or facts.server or "cluster") if facts.kind == "cluster" else "manifests"


def _object(cluster: str, resource: ResourceEntry) -> str:
    """A path for what has no file: relative, and every segment percent-encoded, colons included."""
    group = resource.apiVersion.rpartition("/")[0]
    kind = f"{resource.kind}.{group}" if group else resource.kind
    segments = ("clusters", cluster, resource.namespace or "_cluster", kind, f"{resource.name}.yaml")
    return "/".join(map(_segment, segments))


def _file(path: str, root: str) -> str:
    return "/".join(map(_segment, inside(path, root).split("/")))


def _segment(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _text(text: str) -> str:
    return shorten(visible(text), MAX_TEXT - 40) or "-"


def _plain(text: str) -> str:
    """A text in which no bracket begins a link: SARIF 2.1.0, section 3.11.6."""
    return visible(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")

"""The template of a waiver for one finding, or of an attestation, which a person completes and has reviewed.

All that is known is filled in. What only people know is empty, and an empty field is refused by
`auditor waivers check`: nobody can accept a risk by not looking at the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from auditor.errors import UsageError
from auditor.judge.attestations import SEVERITY
from auditor.judge.matching import bearers, cluster_names
from auditor.judge.terms import may_approve, same_person
from auditor.judge.waiver_findings import BUILT_IN
from auditor.record import Audit, Finding
from auditor.report.text import shorten, visible
from auditor.rules import Control, Framework, Severity
from auditor.waiver import MIN_TEXT, Terms

SHORTEST = 8
"""Characters of a fingerprint that must be given at least."""

LONGEST = 300
"""Characters of a finding's text in a comment."""


class Answers(msgspec.Struct, frozen=True):
    """What the caller knows already; empty means that a person has to write it."""

    owner: str = ""
    approver: str = ""
    days: int | None = None
    """How long it shall hold, from today on."""


def find(audit: Audit, fingerprint: str) -> Finding:
    """Return the finding that a fingerprint, or the beginning of one, means.

    Raises `UsageError` if it is too short, or means none or more than one.
    """
    if len(fingerprint) < SHORTEST:
        raise UsageError(
            f"{fingerprint!r} is too short: give {SHORTEST} characters of a fingerprint at least"
        )
    found = {one.fingerprint: one for one in audit.findings if one.fingerprint.startswith(fingerprint)}
    if len(found) > 1 and fingerprint not in found:
        raise UsageError(f"{len(found)} findings have a fingerprint that begins with {fingerprint}")
    if not found:
        hint = "fingerprints stand in -o json and in the HTML report; --audit names the audit that has it"
        raise UsageError(f"audit {audit.audit.id} has no finding {fingerprint}", hint)
    finding = found.get(fingerprint) or next(iter(found.values()))
    if finding.policy in BUILT_IN:
        raise UsageError(f"{fingerprint} is a finding about {finding.resource}, which no waiver accepts")
    return finding


def template(finding: Finding, audit: Audit, terms: Terms, today: date, answers: Answers) -> str:
    """Return the YAML of a waiver file for a finding of the audit.

    Raises `UsageError` for answers that no waiver of this finding can have.
    """
    _check(finding.severity, f"{finding.severity} findings", terms, answers)
    return "\n".join([*_head(finding), "waivers:", *_waiver(finding, audit, terms, today, answers), ""])


def attestation_template(
    framework: Framework, control: Control, terms: Terms, today: date, answers: Answers
) -> str:
    """Return the YAML of an attestation for a control that no policy answers.

    Raises `UsageError` for answers that no attestation can have.
    """
    _check(SEVERITY, "attestations", terms, answers)
    name = f"{framework.id}/{control.id}"
    facts = {
        "control": f"{name}: {control.title}",
        "what to look at": control.manual.instructions if control.manual else "",
        "evidence": control.manual.evidence if control.manual else "",
    }
    lines = [
        *_comments(facts),
        "attestations:",
        f"  - id: {quoted(f'{framework.id}-{control.id}-{today}')}",
        f"    framework: {quoted(framework.id)}",
        f"    control: {quoted(control.id)}",
        _blank("reason", f"what was looked at and found, in {MIN_TEXT} characters or more"),
        *_terms(SEVERITY, "attestations", terms, today, answers),
        _blank("evidence", "a link or a digest"),
    ]
    return "\n".join([*lines, ""])


def quoted(text: str) -> str:
    """Return any text as one YAML scalar on one line: what is not plainly visible is an escape."""
    text = re.sub("[\ud800-\udfff]", "?", text)  # YAML has no halves of characters; as a pattern it fits
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{visible(escaped)}"'  # its escapes are YAML's: \x1b, \u202e, \U000e0041


def _check(severity: Severity, what: str, terms: Terms, answers: Answers) -> None:
    longest = terms.days(severity)
    if answers.days is not None and answers.days > longest:
        raise UsageError(f"--days {answers.days}: {what} are accepted for at most {longest}")
    if answers.owner and same_person(answers.owner, answers.approver):
        raise UsageError(f"--approver {answers.approver}: must be another than the owner")
    if answers.approver and not may_approve(answers.approver, severity, terms):
        message = f"{answers.approver} may not approve {what}"
        raise UsageError(message, f"who may: {', '.join(terms.approvers[severity]) or 'nobody'}")


def _head(finding: Finding) -> Iterator[str]:
    place = finding.resource.source
    facts = {
        "finding": finding.message,
        "object": str(finding.resource),
        "managed by": str(finding.resource.managed_by or ""),
        "path": finding.path,
        "source": f"{place.path}:{place.line}" if place else "",
        "controls": ", ".join(finding.controls),
        "accepted by": finding.waiver or "" if finding.status == "waived" else "",
        "until it expired, accepted by": finding.waiver or "" if finding.status == "expired_waiver" else "",
        "what to do instead": finding.remediation,
    }
    yield from _comments(facts)


def _comments(facts: Mapping[str, str]) -> Iterator[str]:
    yield "# Fill in what is empty, have it approved as any other change, and check it:"
    yield "#   auditor waivers check FILE"
    yield from (_comment(f"{name}: {text}") for name, text in facts.items() if text)


def _waiver(finding: Finding, audit: Audit, terms: Terms, today: date, answers: Answers) -> Iterator[str]:
    name = re.sub("[^a-z0-9]+", "-", f"{finding.policy[:60]}-{finding.fingerprint[:SHORTEST]}".lower())
    yield f"  - id: {name.strip('-') or 'waiver'}"
    yield f"    policy: {quoted(finding.policy)}"
    yield "    match:"
    yield from _match(finding, audit)
    if finding.waiver_request:
        yield _comment(f"asked for by the object itself: {finding.waiver_request}", indent=4)
    yield _blank("reason", f"why it is accepted, in {MIN_TEXT} characters or more")
    yield '    risk: ""  # what can happen because of it'
    yield '    compensating_control: ""  # what limits that'
    yield from _terms(finding.severity, f"{finding.severity} findings", terms, today, answers)


def _terms(severity: Severity, what: str, terms: Terms, today: date, answers: Answers) -> Iterator[str]:
    """Who answers for it, who accepts it, and until when."""
    longest = terms.days(severity)
    last = _after(today, longest)
    allowed = terms.approvers.get(severity)
    yield _field("owner", answers.owner, "the person or team that answers for it")
    who = f"one of: {', '.join(allowed)}" if allowed is not None else "another person or team than the owner"
    yield _field("approver", answers.approver, who)
    yield '    ticket: ""'
    yield f"    created: {today}"
    yield _comment(f"{what} are accepted for at most {longest} days: until {last}", indent=4)
    if answers.days is None:
        yield _blank("expires", f"the last day on which it is accepted, in UTC, at most {last}")
    else:
        yield f"    expires: {_after(today, answers.days)}"


def _after(today: date, days: int) -> date:
    return date.fromordinal(min(today.toordinal() + days, date.max.toordinal()))


def _match(finding: Finding, audit: Audit) -> Iterator[str]:
    """The object that bears the finding, under the name that it keeps, and this finding alone."""
    *_, (kind, name) = bearers(finding.resource)
    if clusters := cluster_names(audit.audit.source):
        yield f"      # cluster: {quoted(clusters[0])}  # to accept it in this cluster only"
    fields = {"namespace": finding.resource.namespace, "kind": kind, "name": name}
    yield from (f"      {key}: {quoted(value)}" for key, value in fields.items() if value)
    yield f"      fingerprint: {quoted(finding.fingerprint)}"


def _field(name: str, answer: str, what: str) -> str:
    return f"    {name}: {quoted(answer)}" if answer else _blank(name, what)


def _blank(name: str, what: str) -> str:
    return f'    {name}: ""  # FILL IN: {visible(what)}'


def _comment(text: str, indent: int = 0) -> str:
    return f"{' ' * indent}# {visible(shorten(text, LONGEST))}"

"""Waivers applied to findings: the one place that says which finding is accepted, and by which waiver.

Every output shows what stands in the record, so none of them can take another view. Pure: the day is
an argument. A waiver accepts a finding if it fits (`matching.py`), if it is in force for the finding's
severity, and if who approved it may do so for that severity. Of several, one in force wins, then the
one that ends first, then the first by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec

from auditor.judge.attestations import attestations
from auditor.judge.matching import Index, Looked, Matcher, looked_by
from auditor.judge.terms import approver, end, may_approve
from auditor.judge.waiver_findings import BUILT_IN, about_attestation, about_waiver
from auditor.judge.waiver_states import Case, entry
from auditor.record import Audit, Finding, WaiverEntry
from auditor.waiver import Acceptances, Terms


class Applied(msgspec.Struct, frozen=True):
    """What became of findings under waivers, and of the waivers themselves."""

    findings: tuple[Finding, ...]
    """The same ones, in the same order: `waived`, `expired_waiver`, or as they were."""
    entries: tuple[WaiverEntry, ...] = ()
    """Waivers, then attestations, each by id."""
    told: tuple[Finding, ...] = ()
    """Findings about waivers and attestations."""
    attested: Collection[str] = ()
    """Controls that a valid attestation answers, as `framework/control`."""


def apply(
    findings: Sequence[Finding],
    acceptances: Acceptances,
    terms: Terms,
    today: date,
    looked: Looked | None = None,
) -> Applied:
    """Say which findings are accepted on this day, in UTC, and what state each waiver is in.

    `looked` is what the audit looked at; without it nothing is unused, and no policy has former ids.
    """
    cases = [Case(waiver, Matcher(waiver.match)) for waiver in acceptances.waivers]
    index = Index(((case.waiver, case) for case in cases), looked)
    accepted = tuple(_judged(one, index.candidates(one), terms, today) for one in findings)
    waivers = {
        case.waiver.id: entry(case, acceptances.places.get(case.waiver.id), terms, today, looked)
        for case in sorted(cases, key=lambda one: one.waiver.id)
    }
    answers = attestations(acceptances, terms, today, looked)
    told = [one for case in cases for one in about_waiver(waivers[case.waiver.id], case, terms)]
    manual = {name for name, policies in looked.controls.items() if not policies} if looked else set()
    for answer in answers.entries:
        told += about_attestation(answer, manual=answer.control in manual - set(answers.valid))
    return Applied(
        findings=accepted,
        entries=(*waivers.values(), *sorted(answers.entries, key=lambda one: one.id)),
        told=tuple(told),
        attested=answers.valid,
    )


def reapply(audit: Audit, acceptances: Acceptances, terms: Terms, today: date) -> Applied:
    """Apply waivers to the findings of an audit that is done, in place of those it was done with."""
    bare = [
        msgspec.structs.replace(one, status="open", waiver=None)
        for one in audit.findings
        if one.policy not in BUILT_IN
    ]
    return apply(bare, acceptances, terms, today, looked_by(audit))


def _judged(finding: Finding, candidates: Iterable[Case], terms: Terms, today: date) -> Finding:
    """The finding as it stands under these waivers, each of which remembers what it had to do with it."""
    fitting = []
    for case in candidates:
        if not case.matcher.fits(finding):
            continue
        if not may_approve(approver(case.waiver), finding.severity, terms):
            case.forbidden.append(finding)
        elif date.fromisoformat(case.waiver.created) <= today:
            last = end(case.waiver, finding.severity, terms)
            fitting.append((last < today, last, case.waiver.id, case))
    if not fitting:
        return finding
    valid = [case for over, *_, case in fitting if not over]
    for over, *_, case in fitting:
        (case.lapsed if over else case.accepted).append(finding)
    for case in valid:
        case.rivals.update(other.waiver.id for other in valid if other is not case)
    over, _, name, winner = min(fitting, key=lambda one: one[:3])
    if over:
        winner.reopened.append(finding)
    return msgspec.structs.replace(finding, status="expired_waiver" if over else "waived", waiver=name)

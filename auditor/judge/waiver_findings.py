"""Findings about waivers and attestations themselves: they count for --fail-on like all others.

Their policies are no Rego and cannot be selected, switched off or waived: an exception that has ended,
or that nobody can oversee, must not be able to hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.judge.families import Bearer
from auditor.judge.findings import fingerprint
from auditor.judge.waiver_states import Case, counted, too_broad
from auditor.objects import ResourceEntry
from auditor.record import Finding, WaiverEntry
from auditor.rules import Policy, Severity
from auditor.waiver import Terms

API_VERSION = "auditor.dev/v1"
CATEGORY = "waivers"

WAIVER_EXPIRED = Policy(
    id="waiver_expired",
    title="A waiver has expired",
    description="What it accepted is open again at its full severity. Medium while there is such a finding,"
    " low when nothing is left of them.",
    severities=(Severity.MEDIUM, Severity.LOW),
    category=CATEGORY,
    kinds=("Waiver",),
    remediation="Repair what it accepted and delete it. If the risk has to be carried on, have it reviewed:"
    " append an entry to `review` and set a new `expires`.",
)
WAIVER_TOO_BROAD = Policy(
    id="waiver_too_broad",
    title="A waiver is too broad",
    description="It accepts more than anybody can have weighed. It has the severity of the worst finding"
    " that it accepts, and medium at least: what --fail-on stops, a broad waiver does not let through.",
    severities=(Severity.MEDIUM, Severity.CRITICAL, Severity.HIGH),
    category=CATEGORY,
    kinds=("Waiver",),
    remediation="Name the policy and the objects that are accepted, one waiver for each reason. A policy"
    " that shall judge nothing is switched off in auditor.yaml instead.",
)
ATTESTATION_EXPIRED = Policy(
    id="attestation_expired",
    title="An attestation has expired",
    description="Nobody has answered for the control since. Medium if that makes it manual again, else low.",
    severities=(Severity.MEDIUM, Severity.LOW),
    category=CATEGORY,
    kinds=("Attestation",),
    remediation="Look at the control again: append an entry to `review` and set a new `expires`, or delete"
    " the attestation.",
)

BUILT_IN: Mapping[str, Policy] = {
    one.id: one for one in (WAIVER_EXPIRED, WAIVER_TOO_BROAD, ATTESTATION_EXPIRED)
}
"""The policies of this module, by id."""


def about_waiver(entry: WaiverEntry, case: Case, terms: Terms) -> Iterator[Finding]:
    """Yield what is wrong with a waiver in this state."""
    evidence = {**_who(entry), "policy": entry.policy, "accepts": entry.matched}
    if entry.state == "expired":
        number = len(case.reopened)
        after = f": {counted(number, 'finding')} {_are(number)} open again" if number else ""
        severity = Severity.MEDIUM if number else Severity.LOW
        earlier = entry.expires != case.waiver.expires and entry.message
        why = f" It {entry.message}." if earlier else ""
        message = f"Waiver {entry.id} of {entry.owner} ended on {entry.expires}{after}.{why}"
        yield _finding(WAIVER_EXPIRED, entry, severity, "/expires", message, evidence)
    if entry.state == "too_broad":
        worst = min((one.severity for one in case.covered), key=lambda one: one.rank, default=Severity.MEDIUM)
        severity = min(worst, Severity.MEDIUM, key=lambda one: one.rank)
        message = f"Waiver {entry.id} of {entry.owner} is too broad: {too_broad(case, terms)}."
        yield _finding(WAIVER_TOO_BROAD, entry, severity, "/match", message, evidence)


def about_attestation(entry: WaiverEntry, *, manual: bool) -> Iterator[Finding]:
    """Yield what is wrong with an attestation; `manual` says that nobody answers its control now."""
    if entry.state == "expired":
        after = f": {entry.control} is manual again" if manual else ""
        message = f"Attestation {entry.id} of {entry.owner} ended on {entry.expires}{after}."
        severity = Severity.MEDIUM if manual else Severity.LOW
        yield _finding(ATTESTATION_EXPIRED, entry, severity, "/expires", message, _who(entry))


def _finding(
    policy: Policy, entry: WaiverEntry, severity: Severity, path: str, message: str, evidence: dict[str, Any]
) -> Finding:
    kind = policy.kinds[0]
    return Finding(
        fingerprint=fingerprint(policy, Bearer("auditor.dev", kind, "", entry.id), ""),
        policy=policy.id,
        title=policy.title,
        severity=severity,
        category=policy.category,
        status="open",
        resource=ResourceEntry(API_VERSION, kind, "", entry.id, source=entry.source),
        path=path,
        message=message,
        evidence=evidence,
        remediation=policy.remediation,
        controls=(entry.control,) if entry.control else (),
    )


def _who(entry: WaiverEntry) -> dict[str, Any]:
    ticket = {"ticket": entry.ticket} if entry.ticket else {}
    return {"owner": entry.owner, "approver": entry.approver, "expires": entry.expires, **ticket}


def _are(number: int) -> str:
    return "is" if number == 1 else "are"

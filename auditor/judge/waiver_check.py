"""Waivers held against the rules alone, without an audit: what a reviewer of the file should know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from auditor.errors import did_you_mean
from auditor.judge import attestations
from auditor.judge.matching import policy_fits
from auditor.judge.patterns import is_exact
from auditor.judge.terms import approver, end, may_approve
from auditor.judge.waiver_states import counted, listed, says_nothing
from auditor.objects import Place
from auditor.rules import Bundle, Framework, Policy, Severity
from auditor.waiver import Acceptance, Acceptances, Attestation, Terms, Waiver


class Problem(msgspec.Struct, frozen=True):
    """Something that is right in its form, and still not as it should be."""

    id: str
    text: str
    place: Place | None = None


def problems(acceptances: Acceptances, bundle: Bundle, terms: Terms, today: date) -> list[Problem]:
    """Return what is wrong with waivers and attestations under these rules, in the order of the files."""
    controls = _controls(bundle.frameworks)
    found: list[tuple[Acceptance, str]] = []
    for waiver in acceptances.waivers:
        found += [(waiver, text) for text in _waiver(waiver, bundle.policies, terms, today)]
    for answer in acceptances.attestations:
        found += [(answer, text) for text in _attestation(answer, controls, terms, today)]
    told = [Problem(one.id, text, acceptances.places.get(one.id)) for one, text in found]
    return sorted(told, key=lambda one: (one.place.path, one.place.line) if one.place else ("", 0))


def _waiver(one: Waiver, policies: Mapping[str, Policy], terms: Terms, today: date) -> Iterator[str]:
    meant = [policy for policy in policies.values() if policy_fits(one, (policy.id, *policy.retired_ids))]
    if not meant and is_exact(one.policy):
        yield f"unknown policy {one.policy!r}{did_you_mean(one.policy, policies)}"
    elif not meant:
        yield f"no policy is called {one.policy!r}"
    if why := says_nothing(one):
        yield f"too broad: {why}"
    elif len(meant) > 1 and len(meant) == len(policies):
        yield f"too broad: {one.policy} is every policy there is"
    severities = sorted({one for policy in meant for one in _severities(policy)}, key=lambda one: one.rank)
    yield from _term(one, severities or list(Severity), terms, today)


def _attestation(
    one: Attestation, controls: Mapping[str, Sequence[str]], terms: Terms, today: date
) -> Iterator[str]:
    name = attestations.name(one)
    frameworks = {control.partition("/")[0] for control in controls}
    if one.framework not in frameworks:
        yield f"unknown framework {one.framework!r}{did_you_mean(one.framework, frameworks)}"
    elif odd := attestations.unfit(name, controls):
        yield odd
    yield from _term(one, [attestations.SEVERITY], terms, today)


def _term(one: Acceptance, severities: Sequence[Severity], terms: Terms, today: date) -> Iterator[str]:
    """What is wrong with its end and its approver for the mildest of the findings that it may accept."""
    last = max(end(one, severity, terms) for severity in severities)
    longest = max(map(terms.days, severities))
    mildest = [severity for severity in severities if terms.days(severity) == longest]
    if last < today:
        yield f"expired: it ended on {last}"
    if last < date.fromisoformat(one.expires):
        what = "attestations hold" if isinstance(one, Attestation) else f"{_findings(mildest)} are accepted"
        yield f"too long: {what} for {counted(longest, 'day')} at most, until {last}"
    if not any(may_approve(approver(one), severity, terms) for severity in severities):
        what = "attestations" if isinstance(one, Attestation) else _findings(severities)
        yield f"{approver(one)} may not approve {what}"


def _severities(policy: Policy) -> tuple[Severity, ...]:
    return (policy.override,) if policy.override else policy.severities


def _findings(severities: Sequence[Severity]) -> str:
    return f"{listed(severities)} findings"


def _controls(frameworks: Mapping[str, Framework]) -> dict[str, tuple[str, ...]]:
    return {
        f"{framework.id}/{control.id}": control.policies
        for framework in frameworks.values()
        for control in framework.controls
    }

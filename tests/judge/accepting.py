"""Waivers and attestations to test with, and the day on which the tests are run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from auditor.judge.matching import Looked
from auditor.judge.waivers import Applied, apply
from auditor.record import Finding, WaiverEntry
from auditor.waiver import Acceptances, Attestation, Match, Review, Terms, Waiver
from tests.report.records import DATABASE, finding

TODAY = date(2026, 11, 24)
REASON = "the node agent has to see the processes of its node"

TERMS = Terms()


def waiver(name: str = "w-1", policy: str = "privileged", *, review: Any = (), **fields: Any) -> Waiver:
    """A waiver for what the tests find; `match` is a mapping, `review` are triples of at, by and note."""
    values = {
        "reason": REASON,
        "owner": "shop-team",
        "approver": "ada",
        "created": "2026-11-01",
        "expires": "2026-11-30",
        "match": {"namespace": "shop"},
        **fields,
    }
    match = Match(**values.pop("match"))
    return Waiver(id=name, policy=policy, match=match, review=tuple(Review(*one) for one in review), **values)


def attestation(name: str = "a-1", control: str = "f/1", *, review: Any = (), **fields: Any) -> Attestation:
    """An answer to a control, which is written as `framework/control`."""
    framework, _, number = control.partition("/")
    values = {
        "reason": "looked at by hand, with the platform team",
        "owner": "platform",
        "approver": "ada",
        "created": "2026-11-01",
        "expires": "2026-12-31",
        **fields,
    }
    reviews = tuple(Review(*one) for one in review)
    return Attestation(id=name, framework=framework, control=number, review=reviews, **values)


def accepting(*entries: Waiver | Attestation) -> Acceptances:
    """All of them, as they are read from files."""
    return Acceptances(
        waivers=tuple(one for one in entries if isinstance(one, Waiver)),
        attestations=tuple(one for one in entries if isinstance(one, Attestation)),
        digest="sha256:w",
    )


CRITICAL, HIGH = finding(), finding("host_network", "high", DATABASE)
ALL = Looked(policies={"privileged": {"privileged"}, "host_network": {"host_network"}})
"""An audit that judged both policies, everywhere, without a gap."""


def applied(
    *entries: Any,
    findings: Collection[Finding] = (CRITICAL, HIGH),
    today: date = TODAY,
    terms: Terms = TERMS,
    looked: Looked | None = ALL,
) -> Applied:
    return apply(tuple(findings), accepting(*entries), terms, today, looked)


def status(one: Finding, *entries: Any, **options: Any) -> tuple[str, str | None]:
    """Status and waiver of a single finding."""
    (only,) = applied(*entries, findings=(one,), **options).findings
    return only.status, only.waiver


def state(*entries: Any, **options: Any) -> WaiverEntry:
    """What is said of the first of them by id."""
    return applied(*entries, **options).entries[0]

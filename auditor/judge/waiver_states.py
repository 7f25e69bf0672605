"""The state of a waiver, the first of these that is true, and the words for it.

expired      it has ended, be it for one of the severities that it accepted: findings may be open again
too_broad    it accepts what nobody can have looked at one by one
conflicting  another waiver in force accepts the same finding
unused       it accepts nothing, and all that it could fit was judged
expiring     it ends within `Terms.expiring_days`
active       it is none of these
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from auditor.judge.matching import Looked, Matcher, unseen
from auditor.judge.patterns import is_open
from auditor.judge.terms import approver, begin, end, latest
from auditor.objects import Place
from auditor.record import Finding, WaiverEntry, WaiverState
from auditor.rules import Severity
from auditor.waiver import Acceptance, Terms, Waiver

OBJECT = ("namespace", "kind", "name", "path", "fingerprint")
"""The fields of a match of which a waiver needs at least one: they tell objects apart, a cluster does not."""


class Case(msgspec.Struct, eq=False):
    """One waiver, and what it has to do with the findings of an audit."""

    waiver: Waiver
    matcher: Matcher
    accepted: list[Finding] = []
    """It fits them, and is in force for their severity."""
    lapsed: list[Finding] = []
    """It fits them, but has ended for their severity."""
    reopened: list[Finding] = []
    """Those of the lapsed ones that no waiver accepts any more."""
    forbidden: list[Finding] = []
    """It fits them, but who approved it may not accept their severity."""
    rivals: set[str] = msgspec.field(default_factory=set)
    """Ids of other waivers in force that accept some of the same."""

    @property
    def covered(self) -> list[Finding]:
        """All that it accepts, or did until it ended."""
        return [*self.accepted, *self.lapsed]


def entry(case: Case, place: Place | None, terms: Terms, today: date, looked: Looked | None) -> WaiverEntry:
    """Return what the record says of a waiver."""
    waiver = case.waiver
    last = min((end(waiver, one.severity, terms) for one in case.covered), default=latest(waiver, terms))
    blind = unseen(waiver, looked) if looked and not case.covered else ""
    unused = looked is not None and not case.covered and not blind
    words = [
        *ending(waiver, last, today, terms, {one.severity for one in case.covered}),
        *_reopened(case),
        *_excess(case, terms),
        *_forbidden(case),
        *([f"fits nothing of what was looked at: {blind}"] if blind else ()),
        *(["fits nothing any more: delete it"] if unused and not case.forbidden else ()),
    ]
    return WaiverEntry(
        **common(waiver, place),
        kind="waiver",
        state=_state(case, last, today, terms, unused=unused),
        expires=last.isoformat(),
        policy=waiver.policy,
        message="; ".join(words),
        risk=waiver.risk,
        compensating_control=waiver.compensating_control,
        matched=len(case.covered),
    )


def common(one: Acceptance, place: Place | None) -> dict[str, Any]:
    """Return the fields of a record's entry that repeat what the file says."""
    names = ("id", "reason", "owner", "approver", "created", "ticket", "evidence")
    return {**{name: getattr(one, name) for name in names}, "source": place}


def time_state(last: date, today: date, terms: Terms) -> WaiverState:
    """Return the state of what is valid through this last day, so far as time decides."""
    left = (last - today).days
    if left < 0:
        return "expired"
    return "expiring" if left <= terms.expiring_days else "active"


def ending(
    one: Acceptance, last: date, today: date, terms: Terms, severities: Iterable[Severity]
) -> Iterator[str]:
    """Yield what is to be said of the end, if it is past, near, or earlier than written; and of renewals."""
    left = (last - today).days
    verb = "ended" if left < 0 else "ends"
    if last.isoformat() != one.expires:
        days = (last - begin(one)).days
        shortest = [one for one in sorted(severities, key=lambda one: one.rank) if terms.days(one) == days]
        what = f"{listed(shortest)} findings are accepted" if shortest else "it can hold"
        yield f"{verb} on {last}, not on {one.expires}: {what} for {counted(days, 'day')} at most"
    elif left < 0:
        yield f"ended on {last}"
    if 0 <= left <= terms.expiring_days:
        yield f"ends in {counted(left, 'day')}" if left else "ends today"
    if one.review:
        yield f"renewed on {begin(one)} by {approver(one)}"


def too_broad(case: Case, terms: Terms) -> str:
    """Say why a waiver accepts too much; "" if it does not."""
    number = len(case.covered)
    if number > terms.broad_matches:
        return says_nothing(case.waiver) or f"it accepts {number} findings, more than {terms.broad_matches}"
    return says_nothing(case.waiver)


def says_nothing(waiver: Waiver) -> str:
    """Say which pattern of a waiver limits it to nothing; "" if each of them does."""
    if is_open(waiver.policy):
        return "it is for every policy"
    if is_open(waiver.match.namespace):
        return "it is for every namespace"
    given = [value for name in OBJECT if (value := getattr(waiver.match, name))]
    return "its match fits every object" if all(map(is_open, given)) else ""


def listed(words: Sequence[str]) -> str:
    """Write words as people list them."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _state(case: Case, last: date, today: date, terms: Terms, *, unused: bool) -> WaiverState:
    if last < today:
        return "expired"
    if too_broad(case, terms):
        return "too_broad"
    if case.rivals:
        return "conflicting"
    return "unused" if unused else time_state(last, today, terms)


def _reopened(case: Case) -> Iterator[str]:
    if case.reopened:
        yield f"{_are(len(case.reopened))} open again"
    if case.lapsed and case.accepted:
        yield f"{_are(len(case.accepted))} still accepted"


def _excess(case: Case, terms: Terms) -> Iterator[str]:
    if why := too_broad(case, terms):
        yield why
    if case.rivals:
        verb = "accepts" if len(case.rivals) == 1 else "accept"
        yield f"{', '.join(sorted(case.rivals))} {verb} some of the same findings"


def _forbidden(case: Case) -> Iterator[str]:
    by_severity: dict[Severity, int] = {}
    for one in case.forbidden:
        by_severity[one.severity] = by_severity.get(one.severity, 0) + 1
    for severity, number in sorted(by_severity.items(), key=lambda item: item[0].rank):
        who = approver(case.waiver)
        yield f"{who} may not approve {severity} findings: {_are(number)} not accepted"


def _are(number: int) -> str:
    return f"{counted(number, 'finding')} {'is' if number == 1 else 'are'}"

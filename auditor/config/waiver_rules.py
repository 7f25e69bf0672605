"""What a waiver or an attestation must be, besides of the right types: one fault for each rule it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from auditor.errors import ConfigError
from auditor.judge.patterns import is_exact
from auditor.judge.terms import same_person
from auditor.judge.waiver_states import OBJECT
from auditor.report.text import visible
from auditor.waiver import MIN_TEXT, Acceptance, Attestation, Match, Terms, Waiver

LONGEST = 2000
"""Characters of a text: a record repeats them in every report, and must stay readable."""

SHORT: Mapping[str, int] = {"owner": 100, "approver": 100, "framework": 100, "control": 100, "ticket": 300}
"""Fields that must be shorter: they stand in tables, and in the evidence of findings."""

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POLICY = re.compile(r"[a-z0-9_*?]{1,100}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}|(?=.*[*?])[0-9a-f*?]{1,64}")

Fault = tuple[tuple[str | int, ...], str]
"""The keys below an entry, and what is wrong there."""


class Rules:
    """The rules of one day."""

    def __init__(self, terms: Terms, today: date) -> None:
        """Take the terms and the present day in UTC; raises `ConfigError` for terms that are none."""
        self._today = today
        try:
            self._ticket = re.compile(terms.ticket)
        except re.error as error:
            message = f"waivers.ticket is not a regular expression: {error}"
            raise ConfigError(message, "correct it in auditor.yaml") from None

    def faults(self, one: Waiver | Attestation) -> Iterator[Fault]:
        """Yield every fault of an entry."""
        if not _ID.fullmatch(one.id):
            yield (
                ("id",),
                "must be letters, digits, '.', '_' and '-', with a letter or digit at either end",
            )
        yield from _lengths(one)
        yield from _people(one)
        yield from self._days(one)
        if one.ticket and not self._ticket.fullmatch(one.ticket):
            yield (
                ("ticket",),
                f"must be a URL or a key such as ABC-123 (it must match {self._ticket.pattern})",
            )
        if isinstance(one, Waiver):
            yield from _scope(one.policy, one.match)

    def _days(self, one: Acceptance) -> Iterator[Fault]:
        """The days are real, none is in the future but the last, and each follows the one before."""
        written: list[tuple[tuple[str | int, ...], str]] = [(("created",), one.created)]
        written += [(("review", number, "at"), review.at) for number, review in enumerate(one.review)]
        before: tuple[str, date] | None = None
        for keys, text in (*written, (("expires",), one.expires)):
            day = _day(text)
            if day is None:
                yield keys, "must be a day of the calendar, as 2026-11-24"
                continue
            if before and day < before[1]:
                yield keys, f"{day} is before {before[0]}, {before[1]}"
            if keys != ("expires",) and day > self._today:
                yield keys, f"{day} is in the future: today is {self._today} in UTC"
            before = (str(keys[0]), day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _lengths(one: Waiver | Attestation) -> Iterator[Fault]:
    explained = ("reason", "risk", "compensating_control")
    for name in one.__struct_fields__:
        value = getattr(one, name)
        if not isinstance(value, str):
            continue
        if len(value) > SHORT.get(name, LONGEST):
            yield (name,), f"must have at most {SHORT.get(name, LONGEST)} characters"
        if name in explained and (value or name == "reason") and len(" ".join(value.split())) < MIN_TEXT:
            yield (name,), f"must have at least {MIN_TEXT} characters: say it so that a reviewer understands"
    if isinstance(one, Attestation):
        yield from (
            ((name,), "must not be empty") for name in ("framework", "control") if not getattr(one, name)
        )


def _people(one: Acceptance) -> Iterator[Fault]:
    """Everybody is named, and nobody approves what is their own."""
    named: list[tuple[tuple[str | int, ...], str]] = [(("owner",), one.owner), (("approver",), one.approver)]
    for number, review in enumerate(one.review):
        named.append((("review", number, "by"), review.by))
        if not review.note.strip():
            yield ("review", number, "note"), "must not be empty: say why it is still needed"
        if len(review.note) > LONGEST:
            yield ("review", number, "note"), f"must have at most {LONGEST} characters"
    for keys, name in named:
        if not name.strip():
            yield keys, "must not be empty: name a person or a team"
        elif visible(name) != name:
            yield keys, "must be plain text: it holds characters that nobody sees"
        elif keys != ("owner",) and same_person(name, one.owner):
            yield keys, f"must be another than the owner, {one.owner}"


def _scope(policy: str, match: Match) -> Iterator[Fault]:
    if not _POLICY.fullmatch(policy):
        yield ("policy",), "must be the id of a policy, or a pattern of a-z, 0-9, '_', '*' and '?'"
    if not any(getattr(match, name) for name in OBJECT):
        yield (
            ("match",),
            f"needs at least one of {', '.join(OBJECT)}; a policy is switched off in auditor.yaml",
        )
    for name in match.__struct_fields__:
        if len(getattr(match, name)) > LONGEST:
            yield ("match", name), f"must have at most {LONGEST} characters"
    if match.fingerprint and not _FINGERPRINT.fullmatch(match.fingerprint):
        what = "64 of 0-9 and a-f" if is_exact(match.fingerprint) else "0-9, a-f, '*' and '?'"
        yield ("match", "fingerprint"), f"must be a fingerprint: {what}"

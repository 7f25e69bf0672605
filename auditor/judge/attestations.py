"""What a person's answers say about the controls that no policy answers.

An attestation has the terms of a waiver for findings of severity info. It answers a manual control and
changes nothing else: it is told if the control has policies, or does not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from auditor.errors import did_you_mean
from auditor.judge.matching import Looked
from auditor.judge.terms import approver, end, may_approve
from auditor.judge.waiver_states import common, ending, time_state
from auditor.record import WaiverEntry, WaiverState
from auditor.rules import Severity
from auditor.waiver import Acceptances, Attestation, Terms

SEVERITY = Severity.INFO
"""Whose terms and approvers apply."""


class Answers(msgspec.Struct, frozen=True):
    """What attestations say."""

    entries: tuple[WaiverEntry, ...]
    valid: Collection[str]
    """The controls that are answered, as `framework/control`."""


def attestations(acceptances: Acceptances, terms: Terms, today: date, looked: Looked | None) -> Answers:
    """Say which manual controls are answered on this day, and what state each attestation is in."""
    controls = looked.controls if looked else {}
    in_force: dict[str, list[str]] = {}
    for one in acceptances.attestations:
        if _in_force(one, terms, today) and not controls.get(name(one)):
            in_force.setdefault(name(one), []).append(one.id)
    entries = []
    for one in acceptances.attestations:
        together = sorted(in_force.get(name(one), ()))
        odd = unfit(name(one), controls) or (_unjudged(one, controls) if looked else "")
        last = end(one, SEVERITY, terms)
        entries.append(
            WaiverEntry(
                **common(one, acceptances.places.get(one.id)),
                kind="attestation",
                state=_state(one, together, odd, time_state(last, today, terms)),
                expires=last.isoformat(),
                control=name(one),
                message="; ".join((*ending(one, last, today, terms, ()), *_words(one, together, odd, terms))),
            )
        )
    return Answers(tuple(entries), frozenset(in_force) & set(controls))


def name(one: Attestation) -> str:
    """Return its control as `framework/control`."""
    return f"{one.framework}/{one.control}"


def unfit(control: str, controls: Mapping[str, Collection[str]]) -> str:
    """Say why no person can answer a control; "" if one can, or if its framework is none of these."""
    if policies := controls.get(control):
        return f"policies answer {control}: {', '.join(policies)}"
    framework, _, wanted = control.partition("/")
    known = [one.removeprefix(f"{framework}/") for one in controls if one.startswith(f"{framework}/")]
    if known and control not in controls:
        return f"{framework} has no control {wanted!r}{did_you_mean(wanted, known)}"
    return ""


def _unjudged(one: Attestation, controls: Mapping[str, Collection[str]]) -> str:
    """Say that its framework was not judged, "" if it was."""
    judged = any(control.startswith(f"{one.framework}/") for control in controls)
    return "" if judged else f"the framework {one.framework} was not judged"


def _state(one: Attestation, together: Sequence[str], odd: str, by_time: WaiverState) -> WaiverState:
    """The first that is true, as for waivers; an attestation that answers nothing is unused."""
    if by_time == "expired":
        return "expired"
    if odd or one.id not in together:
        return "unused"
    return "conflicting" if len(together) > 1 else by_time


def _words(one: Attestation, together: Sequence[str], odd: str, terms: Terms) -> Iterator[str]:
    if odd:
        yield odd
    if not may_approve(approver(one), SEVERITY, terms):
        yield f"{approver(one)} may not approve attestations: it answers nothing"
    if one.id in together and len(together) > 1:
        others = [other for other in together if other != one.id]
        yield f"{', '.join(others)} {'answers' if len(others) == 1 else 'answer'} the same control"


def _in_force(one: Attestation, terms: Terms, today: date) -> bool:
    began = date.fromisoformat(one.created) <= today
    return began and today <= end(one, SEVERITY, terms) and may_approve(approver(one), SEVERITY, terms)

"""How long a waiver or an attestation is valid, and whose word counts for it."""

from __future__ import annotations

import unicodedata
from datetime import date

from auditor.rules import Severity
from auditor.waiver import Acceptance, Terms


def end(acceptance: Acceptance, severity: Severity, terms: Terms) -> date:
    """Return the last day on which it is valid for a finding of this severity.

    That is `expires`, or earlier where the longest term since the last review ends before it.
    """
    longest = begin(acceptance).toordinal() + terms.days(severity)
    return date.fromordinal(min(longest, date.fromisoformat(acceptance.expires).toordinal()))


def latest(acceptance: Acceptance, terms: Terms) -> date:
    """Return the last day on which it can be valid for any finding."""
    return max(end(acceptance, severity, terms) for severity in Severity)


def begin(acceptance: Acceptance) -> date:
    """Return the day from which its longest term is counted: of the last review, else `created`."""
    renewed = acceptance.review[-1].at if acceptance.review else acceptance.created
    return date.fromisoformat(renewed)


def may_approve(name: str, severity: Severity, terms: Terms) -> bool:
    """Tell whether this person or team may approve findings of this severity."""
    allowed = terms.approvers.get(severity)
    return allowed is None or any(same_person(name, one) for one in allowed)


def approver(acceptance: Acceptance) -> str:
    """Return who approved it: who reviewed it last, else `approver`."""
    return acceptance.review[-1].by if acceptance.review else acceptance.approver


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are the same but for case, spaces, and forms of the same letter."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

"""Who set what a finding is about, in words.

managedFields tell when a manager last changed any of its fields, not when it changed this one: the
words must not claim more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from auditor.model import SetBy
from auditor.report.view import plural

_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def words(found: SetBy, at: str) -> str:
    """Return one sentence; `at` is when the audit was, RFC 3339, from which time is counted back."""
    who = found.manager + (f", through {found.subresource}" if found.subresource else "")
    what = f"{found.path} was added by {who}" if found.path else f"Set by {who}"
    ago = _ago(found.time, at)
    return f"{what}, which last changed the object {ago}." if ago else f"{what}."


def _ago(time: str, at: str) -> str:
    """How long before `at` a time was, in its largest unit; "" where one of them is no time."""
    moments = _moment(time), _moment(at)
    if not (moments[0] and moments[1]):
        return ""
    passed = moments[1] - moments[0]
    for unit, noun in _UNITS:
        if passed >= unit:
            return f"{plural(passed // unit, noun)} ago"
    return "less than a minute ago"


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

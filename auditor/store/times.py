"""Times as the record has them: RFC 3339, UTC, whole seconds; so they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime

from auditor.errors import StoreError

CHANGED = "auditor history verify says what is wrong with the history"
"""What to do about a store that somebody changed."""


def moment(text: str) -> datetime:
    """Read a time of the store; raises `StoreError` if it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise StoreError(f"the store has {text!r} where a time must be", CHANGED) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def written(at: datetime) -> str:
    """Write a time."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

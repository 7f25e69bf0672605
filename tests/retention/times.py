"""The present: samples have an age."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)

"""How long audits are kept: all of the last days, then one a day, one a week, one a month, then none.

Only the audits themselves are deleted. Their records, of a kilobyte each, and the rows of their
findings stay for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days which audits are kept; ages are counted from day to day, UTC."""

    every: int = 7
    """So long all of them."""
    daily: int = 90
    """So long the last one of each day."""
    weekly: int = 396
    """So long the last one of each week, Monday to Sunday: 13 months."""
    monthly: int = 1096
    """So long the last one of each month: 36 months."""
    hold: bool = False
    """Delete nothing: somebody may have to show it."""


Period = Callable[[datetime], tuple[int, ...]]


def outdated(audits: Sequence[tuple[int, datetime]], retention: Retention, now: datetime) -> list[int]:
    """Return which of a cluster's audits, given as (seq, when it began), are not to be kept, ascending.

    The latest is kept whatever its age, and one from the future until its time has come. Whether old
    ones are deleted day by day or all at once leaves the same: the last of a month is never given up
    for the last of a week.
    """
    if retention.hold or not audits:
        return []
    ages = {seq: (now.astimezone(UTC).date() - at.astimezone(UTC).date()).days for seq, at in audits}
    kept = {max(seq for seq, _ in audits)}
    kept.update(seq for seq, age in ages.items() if age <= retention.every)
    for period, limit in (
        (_day, retention.daily),
        (_week, retention.weekly),
        (_month, retention.monthly),
    ):
        kept.update(seq for seq in _last_of_each(audits, period) if ages[seq] <= limit)
    return sorted(set(ages) - kept)


def _last_of_each(audits: Iterable[tuple[int, datetime]], period: Period) -> Iterable[int]:
    last: dict[tuple[int, ...], int] = {}
    for seq, at in audits:
        key = period(at.astimezone(UTC))
        last[key] = max(seq, last.get(key, seq))
    return last.values()


def _day(at: datetime) -> tuple[int, ...]:
    return at.year, at.month, at.day


def _week(at: datetime) -> tuple[int, ...]:
    return tuple(at.isocalendar()[:2])


def _month(at: datetime) -> tuple[int, ...]:
    return at.year, at.month

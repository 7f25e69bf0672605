"""Which audits are kept: by example, and what holds whatever the times are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.store.retention import Retention, outdated

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DEFAULT = Retention()

Audits = list[tuple[int, datetime]]

times = st.lists(
    st.integers(-3 * 24 * 366 * 4, 5 * 24 * 4).map(lambda quarter: NOW + timedelta(minutes=15 * quarter)),
    max_size=60,
)
"""Three years and more back, and some days ahead; in whatever order: clocks are set."""


def numbered(at: list[datetime]) -> Audits:
    return list(enumerate(at, start=1))


def kept(audits: Audits, now: datetime = NOW, retention: Retention = DEFAULT) -> list[datetime]:
    gone = outdated(audits, retention, now)
    return [at for seq, at in audits if seq not in gone]


def every(step: timedelta, since: timedelta) -> Audits:
    return numbered([NOW - since + step * number for number in range(int(since / step) + 1)])


def test_all_of_the_last_week() -> None:
    assert len(kept(every(timedelta(hours=1), 7 * DAY))) == 7 * 24 + 1


def test_then_the_last_one_of_each_day() -> None:
    found = kept(every(timedelta(hours=1), 60 * DAY))
    old = [at for at in found if (NOW.date() - at.date()).days > 7]
    assert [at.hour for at in old] == [23] * len(old)
    assert len({at.date() for at in old}) == len(old) == 53


def test_then_of_each_week_and_of_each_month() -> None:
    found = [at for at in kept(every(DAY, 500 * DAY)) if NOW - at > 91 * DAY]
    year = [at for at in found if (NOW.date() - at.date()).days <= 396]
    month_ends = [at for at in year if at.month != (at + DAY).month]
    assert all(at.weekday() == 6 for at in year if at not in month_ends)
    assert len(year) - len([at for at in month_ends if at.weekday() != 6]) == 44  # weeks in 396 - 90 days
    assert all(at.month != (at + DAY).month for at in found if at not in year)
    assert len(found) - len(year) == 3


def test_then_none_but_the_latest() -> None:
    assert kept(every(30 * DAY, 3000 * DAY))[0] >= NOW - 1096 * DAY
    assert kept(numbered([NOW - 4000 * DAY, NOW - 3999 * DAY])) == [NOW - 3999 * DAY]
    assert kept([]) == []


@pytest.mark.parametrize("limit", [90, 396, 1096])
def test_the_limits_are_whole_days(limit: int) -> None:
    """On its last day it is still kept, at whatever hour; the day after it is not."""
    last = datetime(2026, 11, 30, 1, tzinfo=UTC)  # a Monday, and the end of a month
    sunday = datetime(2026, 11, 29, 1, tzinfo=UTC)
    one = {90: datetime(2026, 11, 25, 1, tzinfo=UTC), 396: sunday, 1096: last}[limit]
    rest = [one, *(at for at in (sunday, last) if at > one), one + 3000 * DAY]
    assert kept(numbered(rest), one + limit * DAY + timedelta(hours=20))[0] == one
    assert kept(numbered(rest), one + (limit + 1) * DAY)[0] != one


def test_a_day_is_one_of_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=14)))
    audits = every(timedelta(hours=1), 30 * DAY)
    assert outdated(audits, DEFAULT, east) == outdated(audits, DEFAULT, NOW)
    moved = [(seq, at.astimezone(east.tzinfo)) for seq, at in audits]
    assert outdated(moved, DEFAULT, NOW) == outdated(audits, DEFAULT, NOW)


@given(times)
def test_the_latest_and_the_last_week_stay(at: list[datetime]) -> None:
    audits = numbered(at)
    gone = outdated(audits, DEFAULT, NOW)
    assert gone == sorted(set(gone))
    assert not audits or len(audits) not in gone
    assert all(NOW - when > 7 * DAY for seq, when in audits if seq in gone)


@given(times)
def test_every_period_keeps_one(at: list[datetime]) -> None:
    """Whoever asks for a day, a week, a month within its limit finds an audit, if there was one."""
    audits = numbered(at)
    left = kept(audits)
    for limit, period in (
        (90, lambda one: one.date()),
        (396, lambda one: one.isocalendar()[:2]),
        (1096, lambda one: (one.year, one.month)),
    ):
        young = [one for one in at if (NOW.date() - one.date()).days <= limit]
        assert {period(one) for one in young} <= {period(one) for one in left}


@given(times)
def test_no_period_keeps_more_than_it_must(at: list[datetime]) -> None:
    old = [one for one in kept(numbered(at))[:-1] if (NOW.date() - one.date()).days > 7]
    assert len(old) <= 84 + 58 + 38


@given(times, st.integers(0, 800), st.booleans())
def test_it_does_not_matter_how_often_is_deleted(at: list[datetime], days: int, sort: bool) -> None:
    """Day by day, or once after two years away: the same is left."""
    audits = numbered(sorted(at) if sort else at)
    later = NOW + days * DAY
    first = outdated(audits, DEFAULT, NOW)
    rest = [one for one in audits if one[0] not in first]
    assert sorted(first + outdated(rest, DEFAULT, later)) == outdated(audits, DEFAULT, later)


@given(times, times, st.integers(0, 800))
def test_nor_whether_audits_come_between(at: list[datetime], more: list[datetime], days: int) -> None:
    audits = numbered(at)
    new = [(len(at) + seq, when) for seq, when in numbered(more)]
    later = NOW + days * DAY
    rest = [one for one in audits if one[0] not in outdated(audits, DEFAULT, NOW)]
    gone = set(outdated(audits, DEFAULT, NOW)) | set(outdated(rest + new, DEFAULT, later))
    assert gone == set(outdated(audits + new, DEFAULT, later))


@pytest.mark.parametrize("days", [0, 10000])
def test_hold(days: int) -> None:
    assert outdated(every(30 * DAY, 2000 * DAY), Retention(hold=True), NOW + days * DAY) == []


def test_limits_can_be_set() -> None:
    none = Retention(every=1, daily=1, weekly=1, monthly=1)
    assert kept(every(timedelta(hours=12), 10 * DAY), retention=none) == [
        NOW - DAY - timedelta(hours=12),
        NOW - DAY,
        NOW - timedelta(hours=12),
        NOW,
    ]

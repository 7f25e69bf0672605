"""How far apart the runs of a cron expression are, as robfig/cron reads it for CronJobs and for Velero.

https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import msgspec

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class _Field(msgspec.Struct, frozen=True):
    """One of the five fields: its smallest and its largest number, and what they may be called."""

    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())),
    _Field(0, 6, tuple("sun mon tue wed thu fri sat".split())),
)
_ENTRY = re.compile(r"([*?]|\w{1,9})(?:-(\w{1,9}))?(?:/([0-9]{1,9}))?")
_EVERY = re.compile(r"@every (?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ns|us|µs|ms|[smh]))+")
_AMOUNT = re.compile(r"([0-9.]+)(ns|us|µs|ms|[smh])")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}

_FIRST = date(2024, 1, 1)
_DAYS = 12 * 366
"""Days that are looked at: they hold the rarest date, the 29 of February, three times."""


def longest_gap(expression: str) -> int:
    """Return the longest time between two runs, in seconds, as if clocks were never changed.

    Raises `ValueError` for what is no expression, and for one that never comes true.
    """
    text = expression.strip()
    if text.startswith(("TZ=", "CRON_TZ=")):
        text = text.partition(" ")[2].strip()
    if _EVERY.fullmatch(text):
        # what is shorter than a second counts as one
        return max(1, int(sum(float(number) * _SECONDS[unit] for number, unit in _AMOUNT.findall(text))))
    fields = _DESCRIPTORS.get(text, text).split()
    if len(fields) != len(_FIELDS):
        raise ValueError("it has not five fields")
    minutes, hours, days, months, weekdays = map(_numbers, fields, _FIELDS)
    times = sorted(hour * 60 + minute for hour in hours[0] for minute in minutes[0])
    if not times:
        raise ValueError("it never runs")
    within = max((later - one for one, later in pairwise(times)), default=0)
    # a day that is left open leaves it to the other field; else one of both is enough
    wait = _longest_wait(days[0], months[0], weekdays[0], both=days[1] or weekdays[1])
    return 60 * max(within, wait * 24 * 60 + times[0] - times[-1])


def _numbers(text: str, field: _Field) -> tuple[frozenset[int], bool]:
    """The numbers of a field, and whether it is left open."""
    found: set[int] = set()
    is_open = False
    for entry in filter(None, text.split(",")):
        match = _ENTRY.fullmatch(entry)
        if not match:
            raise ValueError(f"field {_FIELDS.index(field) + 1} is malformed")
        first, last, step = match[1], match[2], int(match[3] or 1)
        if first in ("*", "?"):
            low, high = field.low, field.high
            is_open = is_open or step == 1
        else:
            low = _number(first, field)
            high = _number(last, field) if last else field.high if match[3] else low
        if step == 0 or not field.low <= low <= high <= field.high:
            raise ValueError(f"field {_FIELDS.index(field) + 1} is out of its range")
        found.update(range(low, high + 1, step))
    return frozenset(found), is_open


def _number(text: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.low + field.names.index(text.lower())
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"field {_FIELDS.index(field) + 1} is malformed")
    return int(text)


@lru_cache(maxsize=1024)
def _longest_wait(
    days: frozenset[int], months: frozenset[int], weekdays: frozenset[int], *, both: bool
) -> int:
    """The longest time between two days on which something runs, in days."""
    joined = all if both else any
    last, longest = None, 0
    for number in range(_DAYS):
        day = _FIRST + timedelta(number)
        if day.month in months and joined((day.day in days, day.isoweekday() % 7 in weekdays)):
            longest = longest if last is None else max(longest, number - last)
            last = number
    if not longest:
        raise ValueError("it never runs")
    return longest

"""The pictures of the HTML page, as figures: shares of bars and columns, which templates draw.

Each is drawn beside its numbers: nobody has to see a colour to know what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.past import TrendPoint
from auditor.record import Audit
from auditor.report import view
from auditor.rules import Severity

WIDTH = 1000
"""Units of a bar of full length."""

MOST_ROWS = 20
"""Namespaces of a picture."""

FEW = 12
"""Audits below which the columns of a trend are no wider: two of them are no picture of blocks."""

STATUSES = ("fail", "incomplete", "pass_with_waivers", "manual", "attested", "pass", "not_applicable")
"""Statuses of controls in the order in which a bar shows them: what needs somebody comes first."""

SEVERITIES = tuple(one.value for one in Severity)


class Part(msgspec.Struct, frozen=True):
    """One piece of a bar."""

    name: str
    number: int
    start: int
    length: int


class Bar(msgspec.Struct, frozen=True):
    """One row: its label, and its pieces from left to right."""

    label: str
    total: int
    parts: tuple[Part, ...]


class Column(msgspec.Struct, frozen=True):
    """One audit of a trend: its pieces from the bottom up, in units of `WIDTH` for the highest one."""

    at: str
    total: int
    parts: tuple[Part, ...]
    findings: Mapping[str, int]
    coverage: float
    bundle: str
    other_rules: bool
    """Judged by other rules than the audit before it."""
    start: int
    """Where it stands, from the left."""
    length: int


def by_namespace(audit: Audit) -> tuple[Sequence[Bar], int]:
    """Return the findings that count by namespace, most severe first, and how many more there are."""
    found: dict[str, Counter[str]] = {}
    for one in view.shown(audit):
        found.setdefault(one.resource.namespace, Counter())[one.severity.value] += 1
    rows = sorted(found.items(), key=lambda row: ([-row[1][one] for one in SEVERITIES], row[0]))
    longest = max((figures.total() for _, figures in rows), default=0)
    bars = [bar(place or "(cluster-wide)", figures, SEVERITIES, longest) for place, figures in rows]
    return bars[:MOST_ROWS], max(0, len(bars) - MOST_ROWS)


def by_framework(audit: Audit) -> Mapping[str, Bar]:
    """Return the controls of each framework by status; every bar is of full length."""
    found: dict[str, Counter[str]] = {}
    for one in audit.controls:
        found.setdefault(one.framework, Counter())[one.status] += 1
    return {name: bar(name, figures, STATUSES, figures.total()) for name, figures in sorted(found.items())}


def difference(audit: Audit) -> Bar | None:
    """Return what became of the findings since the audit before; None where there was none."""
    delta = audit.delta
    if delta is None:
        return None
    figures = Counter(
        new=len(delta.new),
        unknown=len(delta.unknown),
        unchanged=delta.unchanged,
        resolved=len(delta.resolved),
    )
    return bar("since", figures, ("new", "unknown", "unchanged", "resolved"), figures.total())


def trend(audit: Audit) -> Sequence[Column]:
    """Return the audits before and this one, oldest first; empty where there is none before."""
    if not audit.trend:
        return ()
    own = msgspec.structs.asdict(audit.summary.findings)
    now = TrendPoint(audit.audit.started_at, own, audit.summary.coverage, audit.audit.bundle.digest)
    points = (*audit.trend, now)
    sums = [sum(point.findings.get(one, 0) for one in SEVERITIES) for point in points]
    step = WIDTH // max(len(points), FEW)
    margin = WIDTH - step * len(points)
    return [
        Column(
            point.at,
            total,
            _parts(point.findings, SEVERITIES, max(sums)),
            point.findings,
            point.coverage,
            point.bundle,
            place > 0 and point.bundle != points[place - 1].bundle,
            margin + place * step + step // 8,
            step - step // 4,
        )
        for place, (point, total) in enumerate(zip(points, sums, strict=True))
    ]


def bar(label: str, figures: Mapping[str, int], names: Iterable[str], longest: int) -> Bar:
    """Make a bar whose length is its share of the longest one."""
    parts = _parts(figures, names, longest)
    return Bar(label, sum(one.number for one in parts), parts)


def _parts(figures: Mapping[str, int], names: Iterable[str], longest: int) -> tuple[Part, ...]:
    """Lay pieces end to end; rounding leaves no hole, as each begins where the one before ends."""
    parts, done = [], 0
    for name in names:
        if number := figures.get(name, 0):
            start, end = (WIDTH * reached // longest for reached in (done, done + number))
            parts.append(Part(name, number, start, end - start))
            done += number
    return tuple(parts)

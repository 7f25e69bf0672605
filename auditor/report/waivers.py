"""Waivers for people: what is wrong with their files, what state each of them is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.judge.waiver_check import Problem
from auditor.objects import Place
from auditor.record import WaiverEntry, WaiverState
from auditor.report.page import width
from auditor.report.text import visible
from auditor.report.view import plural
from auditor.waiver import Acceptances

ORDER: Sequence[WaiverState] = ("expired", "too_broad", "conflicting", "unused", "expiring", "active")
"""What has to be dealt with first."""

HEAD = ("STATE", "ID", "FOR", "UNTIL", "FITS", "OWNER", "APPROVER")


def check_lines(problems: Sequence[Problem], acceptances: Acceptances) -> Iterator[str]:
    """Yield one line for each problem, and one that counts them."""
    for one in problems:
        yield visible(f"{_place(one.place)}{one.id}: {one.text}")
    number = plural(len(problems), "problem") if problems else "no problem"
    yield f"{_figures(len(acceptances.waivers), len(acceptances.attestations))}: {number}"


def list_lines(entries: Iterable[WaiverEntry], *, judged: bool) -> Iterator[str]:
    """Yield a table: a line for each entry, what has to be dealt with first, and below it why.

    `judged` says that they were applied to an audit, so that it is known how many findings they fit.
    """
    ordered = sorted(entries, key=lambda one: (ORDER.index(one.state), one.id))
    rows = [HEAD, *(_row(one, judged) for one in ordered)]
    widths = [max(width(row[column]) for row in rows) for column in range(len(HEAD))]
    indent = " " * (widths[0] + 2)
    for number, row in enumerate(rows if ordered else ()):
        cells = (cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
        if number and (message := ordered[number - 1].message):
            yield indent + visible(message)
    kinds = [one.kind for one in ordered]
    yield _figures(kinds.count("waiver"), kinds.count("attestation"))
    if ordered:
        yield "Owner and approver are the text of the files; nobody has verified them."


def _row(one: WaiverEntry, judged: bool) -> tuple[str, ...]:
    fits = str(one.matched) if judged and one.kind == "waiver" else "-"
    cells = (one.state, one.id, one.policy or one.control, one.expires, fits, one.owner, one.approver)
    return tuple(map(visible, cells))


def _place(place: Place | None) -> str:
    return f"{place.path}:{place.line}: " if place else ""


def _figures(waivers: int, attestations: int) -> str:
    return f"{plural(waivers, 'waiver')}, {plural(attestations, 'attestation')}"

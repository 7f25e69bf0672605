"""What a change does to connections: a screen for people, and one line for each connection elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from typing import IO

import msgspec

from auditor.network.change import ABSENT, Change, Changed, Shift
from auditor.network.ports import Traffic
from auditor.report.page import Page
from auditor.report.reach import DIRECTIONS, deciders, decides, is_workload, ports
from auditor.report.text import visible
from auditor.report.view import plural

_LISTS = (("opened", "opens:", "high"), ("closed", "closes:", "clean"), ("unknown", "unknown now:", "medium"))
_NAMED = 8
"""Of workloads that came or went, how many are named."""


class ChangeTable(msgspec.Struct, frozen=True):
    """Writes the answer as text; what the stream can show is decided outside, as for `TableRenderer`."""

    tty: bool
    color: bool = False
    ascii: bool = False
    width: int | None = None

    def render(self, answer: Change, out: IO[str]) -> None:
        """Write the whole answer to `out`."""
        if self.tty:
            columns = self.width or shutil.get_terminal_size().columns
            _screen(answer, Page(out, columns, self.color, self.ascii))
            return
        for one in answer.changes:
            shifts = ("; ".join(_told(getattr(one, field))) for field, *_ in _LISTS)
            sides = (
                ", ".join(f"{decides(part)} {part.direction}" for part in side)
                for side in (one.policies.before, one.policies.after)
            )
            cells = (one.source, one.destination, *shifts, *sides)
            out.write("\t".join(visible(cell, self.ascii) for cell in cells) + "\n")


def shifted(shifts: Iterable[Shift]) -> str:
    """Return the ports of shifts, which are in order, as people write them."""
    found: list[Traffic] = []
    for one in shifts:
        if found and found[-1].protocol == one.protocol and found[-1].last + 1 == one.first:
            found[-1] = Traffic(one.protocol, found[-1].first, one.last)
        else:
            found.append(Traffic(one.protocol, one.first, one.last))
    return ports(found)


def summary(answer: Change) -> str:
    """Return in a line what the change does."""
    if not answer.changes:
        return "no connection changes"
    counts = (
        (sum(bool(one.opened) for one in answer.changes), "opened"),
        (sum(bool(one.closed) for one in answer.changes), "closed"),
        (sum(bool(one.unknown) for one in answer.changes), "unknown now"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"{plural(len(answer.changes), 'connection')}: {told}"


def _told(shifts: Sequence[Shift]) -> list[str]:
    """Ports that were the same and are the same, together: `TCP 80 (was closed)`."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Shift]] = {}
    for one in shifts:
        groups.setdefault((one.before, one.after, one.reasons), []).append(one)
    return [f"{shifted(group)} ({_words(*key)})" for key, group in groups.items()]


def _words(before: str, after: str, reasons: Sequence[str]) -> str:
    was = "there was none" if before == ABSENT else f"was {before}"
    now = {ABSENT: ", is gone", "partly": ", now between some pods only"}.get(after, "")
    why = f": {', '.join(reasons)}" if reasons else ""
    return f"{was.replace('was partly', 'was open between some pods only')}{now}{why}"


def _screen(answer: Change, page: Page) -> None:
    for one in answer.changes:
        page.text(f"{one.source} to {one.destination}", hang=2, style="heading")
        for field, label, style in _LISTS:
            for words in _told(getattr(one, field)):
                page.labelled(label, words, 2, 2, style)
        for direction, (end, words) in DIRECTIONS.items():
            if is_workload(getattr(one, end)):
                page.text(f"{words}: {_deciders(one, direction)}", indent=4, hang=2, style="quiet")
        page.blank()
    for word, names in (("New", answer.added), ("Gone", answer.removed)):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            page.text(f"{word}: {', '.join(names[:_NAMED])}{more}.", hang=2)
    told = summary(answer)
    page.text(f"{told[0].upper()}{told[1:]}.")
    page.text(f"Not looked at: {answer.beside}.", hang=2, style="quiet")


def _deciders(one: Changed, direction: str) -> str:
    """What decides now, and what decided before where that is something else."""
    before, after = (
        deciders([part for part in side if part.direction == direction])
        for side in (one.policies.before, one.policies.after)
    )
    return after if before == after else f"{after}; before: {before}"

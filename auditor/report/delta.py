"""A delta as text: two audits on a screen or line by line, and the lines that an audit's table adds."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from auditor.judge.diff import Diff, Difference, Side
from auditor.judge.outcome import Outcome
from auditor.past import Delta
from auditor.record import Audit
from auditor.report import delta_screen
from auditor.report import delta_view as view
from auditor.report.page import Page
from auditor.report.palette import paint
from auditor.report.text import visible
from auditor.report.view import percent, plural


class DiffTable(msgspec.Struct, frozen=True):
    """Writes a diff as text; what the stream can show is decided outside, as for `TableRenderer`."""

    outcome: Outcome
    tty: bool
    """A person reads it on a terminal: grouped and wrapped. Otherwise one fact per line."""
    color: bool = False
    ascii: bool = False
    width: int | None = None
    """In cells; None asks the terminal, and takes 80 where there is none."""

    def render(self, diff: Diff, out: IO[str]) -> None:
        """Write the whole diff to `out`; its last line tells how it ends."""
        if self.tty:
            width = self.width or shutil.get_terminal_size().columns
            delta_screen.write(diff, self.outcome, Page(out, width, self.color, self.ascii))
            return
        for cells in _rows(diff, self.outcome):
            first, *rest = (visible(cell, self.ascii) or "-" for cell in cells)
            out.write("\t".join((paint(first, _STYLES.get(cells[0], ""), self.color), *rest)) + "\n")


_STYLES = {"warning": "medium", "new": "heading", "unknown": "medium"}


def rows(audit: Audit) -> Iterator[tuple[str, ...]]:
    """Yield what the table of an audit tells of its delta where there is no terminal, if it has one."""
    if audit.delta is None:
        return
    yield ("delta", view.since(audit.delta.against), view.sentence(audit.delta))
    yield from _items("new", view.new(audit))
    yield from _gone(audit.delta)


def _rows(diff: Diff, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    yield _side("a", diff.a)
    yield _side("b", diff.b)
    yield from (("warning", text) for text in diff.warnings)
    yield from _items("new", view.items(diff.delta.new))
    yield from _gone(diff.delta)
    yield from (("change", text) for text in diff.changes)
    yield ("unchanged", str(diff.delta.unchanged), view.unchanged(diff))
    yield ("summary", view.sentence(diff.delta), f"exit {outcome.code}: {outcome.reason}")


def _gone(delta: Delta | Difference) -> Iterator[tuple[str, ...]]:
    yield from _items("resolved", view.resolved(delta))
    for reason, items in view.by_reason(delta.unknown).items():
        yield from ((*cells, reason) for cells in _items("unknown", items))
    for field, names in view.rules(delta.rules):
        yield ("rules", field, ", ".join(names))


def _items(first: str, items: Iterable[view.Item]) -> Iterator[tuple[str, ...]]:
    for one in items:
        marks = ", ".join(one.marks)
        yield (first, one.severity.value, one.policy, str(one.resource), one.path, one.place, marks)


def _side(first: str, side: Side) -> tuple[str, ...]:
    figures = plural(sum(side.findings.values()), "finding")
    coverage = f"coverage {percent(side.coverage)}"
    return (first, side.id, side.started_at, view.source(side.source), figures, coverage, side.bundle)

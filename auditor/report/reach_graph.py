"""What `auditor reach` answers as a graph: to be drawn by the command, or in a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from auditor.network.change import ABSENT, Change, Changed
from auditor.network.ports import Traffic
from auditor.network.reach import Reach, Unread
from auditor.report.graph import Graph, Link, Look
from auditor.report.reach import ports
from auditor.report.reach_change import shifted
from auditor.report.write import Renders


class Drawing(msgspec.Struct, frozen=True):
    """Renders an answer as a picture."""

    writer: Renders[Graph]

    def render(self, answer: Reach | Change, out: IO[str]) -> None:
        """Write the picture to `out`."""
        self.writer.render(graph(answer), out)


def graph(answer: Reach | Change) -> Graph:
    """Return what to draw of an answer."""
    notes = [*_unread(answer.unread), f"Not looked at: {answer.beside}."]
    if isinstance(answer, Change):
        shown = [link for one in answer.changes for link in _changed(one)]
        return Graph("What the change does to connections", shown, notes, "No connection changes.")
    links: list[Link] = []
    for one in answer.reach:
        some = " (some pods)" if one.partly else ""
        unsure = [Traffic(part.protocol, part.first, part.last) for part in one.unknown]
        if one.allow:
            links.append(Link(one.source, one.destination, f"open: {ports(one.allow)}{some}"))
        if unsure:
            links.append(Link(one.source, one.destination, f"unknown: {ports(unsure)}", Look.UNSURE))
        if not one.allow and not unsure:
            links.append(Link(one.source, one.destination, "closed", Look.NONE))
    return Graph("Who may connect to whom", links, notes, "Nothing is open, and nothing is unknown.")


def _changed(one: Changed) -> Iterator[Link]:
    if one.opened:
        yield Link(one.source, one.destination, f"opens {shifted(one.opened)}", Look.WORSE)
    if one.closed:
        gone = " (gone)" if all(part.after == ABSENT for part in one.closed) else ""
        yield Link(one.source, one.destination, f"closes {shifted(one.closed)}{gone}", Look.BETTER)
    if one.unknown:
        yield Link(one.source, one.destination, f"unknown now: {shifted(one.unknown)}", Look.UNSURE)


def _unread(unread: Iterable[Unread]) -> Iterator[str]:
    kinds = sorted({one.kind for one in unread})
    if kinds:
        yield f"Not all was read, so that something may be missing: {', '.join(kinds)}."

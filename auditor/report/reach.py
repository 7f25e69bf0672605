"""Reach: a screen for people, and one line for each connection for everything else."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import IO

import msgspec

from auditor.network.ports import Traffic
from auditor.network.reach import Connection, Deciding, Reach
from auditor.report.page import Page
from auditor.report.text import visible
from auditor.report.view import plural

DIRECTIONS = {"egress": ("source", "out of the source"), "ingress": ("destination", "into the destination")}
"""Of which end policies of a direction are, and what they are about."""
_STYLES = {"open": "low", "unknown": "medium", "closed": "quiet"}


class ReachTable(msgspec.Struct, frozen=True):
    """Writes the answer as text; what the stream can show is decided outside, as for `TableRenderer`."""

    tty: bool
    color: bool = False
    ascii: bool = False
    width: int | None = None

    def render(self, answer: Reach, out: IO[str]) -> None:
        """Write the whole answer to `out`."""
        if not self.tty:
            for one in answer.reach:
                unknown = "; ".join(unknowns(one))
                policies = ", ".join(f"{decides(part)} {part.direction}" for part in one.policies)
                cells = (one.source, one.destination, ports(one.allow), unknown, policies)
                out.write("\t".join(visible(cell, self.ascii) for cell in cells) + "\n")
            return
        columns = self.width or shutil.get_terminal_size().columns
        _screen(answer, Page(out, columns, self.color, self.ascii))


def ports(traffic: Sequence[Traffic]) -> str:
    """Return ports as people write them: `TCP 80, UDP 53`; `everything` for all ports of all protocols."""
    words = [str(one) for one in traffic]
    return "everything" if words == ["TCP", "UDP", "SCTP"] else ", ".join(words)


def unknowns(one: Connection) -> list[str]:
    """Return of which ports nothing is known, those together that share a reason: `TCP 80: why`."""
    groups: dict[tuple[str, ...], list[Traffic]] = {}
    for part in one.unknown:
        groups.setdefault(part.reasons, []).append(Traffic(part.protocol, part.first, part.last))
    return [f"{ports(traffic)}: {', '.join(reasons)}" for reasons, traffic in groups.items()]


def is_workload(end: str) -> bool:
    """Tell the name of a workload from addresses."""
    return end.count("/") == 2


def _screen(answer: Reach, page: Page) -> None:
    for number, one in enumerate(answer.reach):
        if number:
            page.blank()
        page.text(f"{one.source} to {one.destination}", hang=2, style="heading")
        _connection(one, page)
    if answer.reach:
        page.blank()
    counted = plural(len(answer.reach), "connection")
    page.text(counted if answer.reach else "Nothing is open, and nothing is unknown.")
    page.text(f"Not looked at: {answer.beside}.", hang=2, style="quiet")


def _connection(one: Connection, page: Page) -> None:
    if one.allow:
        page.labelled("open:", ports(one.allow), 2, 2, _STYLES["open"])
    if one.partly:
        page.labelled("only between some pods:", ports(one.partly), 4, 2, "quiet")
    for unknown in unknowns(one):
        page.labelled("unknown:", unknown, 2, 2, _STYLES["unknown"])
    if not one.allow and not one.unknown:
        page.text("closed", indent=2, style=_STYLES["closed"])
    for direction, (end, words) in DIRECTIONS.items():
        if not is_workload(getattr(one, end)):
            continue
        deciding = [part for part in one.policies if part.direction == direction]
        page.text(f"{words}: {deciders(deciding)}", indent=4, hang=2, style="quiet")


def deciders(deciding: Sequence[Deciding]) -> str:
    """Return what the policies of one direction do; that none is about it is said."""
    return ", ".join(map(decides, deciding)) or "no policy is about it"


def decides(one: Deciding) -> str:
    """Return what a policy does, in words."""
    return f"{one.policy} {'' if one.sure else 'perhaps '}{one.effect}"

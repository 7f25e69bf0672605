"""Renders a record as a terminal shows it: every escape obeyed, on a screen of some width."""

from __future__ import annotations

import io
import re

import pyte

from auditor.judge.outcome import Outcome
from auditor.ports import Renderer
from auditor.record import Audit
from auditor.report.palette import STYLES, paint
from auditor.report.shape import DEFAULT, Shape
from auditor.report.table import TableRenderer
from tests.report.records import FAILED


def _parameters(style: str) -> str:
    """The SGR parameters that a style writes."""
    return paint("x", style, color=True).removeprefix("\x1b[").partition("m")[0]


OURS = re.compile(
    "\x1b\\[(?:" + "|".join(map(re.escape, [*(_parameters(style) for style in STYLES), "0"])) + ")m"
)
"""The escape sequences that we write ourselves."""


def rendered(renderer: Renderer, record: Audit) -> str:
    """Return what a renderer writes."""
    out = io.StringIO()
    renderer.render(record, out)
    return out.getvalue()


def table(
    record: Audit,
    *,
    outcome: Outcome = FAILED,
    tty: bool = True,
    color: bool = False,
    ascii_only: bool = False,
    width: int = 80,
    shape: Shape = DEFAULT,
) -> str:
    """Return the table of a record."""
    return rendered(TableRenderer(outcome, tty, color, ascii_only, width, shape), record)


def screen(text: str, width: int) -> pyte.Screen:
    """Show a text on a terminal that is long enough for all of it."""
    shown = pyte.Screen(width, text.count("\n") + 5)
    pyte.ByteStream(shown).feed(text.replace("\n", "\r\n").encode("utf-8"))
    return shown


def shown_lines(shown: pyte.Screen) -> list[str]:
    """Return the lines of a screen down to the last one that is not empty."""
    return "\n".join(line.rstrip() for line in shown.display).rstrip("\n").split("\n")

"""The table: for people at a terminal, and line by line for everything else."""

from __future__ import annotations

import shutil
from typing import IO

import msgspec

from auditor.judge.outcome import Outcome
from auditor.record import Audit
from auditor.report import lines, screen
from auditor.report.page import Page
from auditor.report.shape import Shape


class TableRenderer(msgspec.Struct, frozen=True):
    """Writes the audit as text.

    What the stream can show is decided outside: `terminal.use_color`, `terminal.use_ascii`, isatty.
    """

    outcome: Outcome
    tty: bool
    """A person reads it on a terminal: grouped and wrapped. Otherwise one fact per line."""
    color: bool = False
    ascii: bool = False
    width: int | None = None
    """In cells; None asks the terminal, and takes 80 where there is none."""
    shape: Shape = Shape()
    """How much a terminal is shown; in a pipe there is always all, but for `quiet`."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the whole audit to `out`; its last line is the counts, the coverage and the outcome."""
        if not self.tty and not self.shape.quiet:
            lines.write(audit, self.outcome, out, self.color, self.ascii)
            return
        width = self.width or shutil.get_terminal_size().columns
        screen.write(audit, self.outcome, Page(out, width, self.color, self.ascii), self.shape)

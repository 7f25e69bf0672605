"""What is going on, for a person who waits: one line on stderr, only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from auditor.report.text import visible


@contextmanager
def progress(text: str, *, wanted: bool) -> Iterator[None]:
    """Show `text` beside a spinner until the block ends; nothing at all if stderr is no terminal.

    stdout is left alone, so that a pipe gets what was asked for.
    """
    # not console.is_terminal: FORCE_COLOR makes it true for a pipe
    if not wanted or not sys.stderr.isatty():
        yield
        return
    # rich takes a while to import: only who looks on pays
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if console.is_dumb_terminal:
        yield
        return
    with console.status(Text(visible(text)), spinner="line"):
        yield

"""What is going on, for a person who waits: one line on stderr, only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from auditor.report.text import visible


@contextmanager
def progress(text: str, *, wanted: bool) -> Iterator[Callable[[str], None]]:
    """Show `text` beside a spinner until the block ends; nothing at all if stderr is no terminal.

    The block is given what shows another text. stdout is left alone, so that a pipe gets what was asked for.
    """
    # not console.is_terminal: FORCE_COLOR makes it true for a pipe
    if not wanted or not sys.stderr.isatty():
        yield lambda _: None
        return
    # rich takes a while to import: only who looks on pays
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if console.is_dumb_terminal:
        yield lambda _: None
        return
    with console.status(Text(visible(text)), spinner="line") as status:
        yield lambda other: status.update(Text(visible(other)))

"""Where the outputs of a command go: `-o FORMAT[=PATH]`, and how the command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import msgspec

from auditor.cli.message import Messages
from auditor.errors import OutputError, UsageError, did_you_mean
from auditor.judge.outcome import Outcome
from auditor.report.shape import DEFAULT, Shape
from auditor.report.terminal import ColorFlag, use_ascii, use_color
from auditor.report.write import Renders, write

STDOUT = "-"
"""The path that means standard output."""

STDOUT_PATHS = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Other names of it; as files they would be opened a second time, and overwrite what is in them."""


class Output(msgspec.Struct, frozen=True):
    """One `-o FORMAT[=PATH]`."""

    format: str
    path: str
    """`STDOUT`, or a file."""


Record = TypeVar("Record")


def parse_outputs(texts: Sequence[str], formats: Collection[str]) -> list[Output]:
    """Read the values of -o; raises `UsageError` for one that names no format, or a place twice."""
    found = []
    for text in texts:
        name, separator, path = text.partition("=")
        if name not in formats:
            raise UsageError(
                f"-o {text}: unknown format {name!r}{did_you_mean(name, formats)}",
                f"formats: {', '.join(formats)}",
            )
        if separator and not path:
            raise UsageError(f"-o {text}: the path is missing")
        found.append(Output(name, STDOUT if path in ("", *STDOUT_PATHS) else path))
    places: dict[str, str] = {}
    for text, one in zip(texts, found, strict=True):
        place = STDOUT if one.path == STDOUT else os.path.realpath(one.path)
        if place in places:
            shown = "stdout" if place == STDOUT else one.path
            raise UsageError(
                f"two outputs go to {shown}: -o {places[place]} and -o {text}",
                "give one of them another path: -o FORMAT=PATH",
            )
        places[place] = text
    return found


def deliver(
    record: Record,
    wanted: Sequence[Output],
    ending: Outcome,
    renderer: Callable[[Output, Outcome], Renders[Record]],
    messages: Messages,
) -> int:
    """Write every output that can be written and return the exit code.

    stdout comes last: the last line of a table there tells the exit code, a file's failure included.
    """
    told = False
    for one in sorted(wanted, key=lambda one: one.path == STDOUT):
        try:
            write(record, renderer(one, ending), one.path)
            told = one == Output("table", STDOUT)
        except OutputError as error:
            messages.error(str(error), error.hint)
            ending = Outcome(error.exit_code, f"not every output was written; {ending.reason}")
    if not told:
        messages.note(f"exit {ending.code}: {ending.reason}")
    return ending.code


class Look(msgspec.Struct, frozen=True):
    """How a table looks in its place."""

    tty: bool
    color: bool
    ascii: bool
    shape: Shape = DEFAULT


DEFAULT_LOOK = Look(tty=False, color=False, ascii=False)
"""For formats that look the same everywhere."""


def look(output: Output, color: ColorFlag, shape: Shape = DEFAULT) -> Look:
    """Return how a table looks on this output."""
    tty = output.path == STDOUT and sys.stdout.isatty()
    encoding = sys.stdout.encoding if output.path == STDOUT else "utf-8"
    return Look(tty, use_color(color, os.environ, tty), use_ascii(encoding, os.environ), shape)

"""A page as the answer of a command: wrapped for a terminal, Markdown in a pipe, or JSON."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec
import typer

from auditor.report import markdown, policy_screen
from auditor.report.page import Page
from auditor.report.policy_page import Block
from auditor.report.terminal import ColorFlag, use_ascii, use_color

Form = Annotated[
    Literal["text", "markdown", "json"] | None,
    typer.Option(
        "-o", "--output", help="Form of the answer; default text on a terminal, markdown elsewhere."
    ),
]


class Answer(msgspec.Struct, frozen=True):
    """What a command has to say, in each of its forms."""

    page: Iterable[Block]
    value: Callable[[], Any]
    """Makes what JSON says."""
    screen: Iterable[Block] | None = None
    """What a terminal shows, if that is another page."""


def write(answer: Answer, form: str | None, color: ColorFlag | None) -> None:
    """Write an answer to stdout; `form` and `color` are those of the flags."""
    tty = sys.stdout.isatty()
    match form or ("text" if tty else "markdown"):
        case "json":
            write_json(answer.value())
        case "markdown":
            print(markdown_of(answer.page), end="")
        case _:
            ascii_only = use_ascii(sys.stdout.encoding, os.environ)
            colored = use_color(color or "auto", os.environ, tty)
            columns = shutil.get_terminal_size().columns
            blocks = answer.page if answer.screen is None else answer.screen
            policy_screen.write(blocks, Page(sys.stdout, columns, colored, ascii_only))


def write_json(value: Any) -> None:
    """Write a value as JSON to stdout, for people too."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def markdown_of(page: Iterable[Block]) -> str:
    """Return a page in Markdown: what docs holds, to the letter."""
    return "\n".join(markdown.lines(page)) + "\n"

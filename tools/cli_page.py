"""Writes docs/cli.md: the help of every command, as the program prints it.

python -m tools.cli_page
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from auditor.cli.app import commands as registered

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
"""The page in the repository; tests/cli/test_help.py says whether it is current."""

HEAD = """\
# The command line

What `--help` prints, for every command. Written by `python -m tools.cli_page`; change the texts in
`auditor/cli/`.
"""


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the path of every command, `("auditor", "policies", "list")` and those above it."""
    yield from _below(("auditor",), typer.main.get_command(registered()))


def options(path: tuple[str, ...]) -> list[str]:
    """Return the long names of the options of one command, `--help` included."""
    command, context = _found(path)
    return [name for one in command.get_params(context) for name in one.opts if name.startswith("--")]


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for path in commands():
        _, context = _found(path)
        parts.append(f"## {' '.join(path)}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


def _below(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _below((*path, name), below)


def _found(path: tuple[str, ...]) -> tuple[Any, Any]:
    """Return a command and the context that its help is made in: 80 columns, whatever the terminal."""
    command: Any = typer.main.get_command(registered())
    context = command.context_class(command, info_name=path[0], terminal_width=80, **command.context_settings)
    for name in path[1:]:
        command = command.commands[name]
        context = command.context_class(
            command, info_name=name, parent=context, terminal_width=80, **command.context_settings
        )
    return command, context


if __name__ == "__main__":
    sys.stdout.write(f"{PAGE}\n")
    PAGE.write_text(page())

"""The help says what there is, and docs/cli.md is the help."""

from __future__ import annotations

import pytest

from auditor.cli.app import EXIT_CODES
from tests.cli.conftest import Run
from tools import cli_page

COMMANDS = list(cli_page.commands())


def words(text: str) -> str:
    """The text without its line breaks, those after a hyphen included."""
    return " ".join(text.split()).replace("- ", "-")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_of_each_command_shows_options_and_exit_codes(run: Run, path: tuple[str, ...]) -> None:
    ended = run(*path[1:], "--help")
    assert (ended.code, ended.err) == (0, "")
    for option in cli_page.options(path):
        assert option in ended.out
    assert "Exit codes: " in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.parametrize("path", [(), ("policies",)], ids=["auditor", "auditor policies"])
def test_without_arguments_there_is_help_on_stderr(run: Run, path: tuple[str, ...]) -> None:
    ended = run(*path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Usage: {' '.join(('auditor', *path))} [OPTIONS] COMMAND")
    assert words(EXIT_CODES) in words(ended.err)


def test_page_is_current() -> None:
    assert cli_page.PAGE.read_text() == cli_page.page(), "run: python -m tools.cli_page"

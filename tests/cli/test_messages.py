"""What goes to stderr, in which form; and that a bug of ours is one line too."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from auditor import __version__
from auditor.cli import app, audit
from auditor.cli.message import Messages
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write


class FancyError(Exception):
    """Something that nobody expected, with a secret in its text."""


def fail(*_: object, **__: object) -> None:
    """Stand in for a step of the audit."""
    raise FancyError("hunter2")


def test_bug_is_one_line(audited: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "run", fail)
    ended = audited("-f", write(tmp_path / "a.yaml", deployment()))
    assert (ended.code, ended.out) == (3, "")
    first, hint = ended.err.splitlines()
    assert first.startswith(f"error: bug in auditor {__version__}: FancyError in fail (")
    assert hint == "  hint: AUDITOR_DEBUG=1 prints the traceback; please report it"
    assert "hunter2" not in ended.err


def test_bug_shows_its_traceback_if_asked(
    audited: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "run", fail)
    monkeypatch.setenv("AUDITOR_DEBUG", "1")
    path = write(tmp_path / "a.yaml", deployment())
    code = app.run(["audit", "-f", str(path)])
    err = capsys.readouterr().err
    assert code == 3
    assert err.startswith("Traceback (most recent call last):\n")
    assert "FancyError: hunter2\n" in err
    assert "error: bug in auditor" in err


def test_error_of_the_system_names_the_file(
    audited: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/some/file\x1b")

    monkeypatch.setattr(audit, "run", refused)
    ended = audited("-f", write(tmp_path / "a.yaml", deployment()))
    assert (ended.code, ended.err) == (3, "error: /some/file\\x1b: Permission denied\n")


COMMANDS = [
    ["audit", "-f", "none.yaml"],
    ["audit", "--frmat"],
    ["adit"],
    ["audit", "-f", "{folder}", "-o", "json"],
    ["audit", "-f", "{folder}", "-o", "html=/dev/full"],
    ["audit", "-f", b"\xff\x1b".decode(errors="surrogateescape")],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: ascii(" ".join(one)))
@pytest.mark.parametrize("form", [["--log-format", "json"], ["--log-format=json"]], ids=len)
def test_every_line_is_an_object_if_asked(
    run: Run, audited: Run, tmp_path: Path, arguments: list[str], form: list[str]
) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\na: 2\n")
    ended = run(*(one.format(folder=tmp_path) for one in arguments), *form)
    assert ended.code
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert lines
    for line in lines:
        assert set(line) <= {"level", "message", "hint"}
        assert line["level"] in {"error", "warning", "note"}
        assert line["message"].isprintable()


def test_text_keeps_its_lines_and_shows_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    Messages().error("one\ntwo\x1b[31m\u202e", "three\nfour")
    assert capsys.readouterr().err == "error: one\n  two\\x1b[31m\\u202e\n  hint: three\\x0afour\n"


def test_only_the_report_is_on_stdout_and_nothing_on_stderr_but_the_end(tmp_path: Path, home: Path) -> None:
    """In a process of its own: what OPA or a library says would show here too."""
    path = write(tmp_path / "a.yaml", deployment())
    ended = program.ended("audit", "-f", path, "-o", "json", home=home)
    assert ended.stderr == "note: exit 0: no finding at or above high\n"
    assert json.loads(ended.stdout)["schema"] == "auditor/v1"
    ended = program.ended("audit", "-f", path, home=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}], ids=["C", "ASCII"]
)
def test_messages_in_a_locale_without_utf_8(tmp_path: Path, home: Path, env: dict[str, str]) -> None:
    ended = program.ended("audit", "-f", tmp_path / "größe.yaml", home=home, env=env)
    assert ended.returncode == 2
    assert "error: " in ended.stderr
    assert "no such file or folder" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_terminal_on_stderr_gets_lines_too(tmp_path: Path, home: Path) -> None:
    """A message is text, not cursor movements."""
    ours, theirs = pty.openpty()
    try:
        ended = subprocess.run(
            program.command("audit", "-f", tmp_path / "none.yaml"),
            env=program.environment(home),
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            timeout=program.SECONDS,
            check=False,
        )
        shown = os.read(ours, 4096).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert ended.returncode == 2
    assert shown.startswith("error: ")
    assert "\x1b" not in shown

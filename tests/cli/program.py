"""The program as others run it: a process of its own, with an environment that holds nothing of ours."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tools.build import cache_folder, tool_bin

ROOT = Path(__file__).parents[2]
CACHE = cache_folder().parent
"""Where the tools are built; kept, since tests change HOME."""

MARK = "AUDITOR_TEST_MARK"
SECONDS = 120.0
"""After which a child counts as hung: no claim of speed, the machine may be busy."""


@functools.cache
def opa() -> Path:
    """The pinned OPA, found once."""
    return tool_bin("opa") / "opa"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the program gets: an empty home, a private TMPDIR, and OPA by name."""
    (home / "tmp").mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "AUDITOR_OPA": str(opa()),
        **more,
    }


def command(*arguments: str | Path) -> list[str]:
    """The command line that starts the program."""
    return [sys.executable, "-m", "auditor", *map(str, arguments)]


def powerless() -> list[str]:
    """The words before a command that leave root no right to pass over the modes of files."""
    if os.geteuid() != 0:
        return []
    if not (setpriv := shutil.which("setpriv")):
        pytest.skip("root reads and writes everything, and setpriv (util-linux) is not there to change that")
    return [setpriv, "--inh-caps=-all", "--bounding-set=-all"]


def ended(
    *arguments: str | Path,
    home: Path,
    before: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; `before` stands before its command, options as for `subprocess.run`."""
    return subprocess.run(
        [*before, *command(*arguments)],
        env=environment(home) | dict(env or {}),
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def shell(line: str, *arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as `"$@"` of a line of shell, for redirections that only a shell does."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *command(*arguments)],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


class Running:
    """The program in a session of its own, found again by a mark in its environment."""

    def __init__(self, arguments: Sequence[str | Path], home: Path, **env: str) -> None:
        """Start it."""
        self.home = home
        self._mark = uuid.uuid4().hex
        self.process = subprocess.Popen(
            command(*arguments),
            env=environment(home, **env, **{MARK: self._mark}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def descendants(self) -> list[psutil.Process]:
        """Every living process that it started, at whatever depth; OPA's environment is emptied."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def remains(self) -> list[str]:
        """What is left after its end: processes of its session or with its mark, and temporary files."""
        left = [
            f"process {one.pid} {one.info['name']}"
            for one in psutil.process_iter(["name"])
            if self._ours(one)
        ]
        return left + [str(path) for path in (self.home / "tmp").iterdir()]

    def signal(self, number: signal.Signals, *, group: bool) -> None:
        """Send a signal as a terminal does, to the whole group, or as `kill` does."""
        (os.killpg if group else os.kill)(self.process.pid, number)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; return exit code, stdout and stderr."""
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err

    def kill(self) -> None:
        """End it by force, for a test that failed."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def _ours(self, one: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            if one.status() == psutil.STATUS_ZOMBIE:
                return False
            return os.getsid(one.pid) == self.process.pid or one.environ().get(MARK) == self._mark
        return False


def until(true: Callable[[], object], what: str) -> None:
    """Wait for a condition; fail if it does not come."""
    deadline = time.monotonic() + SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {SECONDS:g} s")
        time.sleep(0.01)

"""Runs the program and kills it at its n-th step: an interpreter's audit hook counts them, exactly.

    python dying.py STEP COUNT-FILE ARGUMENT...

A step is whatever leaves a trace: files and folders that are made, renamed or removed, children that
are started, statements that SQLite executes. STEP 0 kills nothing; how many steps there were is then
in COUNT-FILE. SIGKILL comes before the step is done.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

STEPS = frozenset(
    {
        "os.chmod",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.truncate",
        "os.utime",
        "shutil.rmtree",
        "socket.connect",
        "sqlite3.connect",
        "subprocess.Popen",
    }
)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


_connect = sqlite3.connect


class Death:
    """Comes at a step."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter calls for everything that it does."""
        if event in STEPS or (event == "open" and arguments[2] & WRITES):
            self.step()

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """In place of `sqlite3.connect`: no audit hook sees what SQLite executes."""
        connection: sqlite3.Connection = _connect(*arguments, **options)
        connection.set_trace_callback(lambda _statement: self.step())
        return connection


def main() -> None:
    death = Death(int(sys.argv[1]))
    count = Path(sys.argv[2])
    sys.argv = ["auditor", *sys.argv[3:]]
    # first, so that importing it is no step
    from auditor.__main__ import main as program

    sqlite3.connect = death.connect  # type: ignore[assignment]
    sys.addaudithook(death.hook)
    try:
        program()
    finally:
        steps, death.at = death.steps, -1
        count.write_text(str(steps))


if __name__ == "__main__":
    main()

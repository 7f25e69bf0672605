"""Kills OPA when it grows too large: no flag or variable of its own bounds a policy."""

from __future__ import annotations

import contextlib
import subprocess
import threading

import psutil

INTERVAL = 0.1
"""Seconds between two looks."""


class Watchdog:
    """A thread that reads the resident memory of a child and kills it above a limit, in bytes."""

    def __init__(self, child: subprocess.Popen[bytes], limit: int) -> None:
        """Start watching."""
        self.bit = False
        """The child was over the limit and was killed; set before it is."""
        self._child = child
        self._limit = limit
        self._seen = psutil.Process(child.pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="opa-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._done.set()
        self._thread.join()

    def look(self) -> bool:
        """Tell whether the child is within its limit, and kill it if it is not."""
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself
            if self._seen.memory_info().rss > self._limit:
                self.bit = True
                self._child.kill()
        return not self.bit

    def _watch(self) -> None:
        while self.look() and not self._done.wait(INTERVAL):
            pass

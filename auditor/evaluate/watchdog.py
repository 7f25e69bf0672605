"""Kills OPA when it grows too large: no flag or variable of its own bounds a policy."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

INTERVAL = 0.1
"""Seconds between two looks."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watchdog:
    """A thread that reads the resident memory of a child and kills it above a limit, in bytes."""

    def __init__(self, child: subprocess.Popen[bytes], limit: int) -> None:
        """Start watching."""
        self.bit = False
        """The child was over the limit and was killed; set before it is."""
        self._child = child
        self._limit = limit
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="opa-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._done.set()
        self._thread.join()

    def look(self) -> bool:
        """Tell whether the child is within its limit, and kill it if it is not."""
        if resident_bytes(self._child.pid) > self._limit:
            self.bit = True
            self._child.kill()
        return not self.bit

    def _watch(self) -> None:
        while self.look() and not self._done.wait(INTERVAL):
            pass


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process; 0 if it has ended by itself."""
    linux = sys.platform == "linux"
    if linux:  # psutil would read the same file, and takes long to import
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                return int(file.read().split()[1]) * _PAGE
        except (OSError, IndexError):
            return 0
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

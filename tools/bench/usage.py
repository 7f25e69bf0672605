"""Runs one program and tells what it cost: time, CPU, memory, also of what it started. Linux only."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

POLL_SECONDS = 0.01
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What one run cost: seconds and bytes."""

    wall: float
    own_cpu: float
    """User and system time of the program itself."""
    children_cpu: float
    """The same of all that it started and waited for."""
    own_peak: int
    """Peak of its resident memory."""
    child_peak: int
    """The largest peak among its children of the name that was asked for."""


class FailedError(Exception):
    """The program did not end with 0, or did not do all; the message says which, and what was wrong."""


@dataclass
class _Watch:
    """The peaks of memory that were seen so far of a running program.

    The kernel keeps the peaks, so nothing is missed but growth in the last 10 ms.
    """

    pid: int
    child: str
    own_peak: int = 0
    child_peak: int = 0

    def look(self) -> None:
        self.own_peak = max(self.own_peak, _status(str(self.pid))[1])
        for pid in _children(self.pid):
            name, peak = _status(pid)
            # before its exec, a new child still has the name and the memory of its parent
            if name == self.child:
                self.child_peak = max(self.child_peak, peak)


def run(command: Sequence[str | Path], child: str = "", stdin: str = "") -> tuple[Usage, str]:
    """Run a program to its end; return what it cost and what it wrote on stdout.

    `child` is the name of the children whose memory counts, `stdin` what it may read. It is ended if
    this is interrupted. Raises `FailedError`.
    """
    with TemporaryFile("w+") as given, TemporaryFile("w+") as written, TemporaryFile("w+") as errors:
        given.write(stdin)
        given.seek(0)
        begin = time.monotonic()
        words = [str(word) for word in command]
        with subprocess.Popen(words, stdin=given, stdout=written, stderr=errors) as process:
            try:
                watch, own, children = _follow(process, child)
            except BaseException:
                process.kill()
                raise
        wall = time.monotonic() - begin
        if process.returncode:
            errors.seek(0)
            raise FailedError(f"{words[0]} ended with {process.returncode}: {errors.read().strip()}")
        written.seek(0)
        text = written.read()
    return Usage(wall, own, children, watch.own_peak, watch.child_peak), text


def _follow(process: subprocess.Popen[bytes], child: str) -> tuple[_Watch, float, float]:
    """Watch a process until it has ended; return what was seen, its CPU time and that of its children."""
    watch = _Watch(process.pid, child)
    handle = os.pidfd_open(process.pid)
    try:
        while not select.select([handle], [], [], POLL_SECONDS)[0]:
            watch.look()
    finally:
        os.close(handle)
    # It is a zombie now, with its final figures. Not its ru_maxrss: that counts what it shared with
    # this process before its exec.
    used = _cpu(process.pid)
    process.wait()
    return watch, sum(used[:2]), sum(used[2:])


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process so far, 0 if it is gone."""
    return sum(_cpu(pid)[:2])


def thread_seconds(pid: int) -> float:
    """Return the seconds of CPU of the threads that a process has now, to the nanosecond (schedstat)."""
    return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _cpu(pid: int) -> list[float]:
    """User and system time, then the same of the children that were waited for (proc_pid_stat(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0.0] * 4
    return [int(field) / _TICK for field in fields[11:15]]


def _children(pid: int) -> list[str]:
    """The pids of the children of all threads of a process."""
    found: list[str] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    except OSError:
        pass  # a thread, or the process, ended meanwhile
    return found


def _status(pid: str) -> tuple[str, int]:
    """The name of a process, and the peak of its resident memory in bytes (VmHWM of proc_pid_status(5))."""
    try:
        lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except (OSError, ValueError):
        return "", 0
    peak = lines.get("VmHWM", "0 kB").split()[0]
    return lines.get("Name", ""), int(peak) * 1024

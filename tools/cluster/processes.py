"""Processes that outlive the program that started them, or never do, and are never confused with others.

A process is known by its pid and its start time, so that a pid which the kernel has given to
somebody else in the meantime is left alone. Linux only (/proc, pidfd, prctl).
"""

from __future__ import annotations

import ctypes
import os
import select
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0
"""How long a process may take to end by itself before it is killed."""

# Looked up before any fork: between fork and exec, only calls that take no lock are safe.
_prctl = ctypes.CDLL(None).prctl
_prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


@dataclass(frozen=True)
class Process:
    """One process that was started here."""

    name: str
    pid: int
    started: int
    """Start time in clock ticks since boot, field 22 of /proc/PID/stat (proc_pid_stat(5))."""
    command: str = ""
    """What was run, quoted as for a shell: enough to run it again."""


def spawn(
    name: str, command: Sequence[str | Path], log: Path, *, die_with_parent: bool, cwd: Path | None = None
) -> Process:
    """Start a command in a session of its own, with its output in `log`, by default in that folder.

    With `die_with_parent` the kernel kills it as soon as the calling thread is gone, however that ends.
    """
    words = [str(word) for word in command]
    with log.open("ab") as out:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd or log.parent,
            start_new_session=True,
            preexec_fn=_bound_to(os.getpid()) if die_with_parent else None,  # noqa: PLW1509 - it only calls what was looked up before the fork
        )
    child.returncode = 0  # Popen need not wait: whoever ends the process does, by its pidfd
    stat = _stat(child.pid)
    return Process(name, child.pid, stat[1] if stat else 0, shlex.join(words))


def _bound_to(parent: int) -> Callable[[], None]:
    def bind() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)

    return bind


def is_running(process: Process) -> bool:
    """Tell whether this very process lives; a zombie does not."""
    stat = _stat(process.pid)
    return stat is not None and stat[1] == process.started and stat[0] not in "ZX"


def stop(process: Process) -> None:
    """Ask a process to end, kill it after `GRACE_SECONDS`, and return when it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with _handle(process) as handle, suppress(ProcessLookupError):
            if handle is not None:
                signal.pidfd_send_signal(handle, number)
        if wait(process, GRACE_SECONDS):
            break


def kill(process: Process) -> None:
    """End a process by SIGKILL, without a chance to tidy up, and return when it is gone."""
    with _handle(process) as handle, suppress(ProcessLookupError):
        if handle is not None:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            # Not `wait`: its first thread may be a zombie while another still holds the sockets.
            select.select([handle], [], [], GRACE_SECONDS)
    _reap(process)


def stop_all(started: Sequence[Process]) -> None:
    """Stop processes one by one, the last one first: clients before the servers that they hang on."""
    for process in reversed(started):
        stop(process)


def wait(process: Process, seconds: float) -> bool:
    """Wait until a process has ended by itself; False if it still runs after that many seconds."""
    with _handle(process) as handle:
        if handle is not None and not select.select([handle], [], [], seconds)[0]:
            return False
    _reap(process)
    return True


def resident_bytes(process: Process) -> int:
    """Return the resident memory of a process, 0 if it is gone."""
    with suppress(OSError):
        pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return 0


@contextmanager
def _handle(process: Process) -> Iterator[int | None]:
    """Yield a pidfd, which cannot come to mean another process; None if it does not run."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        yield None
        return
    try:
        yield handle if is_running(process) else None
    finally:
        os.close(handle)


def _reap(process: Process) -> None:
    """Remove the zombie, if it is a child of this process."""
    stat = _stat(process.pid)
    if stat and stat[1] == process.started:
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)


def _stat(pid: int) -> tuple[str, int] | None:
    """Return (state, start time) of a pid, None if there is no such process."""
    try:
        # The command name, field 2, may contain spaces and parentheses: count from its end.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[19])


def wait_for(what: str, ready: Callable[[], bool], process: Process, log: Path, seconds: float) -> None:
    """Poll until `ready`.

    Raises `ChildProcessError` if the process ends first, `TimeoutError` if it takes longer than
    that many seconds; the message ends with the tail of the log.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if not is_running(process):
            raise ChildProcessError(f"{process.name} ended before {what}; {tail(log)}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{process.name}: no sign of {what} after {seconds:.0f} s; {tail(log)}")
        time.sleep(0.05)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    return f"{log} ends with:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def reserved_port(port: int = 0) -> Iterator[int]:
    """Yield a free loopback port, or the given one, that nobody can take until the block ends.

    The socket is bound and does not listen. A server that sets SO_REUSEPORT as well, and runs as
    the same user, may listen on it all the same; others get "address in use" (socket(7)).
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", port))
        yield holder.getsockname()[1]

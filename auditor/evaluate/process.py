"""One life of OPA: a server on a private socket that runs only the given archive.

No TCP, no update check, no bundle reload, no decision log, an environment of ours, its own process group
(Ctrl-C reaches us, and we end it). Where there is no tether (tether.py), on other systems than
Linux, OPA outlives us if we are killed by SIGKILL.
"""

from __future__ import annotations

import collections
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from auditor.errors import EngineError
from auditor.evaluate import tether
from auditor.evaluate.answer import NoAnswerError
from auditor.evaluate.find import HINT
from auditor.evaluate.limits import MIB, Limits
from auditor.evaluate.watchdog import Watchdog

QUERY = "/v1/data/main/results?strict-builtin-errors=true"
"""The router; without the flag, a failing built-in is undefined, which looks like a pass."""

PROBE = b'{"input":{"policies":[],"questions":[]}}'
"""A question that OPA can answer as soon as it has loaded the bundle."""

LONGEST_SOCKET = 100
"""Bytes in the path of a socket; the kernels take 104 (macOS) or 108 (Linux)."""

TAIL = 20
"""Lines of OPA's log that are kept; shown only if it never got a document to see."""

PATIENCE = 1.0
"""Seconds that OPA may take to end before it is killed."""


class OpaProcess:
    """A running OPA."""

    def __init__(self, opa: Path, archive: Path, limits: Limits) -> None:
        """Start OPA; raises `EngineError` if it cannot be run at all."""
        self._opa = opa
        self._limits = limits
        self._answered = -1  # the probe does not count
        self._log: collections.deque[bytes] = collections.deque(maxlen=TAIL)
        # mkdtemp makes it 0700: nobody else reaches the socket
        self._folder = TemporaryDirectory(prefix="auditor-opa-")
        try:
            path = os.path.join(self._folder.name, "s")
            self._child = _spawn(opa, archive, path)
        except BaseException:
            self._folder.cleanup()
            raise
        self._watchdog = Watchdog(self._child, limits.memory_bytes)
        self._reader = threading.Thread(
            target=self._read_log, args=(self._child.stdout,), name="opa-log", daemon=True
        )
        self._reader.start()
        self._path = path
        self._ending = threading.Lock()

    @property
    def pid(self) -> int:
        """The process id of OPA."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._child.poll() is None

    def wait_until_ready(self) -> None:
        """Return when OPA answers; raises `EngineError`, and ends it, if it does not."""
        deadline = time.monotonic() + self._limits.start_seconds
        try:
            while not self._is_ready(deadline - time.monotonic()):
                if not self.alive or time.monotonic() > deadline:
                    raise EngineError(f"{self._opa}: OPA did not start: {self._why_not()}", HINT)
                time.sleep(0.005)
        except BaseException:
            self.stop(patience=0)
            raise

    def kill(self) -> None:
        """End OPA at once; whoever waits for its answer gets none."""
        self._child.kill()

    def ask(self, body: bytes) -> tuple[int, bytes]:
        """Send one request; return the HTTP status and the body of the answer. Threads may share OPA.

        Raises `NoAnswerError` if there is none within the limits; OPA is gone then. Hanging up would
        stop most evaluations, but not one inside a built-in function that computes for minutes.
        """
        limits = self._limits
        try:
            status, answer = self._send(body, limits.seconds)
        except TimeoutError:
            trouble = NoAnswerError(f"timed out after {limits.seconds:g} s")
        except (OSError, http.client.HTTPException):
            trouble = self._death()
        else:
            if len(answer) <= limits.answer_bytes:
                return status, answer
            trouble = NoAnswerError(f"answered more than {limits.answer_bytes / MIB:g} MiB")
        self.stop(patience=0)
        raise trouble

    def stop(self, patience: float = PATIENCE) -> None:
        """End OPA, by force after `patience` seconds, and remove its folder; may be called again."""
        with self._ending:
            try:
                if patience:
                    self._child.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._child.wait(patience)
            finally:
                self._child.kill()
                self._child.wait()
                self._watchdog.stop()
                self._reader.join()
                self._folder.cleanup()

    def _send(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        # a connection for each request: it costs 50 microseconds, and threads share nothing
        with contextlib.closing(_Connection(self._path, seconds)) as connection:
            connection.request("POST", QUERY, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read(self._limits.answer_bytes + 1)
        self._answered += 1
        return response.status, answer

    def _death(self) -> NoAnswerError:
        """Say why OPA hung up; it may be alive, a panic ends only the request."""
        if self._watchdog.bit:
            # What earlier requests left behind is not this one's fault.
            needed = f"needed more than {self._limits.memory_bytes / MIB:g} MiB"
            return NoAnswerError(needed, again=self._answered > 0)
        return NoAnswerError("OPA crashed", again=True)

    def _is_ready(self, seconds: float) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, _ = self._send(PROBE, max(seconds, 0.01))
            return status == 200 and self._watchdog.look()
        return False

    def _why_not(self) -> str:
        if self._watchdog.bit:
            return f"it needed more than {self._limits.memory_bytes / MIB:g} MiB"
        if self.alive:
            return f"no answer within {self._limits.start_seconds:g} s"
        self._reader.join()
        said = b" ".join(line for line in self._log if b'"level":"warning"' not in line)
        return said.decode(errors="replace") or f"it ended with status {self._child.returncode}"

    def _read_log(self, log: IO[bytes]) -> None:
        """Keep the end of the log; a pipe that nobody reads would stop OPA once it is full."""
        with log:
            self._log.extend(line[:1000].strip() for line in log)


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("opa", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _spawn(opa: Path, archive: Path, path: str) -> subprocess.Popen[bytes]:
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        message = f"{path}: too long for a socket: {len(path)} bytes, {LONGEST_SOCKET} are possible"
        raise EngineError(message, "set TMPDIR to a shorter folder")
    command = [str(opa.absolute()), "run", "--server", f"--addr=unix://{path}", "--log-level=error"]
    command += ["--skip-version-check", "--shutdown-grace-period=1", "--bundle", str(archive.absolute())]
    linux = sys.platform == "linux"
    if linux:  # tether.py sets the environment itself: Python may need it to start
        command = [sys.executable, "-I", "-S", str(tether.__file__), str(os.getpid()), *command]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=os.path.dirname(path),
            env=None if linux else tether.ENVIRONMENT,
            process_group=0,
        )
    except OSError as error:
        raise EngineError(f"{opa}: OPA did not start: {error.strerror}", HINT) from error

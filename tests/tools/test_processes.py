"""tools/cluster/processes.py: no process survives that should not, and none dies that is somebody else's."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools import build
from tools.cluster import ClusterError, ControlPlane, processes
from tools.cluster.processes import Process

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("set", flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
from pathlib import Path
from tools.cluster import processes
for bound in (True, False):
    child = processes.spawn("sleep", ["sleep", "600"], Path(sys.argv[1]), die_with_parent=bound)
    print(child.pid, child.started, flush=True)
time.sleep(600)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    """A process that would run for ten minutes."""
    process = processes.spawn("sleep", ["sleep", "600"], tmp_path / "log", die_with_parent=True)
    yield process
    processes.stop(process)


def test_stop(sleeper: Process) -> None:
    assert processes.is_running(sleeper)
    assert processes.resident_bytes(sleeper) > 0
    assert os.getsid(sleeper.pid) == sleeper.pid
    processes.stop(sleeper)
    assert not processes.is_running(sleeper)
    assert not Path(f"/proc/{sleeper.pid}").exists()  # no zombie either
    assert processes.resident_bytes(sleeper) == 0
    processes.stop(sleeper)


def test_recycled_pid_is_left_alone(sleeper: Process) -> None:
    former = replace(sleeper, started=sleeper.started - 1)
    assert not processes.is_running(former)
    processes.stop(former)
    assert processes.wait(former, 0)
    assert processes.is_running(sleeper)


def test_kill_leaves_no_time_to_tidy_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.spawn("stubborn", [sys.executable, "-c", STUBBORN], log, die_with_parent=True)
    processes.wait_for("its handler", lambda: "set" in log.read_text(), process, log, 30)
    processes.kill(process)
    assert not processes.is_running(process)
    assert not Path(f"/proc/{process.pid}").exists()
    processes.kill(process)


def test_process_knows_how_it_was_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = [sys.executable, "-c", "print('two words', \"it's\")"]
    for _ in range(2):
        process = processes.spawn("echo", words, log, die_with_parent=True)
        words = shlex.split(process.command)
        assert processes.wait(process, 30)
    assert log.read_text() == "two words it's\n" * 2


def test_wait(sleeper: Process) -> None:
    assert not processes.wait(sleeper, 0)
    os.kill(sleeper.pid, signal.SIGKILL)
    assert processes.wait(sleeper, 10)


def test_stubborn_process_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.1)
    log = tmp_path / "log"
    process = processes.spawn("stubborn", [sys.executable, "-c", STUBBORN], log, die_with_parent=True)
    processes.wait_for("its handler", lambda: "set" in log.read_text(), process, log, 30)
    processes.stop(process)
    assert not processes.is_running(process)


def test_bound_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=build.ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        lines = [parent.stdout.readline().split() for _ in range(2)]
        bound, free = (Process("sleep", int(pid), int(started)) for pid, started in lines)
        try:
            assert processes.is_running(bound)
            parent.kill()
            parent.wait()
            assert processes.wait(bound, 10)
            assert processes.is_running(free)
        finally:
            parent.kill()
            processes.stop(free)


def test_wait_for_tells_what_was_missing(sleeper: Process, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("port is taken\n")
    with pytest.raises(
        TimeoutError, match=r"sleep: no sign of an answer after 0 s; .*log ends with:\nport is taken"
    ):
        processes.wait_for("an answer", lambda: False, sleeper, log, 0)
    processes.stop(sleeper)
    with pytest.raises(
        ChildProcessError, match=r"sleep ended before an answer; .*log ends with:\nport is taken"
    ):
        processes.wait_for("an answer", lambda: False, sleeper, log, 60)


def test_reserved_port_is_free_for_its_server_only() -> None:
    with processes.reserved_port() as port:
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", port))
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            server.bind(("127.0.0.1", port))
            server.listen()
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with processes.reserved_port(port) as same:  # while its server has it, for the next one
                assert same == port
        with processes.reserved_port(port), pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_program_that_fails_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    etcd = tmp_path / "bin" / "etcd"
    etcd.parent.mkdir()
    etcd.write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
    etcd.chmod(0o755)
    monkeypatch.setattr(build, "tool_bin", lambda _: etcd.parent)
    plane = ControlPlane(tmp_path / "cluster")
    begin = time.monotonic()
    with pytest.raises(
        ClusterError, match=r"did not start: etcd ended before .*etcd\.log ends with:\nno space left"
    ):
        plane.start()
    assert time.monotonic() - begin < 30
    assert not any(map(processes.is_running, plane.processes))
    etcd.unlink()
    with pytest.raises(ClusterError, match=r"No such file or directory: '.*/bin/etcd'"):
        plane.start()  # in the folder that the failed one left

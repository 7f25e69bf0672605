"""Ctrl-C and SIGTERM, wherever they come: 130, one line, no process and no temporary file left."""

from __future__ import annotations

import fcntl
import signal
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.cli.manifests import deployment, write
from tests.cli.program import Running, until

SLOW = """\
# METADATA
# title: Takes longer than anybody waits
# description: It multiplies numbers.
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: None.
package k8s.slow

fail contains {"path": "", "message": input.meta.name} if {
	numbers.range(1, 20000)[_] * numbers.range(1, 20000)[_] == -1
}
"""

INTERRUPTED = "error: interrupted; nothing was written that is not complete\n"

Start = Callable[..., Running]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start the program; it is gone after the test, whatever happened."""
    running: list[Running] = []

    def call(*arguments: str | Path) -> Running:
        running.append(Running(["audit", *arguments], home))
        return running[-1]

    yield call
    for one in running:
        one.kill()


def opa(running: Running, *commands: str) -> list[float]:
    """CPU seconds of each running OPA that was started with one of these commands."""
    assert running.process.poll() is None, running.end()
    found = []
    for one in running.descendants():
        with suppress(psutil.Error):  # it ends while we look
            if one.name() == "opa" and set(commands) & set(one.cmdline()[1:2]):
                found.append(sum(one.cpu_times()[:2]))
    return found


def interrupt(running: Running, number: signal.Signals, *, twice: bool = False) -> None:
    """Signal as a terminal or as `kill` does, and look at what is left."""
    running.signal(number, group=number is signal.SIGINT)
    if twice:
        running.signal(number, group=number is signal.SIGINT)
    running.process.wait(60)  # without reading its stdout, which may be full
    code, _, err = running.end()
    assert (code, err) == (130, INTERRUPTED)
    assert running.remains() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_the_bundle_is_built(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    running = start("-f", write(tmp_path / "a.yaml", deployment()))
    until(lambda: opa(running, "inspect", "parse", "build", "deps"), "OPA command")
    interrupt(running, number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_while_a_slow_policy_is_evaluated(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    policy = tmp_path / "own/slow/slow.rego"
    policy.parent.mkdir(parents=True)
    policy.write_text(SLOW)
    page = tmp_path / "report.html"
    running = start(
        *("-f", write(tmp_path / "a.yaml", deployment()), "--policies", tmp_path / "own", "--policy", "slow"),
        *("-o", f"html={page}"),
    )
    until(lambda: any(seconds > 0.5 for seconds in opa(running, "run")), "evaluation")
    interrupt(running, number, twice=number is signal.SIGINT)
    assert not page.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_a_report_is_written(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """To a reader that does not read: the pipe is full, and stays so."""
    many = write(tmp_path / "a.yaml", *(deployment(f"web-{n}", privileged=True) for n in range(100)))
    running = start("-f", many, "-o", "json", "-o", f"html={tmp_path / 'report.html'}")
    assert running.process.stdout
    pipe = running.process.stdout.fileno()

    def full() -> bool:
        assert running.process.poll() is None, running.end()
        return bool(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0] > 60_000)

    until(full, "full pipe")
    interrupt(running, number)
    # what was complete before stays
    assert (tmp_path / "report.html").read_text().endswith("</html>\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "report.html"]


def test_ignored_signal_stays_ignored(start: Start, tmp_path: Path, home: Path) -> None:
    """As under nohup, and as a shell script starts what it runs in the background."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = start("-f", write(tmp_path / "a.yaml", deployment()))
    finally:
        signal.signal(signal.SIGHUP, before)
    until(lambda: opa(running, "inspect", "parse", "build", "deps"), "OPA command")
    running.signal(signal.SIGHUP, group=False)
    code, _, err = running.end()
    assert (code, err) == (0, "")

"""Prometheus and Alertmanager as they are, on loopback, each on a port that it chose itself."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from auditor.collect.runtime.endpoint import Endpoint, Program
from auditor.collect.runtime.observe import HttpRuntime
from auditor.model import Observation
from tests.retention.times import now
from tools.build import tool_bin
from tools.cluster.processes import Process, spawn, stop, wait_for

FAR = 300.0
"""Seconds after which a program that does not come up is given up: the machine may be busy."""

_LISTENING = re.compile(r'msg="?Listening on"? .*address=(127\.0\.0\.1:[0-9]+)')


class Running(msgspec.Struct, frozen=True):
    """A program that answers."""

    program: Program
    url: str
    folder: Path
    process: Process

    def observe(self, workload: str = "monitoring/metrics") -> Observation:
        """Ask it as an audit does."""
        [found] = HttpRuntime({self.program: [Endpoint(workload, self.url)]}, now).observe()
        return found

    def get(self, path: str) -> bytes:
        """Return a page of it, not by our own client."""
        with urllib.request.urlopen(self.url + path) as answer:
            return bytes(answer.read())

    def post(self, path: str, body: bytes = b"") -> int:
        """Return the status of the answer."""
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def reload(self, configuration: str) -> bool:
        """Give it another file to read; False if it refuses it."""
        (self.folder / "configuration.yml").write_text(configuration)
        return self.post("/-/reload") == 200


@contextmanager
def prometheus(folder: Path, configuration: str, flags: Sequence[str] = ()) -> Iterator[Running]:
    """Yield a Prometheus with its data in `folder`, where blocks may lie already."""
    more = ["--web.enable-lifecycle", "--storage.tsdb.path=data", *flags]
    with _running("prometheus", folder, configuration, more) as found:
        yield found


@contextmanager
def alertmanager(folder: Path, flags: Sequence[str] = ()) -> Iterator[Running]:
    """Yield an Alertmanager that nobody is told by."""
    configuration = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
    more = ["--storage.path=data", "--cluster.listen-address=", *flags]
    with _running("alertmanager", folder, configuration, more) as found:
        yield found


@contextmanager
def _running(program: Program, folder: Path, configuration: str, flags: Sequence[str]) -> Iterator[Running]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yml").write_text(configuration)
    log = folder / "log"
    known = ["--config.file=configuration.yml", "--web.listen-address=127.0.0.1:0"]
    binary = tool_bin(program) / program
    process = spawn(program, [binary, *known, *flags], log, die_with_parent=True)
    try:
        wait_for("its address", lambda: bool(_LISTENING.search(log.read_text())), process, log, FAR)
        found = _LISTENING.search(log.read_text())
        assert found
        running = Running(program, f"http://{found[1]}", folder, process)
        wait_for("its readiness", lambda: _ready(running), process, log, FAR)
        yield running
    finally:
        stop(process)


def _ready(running: Running) -> bool:
    try:
        running.get("/-/ready")
    except OSError:
        return False
    return True

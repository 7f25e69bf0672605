"""No call home: what an audit of manifests and of a cluster says to the world.

What is proven, on Linux:
- In a network namespace of its own, where even the loopback interface is down, an audit of manifests
  in every format ends as it does outside: it needs no network, and gets no time-out of one.
- The system calls of the whole process tree (Python, OPA and its commands; strace) of an audit of
  manifests hold no socket of another family than AF_UNIX, no connection but to the private socket
  of its own OPA, and no look at the files that a resolver reads first. So no name is resolved.
- The same without strace, for the Python part: audit hooks of the interpreter see no other socket
  and no resolver. OPA is then covered by the namespace alone.
- An audit of a cluster connects to the address of the API server and to nothing else.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.cli import program
from tests.cli.manifests import containers, deployment, write
from tests.cluster.conftest import control_plane, namespace
from tools.cluster import ControlPlane

__all__ = ["control_plane", "namespace"]

RESOLVER = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf"}
"""What the C library and Go read before they ask for a name, https://man7.org/linux/man-pages/man5/resolv.conf.5.html"""

HOOKED = """
import sys
from auditor.cli.app import main

WATCHED = {
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.__new__",
}

def hook(event, values):
    if event in WATCHED:
        print(event, *(repr(one) for one in values[1:]), sep="\\t", file=log, flush=True)

log = open(sys.argv.pop(1), "w")
sys.addaudithook(hook)
main()
"""


class Traced(msgspec.Struct, frozen=True):
    """The system calls of a process tree."""

    calls: str

    @property
    def families(self) -> set[str]:
        """The families of all sockets."""
        return set(re.findall(r"\bsocket(?:pair)?\((\w+)", self.calls))

    @property
    def peers(self) -> set[str]:
        """Where something was connected or sent to: the path of a socket, or address:port."""
        found = set()
        for family, rest in re.findall(
            r"\{sa_family=(\w+)(.*?)\}", "\n".join(self._lines(r"connect|send\w+"))
        ):
            path = re.search(r'sun_path=@?"(.*?)"', rest)
            port = re.search(r"port=htons\((\d+)\)", rest)
            address = re.search(r'inet_(?:addr\(|pton\(AF_INET6, )"(.*?)"', rest)
            found.add(path[1] if path else f"{address and address[1]}:{port and port[1]} ({family})")
        return found

    @property
    def opened(self) -> set[str]:
        """The files that were opened, or looked for."""
        return set(re.findall(r'\bopen(?:at)?\((?:AT_FDCWD, )?"(.*?)"', self.calls))

    def _lines(self, names: str) -> Iterator[str]:
        return (line for line in self.calls.splitlines() if re.search(rf"\b(?:{names})\(", line))


def traced(log: Path, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Traced:
    """Run a command under strace; skips if that is not possible."""
    if not (strace := shutil.which("strace")):
        pytest.skip("strace is not installed (apt-get install strace)")
    may = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if may.returncode:
        pytest.skip(f"strace may not trace here: {may.stderr.strip()}")
    ended = subprocess.run(
        [strace, "-f", "-qq", "-s", "4096", "-e", "trace=%network,open,openat", "-o", log, *command],
        env=env,
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    return Traced(log.read_text())


@pytest.fixture
def audit(tmp_path: Path) -> list[str | Path]:
    """An audit of manifests in every format."""
    manifest = write(tmp_path / "web.yaml", deployment(privileged=True))
    outputs = [f"{name}={tmp_path / 'report'}.{name}" for name in ("json", "html", "table")]
    return ["audit", "-f", manifest, *(word for one in outputs for word in ("-o", one))]


def test_without_a_network(tmp_path: Path, home: Path, audit: list[str | Path]) -> None:
    if not (unshare := shutil.which("unshare")):
        pytest.skip("unshare (util-linux) is not installed")
    before = [unshare, "--net", "--map-root-user"]
    check = subprocess.run([*before, "cat", "/proc/net/route"], capture_output=True, text=True, check=False)
    if check.returncode:
        pytest.skip(f"no network namespace may be made here: {check.stderr.strip()}")
    assert check.stdout.splitlines()[1:] == [], "there is a route"
    ended = program.ended(*audit, home=home, before=before)
    assert ended.stderr == "note: exit 1: 1 finding at or above high\n"
    assert ended.returncode == 1
    record = json.loads((tmp_path / "report.json").read_text())
    assert record["summary"]["coverage"] == 1
    assert (tmp_path / "report.html").read_text().endswith("</html>\n")


def test_manifests_by_system_calls(tmp_path: Path, home: Path, audit: list[str | Path]) -> None:
    seen = traced(tmp_path / "calls", program.command(*audit), program.environment(home))
    assert seen.families == {"AF_UNIX"}
    [own] = seen.peers
    assert re.fullmatch(rf"{home / 'tmp'}/auditor-opa-\w+/s", own)
    assert not seen.opened & RESOLVER


def test_manifests_by_audit_hooks(tmp_path: Path, home: Path, audit: list[str | Path]) -> None:
    log = tmp_path / "events"
    ended = subprocess.run(
        [sys.executable, "-c", HOOKED, log, *audit],
        env=program.environment(home),
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    events = {tuple(line.split("\t")) for line in log.read_text().splitlines()}
    made = {event for event in events if event[0] == "socket.__new__"}
    assert {event[1] for event in made} == {"1"}  # AF_UNIX
    [(name, own)] = events - made
    assert name == "socket.connect"
    assert re.fullmatch(rf"'{home / 'tmp'}/auditor-opa-\w+/s'", own)


def test_cluster_by_system_calls(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, home: Path
) -> None:
    spec = {"containers": containers(deployment(privileged=True))}
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "shell"}, "spec": spec}
    control_plane.kubectl("create", f"--namespace={namespace}", "--filename=-", input=json.dumps(pod))
    output = tmp_path / "report.json"
    kubeconfig = str(control_plane.kubeconfig)
    audit = program.command("audit", "--kubeconfig", kubeconfig, "-n", namespace, "-o", f"json={output}")
    seen = traced(tmp_path / "calls", audit, program.environment(home))
    server = urlsplit(control_plane.url)
    [own] = {peer for peer in seen.peers if peer.startswith("/")}
    assert re.fullmatch(rf"{home / 'tmp'}/auditor-opa-\w+/s", own)
    assert seen.peers - {own} == {f"{server.hostname}:{server.port} (AF_INET)"}
    assert "/etc/resolv.conf" not in seen.opened
    assert json.loads(output.read_text())["summary"]["resources"] > 0


CALLING = """
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
try:
    socket.getaddrinfo("auditor.invalid", 1)
except OSError:
    sys.exit(1)
"""


def test_a_program_that_calls_is_seen(tmp_path: Path) -> None:
    """The test of the tests: nothing is sent, a datagram socket only remembers whom it is for."""
    seen = traced(tmp_path / "calls", [sys.executable, "-c", CALLING])
    assert "AF_INET" in seen.families
    assert "192.0.2.1:9 (AF_INET)" in seen.peers
    assert seen.opened & RESOLVER

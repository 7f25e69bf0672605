"""kube-state-metrics and node-exporter on loopback, with what is rendered for their containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import urllib3

from tests.stack.loopback import client, container, kubeconfig, running
from tests.stack.render import Object
from tools import build
from tools.cluster import ControlPlane, processes

STATE = "kube-state-metrics"
NODE = "node-exporter"


@contextmanager
def state_metrics(
    folder: Path, listed: Sequence[Object], plane: ControlPlane, tls: Path
) -> Iterator[tuple[str, str]]:
    """Run kube-state-metrics as its ServiceAccount; yield the URLs of its metrics and of its own."""
    folder.mkdir(parents=True)
    args = container(listed, ("Deployment", STATE), STATE, folder / "etc", tls, {})
    args = [one for one in args if not one.startswith(("--port=", "--telemetry-port="))]
    args += ["--host=127.0.0.1", "--port=0", "--telemetry-host=127.0.0.1", "--telemetry-port=0"]
    args += [f"--kubeconfig={kubeconfig(folder / 'kubeconfig', plane, STATE)}"]
    log = folder / "log"
    process = processes.spawn(STATE, [build.tool_bin(STATE) / STATE, *args], log, die_with_parent=True)
    try:
        processes.wait_for("both listeners", lambda: len(listeners(log, tls)) == 2, process, log, 60)
        yield listeners(log, tls)["/healthz"], listeners(log, tls)["/readyz"]
    finally:
        processes.stop(process)


def listeners(log: Path, tls: Path) -> dict[str, str]:
    """Which of the two listeners of kube-state-metrics answers which path of a probe: path -> URL."""
    found = {}
    for address in re.findall(r'"Listening on" address="?(127\.0\.0\.1:\d+)', log.read_text()):
        for path in ("/healthz", "/readyz"):
            try:
                url = f"https://{address}"
                if client(tls).request("GET", url + path, retries=False, timeout=5).status == 200:
                    found[path] = url
            except urllib3.exceptions.HTTPError:
                continue
    return found


@contextmanager
def node_exporter(folder: Path, listed: Sequence[Object], tls: Mapping[str, Path]) -> Iterator[str]:
    """Run node-exporter on this machine, whose root is what its pod sees at /host/root; yield its URL."""
    folder.mkdir(parents=True)
    args = container(listed, ("DaemonSet", NODE), NODE, folder / "etc", tls[NODE], {})
    args = [argument.replace("/host/root/", "/").replace("/host/root", "/") for argument in args]
    args = [argument for argument in args if not argument.startswith("--web.listen-address=")]
    pool = client(tls[NODE], tls["prometheus"])
    program = build.tool_bin(NODE) / "node_exporter"
    with running(program, [*args, "--web.listen-address=127.0.0.1:0"], folder / "log", pool, "/") as url:
        yield url

"""The pods of Prometheus and Alertmanager as processes on loopback, each with the reloader beside it.

Of what is rendered two things are changed, and nothing else:

- addresses: where a program listens, which API server is asked, and `proxy_url`, by which the addresses
  of pods lead to the programs (network.py);
- times: what rules and Alertmanager wait for takes a second for each minute, Prometheus scrapes every two
  seconds and evaluates each second.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.stack.containers import Change, Container, Program, laid_out
from tests.stack.loopback import START_SECONDS, client, until
from tests.stack.render import Object
from tools import build
from tools.cluster import processes
from tools.cluster.processes import Process

SECONDS = {"s": 1, "m": 60, "h": 3600}
LISTEN = "--web.listen-address=127.0.0.1:0"


def reloader() -> Path:
    """The program that fills in configurations and tells of changes."""
    return build.tool_bin("config-reloader") / "prometheus-config-reloader"


def sooner(text: str) -> str:
    """Make what rules and Alertmanager wait for sixty times shorter."""

    def shorter(found: re.Match[str]) -> str:
        return f"{found[1]} {int(found[2]) * SECONDS[found[3]] * 1000 // 60}ms"

    waits = r"(?m)^( *(?:for|interval|group_wait|group_interval|repeat_interval):) (\d+)([smh])$"
    return re.sub(waits, shorter, text)


def patch(proxy: str, access: Path) -> Change:
    """The change of the configuration: addresses and times."""

    def change(name: str, text: str) -> str:
        read = yaml.safe_load(text) or {}
        asking = [*read.get("scrape_configs", ()), *read.get("alerting", {}).get("alertmanagers", ())]
        if not asking:
            return sooner(text)
        for holder in asking:
            holder["proxy_url"] = proxy
            for discovery in holder["kubernetes_sd_configs"]:
                discovery["kubeconfig_file"] = str(access)
        if name == "prometheus.yml":
            read["global"] |= {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}
        return yaml.safe_dump(read, sort_keys=False)

    return change


class Pod:
    """A server and the reloader that watches its files."""

    def __init__(self, name: str, folder: Path, containers: Mapping[str, Container], tls: Path) -> None:
        """Start nothing yet; the containers are laid out in the folder."""
        self.name, self.folder, self.containers, self.tls = name, folder, containers, tls
        self.server: Program | None = None
        self.reloader: Program | None = None

    @property
    def url(self) -> str:
        """Of the server, which must have been started."""
        assert self.server
        return self.server.url

    def serve(self, container: str, program: Path, *own: str) -> None:
        """Start the server with its own addresses, and do not wait."""
        one = self.containers[container]
        args = [arg for arg in one.patched(LISTEN, *own) if arg != "--cluster.peer="]
        self.server = Program(program, args, one.environment, self.folder / "log")

    def watch(self, *own: str) -> None:
        """Wait until the server is ready, then start its reloader and wait for that."""
        assert self.server
        self.server.wait(client(self.tls), "/-/ready")
        one = self.containers["config-reloader"]
        args = one.patched("--listen-address=127.0.0.1:0", *(arg.replace("SERVER", self.url) for arg in own))
        self.reloader = Program(reloader(), args, one.environment, self.folder / "reloader-log")
        self.reloader.wait(client(self.tls), "/healthz")
        log = self.reloader.log
        begun = "started watching"
        processes.wait_for(begun, lambda: begun in log.read_text(), self.reloader.process, log, START_SECONDS)

    def ask(self, path: str, **fields: str) -> Any:
        """Ask the server for JSON."""
        pool = client(self.tls)
        answer = pool.request("GET", self.url + path, fields=fields, timeout=20, retries=False)
        assert answer.status == 200, answer.data
        return answer.json()

    def metric(self, name: str, reloader: bool = False) -> float:
        """Return the sum of a metric that it exposes, 0 if it does not."""
        program = self.reloader if reloader else self.server
        assert program
        lines = client(self.tls).request("GET", f"{program.url}/metrics").data.decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{name}[{{ ]", line))

    def end(self, end: Callable[[Process], None] = processes.stop) -> None:
        """End what was started; with `processes.kill`, as a node that is gone does."""
        for program in (self.reloader, self.server):
            if program:
                end(program.process)
        self.reloader = self.server = None


class Replica(Pod):
    """A pod of Prometheus."""

    def __init__(self, name: str, folder: Path, listed: Sequence[Object], tls: Path, change: Change) -> None:
        """Lay it out; start nothing."""
        containers = laid_out(listed, ("StatefulSet", "prometheus"), name, folder, tls, change)
        super().__init__(name, folder, containers, tls)
        # The reloader looks for a process by its name, and must not find somebody else's.
        self.own_name = f"prom-{secrets.token_hex(4)}"
        (folder / self.own_name).symlink_to(build.tool_bin("prometheus") / "prometheus")

    def start(self) -> None:
        """Fill in the configuration, start, and do not wait."""
        init = self.containers["config-init"]
        subprocess.run([reloader(), *init.args], env=init.environment, check=True, capture_output=True)
        self.serve("prometheus", self.folder / self.own_name, f"--storage.tsdb.path={self.folder}/data")

    def wait(self) -> None:
        """Wait until all of it is ready."""
        assert self.server
        self.server.wait(client(self.tls), "/-/ready")
        until(self._has_left_the_second_of_its_configuration)
        info = "--runtimeinfo-url=SERVER/api/v1/status/runtimeinfo"
        self.watch(info, f"--process-executable-name={self.own_name}")

    def _has_left_the_second_of_its_configuration(self) -> bool:
        """Else the reloader takes its first reload for none: what it compares are times of whole seconds."""
        info = self.get("status/runtimeinfo")
        return bool(info["serverTime"][:19] > info["lastConfigTime"][:19])

    def get(self, path: str, **fields: str) -> Any:
        """Ask its API."""
        return self.ask(f"/api/v1/{path}", **fields)["data"]

    def query(self, expr: str) -> list[tuple[dict[str, str], float]]:
        """Return what an expression gives at this moment: labels and value."""
        found = self.get("query", query=expr)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def firing(self, name: str, **labels: str) -> bool:
        """Tell whether an alert with these labels fires here."""
        return any(
            alert["state"] == "firing" and labels.items() <= alert["labels"].items()
            for alert in self.get("alerts")["alerts"]
            if alert["labels"]["alertname"] == name
        )


class Notifier(Pod):
    """A pod of Alertmanager."""

    def __init__(self, name: str, folder: Path, listed: Sequence[Object], tls: Path, hook: str) -> None:
        """Lay it out, every receiver at the hook; start nothing."""
        containers = laid_out(
            listed, ("StatefulSet", "alertmanager"), name, folder, tls, lambda _, text: sooner(text)
        )
        super().__init__(name, folder, containers, tls)
        for key in ("page", "ticket", "deadman"):
            (folder / "receivers" / f"{key}-url").write_text(hook + key)

    def start(self, peer: str = "") -> None:
        """Start it as a member of the mesh of a peer, and wait until all of it is ready."""
        mesh = ("--cluster.listen-address=127.0.0.1:0", "--cluster.peer-timeout=5s", f"--cluster.peer={peer}")
        program = build.tool_bin("alertmanager") / "alertmanager"
        self.serve("alertmanager", program, f"--storage.path={self.folder}/data", *mesh)
        self.watch("--reload-url=SERVER/-/reload")

    def get(self, path: str) -> Any:
        """Ask its API."""
        return self.ask(f"/api/v2/{path}")

    def mesh(self) -> tuple[str, str, int]:
        """By which name and where it gossips, and how many members it sees, itself included."""
        status = self.get("status")["cluster"]
        [address] = [peer["address"] for peer in status["peers"] if peer["name"] == status["name"]]
        return status["name"], address, len(status["peers"])

    def holds(self, **labels: str) -> bool:
        """Tell whether an alert with these labels is in a group, which it leaves when its end was told."""
        groups = self.get("alerts/groups")
        return any(labels.items() <= one["labels"].items() for group in groups for one in group["alerts"])

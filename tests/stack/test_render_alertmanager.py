"""The real Alertmanager takes what is rendered: TLS, headers, a mesh of its own, routes, JSON logs."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
import yaml

from tests.stack.loopback import certificates, client, container, running, until
from tests.stack.render import DEPLOY, find, overlay
from tools import build

WORKLOAD = ("StatefulSet", "alertmanager")
CONFIG = DEPLOY / "base/alertmanager/alertmanager.yml"


class Member(NamedTuple):
    """One Alertmanager of a mesh."""

    url: str
    tls: Path
    log: Path

    def get(self, path: str) -> Any:
        return client(self.tls).request("GET", self.url + path, timeout=10).json()

    def address(self) -> str:
        """Where it gossips."""
        status = self.get("/api/v2/status")["cluster"]
        [address] = [peer["address"] for peer in status["peers"] if peer["name"] == status["name"]]
        return str(address)

    def peers(self) -> int:
        return len(self.get("/api/v2/status")["cluster"]["peers"])


@contextmanager
def member(folder: Path, tls: Path, peer: str = "") -> Iterator[Member]:
    """Run one Alertmanager of the profile ha; only addresses and folders are changed."""
    listed = overlay("ha")
    values = {"POD_IP": "127.0.0.1", "EXTERNAL_URL": "https://alertmanager.monitoring.svc"}
    args = container(listed, WORKLOAD, "alertmanager", folder, tls, values)
    assert sum(argument.startswith("--cluster.peer=") for argument in args) == 3
    own = ("--cluster.peer=", "--cluster.listen-address=", "--storage.path=")
    args = [argument for argument in args if not argument.startswith(own)]
    args += ["--web.listen-address=127.0.0.1:0", f"--storage.path={folder}/data"]
    args += ["--cluster.listen-address=127.0.0.1:0", *([f"--cluster.peer={peer}"] if peer else [])]
    log = folder / "log"
    with running(build.tool_bin("alertmanager") / "alertmanager", args, log, client(tls)) as url:
        yield Member(url, tls, log)


@pytest.fixture(scope="module", name="mesh")
def _mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Member]]:
    """Two of them, which know each other by the certificates of the stack."""
    folder = tmp_path_factory.mktemp("mesh")
    tls = certificates(folder / "tls", "monitoring/alertmanager")["alertmanager"]
    with member(folder / "one", tls) as one, member(folder / "other", tls, one.address()) as other:
        yield [one, other]


def test_headers_are_on_the_wire(mesh: list[Member]) -> None:
    data = find(overlay("ha"), "ConfigMap", "alertmanager-web")["data"]["web-config.yml"]
    expected = yaml.safe_load(data)["http_server_config"]["headers"]
    answer = client(mesh[0].tls).request("GET", f"{mesh[0].url}/api/v2/status")
    assert answer.status == 200
    assert {key: answer.headers.get(key) for key in expected} == expected
    assert len(expected) == 5


def test_nothing_below_tls_1_3(mesh: list[Member]) -> None:
    context = ssl.create_default_context(cafile=str(mesh[0].tls / "ca.crt"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    pool = urllib3.PoolManager(ssl_context=context)
    with pytest.raises(urllib3.exceptions.SSLError, match=r"(?i)protocol.version"):
        pool.request("GET", f"{mesh[0].url}/-/healthy", retries=False)


def test_members_share_silences(mesh: list[Member]) -> None:
    one, other = mesh
    until(lambda: (one.peers(), other.peers()) == (2, 2))
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "alertname", "value": "Any", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "test",
        "comment": "told to one, known to both",
    }
    made = client(one.tls).request("POST", f"{one.url}/api/v2/silences", json=silence)
    assert made.status == 200, made.data
    name = made.json()["silenceID"]
    until(lambda: name in {silence["id"] for silence in other.get("/api/v2/silences")})


def test_silences_go_to_a_file_and_back(mesh: list[Member], tmp_path: Path) -> None:
    """Into an Alertmanager that knows nothing, by the commands of the README of the component backup."""
    readme = (DEPLOY / "components/backup/README.md").read_text().partition("## Silences")[2]
    [settings] = re.findall(r"```yaml\n(.*?)```", readme.partition("## Restore")[0], re.DOTALL)
    [export, back] = re.findall(r"^amtool .*$", readme, re.MULTILINE)
    (tmp_path / "http.yml").write_text(settings)
    (tmp_path / "ca.crt").write_text((mesh[0].tls / "ca.crt").read_text())
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "node", "value": "a|b", "isRegex": True, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ann",
        "comment": "the disk is being changed",
    }
    assert client(mesh[0].tls).request("POST", f"{mesh[0].url}/api/v2/silences", json=silence).status == 200

    def run(command: str, url: str) -> None:
        path = f"{build.tool_bin('alertmanager')}:{os.environ['PATH']}"
        command = command.replace("https://127.0.0.1:9093", url)
        subprocess.run(["sh", "-ec", command], cwd=tmp_path, env=os.environ | {"PATH": path}, check=True)

    def told(by: Member) -> set[str]:
        kept = ("matchers", "endsAt", "createdBy", "comment")
        return {json.dumps([one[key] for key in kept]) for one in by.get("/api/v2/silences")}

    run(export, mesh[0].url)
    with member(tmp_path / "new", mesh[0].tls) as new:
        assert told(new) == set()
        run(back, new.url)
        assert told(new) == told(mesh[0])
        assert any("the disk is being changed" in one for one in told(new))


def test_strangers_do_not_join(mesh: list[Member], tmp_path: Path) -> None:
    """One that holds a certificate of another CA sees nobody, and nobody sees it."""
    until(lambda: [one.peers() for one in mesh] == [2, 2])
    tls = certificates(tmp_path / "tls", "monitoring/alertmanager")["alertmanager"]
    with member(tmp_path / "stranger", tls, mesh[0].address()) as stranger:
        until(lambda: "certificate" in stranger.log.read_text())
        assert stranger.peers() == 1
        assert [one.peers() for one in mesh] == [2, 2]


def test_logs_are_json(mesh: list[Member]) -> None:
    """But for what Go's HTTP server says of handshakes that fail, which no flag reaches."""
    lines = mesh[0].log.read_text().splitlines()
    ours = [line for line in lines if "http: TLS handshake error" not in line]
    assert len(ours) > 5
    assert all(json.loads(line).keys() >= {"time", "level", "msg"} for line in ours)


def amtool(*arguments: str) -> str:
    program = build.tool_bin("alertmanager") / "amtool"
    run = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_amtool_takes_the_file() -> None:
    assert "4 receivers" in amtool("check-config", str(CONFIG))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=none"], "deadman"),
        (["alertname=NodeNotReady", "severity=critical", "team=platform"], "page"),
        (["alertname=ModelErrorRateHigh", "severity=critical", "team=ml"], "page"),
        (["alertname=NodePressure", "severity=warning", "team=platform"], "ticket"),
        (["alertname=ContainerCpuThrottled", "severity=info"], "nobody"),
        (["alertname=Unlabelled"], "ticket"),
    ],
)
def test_routes(labels: list[str], receiver: str) -> None:
    told = amtool("config", "routes", "test", f"--config.file={CONFIG}", *labels)
    assert told.split() == [receiver]

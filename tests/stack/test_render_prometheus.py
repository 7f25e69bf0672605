"""The real Prometheus takes what is rendered, and finds by it what a real API server knows.

Nobody listens at the addresses that it finds: which targets there are is what is looked at.
"""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
import yaml

from tests.stack.discovered import EXPECTED, NODE, PODS, SERVICES, SLICES, UNSEEN
from tests.stack.loopback import ACCOUNT, certificates, client, container, kubeconfig, running, until
from tests.stack.render import COMPONENT_SETTINGS, SETTINGS, Object, complete, find, own_overlay
from tools import build
from tools.cluster import ControlPlane

WORKLOAD = ("StatefulSet", "prometheus")
COMPONENTS = complete(
    *("high-availability", "query-tier", "alertmanager-mesh", "mlops", "grafana", "auth-proxy"),
    *("blackbox-edge", "self-managed-control-plane", "thanos-objstore"),
)
FILLED = {
    "POD_NAME": "prometheus-0",
    "CLUSTER": SETTINGS["cluster"],
    "ENVIRONMENT": SETTINGS["environment"],
    "RETENTION_TIME": SETTINGS["retentionTime"],
    "RETENTION_SIZE": SETTINGS["retentionSize"],
    "EXTERNAL_URL": SETTINGS["prometheusUrl"],
}
"""The environment of the containers; that it arrives there is a test of test_render.py."""


class Server(NamedTuple):
    """A Prometheus that runs, with what it was given."""

    url: str
    tls: Path
    log: Path
    folder: Path

    def get(self, path: str) -> Any:
        answer = client(self.tls).request("GET", f"{self.url}/api/v1/{path}", timeout=10)
        assert answer.status == 200, answer.data
        return answer.json()["data"]


@pytest.fixture(scope="module", name="listed")
def _listed() -> list[Object]:
    return own_overlay(COMPONENTS, SETTINGS | COMPONENT_SETTINGS)


@pytest.fixture(scope="module", name="plane")
def _plane(tmp_path_factory: pytest.TempPathFactory, listed: list[Object]) -> Iterator[ControlPlane]:
    """An API server with the stack's accounts, rights and Services, and what controllers would add."""
    kinds = ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Service")
    first = sorted((one for one in listed if one["kind"] in kinds), key=lambda one: kinds.index(one["kind"]))
    with ControlPlane(tmp_path_factory.mktemp("stack") / "plane", nodes=0, controllers=False) as plane:
        plane.kubectl("create", "serviceaccount", "default", "-n", "kube-system")
        for namespace in ("shop", "mlops"):
            plane.kubectl("create", "namespace", namespace)
            plane.kubectl("create", "serviceaccount", "default", "-n", namespace)
        plane.kubectl("apply", "--server-side", "-f", "-", input=json.dumps(as_list(first)))
        plane.kubectl("create", "serviceaccount", "default", "-n", "monitoring")
        # What is found is looked at, not whether the API server would take such a pod.
        plane.kubectl(
            "label", "namespace", "monitoring", "--overwrite", "pod-security.kubernetes.io/enforce=privileged"
        )
        plane.kubectl(
            "create", "-f", "-", input=json.dumps(as_list([NODE, *SERVICES, *SLICES, *PODS.values()]))
        )
        for address, one in PODS.items():
            phase = "Succeeded" if one["metadata"]["name"] == "done" else "Running"
            status = json.dumps({"status": {"phase": phase, "podIP": address, "podIPs": [{"ip": address}]}})
            where = (one["metadata"]["name"], "-n", one["metadata"]["namespace"])
            plane.kubectl("patch", "pod", *where, "--subresource=status", "--type=merge", "-p", status)
        yield plane


def as_list(listed: list[Object]) -> Object:
    return {"apiVersion": "v1", "kind": "List", "items": listed}


def laid_out(folder: Path, listed: list[Object], access: Path) -> tuple[list[str], Path]:
    """Lay out the container as its pod has it; return its arguments and the folder of its certificates.

    The one change of the configuration: discovery asks the API server of a kubeconfig.
    """
    tls = certificates(folder.parent / f"{folder.name}-tls", "monitoring/prometheus")["prometheus"]
    args = container(listed, WORKLOAD, "prometheus", folder, tls, FILLED)
    (folder / "account").mkdir()
    (folder / "account/token").write_text("for scrapes, which do not get anywhere here")
    (folder / "account/ca.crt").write_text((tls / "ca.crt").read_text())
    text = find(listed, "ConfigMap", "prometheus-config")["data"]["prometheus.yml"]
    for key, value in FILLED.items():
        text = text.replace(f"$({key})", value)
    assert "$(" not in text.partition("\n")[2].replace("$(NAME)", "")
    (folder / "out").mkdir()
    (folder / "out/prometheus.yml").write_text(text.replace("/etc/prometheus", str(folder)))
    for path in [folder / "out/prometheus.yml", *(folder / "scrape").iterdir()]:
        text = path.read_text()
        assert ACCOUNT not in text
        path.write_text(with_kubeconfig(text, access))
    return args, tls


def with_kubeconfig(text: str, access: Path) -> str:
    """Tell every Kubernetes discovery which API server to ask, and by whose token."""
    read = yaml.safe_load(text)
    for holder in [*read.get("scrape_configs", ()), *read.get("alerting", {}).get("alertmanagers", ())]:
        for discovery in holder["kubernetes_sd_configs"]:
            discovery["kubeconfig_file"] = str(access)
    return yaml.safe_dump(read, sort_keys=False)


@pytest.fixture(scope="module", name="server")
def _server(
    tmp_path_factory: pytest.TempPathFactory, plane: ControlPlane, listed: list[Object]
) -> Iterator[Server]:
    """Prometheus, as the ServiceAccount of the stack."""
    folder = tmp_path_factory.mktemp("prometheus") / "etc"
    folder.mkdir()
    path = kubeconfig(folder.parent / "kubeconfig", plane, "prometheus")
    args, tls = laid_out(folder, listed, path)
    own = ("--storage.tsdb.path=",)
    args = [argument for argument in args if not argument.startswith(own)]
    args += [f"--storage.tsdb.path={folder.parent}/data", "--web.listen-address=127.0.0.1:0"]
    log = folder.parent / "log"
    with running(build.tool_bin("prometheus") / "prometheus", args, log, client(tls)) as url:
        yield Server(url, tls, log, folder)


def test_it_finds_exactly_what_is_to_be_scraped(server: Server) -> None:
    def found() -> dict[str, set[str]]:
        targets = server.get("targets?state=active")["activeTargets"]
        jobs = {target["scrapePool"] for target in targets}
        return {
            job: {target["scrapeUrl"] for target in targets if target["scrapePool"] == job} for job in jobs
        }

    until(lambda: found() == EXPECTED or found().keys() >= EXPECTED.keys())
    assert found() == EXPECTED
    pools = set(server.get("scrape_pools")["scrapePools"])
    assert pools == set(EXPECTED) | UNSEEN


def test_no_target_is_there_twice(server: Server) -> None:
    targets = server.get("targets?state=active")["activeTargets"]
    keys = [(target["scrapePool"], target["scrapeUrl"]) for target in targets]
    assert len(keys) == len(set(keys))


def test_targets_say_where_they_are(server: Server) -> None:
    targets = server.get("targets?state=active")["activeTargets"]
    labels = {target["scrapePool"]: target["labels"] for target in targets}
    node = {"instance": "node-a", "node": "node-a", "topology_kubernetes_io_zone": "z1"}
    assert labels["kubelet"] == {"job": "kubelet", **node}
    assert labels["node-exporter"] == {"job": "node-exporter", "instance": "node-a", "node": "node-a"}
    assert labels["pods"] == {"job": "pods", "instance": "10.9.2.1:9999", "namespace": "shop", "pod": "web"}
    assert labels["probe-edge"]["slo"] == labels["probe-monitoring"]["slo"] == "monitoring"
    assert labels["probe-edge"]["instance"] == COMPONENT_SETTINGS["host"]
    assert labels["kube-scheduler"]["pod"] == "kube-scheduler-a"
    assert {key: labels["kserve-runtime"][key] for key in ("namespace", "pod", "inferenceservice")} == {
        "namespace": "shop",
        "pod": "model",
        "inferenceservice": "iris",
    }


def test_it_may_do_what_discovery_needs(server: Server) -> None:
    assert "forbidden" not in server.log.read_text()
    answer = client(server.tls).request("GET", f"{server.url}/metrics").data.decode()
    failures = [
        line for line in answer.splitlines() if line.startswith("prometheus_sd_kubernetes_failures_total")
    ]
    assert failures
    assert [line for line in failures if not line.endswith(" 0")] == []


def test_it_sends_to_every_alertmanager_by_itself(server: Server) -> None:
    wanted = {f"https://10.9.1.{number}:9093/api/v2/alerts" for number in (1, 2)}
    until(lambda: {one["url"] for one in server.get("alertmanagers")["activeAlertmanagers"]} == wanted)


def test_what_was_set_is_in_force(server: Server) -> None:
    config = yaml.safe_load(server.get("status/config")["yaml"])
    assert config["global"]["external_labels"] == {
        "cluster": "north-1",
        "environment": "production",
        "replica": "prometheus-0",
    }
    assert config["alerting"]["alert_relabel_configs"][0]["action"] == "labeldrop"
    assert config["alerting"]["alert_relabel_configs"][0]["regex"] == "replica"
    assert server.get("status/runtimeinfo")["storageRetention"] == "17d or 21GiB"


def test_flags_in_force(server: Server) -> None:
    flags = server.get("status/flags")
    expected = {
        "query.max-concurrency": "10",
        "query.max-samples": "10000000",
        "query.timeout": "2m",
        "storage.tsdb.wal-compression": "true",
        "web.enable-admin-api": "false",
        "web.enable-lifecycle": "false",
        "web.enable-otlp-receiver": "false",
        "web.enable-remote-write-receiver": "false",
        "web.external-url": SETTINGS["prometheusUrl"],
    }
    assert {key: flags[key] for key in expected} == expected


def test_rules_are_loaded(server: Server, listed: list[Object]) -> None:
    data = find(listed, "ConfigMap", "prometheus-rules")["data"]
    wanted = {group["name"] for text in data.values() for group in yaml.safe_load(text)["groups"]}
    assert {group["name"] for group in server.get("rules")["groups"]} == wanted
    assert len(wanted) > 5


def test_headers_are_on_the_wire(server: Server, listed: list[Object]) -> None:
    data = find(listed, "ConfigMap", "prometheus-web")["data"]["web-config.yml"]
    expected = yaml.safe_load(data)["http_server_config"]["headers"]
    answer = client(server.tls).request("GET", f"{server.url}/api/v1/status/buildinfo")
    assert {key: answer.headers.get(key) for key in expected} == expected
    assert len(expected) == 5


def test_nothing_below_tls_1_3(server: Server) -> None:
    context = ssl.create_default_context(cafile=str(server.tls / "ca.crt"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(urllib3.exceptions.SSLError, match=r"(?i)protocol.version"):
        urllib3.PoolManager(ssl_context=context).request("GET", f"{server.url}/-/healthy", retries=False)


def test_a_new_certificate_is_served_without_a_restart(server: Server, tmp_path: Path) -> None:
    new = certificates(tmp_path / "tls", "monitoring/prometheus")["prometheus"]
    old = {name: (server.tls / name).read_bytes() for name in ("ca.crt", "tls.crt", "tls.key")}
    assert client(server.tls).request("GET", f"{server.url}/-/healthy").status == 200
    try:
        for name in old:
            (server.tls / name).write_bytes((new / name).read_bytes())
        assert client(new).request("GET", f"{server.url}/-/healthy").status == 200
    finally:
        for name, content in old.items():
            (server.tls / name).write_bytes(content)


def test_nobody_can_reload_or_end_it(server: Server) -> None:
    for path in ("/-/reload", "/-/quit", "/api/v1/admin/tsdb/snapshot"):
        answer = client(server.tls).request("POST", server.url + path)
        assert answer.status >= 400, path
        assert b"not enabled" in answer.data or b"disabled" in answer.data, answer.data
    assert client(server.tls).request("GET", f"{server.url}/-/healthy").status == 200


def test_logs_are_json(server: Server) -> None:
    """But for what Go's HTTP server says of handshakes that fail, which no flag reaches."""
    lines = [line for line in server.log.read_text().splitlines() if "http: TLS handshake error" not in line]
    assert len(lines) > 10
    assert all(json.loads(line).keys() >= {"time", "level", "msg"} for line in lines)


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = build.tool_bin("prometheus") / "promtool"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_promtool_takes_the_files(tmp_path: Path, listed: list[Object]) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    laid_out(folder, listed, tmp_path / "kubeconfig")
    (tmp_path / "kubeconfig").write_text("{}")
    checked = promtool("check", "config", "--lint=all", "--lint-fatal", folder / "out/prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for web in [folder / "web/web-config.yml"]:
        checked = promtool("check", "web-config", web)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    # Else the above would prove little.
    text = (folder / "scrape/pods.yml").read_text()
    (folder / "scrape/pods.yml").write_text(text.replace("sample_limit", "sample_limt"))
    broken = promtool("check", "config", folder / "out/prometheus.yml")
    assert broken.returncode != 0
    assert "sample_limt" in broken.stdout + broken.stderr

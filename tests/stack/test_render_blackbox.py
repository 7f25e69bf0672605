"""The real blackbox-exporter tells an answer from none, and a real Prometheus reckons the SLO by it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import urllib3
import yaml

from tests.stack.loopback import certificates, client, container, running, until
from tests.stack.render import complete, find, own_overlay
from tools import build

LISTED = own_overlay(complete("blackbox"))
WORKLOAD = ("Deployment", "blackbox-exporter")
NOBODY = "127.0.0.1:1"


class Pair(NamedTuple):
    """An exporter, and a Prometheus that asks it about itself."""

    exporter: str
    prometheus: str
    tls: dict[str, Path]
    log: Path

    def probe(self, module: str, target: str) -> dict[str, float]:
        """Probe a target; return the metrics without labels."""
        query = {"module": module, "target": target}
        pool = client(self.tls["blackbox-exporter"])
        answer = pool.request("GET", f"{self.exporter}/probe", fields=query, timeout=20)
        assert answer.status == 200, answer.data
        found = re.findall(r"^(\w+) (\S+)$", answer.data.decode(), re.MULTILINE)
        return {name: float(value) for name, value in found}

    def ask(self, query: str) -> dict[str, float]:
        """Ask Prometheus; return values by instance."""
        pool = client(self.tls["prometheus"])
        answer = pool.request("GET", f"{self.prometheus}/api/v1/query", fields={"query": query}, timeout=20)
        result = answer.json()["data"]["result"]
        return {one["metric"].get("instance", ""): float(one["value"][1]) for one in result}


def configuration(folder: Path, exporter: str, own: str) -> Path:
    """The job and the rules of the stack, with targets of the test's and every second."""
    read = yaml.safe_load(find(LISTED, "ConfigMap", "prometheus-scrape")["data"]["blackbox.yml"])
    [job] = [one for one in read["scrape_configs"] if one["job_name"] == "probe-monitoring"]
    del job["kubernetes_sd_configs"]
    meta = "__meta_kubernetes_service"
    job["static_configs"] = [
        {"targets": [address], "labels": {f"{meta}_name": name, f"{meta}_port_name": "https"}}
        for address, name in ((own, "prometheus"), (NOBODY, "thanos-query"), ("127.0.0.1:2", "another"))
    ]
    text = yaml.safe_dump(job).replace("blackbox-exporter.monitoring.svc:9115", exporter)
    (folder / "slo.yml").write_text(find(LISTED, "ConfigMap", "prometheus-rules")["data"]["slo.yml"])
    path = folder / "prometheus.yml"
    every = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    jobs = [yaml.safe_load(text.replace("/etc/prometheus/tls", str(folder / "tls/prometheus")))]
    path.write_text(
        yaml.safe_dump({"global": every, "rule_files": [str(folder / "slo.yml")], "scrape_configs": jobs})
    )
    return path


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("blackbox")
    tls = certificates(folder / "tls", "monitoring/blackbox-exporter", "monitoring/prometheus")
    own = tls["blackbox-exporter"]
    args = container(LISTED, WORKLOAD, "blackbox-exporter", folder / "etc", own, {})
    args = [argument for argument in args if not argument.startswith("--web.listen-address=")]
    args.append("--web.listen-address=127.0.0.1:0")
    log = folder / "log"
    program = build.tool_bin("blackbox-exporter") / "blackbox_exporter"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = folder / "web-config.yml"
    data = find(LISTED, "ConfigMap", "prometheus-web")["data"]["web-config.yml"]
    web.write_text(data.replace("/etc/prometheus/tls", str(tls["prometheus"])))
    with running(program, args, log, client(own), "/config") as exporter:
        config = configuration(folder, exporter.removeprefix("https://"), f"127.0.0.1:{port}")
        flags = [f"--config.file={config}", f"--storage.tsdb.path={folder}/data", "--log.format=json"]
        flags += [f"--web.config.file={web}", f"--web.listen-address=127.0.0.1:{port}"]
        prometheus = build.tool_bin("prometheus") / "prometheus"
        with running(prometheus, flags, folder / "prometheus.log", client(tls["prometheus"])) as url:
            yield Pair(exporter, url, tls, log)


def test_an_answer_is_an_answer(pair: Pair) -> None:
    found = pair.probe("query", f"{pair.prometheus}/api/v1/query?query=1")
    assert found["probe_success"] == 1
    assert found["probe_http_status_code"] == 200
    assert found["probe_ssl_earliest_cert_expiry"] > 0


@pytest.mark.parametrize(
    "path", ["/api/v1/query?query=(", "/-/healthy", "/"], ids=["an error", "no result", "a redirect"]
)
def test_what_is_no_result_of_a_query_is_none(pair: Pair, path: str) -> None:
    assert pair.probe("query", pair.prometheus + path)["probe_success"] == 0


def test_nobody_and_strangers_do_not_answer(pair: Pair, tmp_path: Path) -> None:
    """Another Prometheus by another CA, plain HTTP, and a port where nobody listens."""
    assert pair.probe("query", f"https://{NOBODY}/api/v1/query?query=1")["probe_success"] == 0
    assert pair.probe("query", pair.prometheus.replace("https", "http"))["probe_success"] == 0
    # It trusts what the system trusts, and that is not the stack's CA.
    assert pair.probe("http", f"{pair.prometheus}/-/healthy")["probe_success"] == 0


def test_the_objective_is_reckoned_by_it(pair: Pair) -> None:
    """Of two that are asked one answers; what is no part of the stack is not asked."""
    own = pair.prometheus.removeprefix("https://")
    until(lambda: len(pair.ask('probe_success{slo="monitoring"}')) == 2)
    until(lambda: pair.ask("min_over_time(probe_success[3s])").get(own) == 1)
    assert pair.ask("probe_success") == {own: 1, NOBODY: 0}
    assert pair.ask('up{job="probe-monitoring"}') == {own: 1, NOBODY: 1}

    def burnt() -> bool:
        found = pair.ask('sli:monitoring_errors:ratio_rate5m{source="probe"}')
        return 0.3 < found.get("", 0) < 0.9

    until(burnt)


def test_nobody_gets_in_without_tls(pair: Pair) -> None:
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.PoolManager().request("GET", f"{pair.exporter}/config", retries=False)
    plain = urllib3.PoolManager().request("GET", pair.exporter.replace("https", "http"), retries=False)
    assert plain.status == 400


def test_logs_are_json(pair: Pair) -> None:
    lines = [line for line in pair.log.read_text().splitlines() if "http: TLS handshake error" not in line]
    assert len(lines) > 2
    assert all(json.loads(line).keys() >= {"time", "level", "msg"} for line in lines)

"""What a real Prometheus says of its rules, and what the policies make of that and of the files it read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from auditor.document import promql
from auditor.model import Observation, Status
from tests.collect.scripted import Asked, Reply, serving
from tests.retention.judge import Judge, messages, workload
from tests.retention.programs import FAR, Running, prometheus
from tools.build import ROOT
from tools.cluster.processes import wait_for

EXPOSED = b"""\
# TYPE web_heat gauge
web_heat 20
# TYPE web_requests_total counter
web_requests_total 5
# HELP web_errors_total None so far.
# TYPE web_errors_total counter
# TYPE web_seconds histogram
web_seconds_bucket{le="1"} 3
web_seconds_bucket{le="+Inf"} 4
web_seconds_sum 5
web_seconds_count 4
"""
RULES = """\
groups:
  - name: web
    interval: 1s
    rules:
      - {record: "web:requests:rate1m", expr: "rate(web_requests_total[1m])"}
      - {record: "web:heat:rate1m", expr: "rate(web_heat[1m])"}
      - {alert: WebHot, expr: "web_heat > 50"}
      - {alert: WebFails, expr: "rate(web_errors_total[5m]) > 1"}
      - {alert: WebSlow, expr: "rate(web_seconds_bucket{le=\\"1\\"}[1m]) < 1"}
      - {alert: WebBusy, expr: "web:requests:rate1m > 5"}
      - {alert: Privileged, expr: "kube_pod_container_security_context_privileged > 0"}
      - {alert: Renamed, expr: "web_requests > 5 or web_inquiries > 5"}
      - {alert: OneOfTwo, expr: "web_requests > 5 or web_requests_total > 5"}
      - {alert: WebGone, expr: "absent(web_up)"}
      - {alert: Twice, expr: "{__name__=~\\"web_heat|web_requests_total\\"} > on() group_left web_heat"}
      - {alert: Broken, expr: "web_heat * on() {__name__=~\\"web_.+\\"}"}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Prometheus with these rules, which has scraped, and evaluated every rule."""
    folder = tmp_path_factory.mktemp("rules")

    def script(asked: Asked) -> Reply:
        return Reply(body=EXPOSED, headers={"Content-Type": "text/plain; version=0.0.4"})

    with serving(script) as server:
        target = server.url.removeprefix("http://")
        configuration = (
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            "rule_files: [rules.yml]\n"
            f"scrape_configs: [{{job_name: web, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        (folder / "rules.yml").write_text(RULES)
        with prometheus(folder, configuration) as found:
            log = found.folder / "log"
            wait_for("its rules", lambda: _evaluated(found), found.process, log, FAR)
            yield found


def _evaluated(running: Running) -> bool:
    known = json.loads(running.get("/api/v1/label/__name__/values"))["data"]
    groups = json.loads(running.get("/api/v1/rules"))["data"]["groups"]
    health = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    described = json.loads(running.get("/api/v1/metadata"))["data"]
    return (
        {"web:requests:rate1m", "web:heat:rate1m"} <= set(known)
        and "web_errors_total" in described
        and "unknown" not in health.values()
        and health["Broken"] == "err"
    )


def listed(observation: Observation, key: str, word: str) -> dict[str, Any]:
    return {one["rule"]: one[word] for one in observation.told[key]["items"]}


def test_what_it_says(running: Running) -> None:
    seen = running.observe()
    assert seen.told["rules"] == {"alerts": 10, "records": 2}
    assert listed(seen, "silent", "missing") == {
        "Privileged": ["kube_pod_container_security_context_privileged"],
        "Renamed": ["web_inquiries", "web_requests"],
    }
    assert listed(seen, "gauges", "metrics") == {"web:heat:rate1m": ["web_heat"]}
    assert "Broken" in listed(seen, "failing", "error")


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (
            "alert_never_fires",
            ["alert Privileged cannot fire, as there is no kube_pod_container_security_context_privileged"],
        ),
        ("rule_rates_gauge", ["rule web:heat:rate1m takes the rate of web_heat, a gauge"]),
    ],
)
def test_what_policies_make_of_it(
    judge: Judge, running: Running, tmp_path: Path, policy: str, says: list[str]
) -> None:
    seen = running.observe()
    result = judge(tmp_path, policy, workload("metrics", "prometheus", (), "global: {}"), [seen])["metrics"]
    assert result.status == Status.FAIL
    for text in says:
        assert text in messages(result)


def test_nobody_listens(judge: Judge, running: Running, tmp_path: Path) -> None:
    gone = Observation(
        "prometheus", "monitoring", "metrics", "http://127.0.0.1:1", "2026-06-01T12:00:00Z", failure="x"
    )
    objects = workload("metrics", "prometheus", (), "global: {}")
    for policy in ("alert_never_fires", "rule_rates_gauge"):
        result = judge(tmp_path, policy, objects, [gone])["metrics"]
        assert messages(result) == "not_evaluated: http://127.0.0.1:1 did not say: x."


def test_bounds_of_buckets_are_no_whole_numbers(judge: Judge, running: Running, tmp_path: Path) -> None:
    """What `rule_bucket_never_matches` says is so: the label is another one than the program exposed."""

    def found(bound: str) -> int:
        query = quote(f'web_seconds_bucket{{le="{bound}"}}')
        return len(json.loads(running.get(f"/api/v1/query?query={query}"))["data"]["result"])

    assert (found("1"), found("1.0")) == (0, 1)
    meta = {"name": "rules", "namespace": "monitoring"}
    rules = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"web.yml": RULES}}
    result = judge(tmp_path, "rule_bucket_never_matches", [rules], [])["rules"]
    assert messages(result) == "fail: web.yml: the label le is asked for as a whole number in WebSlow."


READ = [
    "up", "sum without (a) (x) > bool 1", "x @ 1700000000 offset 5m", "x[5m:]", "count_values('v', x)",
    "x and ignoring(a) y", "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))", "1 + 2", "'text'",
    "predict_linear(x[1h], 3600)", "{'a.b'}", "x{a=~'b.*',c!~'d'}", "-x ^ 2",
    "label_replace(x, 'a', '$1', 'b', '(.*)')",
]  # fmt: skip
REFUSED = [
    "",
    "x{",
    "sum(x",
    "rate(x)",
    "x[5m] + 1",
    "nothing(x)",
    "x and 1",
    "{a!='b'}",
    "x offset",
    "{app='a'} |= 'b'",
]


@pytest.mark.parametrize("text", [*READ, *REFUSED])
def test_what_can_be_read_is_what_prometheus_reads(running: Running, text: str) -> None:
    taken = running.post(f"/api/v1/parse_query?query={quote(text)}") == 200
    assert promql.query(text).unread != taken
    assert taken == (text in READ)


def test_all_rules_of_our_stack_can_be_read() -> None:
    files = sorted((ROOT / "deploy").rglob("rules/*.yml"))
    expressions = [
        rule["expr"]
        for file in files
        for group in yaml.safe_load(file.read_text()).get("groups", ())
        for rule in group["rules"]
    ]
    assert len(expressions) > 100
    assert [one for one in expressions if promql.query(one).unread] == []

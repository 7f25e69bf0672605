"""The stack does its work: everything is scraped, and what is wrong reaches somebody, once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.stack import rules
from tests.stack.live import Stack, stack
from tests.stack.loopback import client, until
from tests.stack.test_dashboards import FILES, queries
from tests.stack.troubles import happen
from tools import dashboards
from tools.cluster import processes

UP = {
    "alertmanager": 3,
    "alertmanager-reloader": 3,
    "apiserver": 1,
    "apiserver-slis": 1,
    "kube-state-metrics": 1,
    "kube-state-metrics-self": 2,
    "node-exporter": 3,
    "prometheus": 2,
    "reloader": 2,
}
"""Targets that answer. One kube-state-metrics stands for both, one node-exporter for all nodes."""
DOWN = {
    # kwok is no kubelet.
    *("kubelet", "cadvisor", "kubelet-probes", "kubelet-resource"),
    # They are not run here.
    *("postgres", "thanos-query", "thanos-sidecar"),
}
NOT_READY = "auditor.dev/not-ready"


@pytest.fixture(scope="module", name="live")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("live")) as running:
        happen(running.plane)
        yield running


@contextmanager
def not_ready(live: Stack, node: str) -> Iterator[None]:
    """A node whose kubelet says that it is not ready."""
    live.plane.kubectl("annotate", "node", node, f"{NOT_READY}=yes")
    try:
        yield
    finally:
        live.plane.kubectl("annotate", "node", node, f"{NOT_READY}-")


def test_every_job_that_can_be_up_is_up(live: Stack) -> None:
    for replica in live.replicas:
        until(lambda r=replica: {one["job"]: n for one, n in r.query("count by (job) (up == 1)")} == UP)  # type: ignore[misc]
        until(lambda r=replica: {one["job"] for one, _ in r.query("count by (job) (up == 0)")} == DOWN)  # type: ignore[misc]


def test_no_rule_fails(live: Stack) -> None:
    """Each was evaluated against what is really scraped: a clash of labels, say, is seen only then."""
    for replica in live.replicas:
        groups = replica.get("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) > 72
        until(lambda r=replica: all(g["lastEvaluation"][0] != "0" for g in r.get("rules")["groups"]))  # type: ignore[misc]
        rules = [rule for group in replica.get("rules")["groups"] for rule in group["rules"]]
        assert [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"] == []


def test_a_node_that_is_not_ready_is_told_once_and_so_is_its_end(live: Stack) -> None:
    alert = {"alertname": "NodeNotReady", "node": "node-1"}
    with not_ready(live, "node-1"):
        # Both replicas say so, each to all Alertmanagers.
        until(lambda: all(replica.firing("NodeNotReady", node="node-1") for replica in live.replicas))
        until(lambda: all(one.holds(**alert) for one in live.notifiers))
        until(lambda: bool(live.notified("firing", **alert)))
    until(lambda: bool(live.notified("resolved", **alert)))
    # Nobody has anything left to tell: a second notification would have come by now.
    until(lambda: not any(one.holds(**alert) for one in live.notifiers))
    assert live.notified("firing", **alert) == ["page"]
    assert live.notified("resolved", **alert) == ["page"]


@contextmanager
def failed_job(live: Stack, namespace: str) -> Iterator[dict[str, str]]:
    """A Job whose pod finds no node until its time is up; yield the labels of the alert of it."""
    template = {
        "restartPolicy": "Never",
        "nodeSelector": {"no": "such-node"},
        "containers": [{"name": "step", "image": "step:1"}],
    }
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "pipeline", "namespace": namespace},
        "spec": {"activeDeadlineSeconds": 1, "backoffLimit": 0, "template": {"spec": template}},
    }
    live.plane.kubectl("create", "-f", "-", input=json.dumps(job))
    try:
        yield {"alertname": "JobFailed", "job_name": "pipeline", "namespace": namespace}
    finally:
        live.plane.kubectl("delete", "job", "pipeline", "-n", namespace)


def test_a_job_that_fails_is_told(live: Stack) -> None:
    with failed_job(live, "default") as alert:
        until(lambda: live.notified("firing", **alert) == ["ticket"])
    until(lambda: live.notified("resolved", **alert) == ["ticket"])


def test_one_of_each_is_enough(live: Stack) -> None:
    """One Prometheus is killed, and that Alertmanager which would have told first."""
    live.plane.kubectl("create", "namespace", "pipelines")
    gone, left = live.replicas
    first = min(live.notifiers, key=lambda one: one.mesh()[0])
    others = [one for one in live.notifiers if one is not first]
    gone.end(processes.kill)
    first.end(processes.kill)
    try:
        with failed_job(live, "pipelines") as alert:
            until(lambda: left.firing("JobFailed", namespace="pipelines"))
            until(lambda: all(one.holds(**alert) for one in others))
            until(lambda: bool(live.notified("firing", **alert)))
        until(lambda: bool(live.notified("resolved", **alert)))
        until(lambda: not any(one.holds(**alert) for one in others))
        assert live.notified("firing", **alert) == ["ticket"]
        assert live.notified("resolved", **alert) == ["ticket"]
    finally:
        gone.start()
        gone.wait()
        live.mend_mesh()


def test_a_query_beyond_the_limit_is_refused(live: Stack) -> None:
    """31 million samples, where 10 million are allowed."""
    [replica, _] = live.replicas
    url = f"{replica.url}/api/v1/query"
    refused = client(replica.tls).request("GET", url, fields={"query": "count_over_time(vector(1)[1y:1s])"})
    assert refused.status == 422
    assert "too many samples" in refused.json()["error"]
    assert replica.query("count_over_time(vector(1)[1h:1s])")[0][1] > 3000


def test_alerts_say_of_which_cluster_they_are_and_of_no_replica(live: Stack) -> None:
    """As config-reloader filled it in from the environment of its container."""
    until(lambda: bool(live.told))
    labels = [alert["labels"] for one in tuple(live.told) for alert in one["alerts"]]
    assert {(one["cluster"], one["environment"]) for one in labels} == {("north-1", "production")}
    assert not any("replica" in one for one in labels)
    for replica in live.replicas:
        assert f"replica: {replica.name}\n" in replica.get("status/config")["yaml"]


RULES = {f"{rule.file.stem}, {rule.name}": rule.expr for rule in rules.rules()}
PANELS = {f"{path.stem}, {n}": expr for path in FILES for n, expr in enumerate(queries(path))}


def selectors(tree: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """Every series that a parsed expression asks for: its name, and the labels that it is chosen by."""
    if isinstance(tree, list):
        for one in tree:
            yield from selectors(one)
    elif isinstance(tree, dict):
        if tree.get("type") in ("vectorSelector", "matrixSelector"):
            labels = {one["name"] for one in tree["matchers"] if one["type"] in ("=", "=~") and one["value"]}
            yield tree["name"], frozenset(labels - {"__name__"})
        for one in tree.values():
            yield from selectors(one)


def test_expressions_parse_as_the_other_tests_read_them(live: Stack) -> None:
    [replica, _] = live.replicas
    for what, expr in (RULES | PANELS).items():
        parsed = {name for name, _ in selectors(replica.get("parse_query", query=expr))}
        assert parsed == rules.metrics(expr), what


def test_series_are_exposed_by_who_is_said_to_expose_them(live: Stack) -> None:
    """Those of sources.yaml that are `known: exporter`, but for those of which it says why not."""
    [replica, _] = live.replicas
    sources = rules.load(rules.UNIT_TESTS / "sources.yaml").values()
    seen = [source for source in sources if source["known"] == "exporter"]
    wanted = {name for source in seen for name in source["metrics"]}
    unseen = {name for source in seen for name in source.get("unseen", ())}
    assert len(wanted) > 90
    assert unseen < wanted

    def missing() -> set[str]:
        return wanted - set(replica.get("label/__name__/values"))

    with suppress(AssertionError):
        until(lambda: missing() == unseen, 60)
    assert missing() == unseen


def test_labels_that_series_are_chosen_by_exist(live: Stack) -> None:
    [replica, _] = live.replicas
    names = set(replica.get("label/__name__/values"))
    asked = {
        (name, label)
        for expr in (RULES | PANELS).values()
        for name, labels in selectors(replica.get("parse_query", query=expr))
        for label in labels
        if name in names
    }
    # Sent to who reads the dashboards; a Prometheus does not have it in its own series.
    asked = {(name, label) for name, label in asked if label != "cluster"}
    assert len(asked) > 30
    known = {name: set(replica.get("labels", **{"match[]": name})) for name, _ in asked}
    assert {(name, label) for name, label in asked if label not in known[name]} == set()


def test_dashboards_are_answered(live: Stack) -> None:
    """No query of a panel fails for what is scraped, as one does whose two sides do not match one to one."""
    [replica, _] = live.replicas
    for expr in PANELS.values():
        replica.query(re.sub(r"\$\w+", ".+|", expr))
    for dashboard in dashboards.source().values():
        for query in dashboard.get("variables", {}).values():
            name, label = re.findall(r"label_values\((\w+).*, (\w+)\)", query)[0]
            assert name == "up" or replica.get(f"label/{label}/values", **{"match[]": name})

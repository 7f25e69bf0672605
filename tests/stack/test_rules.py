"""The alerts and recording rules of the stack, by promtool and by what every rule must have."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from auditor.record import Finding, WaiverState
from tests.stack import render, rules
from tests.stack.rules import ALERT_NAMES, ALERTS, DEPLOY, RECORDS, ROOT, RULE_FILES, UNIT_TEST_FILES, Rule
from tools import dashboards
from tools.build import tool_bin

SEVERITIES = {"critical", "warning", "info"}
TEAMS = {"platform", "mlops", "security"}
GROUPS = {"infrastructure", "services", "models", "security", "monitoring", "slo", "auditor"}
LARGEST_GROUP = 30

by_name = pytest.mark.parametrize("alert", ALERTS, ids=[f"{one.name}-{n}" for n, one in enumerate(ALERTS)])


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the promtool of the pinned Prometheus."""
    command = [tool_bin("prometheus") / "promtool", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def unit_tests() -> list[dict[str, Any]]:
    """Every unit test of every file."""
    return [one for path in UNIT_TEST_FILES for one in rules.load(path)["tests"]]


def test_the_72_alerts() -> None:
    assert len(ALERT_NAMES) == 72
    assert {path.stem for path in RULE_FILES} == GROUPS | {"thresholds"}


def test_promtool_accepts_every_rule() -> None:
    run = promtool("check", "rules", "--lint=all", "--lint-fatal", *RULE_FILES)
    assert run.returncode == 0, run.stdout + run.stderr
    found = sum(int(number) for number in re.findall(r"SUCCESS: (\d+) rules found", run.stdout))
    assert found == len(ALERTS) + len(RECORDS)


@pytest.mark.parametrize("path", UNIT_TEST_FILES, ids=lambda path: path.stem)
def test_alerts_fire_and_resolve(path: Path) -> None:
    run = promtool("test", "rules", path)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ALERT_NAMES)
def test_each_alert_has_a_case_that_fires_and_one_that_does_not(name: str) -> None:
    cases = [case for one in unit_tests() for case in one["alert_rule_test"] if case["alertname"] == name]
    assert any(case["exp_alerts"] for case in cases), "never seen to fire"
    if name != "Watchdog":
        assert any(not case["exp_alerts"] for case in cases), "never seen to be silent"


@pytest.mark.parametrize("name", [name for name in ALERT_NAMES if name != "Watchdog"])
def test_each_alert_is_seen_to_end(name: str) -> None:
    """Within one test, after it fired, at a later time of the same series."""
    for one in unit_tests():
        fires = [bool(case["exp_alerts"]) for case in one["alert_rule_test"] if case["alertname"] == name]
        if True in fires and not fires[-1]:
            return
    pytest.fail("no test sees it fire and then end")


def test_each_variant_of_an_alert_is_seen_to_fire() -> None:
    """Alerts of one name that differ in a label, such as the window of a burn rate."""
    seen = [
        {"alertname": case["alertname"], **wanted["exp_labels"]}
        for one in unit_tests()
        for case in one["alert_rule_test"]
        for wanted in case["exp_alerts"]
    ]
    for alert in ALERTS:
        labels = {"alertname": alert.name, **alert.labels}
        assert any(labels.items() <= one.items() for one in seen), labels


@by_name
def test_labels(alert: Rule) -> None:
    severity = alert.labels["severity"]
    assert severity == "none" if alert.name == "Watchdog" else severity in SEVERITIES
    assert alert.labels["team"] in TEAMS
    assert alert.labels["component"]


@by_name
def test_annotations(alert: Rule) -> None:
    assert set(alert.body) == {"alert", "expr", "for", "labels", "annotations"}
    annotations = alert.body["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url"}
    for text in (annotations["summary"], annotations["description"]):
        assert text.endswith(".")
    assert annotations["runbook_url"] == f"https://auditor.dev/runbooks/{alert.name}.md"


@by_name
def test_group_and_file_have_one_name(alert: Rule) -> None:
    assert alert.group == alert.file.stem


def test_groups_are_small_and_unique() -> None:
    sizes = Counter(rule.group for rule in rules.rules())
    assert {group: size for group, size in sizes.items() if size > LARGEST_GROUP} == {}
    groups = [group["name"] for path in RULE_FILES for group in rules.load(path)["groups"]]
    assert len(groups) == len(set(groups))


@by_name
def test_labels_of_templates_exist(alert: Rule) -> None:
    """A label that the expression drops would be an empty word at night."""
    cases = [
        {**wanted["exp_labels"], **alert.labels}
        for one in unit_tests()
        for case in one["alert_rule_test"]
        if case["alertname"] == alert.name
        for wanted in case["exp_alerts"]
    ]
    used = set(re.findall(r"\$labels\.(\w+)", str(alert.body["annotations"])))
    assert used <= {label for labels in cases for label in labels}


def test_thresholds_are_numbers_defined_once() -> None:
    defined = [rule for rule in RECORDS if rule.name.startswith("threshold:")]
    assert all(rule.file.stem == "thresholds" and rule.group.startswith("thresholds_") for rule in defined)
    assert all(re.fullmatch(r"vector\([\d. *]+\)", rule.expr) for rule in defined)
    assert [name for name, count in Counter(rule.name for rule in defined).items() if count > 1] == []
    wanted = {name for rule in ALERTS for name in rules.metrics(rule.expr) if name.startswith("threshold:")}
    assert wanted == {rule.name for rule in defined}


def test_every_series_is_known() -> None:
    """A name that nobody exposes makes an alert that can never fire."""
    sources = rules.load(rules.UNIT_TESTS / "sources.yaml")
    foreign = {name for source in sources.values() for name in source["metrics"]}
    recorded = {rule.name for rule in RECORDS}
    own = set(rules.documented_metrics())
    asked = {name for rule in rules.rules() for name in rules.metrics(rule.expr)}
    asked |= {
        name
        for page in rules.RUNBOOKS.glob("*.md")
        for block in rules.fenced(page.read_text(), "promql")
        for name in rules.metrics(block)
    }
    asked |= {
        name
        for dashboard in dashboards.source().values()
        for panel in dashboard["panels"]
        for expr in panel["queries"].values()
        for name in rules.metrics(expr)
    }
    asked |= {
        name
        for dashboard in dashboards.source().values()
        for query in dashboard.get("variables", {}).values()
        for name in re.findall(r"label_values\((\w+)", query)
    }
    assert asked - foreign - recorded - own == set()
    assert foreign - asked == set(), "in sources.yaml, and asked for by nobody"


def test_metrics_of_the_auditor_are_the_documented_ones() -> None:
    documented = rules.documented_metrics()
    statuses = get_args(get_type_hints(Finding)["status"])
    assert set(documented["auditor_findings"]["status"]) == set(statuses)
    assert set(documented["auditor_waivers"]["state"]) == set(get_args(WaiverState))
    for rule in rules.rules():
        for metric, label, _, value in rules.matchers(rule.expr):
            if metric.startswith("auditor_"):
                assert label in documented[metric], f"{rule.name}: {metric} has no label {label}"
                if values := documented[metric][label]:
                    assert set(value.split("|")) <= set(values), f"{rule.name}: {metric}, {label}={value}"


def test_policies_of_matchers_exist() -> None:
    policies = {path.name for path in (ROOT / "policies" / "k8s").iterdir()}
    named = {
        policy
        for rule in ALERTS
        for metric, label, _, value in rules.matchers(rule.expr)
        if metric.startswith("auditor_") and label == "policy"
        for policy in value.split("|")
    }
    assert named <= policies, "a policy was renamed"


def test_policies_with_an_alert_of_their_own_page_once() -> None:
    [general] = [one for one in ALERTS if one.name == "AuditorNewCriticalFinding"]
    excluded = {
        policy
        for _, label, operator, value in rules.matchers(general.expr)
        if (label, operator) == ("policy", "!~")
        for policy in value.split("|")
    }
    assert excluded == {
        policy
        for one in ALERTS
        if one is not general and one.labels["severity"] == "critical"
        for _, label, _, value in rules.matchers(one.expr)
        if label == "policy"
        for policy in value.split("|")
    }


def scraped_jobs(folder: Path) -> set[str]:
    """The jobs of the scrape files below one folder of deploy/."""
    return {
        job["job_name"]
        for path in folder.glob("**/scrape/*.yml")
        for job in rules.load(path)["scrape_configs"]
    }


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_jobs_that_rules_name_are_scraped(path: Path) -> None:
    """By the base, or by the component that the rules belong to."""
    base = DEPLOY / "base"
    scraped = scraped_jobs(base) | scraped_jobs(base if base in path.parents else path.parents[1])
    named = {
        value
        for rule in rules.rules()
        if rule.file == path
        for _, label, _, value in rules.matchers(rule.expr)
        if label == "job"
    }
    assert named <= scraped


def test_every_rule_file_is_in_the_config_map() -> None:
    for folder in {path.parent for path in RULE_FILES}:
        [generator] = rules.load(folder / "kustomization.yaml")["configMapGenerator"]
        assert generator["name"] == "prometheus-rules"
        assert sorted(generator["files"]) == sorted(path.name for path in folder.glob("*.yml"))


def test_a_user_replaces_the_thresholds_alone(tmp_path: Path) -> None:
    """As the head of thresholds.yml says."""
    thresholds = (DEPLOY / "base" / "rules" / "thresholds.yml").read_text()
    changed = thresholds.replace("vector(0.9)", "vector(0.7)")
    assert changed != thresholds
    (tmp_path / "thresholds.yml").write_text(changed)
    minimal = os.path.relpath(DEPLOY / "overlays" / "minimal", tmp_path.resolve())
    example = "".join(re.findall(r"^#  ( .*\n)", thresholds, re.MULTILINE))
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{minimal}]\n{textwrap.dedent(example)}")
    rendered = render.find(render.objects(render.text(tmp_path.resolve())), "ConfigMap", "prometheus-rules")
    original = render.find(render.overlay("minimal"), "ConfigMap", "prometheus-rules")
    assert rendered["data"] == original["data"] | {"thresholds.yml": changed}


def test_alerts_that_are_switched_off_exist_and_have_a_reason() -> None:
    listed = rules.load(DEPLOY / "alerts.yaml")
    assert set(listed["presets"]) == {"managed", "autoscaled", "no-kube-proxy", "cilium"}
    for entries in (listed["disabled"], *listed["presets"].values()):
        assert all(set(one) == {"alert", "reason"} for one in entries)
        assert {one["alert"] for one in entries} <= set(ALERT_NAMES) - {"Watchdog"}
        assert all(len(one["reason"]) > 20 for one in entries)

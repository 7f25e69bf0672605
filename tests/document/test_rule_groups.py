"""What is kept of rules, from files in ConfigMaps and from objects of the operator."""

from __future__ import annotations

import time
from typing import Any

import pytest

from auditor.collect.yaml import only_value
from auditor.document.keep import keep, restore
from auditor.document.rule_groups import MAX_JOINTS
from auditor.model import Body, ResourceRef
from tests import factories as make

GROUPS = """\
groups:
  - name: web
    labels: {severity: info, team: web}
    rules:
      - alert: WebDown
        expr: up{job="web"} == 0
        for: 5m
        labels: {severity: critical}
        annotations: {summary: It is down., runbook_url: "", description: "password: hunter2hunter2"}
      - record: web:rate5m
        expr: rate(web_total[5m])
  - name: empty
"""
KEPT: list[dict[str, Any]] = [
    {
        "name": "web",
        "rules": [
            {
                "alert": "WebDown",
                "severity": "critical",
                "annotated": ["description", "summary"],
                "query": {"metrics": ["up"]},
            },
            {
                "record": "web:rate5m",
                "severity": "info",
                "annotated": [],
                "query": {"metrics": ["web_total"], "rates": ["web_total"], "seconds": 300},
            },
        ],
    },
    {"name": "empty", "rules": []},
]


def in_file(text: str) -> Any:
    body = {**make.obj("ConfigMap"), "data": {"a": text}}
    kept = keep(ResourceRef("v1", "ConfigMap", "web", "shop"), body, parse=only_value)
    return kept.body.get("configuration", {}).get("a")


def rule_object(spec: Any) -> Any:
    ref = ResourceRef("monitoring.coreos.com/v1", "PrometheusRule", "web", "shop")
    return keep(ref, {**make.obj("PrometheusRule"), "spec": spec}, parse=only_value)


def test_a_file() -> None:
    assert in_file(GROUPS) == {"settings": {"groups": KEPT}}


@pytest.mark.parametrize(
    "text",
    ["groups: []\n", "groups: [{members: [ann]}]\n", "groups: {a: b}\n", "groups: [[1]]\n", "groups: ann\n"],
)
def test_groups_of_another_program(text: str) -> None:
    assert in_file(text) is None


def test_an_object() -> None:
    spec = only_value(GROUPS)
    kept = rule_object(spec)
    groups = kept.body["spec"]["groups"]
    assert [one["name"] for one in groups] == ["web", "empty"]
    assert "rules" not in groups[1]
    for rule, told, written in zip(
        groups[0]["rules"], KEPT[0]["rules"], spec["groups"][0]["rules"], strict=True
    ):
        assert {key: rule[key] for key in told} == told
        assert rule["expr"] == written["expr"]
    assert "hunter2" not in kept.content.json.decode()
    assert restore("PrometheusRule", kept.content.json).json == kept.content.json


@pytest.mark.parametrize(
    ("spec", "refused"),
    [
        ({"groups": "x"}, "spec.groups must be list, not text"),
        ({"groups": [{"rules": {}}]}, "spec.groups[0].rules must be list, not mapping"),
        (
            {"groups": [{"rules": [{"alert": 5}]}]},
            "spec.groups[0].rules[0].alert must be text, not whole number",
        ),
        ({"groups": [{"rules": [{"query": {"seconds": "x"}, "labels": 5}]}]}, ""),
        ({}, ""),
        (None, ""),
        ({"groups": None}, ""),
        ({"groups": [{"name": "a"}]}, ""),
    ],
)
def test_objects_of_wrong_types_are_judged_by_nothing(spec: Body | None, refused: str) -> None:
    kept = rule_object(spec)
    if refused:
        assert kept.content.refused == refused


def test_facts_are_ours_whatever_the_object_says() -> None:
    forged = {"alert": "A", "expr": "x{le='1'}", "annotated": ["summary"], "query": {"metrics": []}}
    [group] = rule_object({"groups": [{"name": "a", "rules": [forged]}]}).body["spec"]["groups"]
    assert group["rules"][0]["query"] == {"metrics": ["x"], "bounds": ["1"]}
    assert group["rules"][0]["annotated"] == []


def test_what_joins_too_much_is_not_read_and_costs_little() -> None:
    rules = "".join(f"  - {{record: r{one}, expr: '{'a+' * 190}b{one}'}}\n" for one in range(2000))
    began = time.monotonic()
    told = in_file(f"groups:\n- name: a\n  rules:\n{rules}")
    assert time.monotonic() - began < 60
    unread = [rule["query"].get("unread", False) for rule in told["settings"]["groups"][0]["rules"]]
    assert unread.index(True) == MAX_JOINTS // 190
    assert all(unread[MAX_JOINTS // 190 :])

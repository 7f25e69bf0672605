"""METADATA: every fault is named with file and key, and nothing unknown passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.document.kinds import KIND_SETS
from auditor.errors import BundleError
from auditor.evaluate.metadata import ID, Declaration, Parameter, declare
from auditor.rules import Severity
from tests.evaluate.custom import CUSTOM, METADATA


def declared(custom: dict[str, Any] | None = None, **changes: Any) -> Declaration:
    annotations = {"scope": "package", **METADATA, **changes, "custom": {**CUSTOM, **(custom or {})}}
    return declare("mine", annotations, "mine.rego", custom=True)


def refusal(custom: dict[str, Any] | None = None, **changes: Any) -> str:
    with pytest.raises(BundleError) as caught:
        declared(custom, **changes)
    prefix = "mine.rego: METADATA: "
    assert str(caught.value).startswith(prefix)
    return str(caught.value).removeprefix(prefix)


def test_defaults() -> None:
    policy = declared().policy
    assert (policy.id, policy.custom, policy.enabled) == ("mine", True, True)
    assert policy.severities == (Severity.LOW,)
    assert policy.kinds == ("Pod",)
    assert policy.references == ("https://example.test/",)
    assert {policy.needs, policy.wants, policy.supersedes, policy.retired_ids, policy.same_as} == {()}
    assert (policy.excuses, policy.counts, policy.none_found) == ((), (), "")


def test_everything_said() -> None:
    custom = {
        "severity": ["high", "critical"],
        "kinds": ["replicated", "Deployment", "Node"],
        "needs": ["namespace", "results"],
        "wants": ["replicas"],
        "excuses": ["nodes"],
        "counts": ["pss_baseline"],
        "none_found": "There\n is none.",
        "enabled": False,
        "supersedes": ["other"],
        "retired_ids": ["former"],
        "same_as": ["KSV-0001"],
        "remediation": "Two\n  lines.",
    }
    policy = declared(custom, description="On\ntwo  lines.").policy
    assert policy.severities == (Severity.HIGH, Severity.CRITICAL)
    assert policy.kinds == (*KIND_SETS["replicated"], "Node")
    assert (policy.needs, policy.wants, policy.excuses) == (
        ("namespace", "results"),
        ("replicas",),
        ("nodes",),
    )
    assert policy.joins == ("namespace", "results", "replicas", "nodes")
    assert (policy.counts, policy.none_found) == (("pss_baseline",), "There is none.")
    assert not policy.enabled
    assert (policy.supersedes, policy.retired_ids, policy.same_as) == (("other",), ("former",), ("KSV-0001",))
    assert policy.first_id == "former"
    assert (policy.description, policy.remediation) == ("On two lines.", "Two lines.")


@pytest.mark.parametrize(
    ("custom", "message"),
    [
        ({"enabeld": False}, "Object contains unknown field `enabeld` - at `$.custom`"),
        ({"severity": "hihg"}, "Invalid enum value 'hihg' - at `$.custom.severity`"),
        ({"severity": ["low", "hihg"]}, "Invalid enum value 'hihg' - at `$.custom.severity[1]`"),
        ({"severity": []}, "severity and kinds must name at least one"),
        ({"kinds": []}, "severity and kinds must name at least one"),
        ({"kinds": "Pod"}, "Expected `array`, got `str` - at `$.custom.kinds`"),
        ({"kinds": ["Deploymnet"]}, "unknown kind 'Deploymnet'; did you mean 'Deployment'?"),
        ({"kinds": ["worklod"]}, "unknown kind 'worklod'; did you mean 'workload'?"),
        ({"kinds": ["pod"]}, "unknown kind 'pod'; did you mean 'Pod'?"),
        ({"needs": ["namespaces"]}, "unknown relation 'namespaces'; did you mean 'namespace'?"),
        ({"wants": ["*"]}, "unknown relation '*'"),
        ({"excuses": ["node"]}, "unknown relation 'node'; did you mean 'nodes'?"),
        ({"wants": ["nodes"], "excuses": ["nodes"]}, "names 'nodes' twice"),
        ({"needs": ["nodes", "nodes"]}, "names 'nodes' twice"),
        ({"needs": ["now"], "counts": ["pss_baseline"]}, "counts is for a policy that needs results"),
        ({"none_found": ["x"]}, "Expected `str`, got `array` - at `$.custom.none_found`"),
        ({"category": "security"}, "Invalid enum value 'security' - at `$.custom.category`"),
        ({"enabled": "no"}, "Expected `bool`, got `str` - at `$.custom.enabled`"),
        ({"remediation": " "}, "remediation is empty"),
        ({"parameters": {"a": {"default": 1, "chioces": [1]}}}, "parameter a: Object contains unknown field"),
        ({"parameters": {"a": {"default": "x", "pattern": "("}}}, "parameter a: missing )"),
        (
            {"parameters": {"a": {"default": "x", "pattern": "y"}}},
            "parameter a: default: 'x' does not match y",
        ),
        ({"parameters": {"a": {"default": 3, "choices": [1, 2]}}}, "parameter a: default: 3 is none of 1, 2"),
    ],
)
def test_a_fault_in_custom(custom: dict[str, Any], message: str) -> None:
    assert refusal(custom).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"titel": "x"}, "Object contains unknown field `titel`"),
        ({"title": ""}, "title is empty"),
        ({"description": "\n"}, "description is empty"),
        ({"organizations": ["x"]}, "Object contains unknown field `organizations`"),
        ({"related_resources": ["x"]}, "Expected `object`, got `str`"),
    ],
)
def test_a_fault_in_the_rest(changes: dict[str, Any], message: str) -> None:
    assert refusal(**changes).startswith(message)


@pytest.mark.parametrize("key", ["title", "description", "custom"])
def test_what_must_be_said(key: str) -> None:
    annotations = {name: value for name, value in {**METADATA, "custom": dict(CUSTOM)}.items() if name != key}
    with pytest.raises(BundleError, match=f"missing required field `{key}`"):
        declare("mine", annotations, "mine.rego", custom=True)


@pytest.mark.parametrize("key", ["severity", "category", "kinds", "remediation"])
def test_what_custom_must_say(key: str) -> None:
    custom = {name: value for name, value in CUSTOM.items() if name != key}
    with pytest.raises(BundleError, match=f"missing required field `{key}`"):
        declare("mine", {**METADATA, "custom": custom}, "mine.rego", custom=True)


def test_parameters() -> None:
    found = declared(
        {"parameters": {"plain": {"a": 1}, "full": {"default": 1, "choices": [1, 2]}}}
    ).parameters
    assert found == {"plain": Parameter({"a": 1}), "full": Parameter(1, choices=(1, 2))}


@pytest.mark.parametrize("name", ["a", "host_pid", "tls12_off", "a_1"])
def test_ids(name: str) -> None:
    assert ID.fullmatch(name)


@pytest.mark.parametrize("name", ["", "A", "a-b", "a__b", "_a", "a_", "1a", "a.b", "a\n", "a/b", "..", "é"])
def test_no_ids(name: str, tmp_path: Path) -> None:
    assert not ID.fullmatch(name)

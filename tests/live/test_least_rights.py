"""The rights that `auditor policies rbac` prints are enough for an audit, and each of them is needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.cli.app import run
from auditor.document.kinds import KINDS
from tests.live.catalogue import blinded
from tests.live.live import account, apply, audit, pod_spec
from tools.build import tool_bin
from tools.cluster import ControlPlane

SELECTED = ("--framework", "availability")
"""Few enough to take away one right after the other."""

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": pod_spec()}


def roles(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Return what the command prints."""
    assert run(["policies", "rbac", f"--opa={tool_bin('opa') / 'opa'}", *arguments]) == 0
    return list(yaml.safe_load_all(capsys.readouterr().out))


def test_an_audit_with_them_has_no_gaps(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [role] = roles(capsys)
    apply(control_plane, namespace, POD)
    with account(control_plane, namespace, tmp_path, role["rules"], everywhere=True) as reader:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", reader.kubeconfig)
    assert ended.record["gaps"] == []
    assert ended.record["audit"]["source"]["user"] == reader.user
    assert {tuple(rule["verbs"]) for rule in role["rules"]} <= {("list",), ("get", "list")}
    assert "secrets" not in {name for rule in role["rules"] for name in rule["resources"]}


def test_each_is_needed(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [role] = roles(capsys, *SELECTED)
    apply(control_plane, namespace, POD)
    kinds = {(kind.group, kind.plural): name for name, kind in KINDS.items() if not kind.custom}
    for number, rule in enumerate(role["rules"]):
        kind = kinds.get((rule["apiGroups"][0], rule["resources"][0]))
        if kind is None:  # of an operator, which this cluster does not have
            continue
        others: Sequence[Any] = [one for place, one in enumerate(role["rules"]) if place != number]
        with account(control_plane, namespace, tmp_path, others, everywhere=True) as reader:
            ended = audit(tmp_path / f"{kind}.json", *SELECTED, "--kubeconfig", reader.kubeconfig)
        control_plane.kubectl("delete", "serviceaccount", "auditor", "-n", namespace)
        assert {gap["kind"] for gap in ended.record["gaps"]} == {kind}
        lost = {one["policy"] for one in ended.record["not_evaluated"] if "kind" in one}
        judging = {policy for policy, _ in blinded(kind)} & set(ended.record["audit"]["bundle"]["policies"])
        assert judging <= lost, f"{kind}: {json.dumps(sorted(judging - lost))}"


def test_roles_of_namespaces_grant_nothing_of_the_cluster(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [role] = roles(capsys, "-n", namespace)
    assert (role["kind"], role["metadata"]["namespace"]) == ("Role", namespace)
    apply(control_plane, namespace, POD)
    with account(control_plane, namespace, tmp_path, role["rules"]) as tenant:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", tenant.kubeconfig, "-n", namespace)
    assert [gap for gap in ended.record["gaps"] if not gap.get("out_of_reach")] == []
    [own] = [rule for rule in role["rules"] if rule["resources"] == ["namespaces"]]
    assert (own["resourceNames"], own["verbs"]) == ([namespace], ["get"])


def test_names_that_would_break_the_file_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "rbac", "-n", "a: b"]) == 2
    assert "no name that an object can have" in capsys.readouterr().err

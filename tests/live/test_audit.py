"""A whole audit of a live cluster, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.live.live import Ended, Object, apply, audit, pod_spec, pods, until
from tools import build
from tools.build import tool_bin
from tools.cluster import ControlPlane

EXAMPLES = build.ROOT / "examples"
PODS = 8
"""Of the examples: 3 and 2 of the Deployments, 1 of the StatefulSet, one per node of the DaemonSet."""


def examples(namespace: str) -> list[Object]:
    """The workloads of the examples, all in one namespace that enforces nothing."""
    found = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        for item in yaml.safe_load_all(path.read_text()):
            if item["kind"] != "Namespace":
                item["metadata"]["namespace"] = namespace
                found.append(item)
    assert {item["kind"] for item in found} == {"CronJob", "DaemonSet", "Deployment", "StatefulSet"}
    return found


@pytest.fixture
def shop(control_plane: ControlPlane, namespace: str) -> str:
    """A namespace in which the examples run."""
    apply(control_plane, namespace, *examples(namespace))
    until(lambda: len(pods(control_plane, namespace)) == PODS)
    return namespace


def test_live_and_manifests_have_the_same_findings(
    control_plane: ControlPlane, shop: str, tmp_path: Path
) -> None:
    manifests = tmp_path / "examples.yaml"
    manifests.write_text(yaml.safe_dump_all(examples(shop)))
    live = audit(tmp_path / "live.json", "--kubeconfig", control_plane.kubeconfig)
    dead = audit(tmp_path / "dead.json", "-f", manifests)
    assert (live.code, dead.code) == (1, 1)

    def same(finding: Object) -> tuple[str, ...]:
        return tuple(finding[key] for key in ("fingerprint", "policy", "path", "message", "severity"))

    def own(ended: Ended) -> list[Object]:
        """What networks leave open is about who else is there, and manifests know of nobody else."""
        return [one for one in ended.findings(shop) if not one["policy"].startswith("netpol_")]

    found, declared = ({same(one) for one in own(ended)} for ended in (live, dead))
    # that no node offers user namespaces excuses them, and only a cluster knows of its nodes
    excused = {one for one in declared if one[1] == "host_user_namespace_root"}
    assert (found - declared, declared - found) == (set(), excused)
    assert len(found) == len(own(live))
    assert len(found) >= 36
    assert not any(finding.get("system") for finding in live.findings(shop))
    counted = {
        finding["resource"]["name"]: finding["pods"]["total"]
        for finding in live.findings(shop)
        if "pods" in finding
    }
    assert counted == {"storefront": 3, "checkout": 2, "orders-db": 1, "node-agent": 2}
    assert live.record["gaps"] == []
    # there is no StorageClass that would tell what becomes of the data of orders-db
    untold = [(one["policy"], one["resource"]) for one in live.record["not_evaluated"] if "resource" in one]
    assert {(policy, one["name"]) for policy, one in untold if one.get("namespace") == shop} == {
        ("volume_reclaim_delete", "orders-db")
    }
    assert live.record["summary"]["coverage"] > 0.99
    facts = live.record["audit"]["source"]
    assert (facts["kind"], facts["name"], facts["server"]) == ("cluster", "admin", control_plane.url)
    assert (facts["user"], facts["groups"]) == ("admin", ["system:masters", "system:authenticated"])
    assert facts["version"].startswith("v1.36.")
    assert {"v1", "apps/v1", "batch/v1"} <= set(facts["apis"])


RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
"""A namespace without such a label is a finding itself."""


def test_command_names_cluster_and_identity_first(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    apply(
        control_plane,
        namespace,
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}} | {"spec": pod_spec()},
    )
    control_plane.kubectl("label", "namespace", namespace, RESTRICTED)
    page = tmp_path / "report.html"
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "auditor", "audit", "--opa", tool_bin("opa") / "opa"),
            *("--kubeconfig", control_plane.kubeconfig, "--namespace", namespace),
            *("--framework", "pss_restricted"),
            *("-o", "table", "-o", f"html={page}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0].split("\t") == [
        *("source", "cluster", "admin", control_plane.url),
        *("as admin (system:masters, system:authenticated)", f"namespaces {namespace}"),
        lines[0].split("\t")[-1],
    ]
    assert "exit 0" in lines[-1]
    assert control_plane.url in page.read_text()


def test_system_namespaces_are_a_section_of_their_own(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    control_plane.kubectl("label", "namespace", namespace, RESTRICTED)
    name = f"agent-of-{namespace}"
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_spec(hostPID=True)}
    apply(control_plane, "kube-system", pod)
    try:
        limits = ("--kubeconfig", control_plane.kubeconfig, "-n", "kube-system", "-n", namespace)
        tolerant = audit(tmp_path / "tolerant.json", *limits)
        strict = audit(tmp_path / "strict.json", *limits, "--fail-on-system")
    finally:
        control_plane.kubectl("delete", "pod", name, "-n", "kube-system", "--wait=false")
    found = [one for one in tolerant.findings("kube-system") if one["resource"]["name"] == name]
    assert all(one["system"] for one in found)
    [finding] = [one for one in found if one["policy"] == "host_pid"]
    assert (finding["severity"], finding["path"]) == ("high", "/spec/hostPID")
    assert tolerant.record["summary"]["findings"]["high"] == 0
    assert (tolerant.code, strict.code) == (0, 1)


def test_nothing_to_judge_is_not_clean(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    # not even the one Namespace is asked for by this policy
    limits = ("--kubeconfig", control_plane.kubeconfig, "-n", namespace, "--policy", "privileged_container")
    ended = audit(tmp_path / "audit.json", *limits)
    assert ended.code == 3
    assert ended.record["summary"]["resources"] == 0
    assert json.loads(control_plane.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"] == []

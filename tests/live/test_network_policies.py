"""On a real API server: what is found of the network of a namespace, and that `auditor reach` says so too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.app import run
from auditor.model import Body
from tests import factories as make
from tests.live.catalogue import NAMESPACED, PLURALS
from tests.live.live import Ended, account, apply, audit, may_read
from tools.build import ROOT
from tools.cluster import ControlPlane

POLICIES = sorted(path.name for path in (ROOT / "policies/k8s").glob("netpol_*"))
WITNESSED = ("netpol_sensitive_port_wide", "netpol_cross_tenant")
"""Policies whose witness is a connection between two workloads that are there."""

ABOUT_DNS = "netpol_dns_blocked"
"""What a namespace that lets nothing out fails besides."""


def workload(name: str, namespace: str, *ports: int) -> Body:
    listed = [{"containerPort": number} for number in ports]
    spec = make.pod_spec(containers=[make.container(ports=listed)])
    body = make.obj("Deployment", {"replicas": 0}, name=name, namespace=namespace)
    body["spec"] |= {
        "selector": {"matchLabels": {"app": name}},
        "template": make.template(spec, labels={"app": name}),
    }
    return body


def policy(name: str, namespace: str, spec: Body) -> Body:
    return make.obj("NetworkPolicy", spec, name=name, namespace=namespace)


@pytest.fixture
def other(control_plane: ControlPlane, namespace: str) -> Iterator[str]:
    """A namespace of another tenant, beside `namespace`; both say whose they are."""
    name = f"{namespace}-bank"
    control_plane.kubectl("create", "namespace", name)
    for one, tenant in ((namespace, "shop"), (name, "bank")):
        control_plane.kubectl("label", "namespace", one, f"auditor.dev/tenant={tenant}", "team=x")
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


def found(plane: ControlPlane, path: Path, *arguments: str | Path) -> Ended:
    chosen = [word for name in POLICIES for word in ("--policy", name)]
    return audit(path, "--kubeconfig", plane.kubeconfig, *chosen, *arguments)


def connection(plane: ControlPlane, capsys: pytest.CaptureFixture[str], *ends: str) -> Any:
    """What `auditor reach` says of one connection."""
    words = ("reach", *ends, "--kubeconfig", str(plane.kubeconfig), "-o", "json")
    capsys.readouterr()
    assert run(list(words)) in (0, 3)
    [one] = json.loads(capsys.readouterr().out)["reach"]
    return one


def test_a_witness_is_a_connection(
    control_plane: ControlPlane,
    namespace: str,
    other: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    label: Body = {"matchLabels": {"team": "x"}}
    rules = [{"from": [{"namespaceSelector": label}], "ports": [{"port": 5432}]}]
    apply(
        control_plane,
        namespace,
        workload("db", namespace, 5432),
        policy("default", namespace, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        policy("db", namespace, {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": rules}),
    )
    apply(control_plane, other, workload("teller", other))
    ended = found(control_plane, tmp_path / "a.json")
    here = {one["policy"]: one for one in ended.findings(namespace)}
    assert set(here) == {*WITNESSED, ABOUT_DNS}
    for name in WITNESSED:
        evidence = here[name]["evidence"]
        peer = evidence["open"][0]["peer"] if "open" in evidence else evidence["peer"]
        assert peer == f"Deployment {other}/teller"
        kind, _, place = peer.partition(" ")
        source = place.replace("/", f"/{kind}/")
        open_ = connection(control_plane, capsys, source, f"{namespace}/Deployment/db", "--port", "5432/TCP")
        assert open_["allow"] == [{"protocol": "TCP", "from": 5432, "to": 5432}]
        assert not connection(
            control_plane, capsys, source, f"{namespace}/Deployment/db", "--port", "5433/TCP"
        )["allow"]
    # that the other namespace lets nobody out is as good as that this one lets nobody in
    apply(control_plane, other, policy("out", other, {"podSelector": {}, "policyTypes": ["Egress"]}))
    again = found(control_plane, tmp_path / "b.json")
    assert {one["policy"] for one in again.findings(namespace)} == {ABOUT_DNS}


def test_what_is_open_to_everybody(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(control_plane, namespace, workload("web", namespace, 8080))
    ended = found(control_plane, tmp_path / "a.json")
    here = {one["policy"]: one for one in ended.findings(namespace)}
    shown = {name for name, one in here.items() if not one.get("superseded_by")}
    assert shown == {
        "netpol_ingress_unrestricted",
        "netpol_egress_unrestricted",
        "netpol_metadata_reachable",
    }
    assert {one["superseded_by"] for one in here.values() if one.get("superseded_by")} == {
        "netpol_ingress_unrestricted"
    }
    web = f"{namespace}/Deployment/web"
    peer = here["netpol_egress_unrestricted"]["evidence"]["peer"]
    assert [one["protocol"] for one in connection(control_plane, capsys, web, peer)["allow"]] == [
        "TCP",
        "UDP",
        "SCTP",
    ]
    assert connection(control_plane, capsys, web, "169.254.169.254", "--port", "80/TCP")["allow"]
    # the finding about its namespace lies on the Namespace
    named = [one for one in ended.record["findings"] if one["resource"]["name"] == namespace]
    assert [one["policy"] for one in named] == ["netpol_default_deny_missing"]


def test_rights_in_one_namespace_are_enough(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    """Who else may connect is out of reach there, and no gap."""
    apply(control_plane, namespace, workload("web", namespace, 5432))
    rules = [may_read(*(PLURALS[kind] for kind in NAMESPACED), "namespaces")]
    with account(control_plane, namespace, tmp_path, rules) as tenant:
        chosen = [word for name in POLICIES for word in ("--policy", name)]
        ended = audit(tmp_path / "a.json", "--kubeconfig", tenant.kubeconfig, "-n", namespace, *chosen)
    assert (ended.record["gaps"], ended.record["summary"]["coverage"]) == ([], 1)
    assert {one["policy"] for one in ended.findings(namespace)} >= {"netpol_ingress_unrestricted"}
    assert "Node" in {one.get("kind") for one in ended.record["out_of_reach"]}
    controls = [one for one in ended.record["controls"] if "netpol_cross_tenant" in one["policies"]]
    assert all(one["status"] in ("fail", "incomplete") for one in controls)

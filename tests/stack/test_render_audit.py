"""Our own auditor finds nothing in our own stack, but for what the shipped templates of waivers name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack.render import COMPONENTS, DEPLOY, OVERLAYS, Object, complete, overlay, own_overlay
from tools import build

WAIVERS = {
    "minimal": ("minimal", "node-exporter"),
    "ha": ("node-exporter",),
    "azure-mlops": ("grafana", "node-exporter"),
}
"""The templates that a user of an overlay adopts."""
DAYS = 30
"""The longest term for what is critical."""
SERIOUS = {"critical", "high", "medium"}


def adopted(template: str, folder: Path) -> None:
    """Fill in a template as its user does, from today."""
    read = yaml.safe_load((DEPLOY / "waivers" / f"{template}.yaml").read_text())
    today = date.today()
    for waiver in read["waivers"]:
        assert (waiver["owner"], waiver["approver"], waiver["created"], waiver["expires"]) == ("", "", "", "")
        waiver |= {"owner": "team-monitoring", "approver": "team-security"}
        waiver |= {"created": today, "expires": today + timedelta(days=DAYS)}
    (folder / f"{template}.yaml").write_text(yaml.safe_dump(read))


def audit(listed: Sequence[Object], folder: Path, *flags: str) -> list[dict[str, Any]]:
    """Return the findings of what is rendered, by the shipped bundle as it is."""
    manifests, report = folder / "stack.yaml", folder / "report.json"
    manifests.write_text(yaml.safe_dump_all(listed))
    command = [sys.executable, "-m", "auditor", "audit", "-f", str(manifests), "--fail-on", "never"]
    command += ["--store", "none", "-o", f"json={report}", *flags]
    run = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 3), run.stderr  # 3: what manifests cannot tell
    return list(json.loads(report.read_text())["findings"])


def serious(findings: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return (policy, kind, name) of open findings at medium or above."""
    return sorted(
        (one["policy"], one["resource"]["kind"], one["resource"]["name"])
        for one in findings
        if one["severity"] in SERIOUS and one["status"] == "open"
    )


FLAGGED = {
    "hpa-prometheus-literal": {"hpa_scales_database"},
    "kubelet-insecure-tls": {"scrape_token_to_unverified_target"},
}
"""Components that do what is known to be wrong, as their READMEs say, and what is found of each."""


@pytest.mark.parametrize("component", FLAGGED)
def test_what_is_known_to_be_wrong_is_found(component: str, tmp_path: Path) -> None:
    without = serious(audit(own_overlay(["high-availability"]), tmp_path))
    found = serious(audit(own_overlay(["high-availability", component]), tmp_path))
    assert {policy for policy, *_ in set(found) - set(without)} == FLAGGED[component]


def test_without_its_network_policies_it_is_open(tmp_path: Path) -> None:
    """So that nothing was found in the whole of it is no accident of ours."""
    listed = [one for one in overlay("ha") if one["kind"] != "NetworkPolicy"]
    found = {policy for policy, *_ in serious(audit(listed, tmp_path))}
    assert {
        "netpol_default_deny_missing",
        "netpol_ingress_unrestricted",
        "netpol_metadata_reachable",
    } <= found


@pytest.mark.parametrize("name", OVERLAYS)
def test_nothing_serious_is_open(name: str, tmp_path: Path) -> None:
    check(overlay(name), WAIVERS[name], tmp_path)


@pytest.mark.parametrize("edge", ["gateway-envoy", "ingress-traefik", "ingress-nginx-compat"])
def test_nothing_serious_is_open_with_components(edge: str, tmp_path: Path) -> None:
    """With all that go beside an edge, but for those that are there to be found."""
    others = {*FLAGGED, "gateway-api", "gateway-envoy", "ingress-traefik", "ingress-nginx-compat"}
    if edge != "gateway-envoy":
        others |= {"azure", "azure-backup", "acme-azure-dns"}
    listed = own_overlay(complete(edge, *(set(COMPONENTS) - others)))
    assert len(listed) > 80
    check(listed, ("grafana", "node-exporter", "thanos-objstore"), tmp_path)


def check(listed: Sequence[Object], templates: Sequence[str], tmp_path: Path) -> None:
    """With the templates adopted nothing is open; without them, exactly what they name."""
    waivers = tmp_path / "waivers"
    waivers.mkdir()
    for template in templates:
        adopted(template, waivers)
    findings = audit(listed, tmp_path, "--waivers", str(waivers))
    assert serious(findings) == []
    # Every template is used, and each finding that one accepts would be open without it.
    expected = sorted(
        (one["policy"], one["match"]["kind"], one["match"]["name"])
        for template in templates
        for one in yaml.safe_load((DEPLOY / "waivers" / f"{template}.yaml").read_text())["waivers"]
    )
    assert serious(audit(listed, tmp_path)) == expected


def test_a_weakened_stack_is_not_clean(tmp_path: Path) -> None:
    """Else the test above would prove little."""
    weak = yaml.safe_load(yaml.safe_dump(list(overlay("ha"))))
    for one in weak:
        if (one["kind"], one["metadata"]["name"]) == ("StatefulSet", "prometheus"):
            one["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"] = True
    found = serious(audit(weak, tmp_path))
    assert ("privileged_container", "StatefulSet", "prometheus") in found


def weak_stack() -> list[dict[str, Any]]:
    """The overlay ha with a fault for each policy in `FAULTS`, each where the program is told."""
    weak: list[dict[str, Any]] = yaml.safe_load(yaml.safe_dump(list(overlay("ha"))))
    found = {(one["kind"], one["metadata"]["name"]): one for one in weak}
    pod = found["StatefulSet", "prometheus"]["spec"]["template"]["spec"]
    program, reloader, *_ = pod["containers"]
    program["args"] += [
        "--web.enable-admin-api",
        "--no-storage.tsdb.wal-compression",
        "--query.max-samples=1000000000",
    ]
    program["startupProbe"]["failureThreshold"] = 3
    for container in (reloader, *pod["initContainers"]):
        for variable in container["env"]:
            changed = {"RETENTION_TIME": "7d", "RETENTION_SIZE": "99GB", "ENVIRONMENT": ""}
            variable.update({"value": changed[variable["name"]]} if variable["name"] in changed else {})

    def change(name: str, file: str, old: str, new: str) -> None:
        data = found["ConfigMap", name]["data"]
        assert old in data[file], (name, file)
        data[file] = data[file].replace(old, new)

    change("prometheus-config", "prometheus.yml", "labeldrop", "labelmap")
    change("prometheus-scrape", "kubelet.yml", "ca_file: ", "insecure_skip_verify: true # ")
    change("prometheus-rules", "infrastructure.yml", "severity: critical", "priority: critical")
    more = "groups:\n  - name: more\n    rules: [{record: more, expr: 'x_bucket{le=\"1\"}'}]\n"
    change("prometheus-rules", "slo.yml", "groups:\n", more)
    change("alertmanager-web", "web-config.yml", "TLS13", "TLS10")
    change("prometheus-web", "web-config.yml", "X-Frame-Options", "X-Frame")
    mesh = found["NetworkPolicy", "alertmanager-mesh"]["spec"]
    for direction in ("ingress", "egress"):
        for rule in mesh[direction]:
            rule["ports"] = [one for one in rule["ports"] if one.get("protocol") != "UDP"]
    found["HorizontalPodAutoscaler", "thanos-query"]["spec"]["scaleTargetRef"] = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": "prometheus",
    }
    return weak


FAULTS = {
    "alert_incomplete",
    "alert_replica_label_kept",
    "alertmanager_gossip_without_udp",
    "hpa_scales_database",
    "monitoring_security_headers_missing",
    "monitoring_tls_missing",
    "prometheus_control_api_enabled",
    "prometheus_external_labels_missing",
    "prometheus_killed_while_starting",
    "prometheus_query_limits_exceed_memory",
    "prometheus_retention_exceeds_volume",
    "prometheus_retention_short",
    "prometheus_wal_uncompressed",
    "rule_bucket_never_matches",
    "rule_range_exceeds_retention",
    "scrape_token_to_unverified_target",
}
"""Policies that find nothing in the overlay as it is, and a fault each in `weak_stack`."""


def test_each_fault_is_found(tmp_path: Path) -> None:
    """Of settings in the files of the stack, filled in as config-reloader does."""
    sound = {one["policy"] for one in audit(overlay("ha"), tmp_path)}
    assert sound & FAULTS == set()
    found = {one["policy"] for one in audit(weak_stack(), tmp_path)}
    assert FAULTS - found == set()


def test_requirements_are_judged(tmp_path: Path) -> None:
    """What the framework says of our stack is no pass for want of a look."""
    audit(overlay("ha"), tmp_path, "--framework", "reference_stack")
    record = json.loads((tmp_path / "report.json").read_text())
    assert record["not_evaluated"] == []
    status = {one["control"]: one["status"] for one in record["controls"]}
    assert list(status) == [f"R{number}" for number in range(1, 59)]
    for control in "R1 R2 R3 R8 R9 R10 R11 R17 R18 R19 R30 R35 R39 R53 R54".split():
        assert status[control] == "pass", control
    assert {status[one] for one in ("R41", "R56")} == {"manual"}

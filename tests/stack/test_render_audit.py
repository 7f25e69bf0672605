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


@pytest.mark.parametrize("name", OVERLAYS)
def test_nothing_serious_is_open(name: str, tmp_path: Path) -> None:
    check(overlay(name), WAIVERS[name], tmp_path)


@pytest.mark.parametrize("edge", ["gateway-envoy", "ingress-traefik", "ingress-nginx-compat"])
def test_nothing_serious_is_open_with_components(edge: str, tmp_path: Path) -> None:
    """With all that go beside an edge."""
    others = {"gateway-api", "gateway-envoy", "ingress-traefik", "ingress-nginx-compat"}
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

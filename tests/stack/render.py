"""The reference stack as kustomize renders it, and what the tests ask of it."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tools import build, stack

Object = dict[str, Any]

DEPLOY = build.ROOT / "deploy"
OVERLAYS = sorted(path.parent.name for path in DEPLOY.glob("overlays/*/kustomization.yaml"))
REGISTRY = stack.read_registry(DEPLOY)
LAST = tuple(REGISTRY.always)
"""Components that every overlay ends with."""
COMPONENTS = [name for name in REGISTRY.components if name not in LAST]

SETTINGS = {
    "cluster": "north-1",
    "environment": "production",
    "apiServerCidr": "10.1.0.10/32",
    "nodeCidr": "10.2.0.0/16",
    "receiverCidr": "10.3.0.7/32",
    "prometheusUrl": "https://metrics.north.internal",
    "alertmanagerUrl": "https://alerts.north.internal",
    "retentionTime": "17d",
    "retentionSize": "21GB",
    "storageSize": "33Gi",
}
"""What every overlay sets."""
COMPONENT_SETTINGS = {
    "host": "watch.north.internal",
    "gatewayClass": "north",
    "allowCidr": "10.4.0.0/16",
    "acmeIssuer": "monitoring-acme-production",
    "acmeEmail": "ann@north.internal",
    "azureSubscription": "11111111-0000-0000-0000-000000000000",
    "azureDnsResourceGroup": "dns",
    "azureDnsZone": "north.internal",
    "azureClientId": "22222222-0000-0000-0000-000000000000",
    "azureSubnet": "edge",
    "oidcIssuer": "https://login.north.internal",
    "oidcClient": "monitoring-north",
    "oidcGroup": "operators",
    "oidcCidr": "10.5.0.0/24",
    "edgeCidr": "10.6.0.9/32",
    "objstoreCidr": "10.7.0.0/24",
}
"""What only some components want."""
OTHERS = {
    "allowCidr": "192.0.2.0/24",
    "oidcIssuer": "https://login.example.com",
    "oidcClient": "SET-ME",
    "oidcGroup": "SET-ME",
    "oidcCidr": "192.0.2.0/24",
    "edgeCidr": "192.0.2.0/24",
    "objstoreCidr": "192.0.2.0/24",
}
"""Settings that only components want which are in no overlay."""


class RenderError(Exception):
    """Kustomize refused; the message is its own."""


def text(folder: Path) -> str:
    """Return what kustomize prints for a folder; raise `RenderError` if it refuses."""
    program = build.tool_bin("kustomize") / "kustomize"
    run = subprocess.run([program, "build", folder], capture_output=True, text=True, check=False)
    if run.returncode:
        raise RenderError(run.stderr)
    return run.stdout


def objects(printed: str) -> list[Object]:
    """Return the objects of a YAML stream."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml.load_all(printed, Loader=loader) if one]


@functools.cache
def overlay(name: str) -> Sequence[Object]:
    """Return the objects of one overlay, rendered once."""
    return tuple(objects(text(DEPLOY / "overlays" / name)))


def own_overlay(components: Sequence[str], settings: Mapping[str, str] | None = None) -> list[Object]:
    """Render the base with some components and other settings, as an overlay of a user's does."""
    return objects(own_text(tuple(components), tuple(sorted((settings or {}).items()))))


@functools.cache
def own_text(components: tuple[str, ...], settings: tuple[tuple[str, str], ...] = ()) -> str:
    """Return what kustomize prints for such an overlay, rendered once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        read = yaml.safe_load((DEPLOY / "overlays/azure-mlops/settings.yaml").read_text())
        said = read["data"] | OTHERS | dict(settings)
        stack.write_overlay(folder, Path(os.path.relpath(DEPLOY, folder)), (*components, *LAST), said)
        return text(folder)


def identity(one: Object) -> tuple[str, str, str, str]:
    """Return (group, kind, namespace, name)."""
    metadata = one["metadata"]
    group = one["apiVersion"].rpartition("/")[0]
    return group, one["kind"], metadata.get("namespace", ""), metadata["name"]


def find(listed: Sequence[Object], kind: str, name: str) -> Object:
    """Return the one object of a kind and name."""
    [one] = [one for one in listed if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return one


def workloads(listed: Sequence[Object]) -> Iterator[tuple[Object, Object]]:
    """Yield every object that makes pods, with its pod template."""
    for one in listed:
        spec = one.get("spec", {})
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if one["kind"] in ("CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"):
            yield one, spec["template"]


def labels(template: Object) -> dict[str, str]:
    """Return the labels of a pod template or an object."""
    return dict(template["metadata"].get("labels", {}))


def selects(selector: Mapping[str, Any], carried: Mapping[str, str]) -> bool:
    """Tell whether a label selector selects what carries these labels."""
    if any(carried.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for wanted in selector.get("matchExpressions", ()):
        assert wanted["operator"] == "In", "teach this helper the operator"
        if carried.get(wanted["key"]) not in wanted["values"]:
            return False
    return True


def complete(*components: str) -> list[str]:
    """Components with what they stand on, in the order in which they are applied; of several, the first."""
    wanted = REGISTRY.closure(*components)
    for name in wanted:
        one_of = REGISTRY.components[name].requires_one_of
        if one_of and not set(one_of).intersection(wanted):
            wanted = REGISTRY.closure(*wanted, one_of[0])
    return wanted

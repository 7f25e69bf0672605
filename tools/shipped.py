"""What Kubernetes itself ships, taken from our own control plane: auditor/access/kubernetes/VERSION.json.

    make shipped

holds the resources that the API server serves, which is how `pods` is told from `podz` and a group is
found for `deployments`, and the roles and bindings that it writes when it starts, with the rules that its
controllers put into those that are sums. One file for each minor version; run it again when the control
plane has another.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from auditor.access import objects
from auditor.access.aggregate import summed
from auditor.access.roles import Binding, Role
from auditor.access.shipped import DEFAULTS, LABEL
from tools.cluster import ControlPlane

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "auditor" / "access" / "kubernetes"
WAIT_SECONDS = 60.0
"""How long the controllers may take to write the sums."""


def apis(plane: ControlPlane) -> list[str]:
    """Return the group-versions that are served, in order."""
    groups = _get(plane, "/apis")["groups"]
    return ["v1", *sorted(one["groupVersion"] for group in groups for one in group["versions"])]


def resources(plane: ControlPlane, versions: Iterable[str]) -> list[list[Any]]:
    """Return [group, resource, namespaced, verbs] of all resources and sub-resources, each once, in order."""
    found: dict[tuple[str, str], tuple[bool, set[str]]] = {}
    for version in versions:
        listed = _get(plane, f"/apis/{version}" if "/" in version else f"/api/{version}")
        group = version.rpartition("/")[0]
        for one in listed["resources"]:
            known = found.setdefault((group, one["name"]), (one["namespaced"], set()))
            known[1].update(one["verbs"])
    return [[*key, namespaced, sorted(verbs)] for key, (namespaced, verbs) in sorted(found.items())]


def roles(plane: ControlPlane) -> list[Role]:
    """Return the roles that it wrote, when the sums among them are what they come to have."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = sorted(map(objects.role, _labelled(plane, "clusterroles,roles")), key=lambda one: one.ref)
        pairs = zip(found, summed(found), strict=True)
        if all(frozenset(one.rules) == frozenset(whole.rules) for one, whole in pairs):
            return found
        if time.monotonic() > deadline:
            raise SystemExit("The controllers have not written the rules of aggregated roles.")
        time.sleep(0.2)


def bindings(plane: ControlPlane) -> list[Binding]:
    """Return the bindings that it wrote."""
    found = _labelled(plane, "clusterrolebindings,rolebindings")
    return sorted(map(objects.binding, found), key=lambda one: one.ref)


def _labelled(plane: ControlPlane, kinds: str) -> list[Any]:
    found = plane.kubectl("get", kinds, "--all-namespaces", f"--selector={LABEL}={DEFAULTS}", "-o", "json")
    listed: list[Any] = json.loads(found)["items"]
    return listed


def _get(plane: ControlPlane, path: str) -> Any:
    return json.loads(plane.kubectl("get", f"--raw={path}"))


def write(plane: ControlPlane, folder: Path) -> Path:
    """Write the file of this version; return its path."""
    major, minor = (_get(plane, "/version")[key] for key in ("major", "minor"))
    path = folder / f"v{major}.{minor}.json"
    versions = apis(plane)
    tables: dict[str, list[Any]] = {
        "apis": versions,
        "resources": resources(plane, versions),
        "roles": _plain(roles(plane)),
        "bindings": _plain(bindings(plane)),
    }
    sections = (
        f'  "{name}": [\n    ' + ",\n    ".join(map(json.dumps, rows)) + "\n  ]"
        for name, rows in tables.items()
    )
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n")
    return path


def _plain(found: Iterable[Role | Binding]) -> list[Any]:
    """Return them as they are read again, without annotations and what is empty."""
    return [_filled(msgspec.to_builtins(msgspec.structs.replace(one, annotations={}))) for one in found]


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item or item is False}
    return [_filled(item) for item in value] if isinstance(value, list | tuple) else value


def main() -> int:
    """Start a control plane, write, and end it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ControlPlane(Path(folder), nodes=0) as plane:
        print(write(plane, FOLDER).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())

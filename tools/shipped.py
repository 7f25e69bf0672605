"""What Kubernetes itself ships, taken from our own control plane: auditor/access/kubernetes/VERSION.json.

    make shipped

holds the resources that the API server serves, which is how `pods` is told from `podz` and a group is
found for `deployments`. One file for each minor version; run it again when the control plane has another.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.cluster import ControlPlane

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "auditor" / "access" / "kubernetes"


def resources(plane: ControlPlane) -> list[list[Any]]:
    """Return [group, resource, namespaced] of all resources, in order, once for each group."""
    found: dict[tuple[str, str], bool] = {}
    core = _get(plane, "/api/v1")
    for listed in (core, *(_get(plane, f"/apis/{version}") for version in _versions(plane))):
        group = listed["groupVersion"].rpartition("/")[0]
        for one in listed["resources"]:
            if "/" not in one["name"]:
                found[group, one["name"]] = one["namespaced"]
    return [[*key, namespaced] for key, namespaced in sorted(found.items())]


def _versions(plane: ControlPlane) -> list[str]:
    groups = _get(plane, "/apis")["groups"]
    return [one["groupVersion"] for group in groups for one in group["versions"]]


def _get(plane: ControlPlane, path: str) -> Any:
    return json.loads(plane.kubectl("get", f"--raw={path}"))


def write(plane: ControlPlane, folder: Path) -> Path:
    """Write the file of this version; return its path."""
    major, minor = (_get(plane, "/version")[key] for key in ("major", "minor"))
    path = folder / f"v{major}.{minor}.json"
    rows = ",\n    ".join(json.dumps(row) for row in resources(plane))
    path.write_text('{\n  "resources": [\n    ' + rows + "\n  ]\n}\n")
    return path


def main() -> int:
    """Start a control plane, write, and end it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ControlPlane(Path(folder), nodes=0) as plane:
        print(write(plane, FOLDER).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())

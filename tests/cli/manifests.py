"""Manifests for the tests of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def deployment(name: str = "web", *, privileged: bool = False, **metadata: Any) -> dict[str, Any]:
    """A Deployment that meets the restricted standard, unless it shall be privileged."""
    context: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if privileged:
        context = {"privileged": True}
    container = {"name": "app", "image": "registry.example/app:1", "securityContext": context}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", **metadata},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The container list of a Deployment."""
    found: list[dict[str, Any]] = manifest["spec"]["template"]["spec"]["containers"]
    return found


def write(path: Path, *documents: dict[str, Any]) -> Path:
    """Write the documents to a file; JSON is YAML."""
    path.write_text("---\n".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in documents))
    return path

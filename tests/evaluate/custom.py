"""Policies of a user, written for a test; and a shipped folder of two policies, which loads fast."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor import data

FAIL = """
fail contains {"path": "/metadata/name", "message": "is x"} if input.meta.name == "x"
"""
METADATA: Mapping[str, Any] = {
    "title": "Is called x",
    "description": "Nobody should be.",
    "related_resources": [{"ref": "https://example.test/"}],
}
CUSTOM: Mapping[str, Any] = {
    "severity": "low",
    "category": "stack",
    "kinds": ["Pod"],
    "remediation": "Choose another name.",
}


def metadata(custom: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """The METADATA comment; a value of None leaves the key out."""
    whole = {**METADATA, **changes, "custom": {**CUSTOM, **(custom or {})}}
    whole["custom"] = {key: value for key, value in whole["custom"].items() if value is not None}
    lines = [f"# {key}: {json.dumps(value)}" for key, value in whole.items() if value is not None]
    return "\n".join(["# METADATA", *lines, ""])


def write_policy(
    parent: Path,
    policy: str = "mine",
    rules: str = FAIL,
    *,
    package: str = "",
    custom: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Path:
    """Write `<policy>/<policy>.rego` below `parent` and return the file."""
    text = f"{metadata(custom, **changes)}{package or f'package k8s.{policy}'}\n{rules}"
    return write_text(parent, policy, text.encode())


def write_text(parent: Path, policy: str, text: bytes) -> Path:
    """Write the file of a policy as it is."""
    path = parent / policy / f"{policy}.rego"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


def small_shipped(folder: Path) -> Path:
    """Copy the router, the library and two policies: one that reads the library, one that does not."""
    for name in ("main", "lib", "k8s/host_pid", "k8s/unsafe_sysctl"):
        shutil.copytree(data.policies() / name, folder / name)
    (folder / "frameworks").mkdir()
    return folder

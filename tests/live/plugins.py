"""Credential plugins: small programs in Python."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

API = "client.authentication.k8s.io/v1"

REPORT = """\
import json, os, sys
try:
    asked = sys.stdin.read()
except OSError:
    asked = "unreadable"
told = {
    "arguments": sys.argv[1:],
    "asked": asked,
    "folder": os.getcwd(),
    "info": json.loads(os.environ["KUBERNETES_EXEC_INFO"]),
    "variables": {name: os.environ.get(name) for name in ("GIVEN", "INHERITED")},
}
with open(os.environ["REPORT"], "w") as file:
    json.dump(told, file)
"""
"""What writes down how the plugin was run, into the file named by the variable REPORT."""


def credential(api: str = API, **status: Any) -> dict[str, Any]:
    """Return what a plugin prints."""
    return {"apiVersion": api, "kind": "ExecCredential", "status": status}


def printing(value: Any) -> str:
    """Return the code that prints a value as JSON."""
    return f"print({json.dumps(value)!r})\n"


def plugin(folder: Path, code: str, *arguments: str, **more: Any) -> dict[str, Any]:
    """Return the `user` entry that runs a plugin of these lines of Python, kept in `folder`."""
    script = folder / "plugin.py"
    script.write_text(code)
    command = {"command": sys.executable, "args": [str(script), *arguments]}
    return {"exec": {"apiVersion": API, "interactiveMode": "Never", **command, **more}}

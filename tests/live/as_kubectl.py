"""The real kubectl, to compare with."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.collect.connect import Connection
from tools.build import tool_bin


def kubectl(
    home: Path, *arguments: str | Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run kubectl with nothing in its environment but HOME and `environ`, without a terminal."""
    program = tool_bin("kubernetes") / "kubectl"
    return subprocess.run(
        [program, *arguments],
        env={"HOME": str(home), **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def whoami(home: Path, *arguments: str | Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return as whom kubectl logs in: the `userInfo` of a self-review; it must succeed."""
    run = kubectl(home, "auth", "whoami", "-o", "json", *arguments, environ=environ)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)["status"]["userInfo"]
    return found


def status(connection: Connection, path: str = "/api/v1/namespaces?limit=1") -> int:
    """Send one request and return the HTTP status of the answer."""
    return connection.pool.request("GET", connection.server + path, retries=False, timeout=10).status

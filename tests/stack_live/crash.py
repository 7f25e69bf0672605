"""Applies in a process of its own that ends itself by SIGKILL: python -m tests.stack_live.crash.

Arguments: kubeconfig, namespace, how many writes are sent before the last one, objects as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.collect.exchange import NO_HEADERS
from auditor.collect.write import WritingApi
from auditor.stack.live.cluster import Cluster
from auditor.stack.live.plan import Planner
from tests.stack_live.deployer import Deployer


class DyingApi(WritingApi):
    """Ends the process at a write, dry runs not counted."""

    writes = 0

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> dict[str, Any]:
        counts = method != "GET" and "dryRun" not in path
        answer = super()._send(method, path, body, headers)
        if counts and self.writes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.writes -= counts
        return answer


def main() -> None:
    """Apply, and die on the way."""
    kubeconfig, home, writes, objects = sys.argv[1:]
    deployer = Deployer(Path(kubeconfig), home, seconds=1)
    deployer.api.__class__ = DyingApi
    dying = deployer.api
    assert isinstance(dying, DyingApi)
    dying.writes = int(writes)
    deployer.cluster = Cluster(dying)
    deployer.planner = Planner(deployer.cluster, "test")
    deployer.apply(json.loads(objects))
    print("alive")


if __name__ == "__main__":
    main()

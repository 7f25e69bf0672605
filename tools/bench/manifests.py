"""Speed and memory of an audit of manifests.

Each size is run several times, and the fastest run counts; on a shared machine only the ratios
between the lines of one run mean something.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tools import build
from tools.bench import usage
from tools.bench.live import AUDITOR

RUNS = 3
SIZES = (1, 100, 1000)


def table() -> None:
    """Measure, and print one line for each size."""
    print(
        f"{'Deployments':>12} {'seconds':>8} {'Python MiB':>11} {'OPA MiB':>8} {'pairs':>7} {'findings':>9}"
    )
    opa = build.tool_bin("opa") / "opa"
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            path, record = Path(name) / f"{size}.yaml", Path(name) / "record.json"
            path.write_text("---\n".join(_deployment(number) for number in range(size)))
            flags = [
                f"--opa={opa}",
                "-f",
                str(path),
                "-o",
                f"json={record}",
                "--fail-on",
                "never",
                "--store",
                "none",
            ]
            runs = [usage.run([AUDITOR, "audit", *flags], child="opa")[0] for _ in range(RUNS)]
            best = min(runs, key=lambda run: run.wall)
            summary = json.loads(record.read_bytes())["summary"]
            print(
                f"{size:>12} {best.wall:>8.2f} {best.own_peak / 2**20:>11.0f} {best.child_peak / 2**20:>8.0f}"
                f" {summary['evaluations']:>7} {sum(summary['findings'].values()):>9}",
                flush=True,
            )


def _deployment(number: int) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: team-{number % 20}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: app-{number}}}}}
  template:
    metadata: {{labels: {{app: app-{number}}}}}
    spec:
      containers:
        - name: web
          image: registry.example/web:{number}
          ports: [{{containerPort: 8080}}]
          env: [{{name: LEVEL, value: info}}, {{name: REGION, value: "{number}"}}]
          securityContext: {{allowPrivilegeEscalation: {"false" if number % 2 else "true"}}}
        - name: sidecar
          image: registry.example/sidecar:1
"""

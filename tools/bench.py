"""Speed and memory of an audit of manifests: `make bench`.

Each size is run several times in turn, and the fastest run counts; on a shared machine only the
ratios between the lines of one run mean something.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3
SIZES = (1, 100, 1000)
AUDITOR = Path(sys.executable).parent / "auditor"


def main() -> None:
    """Print one line for each size."""
    print(
        f"{'Deployments':>12} {'seconds':>8} {'Python MiB':>11} {'OPA MiB':>8} {'pairs':>7} {'findings':>9}"
    )
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            path = Path(name) / f"{size}.yaml"
            path.write_text("---\n".join(_deployment(number) for number in range(size)))
            print(_line(size, [_run(path, Path(name) / "out.json") for _ in range(RUNS)]), flush=True)


def _line(size: int, runs: list[tuple[float, int, int, dict[str, object]]]) -> str:
    seconds, own, engine, record = min(runs, key=lambda run: run[0])
    summary = record["summary"]
    assert isinstance(summary, dict)
    found = sum(summary["findings"].values())
    return (
        f"{size:>12} {seconds:>8.2f} {own / 2**20:>11.0f} {engine / 2**20:>8.0f}"
        f" {summary['evaluations']:>7} {found:>9}"
    )


def _run(manifest: Path, out: Path) -> tuple[float, int, int, dict[str, object]]:
    """One audit: seconds, peak bytes of Python and of OPA, and the record."""
    command: list[str | Path] = [AUDITOR, "audit", "-f", manifest, "-o", f"json={out}", "--fail-on", "never"]
    started = time.monotonic()
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    own = engine = 0
    while child.poll() is None:
        engine = max(engine, _largest_child(child.pid))
        own = max(own, _peak(child.pid) or 0)
        time.sleep(0.01)
    if child.returncode:
        sys.exit(f"auditor ended with {child.returncode}")
    return time.monotonic() - started, own, engine, json.loads(out.read_bytes())


def _largest_child(pid: int) -> int:
    peaks = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text:
            peaks.append(_peak(int(status.parent.name)) or 0)
    return max(peaks)


def _peak(pid: int) -> int | None:
    """High-water mark of the resident memory in bytes (proc(5), VmHWM)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), None)


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


if __name__ == "__main__":
    main()

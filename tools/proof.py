"""The long versions of the proofs: `make proof`. The figures go to docs/proofs.md by hand, dated."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PROOFS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    (
        "pod security: fixtures of Kubernetes, each at its level and version, and wrapped",
        ["-m", "pytest", "tests/podsecurity/test_fixtures.py", "tests/podsecurity/test_oracle.py"],
        {},
    ),
    (
        "pod security: random pods against Kubernetes' own evaluator",
        ["-m", "pytest", "-s", "tests/podsecurity/test_differential.py"],
        {"AUDITOR_PROOF_PODS": "200000"},
    ),
    (
        "pod security: admission by a real API server",
        ["-m", "pytest", "tests/podsecurity/test_admission.py"],
        {},
    ),
    (
        "YAML: random scalars and documents against kubectl's parser",
        ["-m", "pytest", "-s", "tests/collect/test_yaml_oracle.py"],
        {"AUDITOR_PROOF_SCALE": "20"},
    ),
    (
        "faults: whatever a server answers, no audit claims what it did not read",
        ["-m", "pytest", "-s", "tests/live/test_faults.py"],
        {"AUDITOR_PROOF_FAULTS": "5000"},
    ),
    (
        "rights: a kind that may not be read is exactly that gap, and costs exactly those verdicts",
        ["-m", "pytest", "tests/live/test_rights.py", "tests/live/test_dry_run.py"],
        {},
    ),
    (
        "samples: an API server takes each, and refuses those that say so",
        ["-m", "pytest", "tests/live/test_samples.py"],
        {},
    ),
    (
        "budgets: the disruption controller and the eviction API say what we say",
        ["-m", "pytest", "-s", "tests/availability/test_budgets.py", "tests/availability/test_corners.py"],
        {"AUDITOR_PROOF_BUDGETS": "5000"},
    ),
    (
        "autoscalers: their conditions, selectors and managedFields are what we say",
        [
            *("-m", "pytest", "tests/availability/test_autoscalers.py", "tests/availability/test_status.py"),
            *("tests/availability/test_selectors.py", "tests/availability/test_set_by.py"),
        ],
        {},
    ),
    (
        "access: the API server's own authoriser says the same",
        ["-m", "pytest", "tests/access"],
        {"AUDITOR_PROOF_ACCESS": "500000", "AUDITOR_PROOF_PATHS": "2000"},
    ),
    (
        "stack: every pair of components, with settings, is what kustomize renders",
        ["-m", "pytest", "tests/stack/test_stack_parity.py"],
        {"AUDITOR_PROOF_STACK": "1"},
    ),
    (
        "network: the plainest reading of the APIs, and the engine of kube-network-policies, say the same",
        ["-m", "pytest", "-s", "tests/network/test_naive.py", "tests/network/test_oracle.py"],
        {"AUDITOR_PROOF_NETWORK": "100000", "AUDITOR_PROOF_PACKETS": "5000000"},
    ),
    (
        "record: kill -9 at every step of a run loses nothing and invents nothing",
        ["-m", "pytest", "-s", "tests/killed"],
        {"AUDITOR_PROOF_KILLS": "2000"},
    ),
    ("policies: every line matters", ["-m", "tools.rego", "mutate", "--all", "--write"], {}),
)
"""What is claimed, the arguments for Python, and what makes it long."""


def main() -> int:
    """Run all proofs, or those whose claim holds a word of the command line; 1 if one failed."""
    words = sys.argv[1:]
    failed = 0
    for claim, arguments, longer in PROOFS:
        if words and not any(word in claim for word in words):
            continue
        print(f"\n== {claim}", flush=True)
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **longer}, check=False
        )
        failed += done.returncode != 0
        print(
            f"   {'holds' if done.returncode == 0 else 'DOES NOT HOLD'}, {time.monotonic() - started:.0f} s"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

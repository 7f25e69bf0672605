"""Proof: on random pods our verdict is Kubernetes' own, per level and per check.

2,000 pods, or as many as the environment variable AUDITOR_PROOF_PODS says, each in one of the eight
workload kinds, at one of the versions v1.0 to v1.37 or `latest`, judged at both levels.
"""

from __future__ import annotations

import os

from tests.podsecurity.compare import disagreements, random_case, smallest
from tests.podsecurity.ours import evaluate

COUNT = int(os.environ.get("AUDITOR_PROOF_PODS", "2000"))
BATCH = 1000


def test_random_pods_get_the_verdict_of_kubernetes() -> None:
    for begin in range(0, COUNT, BATCH):
        cases = [random_case(number) for number in range(begin, min(begin + BATCH, COUNT))]
        found = disagreements(cases, evaluate)
        assert not found, (
            f"{len(found)} disagreements, the first:\n{found[0]}\n\n{smallest(found[0], evaluate)}"
        )

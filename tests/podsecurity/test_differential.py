"""Proof: on random pods our verdict is Kubernetes' own, per level and per check.

2,000 pods, or as many as the environment variable AUDITOR_PROOF_PODS says, each in one of the eight
workload kinds, at one of the versions v1.0 to v1.37 or `latest`, judged at both levels. They are
numbered, so that a run of any length can be repeated; hypothesis draws others, new ones each time.
"""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.podsecurity.compare import Case, disagreements, random_case, smallest
from tests.podsecurity.fixtures import KINDS
from tests.podsecurity.oracle import VERSIONS
from tests.podsecurity.ours import evaluate
from tests.podsecurity.pods import pods

COUNT = int(os.environ.get("AUDITOR_PROOF_PODS", "2000"))
BATCH = 1000


def test_random_pods_get_the_verdict_of_kubernetes() -> None:
    for begin in range(0, COUNT, BATCH):
        cases = [random_case(number) for number in range(begin, min(begin + BATCH, COUNT))]
        found = disagreements(cases, evaluate)
        assert not found, (
            f"{len(found)} disagreements, the first:\n{found[0]}\n\n{smallest(found[0], evaluate)}"
        )


_cases = st.builds(
    Case,
    name=st.just("pod of hypothesis"),
    kind=st.sampled_from(KINDS),
    version=st.sampled_from((*VERSIONS, "latest")),
    pod=pods(),
)


@settings(max_examples=40)
@given(st.lists(_cases, min_size=1, max_size=20))
def test_pods_of_hypothesis_get_it_too(cases: list[Case]) -> None:
    found = disagreements(cases, evaluate)
    assert not found, str(found[0])

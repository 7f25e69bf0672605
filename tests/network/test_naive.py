"""Our model says what the plainest reading of the APIs says, in random clusters."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.network.naive import verdict
from tests.network.ours import Ours
from tests.network.worlds import Maker

CLUSTERS = int(os.environ.get("AUDITOR_PROOF_NETWORK", "2000"))
"""`make proof` looks at 100,000."""
SEED = int(os.environ.get("AUDITOR_PROOF_SEED", "1"))
PARTS = 4
PACKETS = 40


@pytest.mark.parametrize("part", range(PARTS))
def test_random_clusters_get_the_same_verdicts(part: int) -> None:
    seen: Counter[str] = Counter()
    for number in range(part, CLUSTERS, PARTS):
        maker = Maker(SEED * 10_000_000 + number)
        world = maker.world()
        ours = Ours(world)
        for packet in maker.packets(world, PACKETS):
            expected = verdict(world, packet)
            seen[expected] += 1
            assert ours.verdict(packet) == expected, (number, packet, world)
            assert ours.explains(packet, expected), (number, packet, world)
    assert min(seen[word] for word in ("allow", "deny", "unknown")) > seen.total() / 50, seen

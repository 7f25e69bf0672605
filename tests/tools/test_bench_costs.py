"""What relations cost as a cluster grows, and when that is remarked upon."""

from __future__ import annotations

import pytest

from tools.bench.costs import power, steep


def test_power() -> None:
    grown = {
        1_000: {"flat": 0.02, "even": 0.02, "each": 0.02},
        10_000: {"flat": 0.02, "even": 0.2, "each": 2.0},
    }
    assert [power(grown, name) for name in ("flat", "even", "each")] == pytest.approx([0, 1, 2])


def test_what_is_steep() -> None:
    small = dict.fromkeys(("even", "caches", "each", "nothing"), 0.01) | {"nothing": 0.00001}
    large = {"even": 0.1, "caches": 0.16, "each": 1.0, "nothing": 0.005}
    assert steep({1_000: small, 3_000: small, 10_000: large}) == ["each"]


def test_one_size_tells_nothing() -> None:
    assert steep({1_000: {"each": 1.0}}) == []

"""How far two clocks are apart, and what an answer that takes its time explains."""

from __future__ import annotations

import pytest

from auditor.collect.skew import skew

NOON = 1_795_780_800.0
DATE = "Fri, 27 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.0, 0.1, 0),
        (0.9, 0.95, 0),  # it wrote at 12:00:00.9
        (-5.0, 5.0, 0),  # a slow answer proves nothing
        (1.5, 1.6, -1),
        (61.2, 61.3, -61),
        (-30.5, -30.2, 31),
        (-1.0, -0.1, 1),
    ],
)
def test_skew_is_what_the_answer_does_not_explain(before: float, after: float, expected: int) -> None:
    assert skew(DATE, NOON + before, NOON + after) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "Fri, 99 Nov 2026 12:00:00 GMT", "\x1b[2J"])
def test_what_is_no_date_tells_nothing(text: str) -> None:
    assert skew(text, NOON, NOON) is None

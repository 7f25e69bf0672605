"""How far apart the runs of a cron expression are."""

from __future__ import annotations

import pytest

from auditor.document.relations.cron import longest_gap

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("* * * * *", MINUTE),
        ("*/7 * * * *", 7 * MINUTE),
        ("0 * * * *", HOUR),
        ("5,35 * * * ?", 30 * MINUTE),
        ("0 3 * * *", DAY),
        ("0 3,15 * * *", 12 * HOUR),
        ("0 1,5 * * *", 20 * HOUR),
        ("30 22-23 * * *", 23 * HOUR),
        ("0 */5 * * *", 5 * HOUR),
        ("0 20/2 * * *", 22 * HOUR),
        ("0 3 * * 1-5", 3 * DAY),
        ("0 3 * * MON-fri", 3 * DAY),
        ("0 3 * * 0", 7 * DAY),
        ("0 3 1 * *", 31 * DAY),
        ("0 3 31 * *", 61 * DAY),
        ("0 3 1 jan *", 366 * DAY),
        ("0 3 29 2 *", 1461 * DAY),
        ("0 3 1 * 1", 7 * DAY),
        # a step leaves no day open, so either field is enough
        ("0 3 */2 * 1", 2 * DAY),
        ("0 3 */9 * 1", 7 * DAY),
        ("0 3 1/1 * 1", DAY),
        ("  0  3 * * *  ", DAY),
        ("@daily", DAY),
        ("@midnight", DAY),
        ("@hourly", HOUR),
        ("@weekly", 7 * DAY),
        ("@monthly", 31 * DAY),
        ("@yearly", 366 * DAY),
        ("@annually", 366 * DAY),
        ("@every 6h", 6 * HOUR),
        ("@every 1h30m0.5s", 90 * MINUTE),
        ("@every 5ms", 1),
        ("CRON_TZ=Europe/Berlin 0 3 * * *", DAY),
        ("TZ=UTC @every 2h", 2 * HOUR),
    ],
)
def test_longest_gap(expression: str, gap: int) -> None:
    assert longest_gap(expression) == gap


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "it has not five fields"),
        ("every night", "it has not five fields"),
        ("0 3 * * * *", "it has not five fields"),
        ("@reboot", "it has not five fields"),
        ("@every day", "it has not five fields"),
        ("TZ=UTC", "it has not five fields"),
        ("60 3 * * *", "field 1 is out of its range"),
        ("0 24 * * *", "field 2 is out of its range"),
        ("0 3 0 * *", "field 3 is out of its range"),
        ("0 3 * 13 *", "field 4 is out of its range"),
        ("0 3 * * 7", "field 5 is out of its range"),
        ("30-20 3 * * *", "field 1 is out of its range"),
        ("*/0 3 * * *", "field 1 is out of its range"),
        ("x 3 * * *", "field 1 is malformed"),
        ("0 mon * * *", "field 2 is malformed"),
        ("-1 3 * * *", "field 1 is malformed"),
        ("1-2-3 3 * * *", "field 1 is malformed"),
        ("0 3 ٣ * *", "field 3 is malformed"),
        ("0 3 30 2 *", "it never runs"),
        (", 3 * * *", "it never runs"),
    ],
)
def test_no_expression(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        longest_gap(expression)

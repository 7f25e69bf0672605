"""Facts of expressions; which of them are dead, tests/runtime/test_rules.py shows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from auditor.document.promql import MAX_JOINTS, MAX_LENGTH, Query, dead, joints, query

MINUTE, DAY = 60, 86400


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("up == 0", Query(["up"])),
        ("1", Query()),
        ('{__name__="a.b"} > 1', Query(["a.b"])),
        ('{__name__=~"a|b"} > 1', Query()),
        ('{__name__!="a", b="c"} > 1', Query()),
        ('{"a.b", c="d"}', Query(["a.b"])),
        ("sum by (a) (rate(x[5m])) / on (a) group_left y", Query(["x", "y"], ["x"], 5 * MINUTE)),
        ("irate(x[1m]) + increase(y[2m])", Query(["x", "y"], ["x", "y"], 2 * MINUTE)),
        ("delta(x[2m]) + deriv(y[1h30m])", Query(["x", "y"], [], 90 * MINUTE)),
        ("x offset 1w", Query(["x"], [], 7 * DAY)),
        ("x offset -1w", Query(["x"])),
        ("rate(x[5m] offset 1h)", Query(["x"], ["x"], 65 * MINUTE)),
        ("max_over_time(rate(x[5m])[1d:1h] offset 1h)", Query(["x"], ["x"], DAY + 65 * MINUTE)),
        ("rate(x[1h:1m])", Query(["x"], [], 60 * MINUTE)),
        ('rate({__name__=~"x.*"}[5m])', Query([], [], 5 * MINUTE)),
        ('x_bucket{le="1"}', Query(["x_bucket"], bounds=["1"])),
        (
            'x_bucket{le="1.0"} + y_bucket{le="+Inf"} + z_bucket{le=~"1"} + a{le!="1"}',
            Query(["a", "x_bucket", "y_bucket", "z_bucket"]),
        ),
        ("quantile_over_time(scalar(p), x[5m])", Query(["p", "x"], [], 5 * MINUTE)),
        ("topk(scalar(k), -x)", Query(["k", "x"])),
        ("sum(x", Query(unread=True)),
        ('{app="web"} |= "error"', Query(unread=True)),
        ("", Query(unread=True)),
    ],
)
def test_facts(text: str, facts: Query) -> None:
    assert query(text) == facts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("up", 0),
        ("up == 0", 2),
        ('x{a="(((((+++++"}', 2),
        ("x # (((\n", 0),
        ("a or b and c", 2),
        ("orange", 0),
    ],
)
def test_joints(text: str, number: int) -> None:
    assert joints(text) == number


HOSTILE = {
    "brackets": "(" * 9000 + "x" + ")" * 9000,
    "signs": "-" * 9000 + "x",
    "sums": "a+" * 5000 + "a",
    "calls": "abs(" * 3000 + "x" + ")" * 3000,
    "powers": "a^" * 5000 + "a",
    "words": "a or " * 3000 + "a",
    "a long text": 'x{a="' + "b" * MAX_LENGTH + '"}',
    "texts without an end": '"' + "(" * 9000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_end_the_process_is_not_read(name: str) -> None:
    assert query(HOSTILE[name]) == Query(unread=True)
    assert dead(HOSTILE[name], ()) == []


def test_the_limit_keeps_the_process_alive() -> None:
    """In a process of its own: where the limit does not hold, that is what ends."""
    worst = ["(" * MAX_JOINTS + "x" + ")" * MAX_JOINTS, "abs(" * MAX_JOINTS + "x" + ")" * MAX_JOINTS]
    worst += ["-" * MAX_JOINTS + "x", "a^" * MAX_JOINTS + "a"]
    program = f"from auditor.document.promql import query\nfor one in {worst!r}: assert not query(one).unread"
    run = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_parser_is_loaded_by_who_needs_it() -> None:
    program = "import sys, auditor.pipeline, auditor.cli.app; sys.exit('promql_parser' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], check=False)
    assert run.returncode == 0

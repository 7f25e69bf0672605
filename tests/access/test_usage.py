"""Which rules were used, and which may be used without a trace."""

from __future__ import annotations

import msgspec
import pytest

from auditor.access.rule import Rule
from auditor.access.usage import AuditLog, Use, reads, traceless, unused

PODS = Rule(("get", "list"), ("",), ("pods",))
EXEC = Rule(("create",), ("",), ("pods/exec",))
NAMED = Rule(("get",), ("",), ("secrets",), ("a", "b"))
URL = Rule(("get",), paths=("/metrics*",))
ANY = Rule(("*",), ("*",), ("*",))


@pytest.mark.parametrize(
    ("use", "left"),
    [
        (Use("list", "", "pods"), (1, 2)),
        (Use("get", "", "pods", names=("web-1",)), (1, 2)),
        (Use("create", "", "pods", "exec", names=("web-1",)), (0, 2)),
        (Use("get", "", "pods", "exec", names=("web-1",)), (0, 1, 2)),
        (Use("get", "", "secrets", names=("c", "b")), (0, 1)),
        (Use("get", "", "secrets", names=("c",)), (0, 1, 2)),
        (Use("get", "", "secrets", names=None), (0, 1)),
        (Use("list", "", "secrets", names=None), (0, 1, 2)),
        (Use("get", path="/metrics/cadvisor"), (0, 1, 2)),
    ],
)
def test_the_rules_that_allow_nothing_of_what_was_seen(use: Use, left: tuple[int, ...]) -> None:
    assert unused((PODS, EXEC, NAMED), [use]) == left


def test_every_rule_that_allows_it_was_used() -> None:
    assert unused((PODS, ANY, EXEC), [Use("list", "", "pods"), Use("watch", "", "pods")]) == (2,)


def test_uses_that_are_too_many_may_be_of_any_rule() -> None:
    assert unused((PODS, EXEC), None) == ()


def test_what_leaves_no_trace_is_not_called_unused() -> None:
    assert unused((URL, Rule(("bind",), ("*",), ("roles",)), EXEC), []) == (2,)


@pytest.mark.parametrize(
    ("rule", "silent"),
    [
        (PODS, False),
        (ANY, False),
        (URL, True),
        (Rule(("bind", "escalate"), ("*",), ("clusterroles",)), True),
        (Rule(("impersonate",), ("",), ("users",)), True),
        (Rule(("impersonate:user-info", "impersonate-on:user-info:list"), ("*",), ("*",)), True),
        (Rule(("approve",), ("certificates.k8s.io",), ("signers",)), True),
        (Rule(("get", "impersonate"), ("",), ("users",)), False),
        (Rule(("get",), ("",), ("nodes/proxy", "nodes/metrics")), True),
        (Rule(("get",), ("",), ("nodes", "nodes/metrics")), False),
        (Rule((), ("",), ("pods",)), True),
    ],
)
def test_what_leaves_no_trace(rule: Rule, *, silent: bool) -> None:
    assert traceless(rule) is silent


def test_reading_verbs() -> None:
    assert reads([EXEC]) == ()
    assert reads([EXEC, PODS]) == ("get", "list")
    assert reads([EXEC, ANY]) == ("get", "list", "watch")


def test_a_log_is_the_same_after_a_way_through_json() -> None:
    log = AuditLog(
        first="2026-05-01T00:00:00Z",
        last="2026-06-01T00:00:00Z",
        hours=49,
        requests=1,
        broken=0,
        verbs=("list",),
        full=False,
        bindings=(),
        accounts=(),
    )
    assert msgspec.json.decode(msgspec.json.encode(log), type=AuditLog) == log
    assert (log.days, log.absent_reads) == (2, ("get", "watch"))

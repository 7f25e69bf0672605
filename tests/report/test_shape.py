"""How much of an audit a terminal is shown: the worst ten, all in groups or with evidence, the end alone."""

from __future__ import annotations

import msgspec
import pytest

from auditor.record import Audit, Finding
from auditor.report.findings_screen import NOBODY, WORST
from auditor.report.shape import By, Shape
from tests.report.records import WEB, audit, finding
from tests.report.screens import table

MANY = 14


def many() -> Audit:
    """Fourteen findings of two policies on objects of two namespaces, and one in a system namespace."""
    found = [
        finding(
            policy=("privileged", "host_network")[number % 2],
            severity="critical" if number == MANY - 1 else ("high", "low")[number % 2],
            resource=msgspec.structs.replace(
                WEB, namespace=("shop", "bank")[number // 7], name=f"web-{number:02}", source=None
            ),
            message=f"message {number:02}",
            owner="payments" if number < 3 else "",
            fingerprint=f"{number:064x}",
        )
        for number in range(MANY)
    ]
    system = finding(
        resource=msgspec.structs.replace(WEB, namespace="kube-system", source=None),
        system=True,
        message="theirs",
    )
    return msgspec.structs.replace(audit(), findings=(*found, system))


def shown(text: str) -> set[str]:
    return {f"message {number:02}" for number in range(MANY) if f"message {number:02}" in text}


def test_the_worst_are_shown_and_the_rest_is_counted() -> None:
    text = table(many())
    assert "The worst 10 of 14 findings" in text
    assert len(shown(text)) == WORST
    assert {"message 13", *(f"message {number:02}" for number in range(0, MANY, 2))} <= shown(text)
    assert "4 low more: --by namespace" in text
    assert "System namespaces (not counted): 1 critical" in text
    assert "theirs" not in text


def test_ten_are_all() -> None:
    few = msgspec.structs.replace(many(), findings=many().findings[:WORST])
    text = table(few)
    assert "\nFindings\n" in text
    assert " more: --by" not in text
    assert len(shown(text)) == WORST


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("namespace", ["bank", "shop"]),
        ("policy", ["host_network", "privileged"]),
        ("owner", [NOBODY, "payments"]),
        ("resource", []),
    ],
)
def test_all_in_groups_the_worst_first(by: By, groups: list[str]) -> None:
    text = table(many(), shape=Shape(by=by))
    assert len(shown(text)) == MANY
    assert "theirs" in text
    lines = text.split("\n")
    heads = [line.split("  ")[0] for line in lines if line.split("  ")[0] in groups]
    assert heads[: len(groups)] == groups
    if by == "namespace":
        assert any(line.startswith("bank ") and line.endswith("1 critical, 3 high, 3 low") for line in lines)


def test_the_advice_of_a_policy_is_given_once() -> None:
    record = msgspec.structs.replace(many(), findings=many().findings[:MANY])
    text = table(record, shape=Shape(by="policy"), width=200)
    assert text.count("Fix: ") == 2


def test_verbose_adds_what_there_is_to_know(many_findings: tuple[Finding, ...]) -> None:
    record = msgspec.structs.replace(many(), findings=many_findings)
    text = table(record, shape=Shape(verbose=True), width=200)
    for one in many_findings:
        assert f"fingerprint: {one.fingerprint[:12]}" in text
    assert 'limits: {"memory": "1Gi"}' in text
    assert "reason: because" in text
    assert "controls: pss_baseline/1" in text
    assert "fingerprint" not in table(record, width=200)


@pytest.fixture
def many_findings() -> tuple[Finding, ...]:
    evidence = {"limits": {"memory": "1Gi"}, "reason": "because"}
    return tuple(
        msgspec.structs.replace(one, evidence=evidence, controls=("pss_baseline/1",))
        for one in many().findings
    )


@pytest.mark.parametrize("tty", [True, False])
def test_quiet_is_the_end_alone(tty: bool) -> None:
    text = table(many(), tty=tty, shape=Shape(quiet=True), width=400)
    assert len(text.strip().split("\n")) <= 2
    assert "coverage" in text
    assert "message" not in text


def test_a_pipe_gets_all_whatever_a_terminal_would_show() -> None:
    assert len(shown(table(many(), tty=False))) == MANY

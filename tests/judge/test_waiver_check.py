"""Waivers held against the rules: policies and controls that do not exist, terms that are too long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
import pytest

from auditor.judge.waiver_check import Problem, problems
from auditor.objects import Place
from auditor.rules import Bundle, Control, Framework, Policy, Severity
from auditor.waiver import Attestation, Terms, Waiver
from tests.factories import policy
from tests.judge.accepting import TERMS, TODAY, accepting, attestation, waiver

HIGH, CRITICAL, LOW = Severity.HIGH, Severity.CRITICAL, Severity.LOW
POLICIES = (
    policy("privileged", severities=(CRITICAL,), retired_ids=("psp_privileged",)),
    policy("host_pid", severities=(HIGH, CRITICAL)),
    policy("host_ipc", severities=(LOW,)),
)
FRAMEWORK = Framework(
    "cis", "CIS", "1", (Control("5.1.1", "By hand"), Control("5.2.1", "Pods", ("privileged",)))
)


def told(
    one: Waiver | Attestation,
    *,
    terms: Terms = TERMS,
    today: date = TODAY,
    policies: Collection[Policy] = POLICIES,
) -> list[str]:
    """What is wrong with one entry."""
    bundle = Bundle("", "", {each.id: each for each in policies}, {"cis": FRAMEWORK})
    return [each.text for each in problems(accepting(one), bundle, terms, today)]


WAIVERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"policy": "psp_privileged"}, []),
    ({"policy": "host_*"}, []),
    ({"policy": "priviledged"}, ["unknown policy 'priviledged'; did you mean 'privileged'?"]),
    ({"policy": "pdb_*"}, ["no policy is called 'pdb_*'"]),
    ({"policy": "*"}, ["too broad: it is for every policy"]),
    ({"policy": "*i*"}, ["too broad: *i* is every policy there is"]),
    ({"match": {"namespace": "*"}}, ["too broad: it is for every namespace"]),
    ({"expires": "2026-11-23"}, ["expired: it ended on 2026-11-23"]),
    (
        {"expires": "2026-12-02"},
        ["too long: critical findings are accepted for 30 days at most, until 2026-12-01"],
    ),
    (
        {"created": "2026-01-01", "expires": "2026-12-02"},
        [
            "expired: it ended on 2026-01-31",
            "too long: critical findings are accepted for 30 days at most, until 2026-01-31",
        ],
    ),
    ({"expires": "2026-12-02", "review": [("2026-11-10", "eve", "late")]}, []),
    # of a policy that finds more than one severity, the mildest decides: the rest is known in an audit
    ({"policy": "host_pid", "expires": "2027-01-30"}, []),
    (
        {"policy": "host_pid", "expires": "2027-01-31"},
        ["too long: high findings are accepted for 90 days at most, until 2027-01-30"],
    ),
    ({"policy": "host_*", "expires": "2027-04-30"}, []),
]


@pytest.mark.parametrize(("fields", "expected"), WAIVERS)
def test_waivers(fields: dict[str, Any], expected: list[str]) -> None:
    assert told(waiver(**fields)) == expected


def test_what_auditor_yaml_makes_of_a_severity_decides() -> None:
    milder = [msgspec.structs.replace(POLICIES[0], override=LOW)]
    assert told(waiver(expires="2027-04-30"), policies=milder) == []
    assert told(waiver(expires="2027-04-30"))


def test_who_may_approve() -> None:
    terms = Terms(approvers={CRITICAL: ("eve",)})
    assert told(waiver(), terms=terms) == ["ada may not approve critical findings"]
    assert told(waiver(approver="Eve"), terms=terms) == []
    assert told(waiver(policy="host_pid"), terms=terms) == []
    both = Terms(approvers={CRITICAL: ("eve",), HIGH: ("eve",)})
    assert told(waiver(policy="host_pid"), terms=both) == ["ada may not approve critical and high findings"]


ATTESTATIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"control": "cis/5.2.1"}, ["policies answer cis/5.2.1: privileged"]),
    ({"control": "cis/5.1.2"}, ["cis has no control '5.1.2'; did you mean '5.1.1'?"]),
    ({"control": "csi/5.1.1"}, ["unknown framework 'csi'; did you mean 'cis'?"]),
    ({"expires": "2027-05-01"}, ["too long: attestations hold for 180 days at most, until 2027-04-30"]),
    ({"expires": "2026-11-02"}, ["expired: it ended on 2026-11-02"]),
]


@pytest.mark.parametrize(("fields", "expected"), ATTESTATIONS)
def test_attestations(fields: dict[str, Any], expected: list[str]) -> None:
    assert told(attestation(**{"control": "cis/5.1.1", **fields})) == expected


def test_who_may_approve_attestations() -> None:
    one = attestation(control="cis/5.1.1")
    assert told(one, terms=Terms(approvers={Severity.INFO: ("eve",)})) == ["ada may not approve attestations"]


def test_problems_come_in_the_order_of_the_files() -> None:
    entries = [waiver(name, policy="x") for name in "abc"]
    places = {name: Place("w.yaml", 1, line) for name, line in (("a", 9), ("b", 1), ("c", 5))}
    acceptances = msgspec.structs.replace(accepting(*entries), places=places)
    bundle = Bundle("", "", {one.id: one for one in POLICIES}, {})
    found = problems(acceptances, bundle, TERMS, TODAY)
    assert found[0] == Problem("b", "unknown policy 'x'", Place("w.yaml", 1, 1))
    assert [one.id for one in found] == ["b", "c", "a"]

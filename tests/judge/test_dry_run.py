"""What rights mean for an audit, and how a dry run ends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from auditor.judge.dry_run import DryRun, Rule, dry_run, ending
from auditor.judge.rights import Right, State
from auditor.model import SourceFacts
from auditor.rules import Policy
from tests.factories import policy

FACTS = SourceFacts("cluster", name="test", version="v1.36.3")
PODS = policy("pods", kinds=("Pod",))
SERVICES = policy("services", kinds=("Service",), wants=("namespace",))
NODES = policy("nodes", kinds=("Node",))
POLICIES = (PODS, SERVICES, NODES)


def right(kind: str, state: State = State.ALLOWED, verb: str = "list", **fields: object) -> Right:
    return Right(kind, verb, state, **fields)  # type: ignore[arg-type]


def made(*rights: Right, policies: Sequence[Policy] = POLICIES) -> DryRun:
    return dry_run(FACTS, rights, policies, "sha256:0")


def test_entries_come_worst_first_and_confirmations_last() -> None:
    record = made(
        right("Node", State.OUT_OF_REACH),
        right("Pod"),
        right("Pod", State.DENIED, "get", confirms=True),
        right("Service", State.UNKNOWN, reason="503"),
        right("Namespace", State.DENIED, reason="no"),
    )
    assert [(one.kind, one.verb, one.allowed) for one in record.kinds] == [
        ("Namespace", "list", False),
        ("Service", "list", None),
        ("Pod", "list", True),
        ("Node", "list", None),
        ("Pod", "get", False),
    ]
    assert record.requests == 3


def test_blind_says_what_and_whose_verdicts() -> None:
    record = made(
        right("Pod", State.DENIED),
        right("Namespace", State.DENIED, "get", reason="no", namespace="shop"),
        right("Service", State.UNKNOWN, "get", confirms=True),
    )
    namespace, pod = record.blind
    assert (namespace.kind, namespace.namespace, namespace.reason) == ("Namespace", "shop", "no")
    assert namespace.effect == "1 policy finds faults without it, but passes nothing"
    assert (namespace.not_evaluated, namespace.judged_without) == ({}, ("services",))
    assert pod.effect.split("; ")[0] == "no Pod is judged"
    assert pod.reason == "nothing grants list on it"
    assert pod.not_evaluated == {"pods": ("Pod",)}


def test_what_is_blind_to_excuses_is_told() -> None:
    lenient = [policy(f"lenient{one}", kinds=("Service",), excuses=("namespace",)) for one in "ab"]
    [blind] = made(right("Namespace", State.DENIED), policies=(lenient[0], PODS)).blind
    assert blind.effect == "1 policy may find what it would excuse"
    assert (blind.not_evaluated, blind.judged_without, blind.excuses) == ({}, (), ("lenienta",))
    record = made(right("Namespace", State.DENIED), policies=(*lenient, SERVICES))
    assert record.blind[0].effect == (
        "1 policy finds faults without it, but passes nothing; 2 policies may find what it would excuse"
    )
    assert record.kinds[0].excuses == ("lenienta", "lenientb")


def test_kinds_that_are_judged_by_others_are_named() -> None:
    record = made(right("Job", State.DENIED), policies=(policy("all"), policy("d", kinds=("Deployment",))))
    [blind] = record.blind
    assert blind.effect == "no Job is judged; without it, no verdict on Deployment"


def test_missing_rules_are_few() -> None:
    record = made(
        right("Pod", State.DENIED),
        right("Pod", State.DENIED, "get", confirms=True),
        right("Service", State.UNKNOWN),
        right("Service", State.UNKNOWN, "get", confirms=True),
        right("Node", State.ALLOWED),
        right("Node", State.DENIED, "get", confirms=True),
        right("Deployment", State.DENIED),
        right("Job", State.OTHER_VERSION),
        right("ConfigMap", State.OUT_OF_REACH),
        right("NetworkPolicy", State.NOT_OFFERED),
    )
    assert record.missing_rules == (
        Rule(("",), ("nodes",), ("get",)),
        Rule(("",), ("pods", "services"), ("get", "list")),
        Rule(("apps",), ("deployments",), ("list",)),
    )


def test_missing_rules_are_those_of_each_namespace() -> None:
    record = made(
        right("Pod", State.DENIED, namespace="shop"),
        right("Pod", State.ALLOWED, namespace="prod"),
        right("Pod", State.DENIED, "get", namespace="prod", confirms=True),
    )
    assert record.missing_rules == (
        Rule(("",), ("pods",), ("get",), "prod"),
        Rule(("",), ("pods",), ("list",), "shop"),
    )


ENDINGS = {
    "all": ([right("Pod"), right("Node")], POLICIES, 0, "2 kinds can be read"),
    "no get": (
        [right("Pod"), right("Pod", State.DENIED, "get", confirms=True)],
        POLICIES,
        0,
        "1 kind can be read",
    ),
    "the rest is out of reach": (
        [right("Pod"), right("Node", State.OUT_OF_REACH), right("Job", State.NOT_OFFERED)],
        POLICIES,
        0,
        "1 of 3 kinds can be read, no other is within reach",
    ),
    "one place of two": (
        [right("Pod", namespace="a"), right("Pod", State.DENIED, namespace="b"), right("Service")],
        POLICIES,
        3,
        "blind to 1 of 2 kinds",
    ),
    "unknown": ([right("Pod"), right("Node", State.UNKNOWN)], POLICIES, 3, "blind to 1 of 2 kinds"),
    "other version": ([right("Node", State.OTHER_VERSION)], POLICIES, 3, "blind to 1 of 1 kind"),
    "nothing there": (
        [right("Node", State.OUT_OF_REACH), right("Namespace")],
        POLICIES,
        3,
        "nothing that the policies judge is within reach",
    ),
    "no policy": ([], (), 3, "no policy is selected"),
}


@pytest.mark.parametrize(("rights", "policies", "code", "reason"), ENDINGS.values(), ids=ENDINGS)
def test_ending(rights: list[Right], policies: Sequence[Policy], code: int, reason: str) -> None:
    outcome = ending(made(*rights, policies=policies), policies)
    assert (outcome.code, outcome.reason) == (code, reason)

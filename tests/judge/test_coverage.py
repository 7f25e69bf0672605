"""How much was judged: each sentence of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from auditor.document.kinds import WORKLOADS
from auditor.judge import coverage as module
from auditor.judge.coverage import blind, unreadable
from auditor.judge.results import Results, results
from auditor.model import Answer, Body, Gap, Origin, Verdict
from auditor.rules import Policy
from tests import factories as make
from tests.factories import policy

POD = policy(kinds=("Pod", "Deployment"))
UNKNOWN = Verdict(unknown=("why",))


def judged(rule: Policy, *bodies: Body, verdicts: Iterable[Verdict] = ()) -> list[Results]:
    """Results of one policy, with these verdicts first and passes after them."""
    seen = make.documents(*bodies)
    filled = [*verdicts, *([Verdict()] * len(seen))]
    return [
        results(Answer(document, {rule.id: verdict}), {rule.id: rule})
        for document, verdict in zip(seen, filled, strict=False)
    ]


def coverage(policies: list[Policy], found: list[Results], gaps: list[Gap]) -> float:
    return module.coverage(policies, found, gaps, len({id(one.document) for one in found}))


def gap(kind: str | None, **options: Any) -> Gap:
    return Gap(kind, "403: forbidden", "nothing", **options)


def broken(kind: str | None) -> Gap:
    return gap(kind, origin=Origin("a.yaml", 1, 1))


DEPLOYMENTS = [make.deployment(name=name) for name in "abcd"]


def test_everything_was_judged() -> None:
    assert coverage([POD], judged(POD, make.pod(), *DEPLOYMENTS), []) == 1


@pytest.mark.parametrize(
    "verdict", [Verdict(), make.fail(), Verdict(skip=("no",)), Verdict(make.fail().fail, unknown=("why",))]
)
def test_any_verdict_counts(verdict: Verdict) -> None:
    assert coverage([POD], judged(POD, make.pod(), verdicts=[verdict]), []) == 1


def test_the_mean_over_policies_and_kinds() -> None:
    assert coverage([POD], judged(POD, *DEPLOYMENTS, verdicts=[UNKNOWN]), []) == (1 + 3 / 4) / 2
    other = policy("other", kinds=("Pod",))
    assert coverage([POD, other], judged(POD, *DEPLOYMENTS, verdicts=[UNKNOWN] * 4), []) == (1 + 0 + 1) / 3


def test_a_kind_that_was_read_and_is_empty_is_covered() -> None:
    assert coverage([POD], [], []) == 1


def test_nothing_selected_is_no_coverage() -> None:
    assert coverage([], [], []) == 0


def test_a_kind_that_could_not_be_read() -> None:
    assert coverage([POD], judged(POD, *DEPLOYMENTS), [gap("Pod")]) == 1 / 2
    assert unreadable(POD, "Pod", [gap("Node"), gap("Pod")]) == "403: forbidden"
    assert unreadable(POD, "Deployment", [gap("Pod")]) == ""


def test_a_kind_that_could_be_read_in_part_only() -> None:
    assert coverage([POD], judged(POD, make.pod()), [gap("Pod", namespace="other")]) == 1 / 2


def test_a_need_that_could_not_be_read() -> None:
    needy = policy(kinds=("Pod", "Deployment"), needs=("namespace",))
    assert coverage([needy], [], [gap("Namespace")]) == 0
    assert unreadable(needy, "Pod", [gap("Namespace")])
    assert coverage([policy(wants=("namespace",))], [], [gap("Namespace")]) == 1


def test_what_only_excuses_and_could_not_be_read() -> None:
    lenient = policy(kinds=("Pod",), excuses=("namespace",), reads=("meta", "related.namespace"))
    for gaps in ([gap("Namespace")], [gap("Namespace", out_of_reach=True)]):
        assert coverage([lenient], judged(lenient, make.pod()), gaps) == 1
        assert not unreadable(lenient, "Pod", gaps)
        assert not blind(lenient, gaps)


def test_a_broken_manifest_is_a_document_of_its_kind() -> None:
    gaps = [broken("Deployment")]
    assert coverage([POD], judged(POD, *DEPLOYMENTS), gaps) == (1 + 4 / 5) / 2
    assert unreadable(POD, "Deployment", gaps) == ""
    assert coverage([POD], judged(POD, *DEPLOYMENTS), [broken("ConfigMap")]) == 1


def test_one_too_broken_to_tell_may_have_been_anything() -> None:
    assert coverage([POD], judged(POD, *DEPLOYMENTS), [broken(None)]) == 4 / 5
    assert coverage([POD], [], [broken(None), broken(None)]) == 0
    assert coverage([], [], [broken(None)]) == 0


def test_what_is_out_of_reach_is_left_out() -> None:
    rules = [POD, policy("nodes", kinds=("Node",))]
    gaps = [gap("Node", out_of_reach=True)]
    assert coverage(rules, judged(POD, *DEPLOYMENTS, verdicts=[UNKNOWN] * 4), gaps) == (1 + 0) / 2
    assert unreadable(rules[1], "Node", gaps) == ""
    assert coverage(rules[1:], [], gaps) == 0
    needy = policy("needy", kinds=("Deployment",), needs=("namespace",))
    out = [gap("Namespace", out_of_reach=True)]
    assert coverage([needy, POD], judged(needy, make.deployment(), verdicts=[UNKNOWN]), out) == 1


def test_what_is_wanted_and_out_of_reach_is_left_out_too() -> None:
    wanting = policy("wanting", kinds=("Pod",), wants=("namespace",), reads=("meta", "related.namespace"))
    found = [*judged(POD, make.pod()), *judged(wanting, make.pod(), verdicts=[UNKNOWN])]
    assert coverage([POD, wanting], found, [gap("Namespace", out_of_reach=True)]) == 1
    assert coverage([POD, wanting], found, [gap("Namespace")]) == (1 + 1 + 0) / 3
    # who does not look misses nothing
    idle = policy("wanting", kinds=("Pod",), wants=("namespace",))
    assert coverage([idle], judged(idle, make.pod()), [gap("Namespace", out_of_reach=True)]) == 1
    assert (
        coverage([idle], judged(idle, make.pod(), verdicts=[UNKNOWN]), [gap("Namespace", out_of_reach=True)])
        == 0
    )


def test_live_pods_that_nobody_would_miss() -> None:
    rule = policy(kinds=("Deployment",))
    for kind in ("Pod", "ReplicaSet"):
        assert coverage([rule], judged(rule, make.deployment()), [gap(kind)]) == 0
        assert unreadable(rule, "Deployment", [gap(kind)])
    assert coverage([rule], judged(rule, make.deployment()), [gap("ConfigMap")]) == 1
    assert coverage([policy(kinds=("ConfigMap",))], [], [gap("Pod")]) == 1
    assert coverage([policy(kinds=WORKLOADS)], [], [gap("Pod")]) == (len(WORKLOADS) - 1) / len(WORKLOADS)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (gap("Pod"), True),
        (gap("Pod", namespace="other"), True),
        (gap("Pod", out_of_reach=True), True),
        (broken("Pod"), True),
        (broken(None), True),
        (gap("Namespace"), True),
        (gap("ReplicaSet"), True),
        (gap("ConfigMap"), False),
    ],
)
def test_blind(found: Gap, expected: bool) -> None:
    rule = policy(kinds=("Pod",), needs=("namespace",))
    assert blind(rule, [gap("Service"), found]) is expected
    assert not blind(rule, [])
    assert not blind(policy(kinds=()), [gap("Pod")])

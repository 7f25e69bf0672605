"""The comparison finds a single wrong policy, and shows it on the smallest pod."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.podsecurity.checks import POLICIES, policies_that_must_fail
from tests.podsecurity.compare import LEVELS, Case, Evaluate, disagreements, random_case, smallest
from tests.podsecurity.fixtures import Object
from tests.podsecurity.oracle import Question, judge

COUNT = 200


def right(pods: Sequence[tuple[Object, str]]) -> list[frozenset[str]]:
    """Evaluate as Kubernetes does; knows the kinds Pod and Deployment."""
    failing: list[frozenset[str]] = [frozenset()] * len(pods)
    for level in LEVELS:
        questions = []
        for pod, version in pods:
            template = pod["kind"] != "Pod"
            questions.append(Question(level, version, pod["spec"]["template"] if template else pod, template))
        verdicts = judge(questions)
        failing = [
            known | policies_that_must_fail(level, verdict.failed)
            for known, verdict in zip(failing, verdicts, strict=True)
        ]
    return failing


def some_cases() -> list[Case]:
    """Random cases, in the two kinds that `right` knows."""
    drawn = (random_case(number) for number in range(COUNT))
    return [Case(c.name, "Pod" if c.kind == "Pod" else "Deployment", c.version, c.pod) for c in drawn]


def test_no_disagreement_with_a_right_verdict() -> None:
    assert disagreements(some_cases(), right) == []


@pytest.mark.parametrize("policy", sorted(POLICIES["baseline"] | POLICIES["restricted"]))
@pytest.mark.parametrize("spoil", [frozenset.__sub__, frozenset.__or__], ids=["forgotten", "always"])
def test_one_wrong_policy_is_found(
    policy: str, spoil: Callable[[frozenset[str], frozenset[str]], frozenset[str]]
) -> None:
    found = disagreements(some_cases(), _spoilt(policy, spoil))
    assert {name for one in found for name in one.expected ^ one.ours} == {policy}


def test_shrinks_to_what_matters() -> None:
    wrong = _spoilt("host_pid", frozenset.__sub__)
    first = disagreements(some_cases(), wrong)[0]
    shrunk = smallest(first, wrong)
    assert shrunk.case.pod["spec"] == {"hostPID": True}
    assert "missing:    ['host_pid']" in str(shrunk)


def _spoilt(policy: str, spoil: Callable[[frozenset[str], frozenset[str]], frozenset[str]]) -> Evaluate:
    return lambda pods: [spoil(failing, frozenset({policy})) for failing in right(pods)]

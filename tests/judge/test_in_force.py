"""The rules as the record keeps them."""

from __future__ import annotations

from auditor.judge.families import families
from auditor.judge.findings import findings
from auditor.judge.in_force import rule_entries
from auditor.judge.results import results
from auditor.model import Answer, Status, Verdict
from auditor.record import RuleEntry
from auditor.rules import Bundle, Severity
from tests import factories as make
from tests.factories import policy


def test_every_policy_of_the_bundle_is_told() -> None:
    policies = [
        policy("second", code="c2", digest="d2", enabled=False, kinds=("Pod",)),
        policy(
            "first",
            code="c1",
            digest="d1",
            kinds=("Pod", "Job"),
            retired_ids=("former", "later"),
            parameters={"a": 1},
            namespaces={"shop": {"a": 2}},
            override=Severity.LOW,
        ),
    ]
    assert rule_entries(Bundle("", "", {one.id: one for one in policies}, {})) == (
        RuleEntry(
            policy="first",
            digest="c1",
            first_id="former",
            parameters={"a": 1},
            severity=Severity.LOW,
            namespaces={"shop": {"a": 2}},
            kinds=("Pod", "Job"),
        ),
        RuleEntry(policy="second", digest="c2", kinds=("Pod",)),
    )


def test_one_severity_for_all_that_a_policy_finds() -> None:
    """For what it declares as well; what it does not declare is its error, as ever."""
    declared = (Severity.HIGH, Severity.CRITICAL)
    for override, expected in ((None, ["critical", "high"]), (Severity.LOW, ["low", "low"])):
        by = policy(severities=declared, override=override)
        verdicts = Verdict(
            fail=(
                *make.fail("/spec/a").fail,
                *make.fail("/spec/b", severity=Severity.CRITICAL).fail,
            )
        )
        found = results(Answer(make.document(make.deployment()), {by.id: verdicts}), {by.id: by})
        assert sorted(one.severity for one in findings(families([found]), {})) == expected
    wrong = make.fail(severity=Severity.LOW)
    [result] = results(Answer(make.document(make.deployment()), {by.id: wrong}), {by.id: by}).told
    assert result.status is Status.NOT_EVALUATED

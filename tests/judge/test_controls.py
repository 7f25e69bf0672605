"""Controls: the first rule that matches, and the score of a framework."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import pytest

from auditor.judge.controls import control_names, controls, scores
from auditor.judge.families import families
from auditor.judge.findings import findings
from auditor.judge.results import results
from auditor.model import Answer, Body, Verdict
from auditor.record import ControlEntry, ControlStatus
from auditor.rules import Control, Framework
from tests import factories as make
from tests.factories import document, policy

NONE, SKIP, UNKNOWN = Verdict(), Verdict(skip=("no",)), Verdict(unknown=("why",))


def framework(*controls: Control, name: str = "f") -> Framework:
    return Framework(name, "Title", "1", controls)


def entries(
    verdicts: dict[str, Verdict],
    control: Control,
    *,
    waived: Collection[str] = (),
    incomplete: Collection[str] = (),
    attested: Collection[str] = (),
    body: Body | None = None,
) -> ControlEntry:
    """The control after one object got these verdicts, by policy."""
    seen = document(body or make.deployment())
    rules = {name: policy(name) for name in verdicts}
    judged = [results(Answer(seen, verdicts), rules)]
    found = [
        msgspec.structs.replace(one, status="waived") if one.policy in waived else one
        for one in findings(families(judged), {})
    ]
    (only,) = controls([framework(control)], rules, judged, found, incomplete, attested)
    return only


@pytest.mark.parametrize(
    ("verdicts", "waived", "incomplete", "status"),
    [
        ({"a": make.fail(), "b": NONE}, [], [], "fail"),
        ({"a": make.fail(), "b": UNKNOWN}, [], ["b"], "fail"),
        ({"a": make.fail("/spec"), "b": make.fail()}, ["a"], [], "fail"),
        ({"a": make.fail(), "b": UNKNOWN}, ["a"], ["b"], "incomplete"),
        ({"a": NONE}, [], ["b"], "incomplete"),
        ({"a": NONE, "b": SKIP}, [], ["a"], "incomplete"),
        ({"a": make.fail(), "b": NONE}, ["a"], [], "pass_with_waivers"),
        ({"a": NONE, "b": SKIP}, [], [], "pass"),
        ({"a": SKIP, "b": SKIP}, [], [], "not_applicable"),
        ({}, [], [], "not_applicable"),
        ({"c": make.fail()}, [], ["c"], "not_applicable"),
    ],
)
def test_the_first_rule_that_matches(
    verdicts: dict[str, Verdict], waived: list[str], incomplete: list[str], status: ControlStatus
) -> None:
    assert (
        entries(verdicts, Control("1", "T", ("a", "b")), waived=waived, incomplete=incomplete).status
        == status
    )


def test_without_policies_a_person_has_to_answer() -> None:
    assert entries({}, Control("1", "T")).status == "manual"
    assert entries({"a": make.fail()}, Control("1", "T"), incomplete=["a"]).status == "manual"


def test_a_person_answers_what_no_policy_does() -> None:
    by_hand = Control("1", "T")
    assert entries({}, by_hand, attested=["f/1"]).status == "attested"
    assert entries({}, by_hand, attested=["f/2", "g/1"]).status == "manual"


@pytest.mark.parametrize(
    ("verdict", "incomplete", "status"),
    [(make.fail(), [], "fail"), (UNKNOWN, ["a"], "incomplete"), (SKIP, [], "not_applicable")],
)
def test_an_attestation_answers_no_control_that_has_policies(
    verdict: Verdict, incomplete: list[str], status: ControlStatus
) -> None:
    asked = Control("1", "T", ("a",))
    assert entries({"a": verdict}, asked, incomplete=incomplete, attested=["f/1"]).status == status


def test_a_waived_fail_is_never_a_pass() -> None:
    """Not even where another object passes, and no answer of a person changes that."""
    control = Control("1", "T", ("a", "b"))
    one = entries({"a": make.fail(), "b": NONE}, control, waived=["a"], attested=["f/1"])
    assert (one.status, one.failing) == ("pass_with_waivers", 0)
    assert scores([one]) == {"f": 0}


def test_what_an_entry_says() -> None:
    verdict = Verdict((*make.fail("/spec/a").fail, *make.fail("/spec/b").fail))
    one = entries({"a": verdict, "b": make.fail()}, Control("1", "T", ("a", "b"), partial=True), waived=["b"])
    assert (one.framework, one.control, one.title) == ("f", "1", "T")
    assert (one.partial, one.policies, one.failing, one.status) == (True, ("a", "b"), 2, "fail")


def test_superseded_findings_count() -> None:
    seen = document(make.deployment())
    rules = {"small": policy("small"), "big": policy("big", supersedes=("small",))}
    judged = [results(Answer(seen, dict.fromkeys(rules, make.fail())), rules)]
    found = findings(families(judged), {})
    (only,) = controls([framework(Control("1", "T", ("small",)))], rules, judged, found, ())
    assert (only.status, only.failing) == ("fail", 1)


@pytest.mark.parametrize("verdict", [make.fail(), NONE])
def test_system_namespaces_decide_nothing(verdict: Verdict) -> None:
    body = make.deployment(namespace="kube-system")
    one = entries({"a": verdict}, Control("1", "T", ("a",)), body=body)
    assert (one.status, one.failing) == ("not_applicable", 0)


def test_control_names() -> None:
    one, other = framework(Control("1", "T", ("a", "b"))), framework(Control("x", "T", ("a",)), name="g")
    assert control_names([one, other]) == {"a": ("f/1", "g/x"), "b": ("f/1",)}


def scored(*statuses: ControlStatus) -> float | None:
    found = [
        ControlEntry("f", str(number), "T", status, partial=False, policies=(), failing=0)
        for number, status in enumerate(statuses)
    ]
    return scores(found)["f"]


def test_scores() -> None:
    assert scored("pass", "attested", "fail", "pass_with_waivers") == 1 / 2
    assert scored("pass", "manual", "incomplete", "not_applicable") == 1
    assert scored("pass_with_waivers") == 0
    assert scored("manual", "incomplete", "not_applicable") is None
    assert scores([]) == {}

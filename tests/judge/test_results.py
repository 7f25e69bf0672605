"""Precedence: error or missing need > fail > unknown > skip > pass, and what makes a policy error."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.results import Places, keys, missing_need, results
from auditor.model import Answer, Failure, Gap, Result, Status, Verdict, Violation
from auditor.rules import Policy, Severity
from tests import factories as make
from tests.factories import document, policy

FAIL = (Violation("/spec/template/spec/hostPID", "x"),)
NO_NAMESPACE = Gap("Namespace", "403", "x")


def judged(verdict: Verdict | Failure, rule: Policy | None = None, **options: Any) -> Result:
    rule = rule or policy()
    rules = {rule.id: rule}
    (only,) = make.each(
        [results(Answer(document(make.deployment(), **options), {rule.id: verdict}), rules)], rules
    )
    return only


@pytest.mark.parametrize(
    ("verdict", "status", "reasons"),
    [
        (Verdict(), Status.PASS, ()),
        (Verdict(skip=("no",)), Status.NOT_APPLICABLE, ("no",)),
        (Verdict(unknown=("why",)), Status.NOT_EVALUATED, ("why",)),
        (Verdict(FAIL), Status.FAIL, ()),
        (Verdict(FAIL, unknown=("why",)), Status.FAIL, ("why",)),
        (Failure("it broke"), Status.NOT_EVALUATED, ("it broke",)),
        (Failure(""), Status.NOT_EVALUATED, ("",)),
    ],
)
def test_statuses(verdict: Verdict | Failure, status: Status, reasons: tuple[str, ...]) -> None:
    found = judged(verdict)
    assert (found.status, found.reasons) == (status, reasons)
    assert found.violations == (FAIL if status is Status.FAIL else ())


SAME_KEY = tuple(Violation(f"/spec/{name}", "x", key="k") for name in "ab")
SAME_PLACE = tuple(Violation("/spec/a", message) for message in "xy")


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Verdict(FAIL, skip=("no",)), "policy error: it both skipped the document and judged it"),
        (Verdict(skip=("no",), unknown=("why",)), "policy error: it both skipped the document and judged it"),
        (
            Verdict((Violation("/spec", "x", severity=Severity.LOW),)),
            "policy error: severity low is not among those it declares",
        ),
        (Verdict(SAME_KEY), "policy error: two findings have the same identity; one of them needs a `key`"),
        (Verdict(SAME_PLACE), "policy error: two findings have the same identity; one of them needs a `key`"),
    ],
)
def test_policy_errors(verdict: Verdict, reason: str) -> None:
    found = judged(verdict)
    assert (found.status, found.reasons, found.violations) == (Status.NOT_EVALUATED, (reason,), ())


def test_a_declared_severity() -> None:
    rule = policy(severities=(Severity.HIGH, Severity.LOW))
    assert judged(Verdict((Violation("/spec", "x", severity=Severity.LOW),)), rule).status is Status.FAIL


@pytest.mark.parametrize("verdict", [Verdict(), Verdict(FAIL), Verdict(skip=("no",)), Failure("it broke")])
def test_a_missing_need_comes_before_all(verdict: Verdict | Failure) -> None:
    found = judged(verdict, policy(needs=("namespace",)), gaps=[NO_NAMESPACE])
    assert found.status is Status.NOT_EVALUATED
    assert found.reasons == ("needs namespace: Namespace could not be read: 403",)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict(), Status.NOT_EVALUATED),
        (Verdict(skip=("no",)), Status.NOT_EVALUATED),
        (Verdict(FAIL), Status.FAIL),
    ],
)
def test_a_missing_want_is_told_and_leaves_no_pass(verdict: Verdict, status: Status) -> None:
    found = judged(verdict, policy(wants=("namespace",), reads=("related.namespace",)), gaps=[NO_NAMESPACE])
    assert found.status is status
    assert found.reasons == ("judged without namespace: Namespace could not be read: 403",)


EXCUSED = policy(excuses=("namespace",), reads=("related.namespace",))
REASON = "Namespace could not be read: 403"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict(), Status.PASS),
        (Verdict(skip=("no",)), Status.NOT_APPLICABLE),
        (Verdict(unknown=("why",)), Status.NOT_EVALUATED),
    ],
)
def test_without_its_excuses_a_policy_judges_all_the_same(verdict: Verdict, status: Status) -> None:
    found = judged(verdict, EXCUSED, gaps=[NO_NAMESPACE])
    assert (found.status, found.reasons) == (status, (*verdict.skip, *verdict.unknown))


def test_the_evidence_says_that_an_excuse_could_not_be_read() -> None:
    verdict = Verdict((Violation("/spec", "x", {"replicas": 1}),))
    found = judged(verdict, EXCUSED, gaps=[NO_NAMESPACE])
    assert found.status is Status.FAIL
    assert found.violations[0].evidence == {"replicas": 1, "judged_without": {"namespace": REASON}}
    # nothing else is left open by it: what is not found here is not there
    assert found.reasons == ()


@pytest.mark.parametrize("rule", [EXCUSED, policy(excuses=("namespace",))])
def test_excuses_that_were_read_or_are_not_looked_at_are_not_told(rule: Policy) -> None:
    gaps = [NO_NAMESPACE] if not rule.reads or "related.namespace" not in rule.reads else []
    assert judged(Verdict(FAIL), rule, gaps=gaps).violations == FAIL


def test_a_want_that_is_not_looked_at_does_not_matter() -> None:
    assert judged(Verdict(), policy(wants=("namespace",)), gaps=[NO_NAMESPACE]).status is Status.PASS


def test_a_want_that_is_there_is_not_told() -> None:
    assert judged(Verdict(), policy(wants=("namespace",))).reasons == ()


def test_a_need_that_was_read_and_is_not_there() -> None:
    rule = policy(needs=("namespace",), reads=("related.namespace",))
    alone, (joined,) = document(make.deployment()), make.documents(make.deployment(), make.namespace())
    assert missing_need(rule, alone) == "needs namespace: there is none among what was read"
    assert missing_need(rule, joined) == ""
    assert missing_need(policy(needs=("namespace",)), alone) == ""  # it does not look


def test_a_refused_document_says_why() -> None:
    refused = document(make.deployment({"containers": [5]}))
    rule = policy(needs=("namespace",), reads=("related.namespace",))
    for one in (policy(), rule):
        assert missing_need(one, refused) == refused.refused != ""


@pytest.mark.parametrize(
    "spec", [{"containers": []}, {"containers": None}, {"container": [{}]}, {"initContainers": [{}]}]
)
@pytest.mark.parametrize(
    ("kind", "where"), [("Pod", "spec"), ("CronJob", "spec.jobTemplate.spec.template.spec")]
)
def test_a_pod_without_containers(spec: dict[str, Any], kind: str, where: str) -> None:
    assert document(make.workload(kind, spec)).hollow == f"{where}.containers is missing or empty"


def test_what_is_not_hollow() -> None:
    for body in (make.deployment(), make.namespace()):
        assert document(body).hollow == ""


# --- identities -----------------------------------------------------------------------------------


def identities(body: dict[str, Any], *paths: str) -> tuple[str, ...]:
    return keys([Violation(path, "x") for path in paths], Places(document(body)))


def test_an_identity_is_the_key_or_the_place() -> None:
    seen = document(make.deployment())
    violations = [Violation("/spec/template/spec/containers/0", "x"), Violation("/spec", "x", key="own")]
    assert keys(violations, Places(seen)) == ("containers/[web]", "own")
    assert Places(seen)["/spec"] == "spec"


def test_the_same_capability_twice() -> None:
    added = make.container(securityContext={"capabilities": {"add": ["SYS_TIME", "SYS_TIME"]}})
    path = "/spec/containers/0/securityContext/capabilities/add"
    one, other = identities(make.pod({"containers": [added]}), f"{path}/0", f"{path}/1")
    assert one != other
    assert identities(make.pod({"containers": [added]}), f"{path}/0") == (
        "containers/[web]/securityContext/capabilities/add/[SYS_TIME]",
    )


def test_ports_of_the_same_number() -> None:
    ports = [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 80, "hostPort": 8081}]
    first = make.pod({"containers": [make.container(ports=ports)]})
    second = make.pod({"containers": [make.container(ports=ports[::-1])]})
    paths = [f"/spec/containers/0/ports/{index}/hostPort" for index in (0, 1)]
    assert len(set(identities(first, *paths))) == 2
    assert identities(first, *paths) == identities(second, *paths[::-1])


def test_a_result_with_such_twins_is_a_fail() -> None:
    body = make.deployment({"containers": [make.container(), make.container()]})
    verdict = Verdict(tuple(Violation(f"/spec/template/spec/containers/{index}", "x") for index in (0, 1)))
    rule = policy()
    (found,) = results(Answer(document(body), {rule.id: verdict}), {rule.id: rule}).told
    assert found.status is Status.FAIL

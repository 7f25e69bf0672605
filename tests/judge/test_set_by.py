"""A finding says who set what it is about, where the cluster tells."""

from __future__ import annotations

from auditor.judge.families import families
from auditor.judge.findings import findings
from auditor.judge.results import results
from auditor.model import Answer, Body, Document, SetBy, Verdict, Violation
from auditor.record import Finding
from tests import factories as make
from tests.factories import documents, policy

BAD = make.pod_spec(hostPID=True)
FIELDS: Body = {"f:spec": {"f:template": {"f:spec": {"f:hostPID": {}}}}}
ENTRY = {"manager": "helm", "operation": "Apply", "time": "2026-05-01T08:00:00Z", "fieldsV1": FIELDS}
OWNED = make.deployment(BAD, uid="uid-web", managedFields=[ENTRY])


def judged(document: Document) -> Verdict:
    paths = (f"{document.pod_path}/hostPID", f"{document.pod_path}/hostIPC")
    return Verdict(tuple(Violation(path, "It is so.") for path in paths))


def found(*bodies: Body) -> list[Finding]:
    one = policy()
    answers = (Answer(seen, {one.id: judged(seen)}) for seen in documents(*bodies))
    return findings(families(results(answer, {one.id: one}) for answer in answers), {})


def test_who_set_it_is_told() -> None:
    by_path = {one.path: one.set_by for one in found(OWNED)}
    assert by_path == {
        "/spec/template/spec/hostPID": SetBy("helm", "Apply", "2026-05-01T08:00:00Z"),
        "/spec/template/spec/hostIPC": None,
    }


def test_the_template_answers_for_its_pods() -> None:
    told = found(OWNED, make.live(BAD, index=1, by=OWNED))
    assert [bool(one.set_by) for one in told] == [False, True]
    assert [one.pods.total for one in told if one.pods] == [1, 1]


def test_without_managed_fields_nobody_is_named() -> None:
    assert [one.set_by for one in found(make.deployment(BAD, uid="uid-web"))] == [None, None]


def test_who_set_it_is_no_part_of_the_identity() -> None:
    with_it, without = found(OWNED), found(make.deployment(BAD, uid="uid-web"))
    assert [one.fingerprint for one in with_it] == [one.fingerprint for one in without]

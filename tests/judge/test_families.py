"""Template, live variants and the pods of outside owners bear their verdicts together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from auditor.judge.families import Family, families
from auditor.judge.findings import findings
from auditor.judge.results import results
from auditor.model import Answer, Body, Document, Failure, Origin, Resource, Status, Verdict, Violation
from auditor.record import Finding
from auditor.rules import Policy
from tests import factories as make
from tests.factories import documents, policy

Rule = Callable[[Document], Verdict | Failure]


def host_pid(document: Document) -> Verdict:
    """A policy: fails pods on the process namespace of the host."""
    path = f"{document.pod_path}/hostPID"
    on = make.part(document, "pod")["spec"].get("hostPID") is True
    return (
        Verdict((Violation(path, "It sees every process.", patch=[{"op": "remove", "path": path}]),))
        if on
        else Verdict()
    )


def judged(found: Iterable[Document], rule: Rule = host_pid, by: Policy | None = None) -> list[Family]:
    by = by or policy()
    return families(results(Answer(seen, {by.id: rule(seen)}), {by.id: by}) for seen in found)


def found(bodies: Iterable[Body], rule: Rule = host_pid) -> list[Finding]:
    return findings(judged(documents(*bodies), rule), {})


BAD = make.pod_spec(hostPID=True)
OWNER = make.deployment(uid="uid-web")
BAD_OWNER = make.deployment(BAD, uid="uid-web")


def test_a_template_and_its_pods_are_one_finding() -> None:
    (one,) = found([BAD_OWNER, *(make.live(BAD, index=number, by=BAD_OWNER) for number in range(3))])
    assert (one.pods.affected, one.pods.total) == (3, 3) if one.pods else False
    assert one.path == "/spec/template/spec/hostPID"
    assert one.message == "It sees every process."
    assert one.patch


def test_what_only_live_pods_have_is_told_of_the_owner() -> None:
    pods = [make.live(index=number, by=OWNER) for number in range(3)]
    pods += [make.live(BAD, index=number, by=OWNER) for number in (7, 8)]
    (one,) = found([OWNER, *pods])
    assert str(one.resource) == "Deployment shop/web"
    assert one.message == "It sees every process. Only in 2 of 5 live pods, not in the template."
    assert one.path == "/spec/hostPID"
    assert one.patch is None  # there is nothing to patch in the template


def test_what_the_template_has_and_not_every_pod() -> None:
    pods = [make.live(BAD, index=1, by=BAD_OWNER), make.live(index=2, by=BAD_OWNER)]
    (one,) = found([BAD_OWNER, *pods])
    assert (one.pods.affected, one.pods.total) == (1, 2) if one.pods else False
    assert "Only in" not in one.message


def test_several_variants_add_up() -> None:
    pods = [
        make.live(BAD, index=1, by=OWNER),
        make.live({**BAD, "hostIPC": True}, index=2, by=OWNER),
        make.live(index=3, by=OWNER),
    ]
    (one,) = found([OWNER, *pods])
    assert "Only in 2 of 3 live pods" in one.message


def test_a_template_without_a_verdict_is_not_said_to_be_clean() -> None:
    def rule(document: Document) -> Verdict | Failure:
        return host_pid(document) if document.variant else Failure("it broke")

    (one,) = found([OWNER, make.live(BAD, by=OWNER)], rule)
    assert one.message == "It sees every process."


def test_the_order_of_the_answers_does_not_matter() -> None:
    bad = {**BAD, "hostIPC": True}
    seen = documents(BAD_OWNER, make.live(bad, index=1, by=BAD_OWNER), make.live(index=2, by=BAD_OWNER))
    expected = findings(judged(seen), {})
    for seed in range(6):
        shuffled = random.Random(seed).sample(seen, len(seen))
        assert findings(judged(shuffled), {}) == expected
    assert expected[0].path == "/spec/template/spec/hostPID"


def test_annotations_of_template_and_pod_are_the_same_place() -> None:
    def rule(document: Document) -> Verdict:
        path = document.pod_path.removesuffix("/spec") + "/metadata/annotations/x"
        return Verdict((Violation(path, "x"),))

    (one,) = found([BAD_OWNER, make.live(by=BAD_OWNER)], rule)
    assert "Only in" not in one.message


def test_pods_of_an_outside_owner_are_one_finding_under_its_name() -> None:
    owner = make.rollout("Workflow")
    pods = [make.live({**BAD, "hostIPC": number % 2 == 0}, index=number, by=owner) for number in range(4)]
    (one,) = found(pods)
    assert (one.pods.affected, one.pods.total) == (4, 4) if one.pods else False
    assert str(one.resource.managed_by) == "Workflow shop/web"
    later = [make.live(BAD, index=number, by=owner) for number in (17, 18)]
    assert found(later)[0].fingerprint == one.fingerprint


def test_replica_sets_of_an_outside_owner_keep_its_name() -> None:
    def sets(*names: str) -> list[Body]:
        return [make.owned(make.workload("ReplicaSet", BAD, name=name), make.rollout()) for name in names]

    (one,), (other,) = found(sets("web-1", "web-2")), found(sets("web-3"))
    assert one.fingerprint == other.fingerprint


def test_what_an_operator_makes_under_lasting_names_is_not_merged() -> None:
    operator = make.rollout("Shop")
    made = [make.owned(make.deployment(BAD, name=name), operator) for name in ("api", "db")]
    one, other = found(made)
    assert one.fingerprint != other.fingerprint
    assert {one.resource.name, other.resource.name} == {"api", "db"}
    (alone,) = found([make.deployment(BAD, name="api")])
    assert alone.fingerprint == one.fingerprint


def test_mirror_pods_bear_their_own() -> None:
    names = ("etcd-a", "etcd-b")
    pods = [make.live(BAD, name=name, annotations={"kubernetes.io/config.mirror": "x"}) for name in names]
    assert {one.resource.name for one in found(pods)} == set(names)


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([Status.PASS, Status.FAIL, Status.NOT_EVALUATED], {Status.FAIL, Status.NOT_EVALUATED}),
        ([Status.FAIL, Status.NOT_APPLICABLE], {Status.FAIL}),
        ([Status.NOT_EVALUATED, Status.PASS, Status.NOT_APPLICABLE], {Status.NOT_EVALUATED}),
        ([Status.NOT_APPLICABLE, Status.PASS], set()),
        ([Status.PASS], set()),
    ],
)
def test_a_family_is_what_is_told_beside_what_is_clear(statuses: list[Status], told: set[Status]) -> None:
    verdicts: dict[Status, Verdict] = {
        Status.PASS: Verdict(),
        Status.FAIL: make.fail(),
        Status.NOT_EVALUATED: Verdict(unknown=("x",)),
        Status.NOT_APPLICABLE: Verdict(skip=("x",)),
    }
    pods = [
        make.live(
            {**BAD, "hostname": "x", "hostIPC": True, "shareProcessNamespace": bool(n)}, index=n, by=OWNER
        )
        for n in range(len(statuses) - 1)
    ]
    seen = documents(OWNER, *pods)
    assert len(seen) == len(statuses)
    answers = iter(statuses)
    found = judged(seen, lambda _: verdicts[next(answers)])
    assert [{one.status for one in family.results} for family in found] == ([told] if told else [])
    assert [len(one.results) + len(one.clear) for one in found] == ([len(statuses)] if told else [])


@pytest.mark.parametrize(
    ("body", "system"),
    [
        (make.deployment(), False),
        (make.deployment(namespace="kube-system"), True),
        (make.deployment(namespace="kube-public"), True),
        (make.deployment(namespace="default"), False),
        (make.namespace("kube-node-lease"), True),
        (make.namespace("shop"), False),
        (make.deployment(name="kube-system"), False),
    ],
)
def test_system_namespaces(body: Body, system: bool) -> None:
    (family,) = judged(documents(body, kinds=[body["kind"]]), lambda _: make.fail())
    assert family.system is system
    assert findings([family], {})[0].system is system


# --- objects that the manifests define more than once ---------------------------------------------


def sources(*resources: Resource) -> dict[str, str]:
    """The fingerprint's idea of where each object stands, by its real place."""
    snapshot = make.snapshot(kind="manifests")
    snapshot = type(snapshot)(snapshot.facts, resources)
    from auditor.document.assemble import assemble

    seen = assemble(snapshot, frozenset({"Deployment"}), frozenset(), make.PARTS)
    found = {}
    for family in judged(list(seen), lambda _: make.fail()):
        for one in family.results:
            origin = one.document.origin or Origin("", 0, 0)
            found[f"{origin.path}:{origin.document}:{origin.line}"] = family.bearer.source
    return found


def at(path: str, document: int = 1, line: int = 1, **fields: Any) -> Resource:
    return make.resource({**make.deployment(), **fields}, path=path, document=document, line=line)


def test_one_definition_has_no_source_in_its_identity() -> None:
    assert sources(at("a.yaml")) == {"a.yaml:1:1": ""}
    assert sources(at("a.yaml"), make.resource(make.deployment(name="other"), path="b.yaml")) == {
        "a.yaml:1:1": "",
        "b.yaml:1:1": "",
    }


def test_two_files() -> None:
    assert sources(at("b.yaml", 7), at("a.yaml")) == {"a.yaml:1:1": "a.yaml", "b.yaml:7:1": "b.yaml"}


def test_one_file_twice() -> None:
    assert sources(at("a.yaml", 3), at("a.yaml", 1), at("b.yaml")) == {
        "a.yaml:1:1": "a.yaml",
        "a.yaml:3:1": "a.yaml#2",
        "b.yaml:1:1": "b.yaml",
    }


def test_twice_in_one_list() -> None:
    assert sources(at("a.yaml", line=2), at("a.yaml", line=9)) == {
        "a.yaml:1:2": "a.yaml",
        "a.yaml:1:9": "a.yaml#2",
    }


def test_the_same_place_read_twice_is_one_definition() -> None:
    assert sources(at("a.yaml"), at("a.yaml")) == {"a.yaml:1:1": ""}


def test_another_version_of_the_same_group_is_the_same_object() -> None:
    assert sources(at("a.yaml"), at("b.yaml", apiVersion="apps/v1beta1")) == {
        "a.yaml:1:1": "a.yaml",
        "b.yaml:1:1": "b.yaml",
    }

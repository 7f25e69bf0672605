"""Findings: fingerprints, evidence, order, supersession."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from auditor.judge.families import Bearer, families
from auditor.judge.findings import EVIDENCE_LIMIT, findings, fingerprint
from auditor.judge.results import results
from auditor.model import Answer, Body, Document, Origin, Verdict, Violation
from auditor.record import Finding
from auditor.rules import Policy, Severity
from tests import factories as make
from tests.factories import document, policy

POD = "/spec/template/spec"


def found(
    seen: Document, verdicts: Sequence[tuple[Policy, Verdict]], **controls: tuple[str, ...]
) -> list[Finding]:
    by_id = {one.id: one for one, _ in verdicts}
    judged = results(Answer(seen, {one.id: verdict for one, verdict in verdicts}), by_id)
    return findings(families([judged]), controls)


def only(body: Body, verdict: Verdict, by: Policy | None = None, **options: Any) -> Finding:
    (one,) = found(document(body, **options), [(by or policy(), verdict)])
    return one


# --- fingerprints ---------------------------------------------------------------------------------


def test_a_fingerprint_by_hand() -> None:
    one = only(make.deployment(), make.fail(f"{POD}/containers/0/securityContext"))
    canonical = b'["no_web","apps","Deployment","shop","web","","containers/[web]/securityContext"]'
    assert one.fingerprint == hashlib.sha256(canonical).hexdigest()


def test_a_fingerprint_by_hand_of_a_renamed_policy_and_a_file() -> None:
    bearer = Bearer("", "Pod", "shop", "web", "a.yaml")
    canonical = b'["former","","Pod","shop","web","a.yaml","k"]'
    renamed = policy(retired_ids=("former", "later"))
    assert fingerprint(renamed, bearer, "k") == hashlib.sha256(canonical).hexdigest()


CONTAINERS = [make.container("a"), make.container("b")]


def of_container(index: int, body: Body, by: Policy | None = None, **options: Any) -> str:
    seen = document(body, **options)
    return only(body, make.fail(f"{seen.pod_path}/containers/{index}"), by, **options).fingerprint


def test_it_does_not_change_with_what_does_not_matter() -> None:
    plain = make.deployment({"containers": CONTAINERS})
    expected = of_container(0, plain)
    assert of_container(1, make.deployment({"containers": CONTAINERS[::-1]})) == expected
    assert of_container(0, {**plain, "apiVersion": "apps/v1beta1"}) == expected
    later = make.deployment(
        {"containers": CONTAINERS, "hostPID": True}, uid="other", creationTimestamp="2026"
    )
    assert of_container(0, later) == expected
    assert of_container(0, plain, policy(severities=(Severity.LOW,), title="New", digest="d")) == expected
    assert of_container(0, plain, policy("new", retired_ids=("no_web",))) == expected
    assert of_container(0, plain, kind="manifests") == expected


@pytest.mark.parametrize(
    "other",
    [
        of_container(1, make.deployment({"containers": CONTAINERS})),
        of_container(0, make.deployment({"containers": CONTAINERS}, name="other")),
        of_container(0, make.deployment({"containers": CONTAINERS}, namespace="other")),
        of_container(0, make.workload("StatefulSet", {"containers": CONTAINERS})),
        of_container(0, make.deployment({"containers": CONTAINERS}), policy("other")),
    ],
)
def test_it_changes_with_what_does(other: str) -> None:
    assert of_container(0, make.deployment({"containers": CONTAINERS})) != other


def test_the_own_key_of_a_policy_is_the_identity() -> None:
    one = only(make.deployment(), make.fail("/spec/replicas", key="k"))
    other = only(make.deployment(), make.fail(f"{POD}/hostPID", key="k"))
    assert one.fingerprint == other.fingerprint


# --- what a finding says --------------------------------------------------------------------------


def test_everything_that_a_finding_says() -> None:
    verdict = make.fail(
        "/spec/replicas",
        "Too few.",
        evidence={"replicas": 1},
        severity=Severity.LOW,
        related=({"kind": "Service"},),
        patch=[{"op": "add"}],
    )
    by = policy(severities=(Severity.HIGH, Severity.LOW))
    (one,) = found(document(make.deployment()), [(by, verdict)], no_web=("f/1", "f/2"))
    assert (one.policy, one.title, one.severity) == ("no_web", "Title of no_web", Severity.LOW)
    assert (one.category, one.status, one.remediation) == ("pod_security", "open", "Change it.")
    assert (one.path, one.message, one.evidence) == ("/spec/replicas", "Too few.", {"replicas": 1})
    assert (one.related, one.patch) == (({"kind": "Service"},), [{"op": "add"}])
    assert one.controls == ("f/1", "f/2")
    assert (str(one.resource), one.resource.apiVersion) == ("Deployment shop/web", "apps/v1")
    assert one.superseded_by is None


def test_what_else_is_unknown_is_evidence() -> None:
    verdict = Verdict((Violation("/spec", "x", evidence={"a": 1}),), unknown=("the image", "the port"))
    assert only(make.deployment(), verdict).evidence == {"a": 1, "unknown": ["the image", "the port"]}


def test_evidence_is_bounded() -> None:
    fits = {"a": "x" * (EVIDENCE_LIMIT - len('{"a":""}'))}
    assert only(make.deployment(), make.fail(evidence=fits)).evidence == fits
    large = {"a": "x" * EVIDENCE_LIMIT, "b": 1}
    assert only(make.deployment(), make.fail(evidence=large)).evidence == {
        "truncated": {"bytes": len(msgspec.json.encode(large)), "fields": 2},
        "b": 1,
    }


class Lines:
    def line(self, pointer: str) -> int:
        return 40 + len(pointer)


def test_lines() -> None:
    resource = make.resource(make.deployment(), path="a.yaml", document=2, line=7)
    with_lines = msgspec.structs.replace(resource, lines=Lines())
    for one, line in ((resource, 7), (with_lines, 45)):
        seen = msgspec.structs.replace(document(make.deployment()), origin=one.origin, lines=one.lines)
        (finding,) = found(seen, [(policy(), make.fail("/spec"))])
        source = finding.resource.source
        assert source
        assert (source.path, source.document, source.line) == ("a.yaml", 2, line)
    assert only(make.deployment(), make.fail()).resource.source is None
    assert resource.origin == Origin("a.yaml", 2, 7)


def test_worst_first_and_always_in_the_same_order() -> None:
    rules = [
        policy("a", severities=(Severity.LOW,)),
        policy("b", severities=(Severity.CRITICAL,)),
        policy("c"),
    ]
    bodies = [make.deployment(name=name, namespace=space) for name in "xy" for space in ("q", "p")]
    verdict = Verdict((Violation("/spec/b", "x"), Violation("/spec/a", "x")))
    judged = [
        results(Answer(document(body), dict.fromkeys("abc", verdict)), {rule.id: rule for rule in rules})
        for body in bodies
    ]
    expected = findings(families(judged), {})
    assert [one.severity for one in expected] == sorted(
        (one.severity for one in expected), key=lambda one: one.rank
    )
    first = expected[:3]
    assert [(one.policy, one.resource.namespace, one.resource.name, one.path) for one in first] == [
        ("b", "p", "x", "/spec/a"),
        ("b", "p", "x", "/spec/b"),
        ("b", "p", "y", "/spec/a"),
    ]
    for seed in range(5):
        assert findings(families(random.Random(seed).sample(judged, len(judged))), {}) == expected
    assert len({one.fingerprint for one in expected}) == len(expected)


# --- supersession ---------------------------------------------------------------------------------


def superseded(
    small: str, big: str, *, big_policy: Policy | None = None, small_policy: Policy | None = None
) -> str | None:
    """By whom the finding at the place `small` is superseded, with another at `big`."""
    rules = [
        (small_policy or policy("small"), make.fail(small)),
        (big_policy or policy("big", supersedes=("small",)), make.fail(big)),
    ]
    both = found(document(make.deployment({"containers": CONTAINERS})), rules)
    assert len(both) == 2
    assert all(one.superseded_by is None for one in both if one.policy != "small")
    return next(one.superseded_by for one in both if one.policy == "small")


@pytest.mark.parametrize(
    ("small", "big", "by"),
    [
        (f"{POD}/containers/0", f"{POD}/containers/0", "big"),
        (f"{POD}/containers/0", f"{POD}/containers/0/securityContext", "big"),
        (f"{POD}/containers/0/securityContext", f"{POD}/containers/0", "big"),
        (f"{POD}/containers/0", f"{POD}/containers/1", None),
        (f"{POD}/containers/0", POD, "big"),
        (f"{POD}/hostPID", f"{POD}/hostPIDs", None),
        ("/metadata/annotations/x", f"{POD}/hostPID", None),
    ],
)
def test_the_same_root_cause_at_the_same_place(small: str, big: str, by: str | None) -> None:
    assert superseded(small, big) == by


def test_only_who_says_so_supersedes() -> None:
    assert superseded(POD, POD, big_policy=policy("big")) is None


def test_a_custom_policy_hides_nothing_of_ours() -> None:
    custom = policy("big", supersedes=("small",), custom=True)
    assert superseded(POD, POD, big_policy=custom) is None
    assert superseded(POD, POD, big_policy=custom, small_policy=policy("small", custom=True)) == "big"
    assert superseded(POD, POD, small_policy=policy("small", custom=True)) == "big"


def test_another_object_supersedes_nothing() -> None:
    rules = {"small": policy("small"), "big": policy("big", supersedes=("small",))}
    judged = [
        results(Answer(document(make.deployment(name=name)), {name: make.fail(POD)}), rules) for name in rules
    ]
    assert [one.superseded_by for one in findings(families(judged), {})] == [None, None]


def test_a_template_supersedes_what_only_live_pods_have() -> None:
    owner = make.deployment(uid="uid-web")
    template, variant = make.documents(owner, make.live(make.pod_spec(hostPID=True), by=owner))
    rules = {"small": policy("small"), "big": policy("big", supersedes=("small",))}
    judged = [
        results(Answer(template, {"big": make.fail(f"{POD}/hostNetwork"), "small": Verdict()}), rules),
        results(
            Answer(variant, {"big": make.fail("/spec/hostNetwork"), "small": make.fail("/spec/hostNetwork")}),
            rules,
        ),
    ]
    assert {one.policy: one.superseded_by for one in findings(families(judged), {})} == {
        "big": None,
        "small": "big",
    }

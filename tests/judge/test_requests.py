"""What objects ask for, and whose they are: shown beside their findings, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.assemble import MAX_REQUEST, REQUEST, assemble
from auditor.document.kinds import WORKLOADS
from auditor.judge.families import families
from auditor.judge.findings import findings
from auditor.judge.requests import malformed, requested
from auditor.judge.results import judged, results
from auditor.model import Answer, Body, Document
from auditor.record import Finding
from tests import factories as make
from tests.factories import policy

TEXT = "no_web, other: The proxy needs it until May."


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (TEXT, True),
        ("no_web: x", True),
        ("  no_web :x", True),
        ("other,no_web:x: y", True),
        ("former: x", True),
        ("other: no_web", False),
        ("no_webs: x", False),
        ("no_web", False),
        ("no_web:", False),
        ("no_web: ", False),
        (": x", False),
        ("no_web,: x", False),
        ("no_web other: x", False),
        ("please", False),
        ("", False),
    ],
)
def test_only_findings_that_it_names_have_a_request(text: str, asks: bool) -> None:
    assert requested(text, policy(retired_ids=("former",))) == (text if asks else "")


def documents(*bodies: Body, label: str = "", kind: str = "cluster") -> list[Document]:
    snapshot = make.snapshot(*bodies, kind=kind)
    return list(assemble(snapshot, frozenset(WORKLOADS), frozenset(), make.PARTS, owner_label=label))


def found(seen: Document, *names: str) -> list[Finding]:
    policies = {name: policy(name) for name in names}
    return findings(families([results(Answer(seen, {name: make.fail() for name in names}), policies)]), {})


def test_a_finding_says_what_its_object_asks_for() -> None:
    [seen] = documents(make.deployment(annotations={REQUEST: TEXT}))
    told = {one.policy: (one.waiver_request, one.status) for one in found(seen, "no_web", "third")}
    assert told == {"no_web": (TEXT, "open"), "third": ("", "open")}
    assert judged(seen).waiver_request == TEXT


def test_it_is_cut_off() -> None:
    [seen] = documents(make.deployment(annotations={REQUEST: "no_web: " + "x" * 1000}))
    assert len(seen.waiver_request) == MAX_REQUEST == 500


def test_a_request_of_the_template_is_none() -> None:
    """Whoever makes the pods' template need not be who answers for the object."""
    body = make.deployment()
    body["spec"]["template"]["metadata"]["annotations"] = {REQUEST: TEXT}
    assert [one.waiver_request for one in documents(body)] == [""]


def test_a_request_that_looks_like_a_credential_is_not_shown() -> None:
    [seen] = documents(make.deployment(annotations={REQUEST: "ghp_" + "a1B2" * 9}))
    assert seen.waiver_request == ""


def test_what_cannot_be_understood_is_remarked_once() -> None:
    seen = documents(
        make.deployment(name="a", annotations={REQUEST: TEXT}),
        make.deployment(name="b", annotations={REQUEST: "please"}),
        make.deployment(name="c"),
    )
    told = [(one.ref.name, text) for one, text in malformed([*seen, *seen])]
    reason = f"its annotation {REQUEST} asks for nothing: it is no `POLICY[, POLICY]: reason`"
    assert told == [("b", reason)]


# --- whose it is --------------------------------------------------------------------------------


def labelled(value: str) -> dict[str, Any]:
    return {"labels": {"team": value}}


def test_an_object_belongs_to_whom_its_label_names_else_that_of_its_namespace() -> None:
    bodies = (
        make.obj("Namespace", name="shop", **labelled("shopping")),
        make.obj("Namespace", name="bare"),
        make.deployment(name="own", **labelled("alpha")),
        make.deployment(name="none"),
        make.deployment(name="bare", namespace="bare"),
        make.deployment(name="unknown", namespace="unread"),
    )
    for kind in ("cluster", "manifests"):
        owners = {one.ref.name: one.owner for one in documents(*bodies, label="team", kind=kind)}
        assert owners == {"own": "alpha", "none": "shopping", "bare": "", "unknown": ""}
    assert {one.owner for one in documents(*bodies)} == {""}


def test_a_manifest_without_a_namespace_is_in_default() -> None:
    body = make.deployment()
    del body["metadata"]["namespace"]
    default = make.obj("Namespace", name="default", **labelled("ops"))
    assert [one.owner for one in documents(default, body, label="team", kind="manifests")] == ["ops"]


def test_variants_belong_to_their_owner() -> None:
    web = make.deployment(uid="d", annotations={REQUEST: TEXT}, **labelled("alpha"))
    other = make.live(
        make.pod_spec(hostPID=True), by=web, annotations={REQUEST: "no_web: me too"}, **labelled("beta")
    )
    template, variant = documents(web, other, label="team")
    assert (template.variant, variant.variant) == (False, True)
    assert variant.owner == template.owner == "alpha"
    assert variant.waiver_request == template.waiver_request == TEXT
    [finding] = found(template, "no_web")
    assert finding.owner == "alpha"
    assert judged(variant).owner == "alpha"

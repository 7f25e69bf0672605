"""The one matcher: which findings a waiver fits, and when it may be said that it fits none."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.matching import Looked, by_policy, looked_by
from auditor.objects import ObjectRef, ResourceEntry
from auditor.record import BundleEntry, Finding, GapEntry, NotEvaluated, RuleEntry, WaiverEntry
from auditor.waiver import Terms, Waiver
from tests.judge.accepting import (
    ALL,
    CRITICAL,
    TERMS,
    applied,
    state,
    status,
    waiver,
)
from tests.report import records
from tests.report.records import WEB, finding

# --- which findings ---------------------------------------------------------------------------------

ROLLOUT = ResourceEntry(
    "apps/v1",
    "ReplicaSet",
    "shop",
    "web-5d9c",
    managed_by=ObjectRef("Rollout", "web", "argoproj.io/v1", "shop"),
)
OPERATED = ResourceEntry(
    "apps/v1",
    "StatefulSet",
    "shop",
    "kafka-0",
    managed_by=ObjectRef("Kafka", "bus", "kafka.example/v1", "shop"),
)
MIRROR = ResourceEntry("v1", "Pod", "kube-system", "etcd-one", managed_by=ObjectRef("Node", "one", "v1"))

FITS: list[tuple[ResourceEntry, dict[str, str], bool]] = [
    (WEB, {"namespace": "shop"}, True),
    (WEB, {"namespace": "sho"}, False),
    (WEB, {"namespace": "s*"}, True),
    (WEB, {"kind": "Deployment", "name": "web"}, True),
    (WEB, {"kind": "deployment"}, False),
    (WEB, {"kind": "Deployment", "name": "we?"}, True),
    (WEB, {"namespace": "shop", "name": "database"}, False),
    (WEB, {"path": "/spec/template/spec/containers/0/securityContext/privileged"}, True),
    (WEB, {"path": "/spec/template/spec/containers/0"}, False),
    (WEB, {"path": "*/privileged"}, True),
    (WEB, {"fingerprint": finding().fingerprint}, True),
    (WEB, {"fingerprint": finding().fingerprint, "namespace": "other"}, False),
    (WEB, {"fingerprint": "0" * 64}, False),
    (ROLLOUT, {"kind": "Rollout", "name": "web"}, True),
    (ROLLOUT, {"kind": "ReplicaSet", "name": "web-*"}, True),
    (ROLLOUT, {"kind": "Rollout", "name": "web-*"}, False),
    (ROLLOUT, {"kind": "ReplicaSet", "name": "web"}, False),
    # what an operator makes under a name that stays answers for itself
    (OPERATED, {"kind": "Kafka"}, False),
    (OPERATED, {"kind": "StatefulSet", "name": "kafka-0"}, True),
    (MIRROR, {"kind": "Node", "name": "one"}, False),
    (MIRROR, {"kind": "Pod", "name": "etcd-*"}, True),
]


@pytest.mark.parametrize(("resource", "match", "fits"), FITS)
def test_the_object(resource: ResourceEntry, match: dict[str, str], fits: bool) -> None:
    expected = ("waived", "w-1") if fits else ("open", None)
    fingerprint = finding().fingerprint
    assert status(finding(resource=resource, fingerprint=fingerprint), waiver(match=match)) == expected


def test_the_policy_by_any_id_that_it_ever_had() -> None:
    looked = Looked(policies={"privileged": ("privileged", "privileged_container", "psp_privileged")})
    for name in ("privileged", "privileged_container", "psp_privileged", "psp_*", "*_container"):
        assert status(CRITICAL, waiver(policy=name), looked=looked)[0] == "waived", name
    for name in ("privilege", "psp", "rivileged"):
        assert status(CRITICAL, waiver(policy=name), looked=looked)[0] == "open", name


@pytest.mark.parametrize(
    ("cluster", "names", "expected"),
    [
        ("prod", ("prod",), "waived"),
        ("prod", ("0a1b", "prod"), "waived"),
        ("prod-*", ("prod-eu",), "waived"),
        ("prod", ("staging",), "open"),
        ("prod", (), "open"),
        ("*", (), "open"),
        ("", (), "waived"),
    ],
)
def test_the_cluster(cluster: str, names: tuple[str, ...], expected: str) -> None:
    looked = msgspec.structs.replace(ALL, clusters=names)
    match = {"namespace": "shop", "cluster": cluster}
    assert status(CRITICAL, waiver(match=match), looked=looked)[0] == expected


def test_every_field_narrows() -> None:
    match = {"namespace": "shop", "kind": "Deployment", "name": "web", "path": CRITICAL.path}
    assert status(CRITICAL, waiver(match=match))[0] == "waived"
    for field in match:
        assert status(CRITICAL, waiver(match={**match, field: "other"}))[0] == "open", field


def test_superseded_findings_and_those_of_system_namespaces_are_accepted_too() -> None:
    hidden = finding(superseded_by="other", fingerprint="1" * 64)
    inside = finding(system=True, fingerprint="2" * 64)
    assert [one.status for one in applied(waiver(), findings=(hidden, inside)).findings] == ["waived"] * 2


@given(st.data())
def test_the_index_forgets_no_waiver(data: st.DataObject) -> None:
    """What is found through the index is what asking every waiver would find."""
    names = st.sampled_from(["a", "b", "a*", "?", ""])
    match: st.SearchStrategy[dict[str, str]] = st.builds(
        dict, namespace=names, kind=names, name=names, fingerprint=st.sampled_from(["", "f", "g", "f*"])
    )
    policies = st.sampled_from(["p", "q", "p*", "*"])
    waivers = [
        waiver(str(number), policy, match=fields, expires="2027-01-31")
        for number, (policy, fields) in enumerate(data.draw(st.lists(st.tuples(policies, match), max_size=6)))
    ]
    two = st.sampled_from(["a", "b", "ab"])
    findings = [
        finding(policy, "low", ResourceEntry("v1", kind, namespace, name), fingerprint=fingerprint)
        for policy, kind, namespace, name, fingerprint in data.draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["p", "q", "pq"]), two, two, two, st.sampled_from(["f", "g", "fg"])
                ),
                max_size=6,
            )
        )
    ]
    result = applied(*waivers, findings=findings, terms=Terms(broad_matches=99))
    for number, one in enumerate(waivers):
        alone = applied(one, findings=findings, terms=Terms(broad_matches=99))
        expected = sum(_fits(one, each) for each in findings)
        entries = {entry.id: entry for entry in result.entries}
        assert entries[str(number)].matched == alone.entries[0].matched == expected
    assert [one.status != "open" for one in result.findings] == [
        any(_fits(one, each) for one in waivers) for each in findings
    ]


def _fits(one: Waiver, each: Finding) -> bool:
    resource, match = each.resource, one.match
    pairs = [
        (each.policy, one.policy),
        (resource.namespace, match.namespace),
        (resource.kind, match.kind),
        (resource.name, match.name),
        (each.fingerprint, match.fingerprint),
    ]
    return all(fnmatchcase(text, pattern or "*") for text, pattern in pairs)


# --- unused, or not looked at -----------------------------------------------------------------------


def unfitting(match: dict[str, str] | None = None, policy: str = "privileged", **looked: Any) -> WaiverEntry:
    """What is said of a waiver that fits no finding of an audit."""
    looked["not_evaluated"] = by_policy(looked.get("not_evaluated", ()))
    seen = msgspec.structs.replace(ALL, **looked)
    one = waiver(policy=policy, match=match or {"namespace": "shop"}, expires="2027-01-31")
    return state(one, findings=(), looked=seen, terms=TERMS)


def test_unused_if_everything_it_could_fit_was_judged() -> None:
    entry = unfitting()
    assert (entry.state, entry.message, entry.matched) == ("unused", "fits nothing any more: delete it", 0)


GAP = GapEntry(kind="Deployment", reason="403", effect="x")
UNJUDGED = NotEvaluated("privileged", "too large", WEB)

BLIND: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({}, {"policies": {}}, "policy privileged was not judged"),
    ({}, {"policies": {}, "others": {"privileged": ("privileged",)}}, "policy privileged was not judged"),
    ({}, {"not_evaluated": (UNJUDGED,)}, "privileged has no verdict on Deployment shop/web"),
    ({"kind": "StatefulSet"}, {"not_evaluated": (UNJUDGED,)}, ""),
    ({"name": "database"}, {"not_evaluated": (UNJUDGED,)}, ""),
    ({"namespace": "other"}, {"not_evaluated": (UNJUDGED,)}, ""),
    ({}, {"not_evaluated": (NotEvaluated("host_network", "too large", WEB),)}, ""),
    (
        {},
        {"not_evaluated": (NotEvaluated("privileged", "403", kind="Job"),)},
        "privileged has no verdict on every Job",
    ),
    ({"kind": "Deployment"}, {"not_evaluated": (NotEvaluated("privileged", "403", kind="Job"),)}, ""),
    ({}, {"not_evaluated": (NotEvaluated("privileged", "none"),)}, "privileged has no verdict on anything"),
    ({}, {"gaps": (GAP,)}, "Deployment was not read"),
    ({"kind": "Deploy*"}, {"gaps": (GAP,)}, "Deployment was not read"),
    ({"kind": "Rollout"}, {"gaps": (GAP,)}, "Deployment was not read"),
    ({"kind": "StatefulSet"}, {"gaps": (GAP,)}, ""),
    ({}, {"gaps": (msgspec.structs.replace(GAP, namespace="shop"),)}, "Deployment in shop was not read"),
    ({}, {"gaps": (msgspec.structs.replace(GAP, namespace="other"),)}, ""),
    (
        {"namespace": "o*"},
        {"gaps": (msgspec.structs.replace(GAP, namespace="other"),)},
        "Deployment in other was not read",
    ),
    (
        {},
        {"gaps": (GapEntry(kind=None, reason="excluded", effect="x", namespace="sh*"),)},
        "namespace sh* was not read",
    ),
    (
        {"namespace": "s*"},
        {"gaps": (GapEntry(kind=None, reason="excluded", effect="x", namespace="*-dev"),)},
        "namespace *-dev was not read",
    ),
    ({}, {"gaps": (GapEntry(kind="Node", reason="403", effect="x"),)}, ""),
    ({}, {"gaps": (GapEntry(kind=None, reason="broken", effect="x"),)}, "a document was not read"),
    ({}, {"namespaces": ("shop",)}, ""),
    ({}, {"namespaces": ("other", "more")}, "the audit was limited to namespaces other, more"),
    ({"namespace": "s*"}, {"namespaces": ("shop",)}, "the audit was limited to namespaces shop"),
    ({"cluster": "prod"}, {"clusters": ("staging",)}, "it is for cluster prod"),
    ({"cluster": "prod"}, {"clusters": ("prod",)}, ""),
]


@pytest.mark.parametrize(("match", "looked", "reason"), BLIND)
def test_what_was_not_looked_at_makes_nothing_unused(
    match: dict[str, str], looked: dict[str, Any], reason: str
) -> None:
    entry = unfitting({"namespace": "shop", **match}, **looked)
    assert entry.state == ("active" if reason else "unused")
    assert entry.message == (
        f"fits nothing of what was looked at: {reason}" if reason else "fits nothing any more: delete it"
    )


def test_a_pattern_of_policies_is_unused_only_if_all_of_them_judged() -> None:
    entry = unfitting(policy="host_*", others={"host_pid": ("host_pid",)})
    assert (entry.state, entry.message) == (
        "active",
        "fits nothing of what was looked at: not all its policies were judged",
    )


def test_what_an_audit_of_the_record_looked_at() -> None:
    """The same as when it was made: switched-off policies hide nothing, namespaces left out do."""
    left_out = GapEntry(kind=None, reason="excluded", effect="x", namespace="dev-*")
    off = GapEntry(kind=None, reason="policy off is switched off", effect="x", policy="off")
    node = GapEntry(kind="Node", reason="limited", effect="x")
    rules = (RuleEntry("privileged", "d", first_id="psp_privileged"), RuleEntry("off", "d"))
    whole = records.audit()
    run = msgspec.structs.replace(
        whole.audit,
        source={"kind": "cluster", "cluster_id": "0a1b", "name": "prod", "namespaces": ["shop"]},
        bundle=BundleEntry("sha256:d", ("privileged",), rules),
    )
    record = msgspec.structs.replace(whole, audit=run, out_of_reach=(left_out, off, node))
    looked = looked_by(record)
    assert {name: set(ids) for name, ids in looked.policies.items()} == {
        "privileged": {"privileged", "psp_privileged"}
    }
    assert list(looked.others) == ["off"]
    assert (looked.clusters, list(looked.namespaces)) == (("0a1b", "prod"), ["shop"])
    assert looked.controls["pss_baseline/privileged"] == ("privileged",)
    assert looked.controls["cis_2_0_1/5.1.1"] == ()
    assert list(looked.gaps) == [*whole.gaps, left_out, node]
    assert looked.not_evaluated == by_policy(whole.not_evaluated)


def test_without_an_audit_nothing_is_unused() -> None:
    entry = state(waiver(expires="2027-01-31"), findings=(), looked=None)
    assert (entry.state, entry.message) == ("active", "")

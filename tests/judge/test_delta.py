"""Deltas: every finding is in one place, and what was not looked at is never resolved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.delta import between, delta, known
from auditor.judge.diff import diff
from auditor.past import Against, Delta, FirstSeen, RuleChanges
from auditor.record import Audit, BundleEntry, Finding, NotEvaluated, RuleEntry
from auditor.rules import Severity
from tests.judge import audits as make
from tests.judge.audits import AGAINST, audit, bundle, entry, finding, gap, manifests, rule


def compared(before: Audit, after: Audit) -> tuple[list[str], int, list[str], list[str]]:
    """Fingerprints that are new, how many are unchanged, those that are resolved, and unknown."""
    found = between(before, after)
    return (
        list(found.new),
        found.unchanged,
        [one.fingerprint for one in found.resolved],
        [one.finding.fingerprint for one in found.unknown],
    )


# --- new, unchanged, resolved ---------------------------------------------------------------------


def test_the_three_sorts() -> None:
    before = audit(finding("a"), finding("b"), day=1)
    after = audit(finding("b"), finding("c"))
    assert compared(before, after) == (["p Deployment shop/c"], 1, ["p Deployment shop/a"], [])


def test_what_it_is_against() -> None:
    before, after = audit(day=1), audit()
    assert between(before, after).against == Against("audit", "audit-1", "2026-11-01T08:00:00Z")
    assert between(before, after, "baseline").against.kind == "baseline"
    assert delta(after, [], AGAINST, None) == Delta(AGAINST, (), 0, (), ())


def test_sorted_whatever_the_order() -> None:
    bad = finding("a", severity=Severity.CRITICAL)
    some = [finding("c"), finding("b"), bad]
    assert compared(audit(), audit(*some))[0] == [f"p Deployment shop/{name}" for name in "abc"]
    gone = between(audit(*some), audit()).resolved
    assert [one.resource.name for one in gone] == ["a", "b", "c"]
    assert gone == between(audit(*some[::-1]), audit()).resolved


def test_waived_superseded_and_system_findings_are_compared_as_all_others() -> None:
    some = [
        finding("a", status="waived"),
        finding("b", superseded_by="q"),
        finding("c", system=True),
        finding("d", status="expired_waiver"),
    ]
    assert len(compared(audit(), audit(*some))[0]) == 4
    resolved = between(audit(*some), audit()).resolved
    assert [(one.status, one.superseded, one.system) for one in resolved] == [
        ("waived", False, False),
        ("open", True, False),
        ("open", False, True),
        ("expired_waiver", False, False),
    ]


def test_what_is_known_of_a_finding() -> None:
    one = finding(first_seen=FirstSeen("2026-10-01T00:00:00Z", "baseline"))
    assert known(audit(one, finding("b"))) == {
        one.fingerprint: make.known(one, first_seen=one.first_seen),
        "p Deployment shop/b": make.known(finding("b")),
    }
    renamed = known(audit(one, by=bundle(rule(first_id="former"))))
    assert renamed[one.fingerprint].first_id == "former"
    assert known(audit(one, by=bundle(rule(first_id="p"))))[one.fingerprint].first_id == ""


# --- changes of the rules -------------------------------------------------------------------------


def changes(before: BundleEntry, after: BundleEntry) -> dict[str, tuple[str, ...]]:
    """What changed, without what did not."""
    found = between(audit(by=before), audit(by=after)).rules
    return {name: value for name in found.__struct_fields__ if (value := getattr(found, name))}


RULES: dict[str, tuple[RuleEntry, dict[str, Any]]] = {
    "nothing": (rule(), {}),
    "module": (rule(digest="e"), {"changed": ("p",)}),
    "parameters": (rule(parameters={"days": 30}), {"parameters": ("p",)}),
    "parameters of a namespace": (rule(namespaces={"shop": {"days": 30}}), {"parameters": ("p",)}),
    "severity": (rule(severity=Severity.LOW), {"severity": ("p",)}),
    "all at once": (
        rule(digest="e", parameters={"days": 1}, severity=Severity.LOW),
        {"changed": ("p",), "parameters": ("p",), "severity": ("p",)},
    ),
    "a name": (rule("q", first_id="p"), {}),
    "a name and a module": (rule("q", "e", first_id="p"), {"changed": ("q",)}),
}


@pytest.mark.parametrize(("now", "expected"), RULES.values(), ids=RULES)
def test_a_rule_that_changed(now: RuleEntry, expected: dict[str, Any]) -> None:
    assert changes(bundle("o", "p"), bundle("o", now)) == expected


def test_rules_that_came_and_went() -> None:
    assert changes(bundle("a", "b"), bundle("b", "d", "c")) == {"added": ("c", "d"), "removed": ("a",)}
    less = bundle("a", "b", "c", selected=["a", "b"])
    more = bundle("a", "b", "c", selected=["b", "c"])
    assert changes(less, more) == {"selected": ("c",), "deselected": ("a",)}
    assert changes(bundle("a", selected=[]), bundle("a", "b")) == {"added": ("b",), "selected": ("a",)}


def test_older_records_are_compared_as_far_as_possible() -> None:
    old = BundleEntry("sha256:d", ("a", "b"))
    assert changes(old, BundleEntry("sha256:d", ("b", "c"))) == {"selected": ("c",), "deselected": ("a",)}
    assert changes(old, BundleEntry("sha256:e", ("b", "c"))) == {"added": ("c",), "removed": ("a",)}
    assert changes(old, bundle("b", "c", digest="sha256:e")) == {"added": ("c",), "removed": ("a",)}
    assert changes(old, bundle("a", "b")) == {}


# --- two audits side by side ----------------------------------------------------------------------


def test_a_diff_holds_the_new_findings_whole() -> None:
    a = audit(finding("a", severity=Severity.LOW), finding("b"), day=1)
    b = audit(finding("b"), finding("c"))
    found = diff(a, b)
    assert found.delta.new == (finding("c"),)
    assert [one.fingerprint for one in found.delta.resolved] == ["p Deployment shop/a"]
    assert (found.delta.unchanged, found.warnings, found.changes) == (1, (), ())
    assert (found.a.id, found.b.id) == ("audit-1", "audit-2")
    assert found.a.findings == {Severity.HIGH: 1, Severity.LOW: 1}


CLUSTER = {"kind": "cluster", "name": "test", "server": "https://test"}

WARNED: dict[str, tuple[Audit, Audit, str]] = {
    "same audit": (audit(day=1), audit(day=1), "A and B are the same audit"),
    "wrong order": (audit(day=3), audit(day=2), "A was made after B"),
    "cluster and manifests": (
        audit(day=1),
        audit(source=manifests("k8s")),
        "A is an audit of a cluster, B of manifests",
    ),
    "other manifests": (
        audit(day=1, source=manifests("k8s")),
        audit(source=manifests("k8s", "more")),
        "not the same manifests: A is of k8s, B of k8s, more",
    ),
    "another cluster": (
        audit(day=1),
        audit(source={**CLUSTER, "name": "other", "server": "https://other"}),
        "perhaps not the same cluster: A is of test at https://test, B of other at https://other",
    ),
    "another cluster by its id": (
        audit(day=1, source={**CLUSTER, "cluster_id": "1"}),
        audit(source={**CLUSTER, "cluster_id": "2"}),
        "not the same cluster: A is of test at https://test, B of test at https://test",
    ),
    "other namespaces": (
        audit(day=1),
        audit(source={**CLUSTER, "namespaces": ["shop"]}),
        "not the same namespaces: A is of all namespaces, B of shop",
    ),
}


@pytest.mark.parametrize(("a", "b", "warning"), WARNED.values(), ids=WARNED)
def test_what_can_hardly_be_compared_is_told(a: Audit, b: Audit, warning: str) -> None:
    [told] = diff(a, b).warnings
    assert told.startswith(warning)


def test_the_same_cluster_at_another_address() -> None:
    there = audit(source={**CLUSTER, "cluster_id": "1", "server": "https://10.0.0.1"})
    assert diff(audit(day=1, source={**CLUSTER, "cluster_id": "1"}), there).warnings == ()


def test_what_else_changed_is_told() -> None:
    a = audit(day=1)
    b = audit(auditor_version="0.2.0", by=BundleEntry("sha256:e", ("p",)), config="c", waivers="w")
    assert diff(a, b).changes == (
        "auditor 0.1.0 became 0.2.0",
        "bundle sha256:d became sha256:e",
        "one of the audits does not list its rules: which policies changed cannot be told",
        "another auditor.yaml was in force",
        "other waivers were in force",
    )
    assert diff(a, audit(by=bundle("p", digest="sha256:e"))).changes == ("bundle sha256:d became sha256:e",)


# --- laws -----------------------------------------------------------------------------------------

NAMES = st.sampled_from("abcd")
FINDINGS = st.lists(
    st.builds(
        lambda name, policy, kind, space: finding(policy=policy, resource=entry(name, kind, space)),
        NAMES,
        st.sampled_from("pq"),
        st.sampled_from(("Deployment", "Pod", "NetworkPolicy")),
        st.sampled_from(("shop", "other")),
    ),
    unique_by=lambda one: one.fingerprint,
    max_size=12,
)
BLIND: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "gaps": st.lists(
            st.builds(gap, st.sampled_from((None, "Pod", "NetworkPolicy")), st.sampled_from((None, "shop")))
        ),
        "by": st.sampled_from((bundle("p"), bundle("p", "q", selected=["q"]), BundleEntry("", ("p",)))),
        "source": st.sampled_from((CLUSTER, {**CLUSTER, "namespaces": ["shop"]})),
        "not_evaluated": st.lists(
            st.builds(
                lambda name, kind: NotEvaluated("p", "x", entry(name, kind)),
                NAMES,
                st.sampled_from(("Pod", "Deployment")),
            )
        ),
    },
)
WHOLE: dict[str, Any] = {"by": bundle("p", "q")}


def prints(findings: list[Finding]) -> set[str]:
    return {one.fingerprint for one in findings}


@given(FINDINGS, FINDINGS, BLIND)
def test_every_finding_is_in_exactly_one_place(
    old: list[Finding], new: list[Finding], blind: dict[str, Any]
) -> None:
    fresh, unchanged, resolved, unknown = compared(audit(*old, **WHOLE), audit(*new, **blind))
    assert len(fresh) + unchanged == len(new)
    assert len(resolved) + unchanged + len(unknown) == len(old)
    assert set(fresh) == prints(new) - prints(old)
    assert not set(resolved) & set(unknown)
    assert {*resolved, *unknown} == prints(old) - prints(new)


@given(FINDINGS, BLIND)
def test_an_audit_differs_in_nothing_from_itself(some: list[Finding], blind: dict[str, Any]) -> None:
    one = audit(*some, **blind)
    assert compared(one, one) == ([], len(some), [], [])
    assert between(one, one).rules == RuleChanges()


@given(FINDINGS, FINDINGS)
def test_what_is_new_one_way_is_resolved_the_other_way_if_all_was_looked_at(
    old: list[Finding], new: list[Finding]
) -> None:
    there = compared(audit(*old, **WHOLE), audit(*new, **WHOLE))
    back = compared(audit(*new, **WHOLE), audit(*old, **WHOLE))
    assert (there[0], there[3]) == (sorted(back[2]), [])
    assert sorted(there[2]) == back[0]


@given(FINDINGS, BLIND, BLIND)
def test_to_see_less_resolves_no_more(
    old: list[Finding], blind: dict[str, Any], more: dict[str, Any]
) -> None:
    def both(field: str) -> list[Any]:
        return [*blind.get(field, ()), *more.get(field, ())]

    worse = {**blind, "gaps": both("gaps"), "not_evaluated": both("not_evaluated")}
    before = audit(*old, **WHOLE)
    assert set(compared(before, audit(**worse))[2]) <= set(compared(before, audit(**blind))[2])

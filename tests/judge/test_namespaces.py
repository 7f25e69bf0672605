"""Namespaces in and out: which pattern counts, and that nothing that is out looks checked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.assemble import assemble
from auditor.document.kinds import WORKLOADS
from auditor.judge.namespaces import Excluded, Namespaces, excluded, nearest, out_of_reach, undecided
from auditor.judge.patterns import matcher
from auditor.model import ResourceRef
from tests import factories as make
from tests.factories import policy

# --- which pattern ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "namespace", "expected"),
    [
        ([], "shop", ""),
        (["other"], "shop", ""),
        (["shop"], "shop", "shop"),
        (["sho"], "shop", ""),
        (["*", "shop", "shop*"], "shop", "shop"),
        (["*", "s*", "sh*"], "shop", "sh*"),
        (["team-*", "team-core-*"], "team-core-a", "team-core-*"),
        (["team-*", "team-core-*"], "team-a", "team-*"),
        (["sho?", "sh*"], "shop", "sho?"),
        (["*-prod", "shops-*"], "shops-prod", "shops-*"),  # more characters of its own
        (["*-prod", "team-*"], "team-prod", "*-prod"),  # as many: the first by alphabet
        (["?hop"], "shop", "?hop"),
        (["?hop"], "hop", ""),
        (["s.op", "[s]hop"], "shop", ""),  # no other character has a meaning
    ],
)
def test_the_nearest_pattern(patterns: list[str], namespace: str, expected: str) -> None:
    for order in itertools.permutations(patterns):
        assert nearest(order, namespace) == expected


@given(st.lists(st.text("ab*?-", min_size=1, max_size=4), max_size=5), st.text("ab-", min_size=1, max_size=4))
def test_the_nearest_pattern_matches_and_the_name_itself_wins(patterns: list[str], name: str) -> None:
    found = nearest(patterns, name)
    assert (found != "") == any(matcher(one)(name) for one in patterns)
    assert not found or (found in patterns and matcher(found)(name))
    assert nearest([*patterns, name], name) == name


# --- in and out ---------------------------------------------------------------------------------


def ref(namespace: str, kind: str = "Pod") -> ResourceRef:
    return ResourceRef("v1", kind, "x", namespace)


@pytest.mark.parametrize(
    ("namespaces", "namespace", "reason"),
    [
        (Namespaces(), "shop", ""),
        (Namespaces(exclude=("shop",)), "shop", "namespace shop is excluded by auditor.yaml"),
        (Namespaces(exclude=("sh*",)), "shop", "namespace shop is excluded by auditor.yaml (sh*)"),
        (Namespaces(exclude=("other",)), "shop", ""),
        (Namespaces(include=("shop",)), "shop", ""),
        (Namespaces(include=("s*",)), "shop", ""),
        (
            Namespaces(include=("other",)),
            "shop",
            "namespace shop is not among those that auditor.yaml includes",
        ),
        (
            Namespaces(include=("s*",), exclude=("shop",)),
            "shop",
            "namespace shop is excluded by auditor.yaml",
        ),
        (Namespaces(include=("other",), exclude=("shop",), named=("shop",)), "shop", ""),
        (
            Namespaces(exclude=("*",), named=("other",)),
            "shop",
            "namespace shop is excluded by auditor.yaml (*)",
        ),
    ],
)
def test_in_or_out(namespaces: Namespaces, namespace: str, reason: str) -> None:
    assert namespaces.reason(namespace) == reason
    assert namespaces.judges(ref(namespace)) is (reason == "")


def test_cluster_wide_objects_are_in_and_a_namespace_belongs_to_itself() -> None:
    everything = Namespaces(exclude=("*",))
    assert everything.judges(ResourceRef("v1", "Node", "x"))
    assert not everything.judges(ResourceRef("v1", "Namespace", "shop"))
    assert not everything.judges(ref(""))
    assert not Namespaces(exclude=("default",)).judges(ref(""))
    assert Namespaces(exclude=("x",)).judges(ref("shop"))


# --- what is told -------------------------------------------------------------------------------

WEB = make.deployment(uid="d")
SET = make.owned(make.workload("ReplicaSet", name="web-1", uid="r"), by=WEB)
CLUSTER = (
    make.namespace("shop"),
    make.namespace("empty"),
    make.namespace("kube-system"),
    WEB,
    SET,
    make.live(by=SET, index=1),
    make.live(name="alone", namespace="team"),
    make.live(name="dns", namespace="kube-system"),
    make.obj("Node", name="shop"),
)


def test_what_is_out_is_listed_with_what_would_have_been_judged() -> None:
    """Pods of an owner count as the owner; a namespace with nothing to judge is listed too."""
    out = excluded(make.snapshot(*CLUSTER), Namespaces(exclude=("shop", "e*")), [policy(kinds=WORKLOADS)])
    assert out == [
        Excluded("empty", "namespace empty is excluded by auditor.yaml (e*)", {}),
        Excluded("shop", "namespace shop is excluded by auditor.yaml", {"Deployment": 1}),
    ]
    told = [(one.kind, one.namespace, one.reason, one.effect) for one in out_of_reach(out)]
    assert told == [
        (None, "empty", out[0].reason, "nothing: the policies judge no object in it"),
        (None, "shop", out[1].reason, "not judged: 1 Deployment"),
    ]


def test_in_manifests_everything_counts_for_itself() -> None:
    snapshot = make.snapshot(*CLUSTER, kind="manifests")
    [out] = excluded(snapshot, Namespaces(exclude=("shop",)), [policy(kinds=WORKLOADS)])
    assert out.kinds == {"Deployment": 1, "ReplicaSet": 1, "Pod": 1}


def test_nothing_is_out_unless_somebody_says_so() -> None:
    assert excluded(make.snapshot(*CLUSTER), Namespaces(), [policy()]) == []
    assert excluded(make.snapshot(*CLUSTER), Namespaces(exclude=("none",)), [policy()]) == []


def test_policies_that_did_not_see_all_decide_nothing() -> None:
    policies = [
        policy("pods", kinds=("Pod",)),
        policy("all", kinds=WORKLOADS),
        policy("names", kinds=("Namespace",)),
        policy("nodes", kinds=("Node",)),
    ]

    def left_open(*exclude: str) -> set[str]:
        return undecided(excluded(make.snapshot(*CLUSTER), Namespaces(exclude=exclude), policies), policies)

    assert left_open("shop") == {"all", "names"}
    assert left_open("team") == {"all", "pods"}
    assert left_open("empty") == {"names"}
    assert left_open("kube-system") == set()
    assert left_open("kube-system", "team") == {"all", "pods"}


def test_where_the_control_plane_may_be_its_controls_are_left_open() -> None:
    server = make.pod(name="kube-apiserver-a", namespace="kube-system")
    rules = [
        policy("pods", kinds=("Pod",)),
        policy("control_plane", kinds=("Pod",), category="control_plane"),
    ]
    out = excluded(make.snapshot(*CLUSTER, server), Namespaces(exclude=("kube-system",)), rules)
    assert undecided(out, rules) == {"control_plane"}


def test_what_is_out_has_no_document_but_is_joined_to_others() -> None:
    """A namespace may be out, and its labels count all the same for who is named to be in."""
    snapshot = make.snapshot(*CLUSTER)
    for namespaces in (Namespaces(exclude=("shop", "kube-*")), Namespaces(include=("team",))):
        documents = list(
            assemble(
                snapshot,
                frozenset({*WORKLOADS, "Namespace", "Node"}),
                frozenset({"namespace"}),
                make.PARTS,
                judges=namespaces.judges,
            )
        )
        assert not {one.ref.namespace for one in documents} & {"shop", "kube-system"}
        [alone] = [one for one in documents if one.ref.kind == "Pod"]
        assert alone.ref.namespace == "team"
        assert "Node" in {one.ref.kind for one in documents}
    everything = list(assemble(snapshot, frozenset(WORKLOADS), frozenset(), make.PARTS))
    some = list(
        assemble(
            snapshot,
            frozenset(WORKLOADS),
            frozenset({"namespace"}),
            make.PARTS,
            judges=lambda ref: ref.kind != "Namespace",
        )
    )
    assert [one.ref for one in some] == [one.ref for one in everything]
    [web] = [one for one in some if one.ref.kind == "Deployment"]
    assert make.part(web, "related.namespace")["name"] == "shop"

"""The relation `grants`: what a policy is told of a binding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from auditor.document.assemble import assemble
from auditor.model import Body, Document, Snapshot
from tests import factories
from tests.factories import namespace, obj, part

KINDS = frozenset({"RoleBinding", "ClusterRoleBinding"})
PART = "related.grants"

READ = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
CREATE = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}
RUN = {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}
HARMLESS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
LABEL = {"kubernetes.io/bootstrapping": "rbac-defaults"}

NOBODY = {"total": 0, "items": []}


def role(*rules: Body, name: str = "r", **metadata: Any) -> Body:
    return {**obj("ClusterRole", name=name, **metadata), "rules": list(rules)}


def bound(
    name: str = "b", to: str = "r", where: str = "shop", subject: str = "User alice", **metadata: Any
) -> Body:
    """A binding of a ClusterRole: a RoleBinding in `where`, or for "" a ClusterRoleBinding."""
    kind, _, who = subject.partition(" ")
    home, _, own = who.rpartition("/")
    subjects = [{"kind": kind, "name": own, **({"namespace": home} if home else {})}]
    binding = obj("RoleBinding" if where else "ClusterRoleBinding", name=name, namespace=where, **metadata)
    return {**binding, "roleRef": {"kind": "ClusterRole", "name": to}, "subjects": subjects}


def documents(snapshot: Snapshot) -> Iterator[Document]:
    return assemble(snapshot, KINDS, frozenset({"grants"}), frozenset({PART}))


def told(*bodies: Body, kind: str = "cluster") -> dict[str, Any]:
    """Return what the relation says, by the name of the binding."""
    found = documents(factories.snapshot(*bodies, kind=kind))
    return {one.ref.name: part(one, PART) for one in found}


def test_what_a_binding_gives() -> None:
    facts = told(role(HARMLESS, {**READ, "resourceNames": ["a"]}), bound(), namespace())["b"]
    assert facts == {
        "namespace": "shop",
        "subjects": {"total": 1, "items": ["User alice"]},
        "powers": {
            "secret_read": [
                {
                    "role": "ClusterRole r",
                    "rule": 1,
                    "verbs": ["get", "list"],
                    "resources": ["secrets"],
                    "names": ["a"],
                }
            ]
        },
        "combinations": {},
        "stronger": NOBODY,
        "open": {"total": 1, "items": ["shop"]},
        "enforced": NOBODY,
    }


def test_all_that_is_harmless_is_the_same() -> None:
    harmless = [
        *(role(HARMLESS, name="h"), bound("a", "h"), bound("b", "h", "bank", "Group ops")),
        *(bound("c", "missing"), {**bound("d"), "subjects": []}),
        bound("e", "h", ""),
    ]
    digests = {one.parts[PART].digest for one in documents(factories.snapshot(role(READ), *harmless))}
    assert len(digests) == 1
    assert set(map(str, told(role(READ), *harmless).values())) == {"{}"}


def everything(**metadata: Any) -> Body:
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    return role(rule, name="cluster-admin", **metadata)


def test_what_ships_is_told_to_ship() -> None:
    masters = bound("cluster-admin", "cluster-admin", "", "Group system:masters", labels=LABEL)
    assert told(everything(labels=LABEL), masters) == {"cluster-admin": {"ships": True}}
    # neither the name nor the label makes it one that ships
    others = bound("cluster-admin", "cluster-admin", "", "Group ops", labels=LABEL)
    assert "cluster_admin" in told(everything(labels=LABEL), others)["cluster-admin"]["powers"]
    assert "cluster_admin" in told(everything(), masters)["cluster-admin"]["powers"]


def test_manifests_have_the_roles_that_ship() -> None:
    facts = told(bound(to="edit"), kind="manifests")["b"]
    assert facts["powers"]["secret_read"][0]["role"] == "ClusterRole edit"
    assert "secret_read" not in told(bound(to="view"), kind="manifests")["b"].get("powers", {})


def test_a_role_that_is_not_among_manifests_is_unknown() -> None:
    assert told(bound(to="r"), kind="manifests")["b"] == {
        "unread": "ClusterRole r is not among the manifests."
    }
    # in a cluster it is not there, and gives nothing
    assert told(bound(to="r"))["b"] == {}


def test_sums_are_made_of_manifests() -> None:
    total = {
        **role(name="sum"),
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"part": "x"}}]},
    }
    bodies = (total, role(READ, labels={"part": "x"}), bound(to="sum"))
    assert "secret_read" in told(*bodies, kind="manifests")["b"]["powers"]
    # in a cluster a controller has written it, or nobody
    assert told(*bodies)["b"] == {}


def test_what_another_binding_completes() -> None:
    facts = told(
        role(CREATE), role(READ, name="reader"), bound("a", "r", "shop"), bound("b", "reader", "shop")
    )
    (pair,) = facts["a"]["combinations"]["account_token"]
    assert "by" not in pair["first"]
    assert (pair["first"]["role"], pair["second"]["by"]) == ("ClusterRole r", "RoleBinding shop/b")
    assert (pair["namespace"], pair["subjects"]) == ("shop", {"total": 1, "items": ["User alice"]})
    assert facts["b"]["combinations"] == {}


def test_who_is_stronger_where_a_pair_meets() -> None:
    accounts = [obj("ServiceAccount", name=name) for name in ("s1", "s2", "s3", "s4", "gone")][:4]
    strong = role({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}, name="strong")
    facts = told(
        *(role(CREATE, READ), strong, *accounts, bound("a"), bound("z", "r", "bank")),
        *(bound(f"b{i}", "strong", "", f"ServiceAccount shop/s{i}") for i in range(1, 5)),
        bound("b5", "strong", "", "ServiceAccount shop/gone"),
    )
    first = {"total": 4, "items": [f"ServiceAccount shop/s{i}" for i in range(1, 4)]}
    assert facts["a"]["stronger"] == first
    assert facts["a"]["combinations"]["account_token"][0]["stronger"] == first
    assert facts["z"]["stronger"] == NOBODY


@pytest.mark.parametrize(
    ("level", "enforced"),
    [(None, False), ("privileged", False), ("baseline", True), ("restricted", True), ("none", True)],
)
def test_levels_of_namespaces(level: str | None, enforced: bool) -> None:
    labels = {"pod-security.kubernetes.io/enforce": level} if level else {}
    others = [namespace(f"other-{i}", **{"pod-security.kubernetes.io/enforce": "baseline"}) for i in range(3)]
    facts = told(role(RUN), bound("in"), bound("all", where=""), namespace("shop", **labels), *others)
    shop = {"total": 1, "items": ["shop"]}
    assert (facts["in"]["open"], facts["in"]["enforced"]) == ((NOBODY, shop) if enforced else (shop, NOBODY))
    assert facts["all"]["open"] == (NOBODY if enforced else shop)
    assert facts["all"]["enforced"]["total"] == 3 + enforced
    assert len(facts["all"]["enforced"]["items"]) == 3


def test_a_namespace_that_manifests_do_not_have_is_neither() -> None:
    facts = told(role(RUN), bound(), kind="manifests")["b"]
    assert (facts["open"], facts["enforced"]) == (NOBODY, NOBODY)


def test_a_role_that_cannot_be_read_is_told() -> None:
    broken = {**role(READ), "rules": [{"verbs": "get"}]}
    (document,) = documents(factories.snapshot(broken, bound()))
    assert PART not in document.parts
    assert document.missing["grants"].startswith("ClusterRole r: ")


def test_other_kinds_have_none() -> None:
    snapshot = factories.snapshot(role(READ), bound())
    (document,) = assemble(snapshot, frozenset({"ClusterRole"}), frozenset({"grants"}), frozenset({PART}))
    assert (dict(document.parts), dict(document.missing)) == ({}, {})

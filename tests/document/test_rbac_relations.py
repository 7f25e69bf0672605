"""What roles and bindings are given: whom they name, what exists, what ships, what matches nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.access.resources import served
from auditor.access.roles import RBAC
from auditor.access.shipped import DEFAULTS, LABEL
from auditor.document.absent import absent
from auditor.document.assemble import assemble
from auditor.model import Body, Document, Gap, ResourceRef, Snapshot
from tests import factories as make

NAMES = frozenset({"audience", "dangling", "dead_rules", "shipped"})
KINDS = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})

READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
SHIPS = {LABEL: DEFAULTS}


def role(*rules: Body, name: str = "reader", namespace: str = "", **metadata: Any) -> Body:
    kind = "Role" if namespace else "ClusterRole"
    return {**make.obj(kind, name=name, namespace=namespace, **metadata), "rules": list(rules or [READ])}


def binding(
    *subjects: Body, to: str = "reader", name: str = "some", namespace: str = "", **metadata: Any
) -> Body:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    body = make.obj(kind, name=name, namespace=namespace, **metadata)
    return {**body, "roleRef": {"kind": "ClusterRole", "name": to}, "subjects": list(subjects)}


def group(name: str) -> Body:
    return {"kind": "Group", "name": name}


def account(name: str = "web", namespace: str = "shop") -> Body:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


JANE = {"kind": "User", "name": "jane"}


def documents(snapshot: Snapshot) -> list[Document]:
    parts = frozenset(f"related.{name}" for name in NAMES)
    return list(assemble(snapshot, KINDS, NAMES, parts))


def related(name: str, *bodies: Body, kind: str = "cluster", **facts: Any) -> Any:
    """Return what the first object is given by a relation; None if it is given nothing."""
    snapshot = make.snapshot(*bodies, kind=kind)
    snapshot = msgspec.structs.replace(snapshot, facts=msgspec.structs.replace(snapshot.facts, **facts))
    first = ResourceRef(bodies[0]["apiVersion"], bodies[0]["kind"], *_name(bodies[0]))
    (seen,) = (one for one in documents(snapshot) if one.ref == first)
    return make.part(seen, f"related.{name}") if f"related.{name}" in seen.parts else None


def _name(body: Body) -> tuple[str, str]:
    return body["metadata"]["name"], body["metadata"].get("namespace", "")


def test_the_harmless_are_alike() -> None:
    """What is the same for most is asked about once: nothing in it is their own."""
    roles = [role(name=f"reader-{number}") for number in range(3)]
    bindings = [
        binding(JANE, group(f"team-{number}"), to=f"reader-{number}", name=f"some-{number}", namespace=home)
        for number in range(3)
        for home in ("", "shop")
    ]
    found = documents(make.snapshot(*roles, *bindings))
    for kind, names in ((("Role", "ClusterRole"), ("shipped", "dead_rules")), (KINDS, ("shipped",))):
        for name in names:
            digests = {one.parts[f"related.{name}"].digest for one in found if one.ref.kind in kind}
            assert len(digests) == 1
    for name in ("audience", "dangling"):
        seen = [one for one in found if one.ref.kind.endswith("Binding")]
        assert len({one.parts[f"related.{name}"].digest for one in seen}) == 1


@pytest.mark.parametrize(
    ("subject", "sort"),
    [
        (group("system:masters"), "masters"),
        (group("system:unauthenticated"), "anonymous"),
        ({"kind": "User", "name": "system:anonymous"}, "anonymous"),
        (group("system:authenticated"), "everybody"),
        (group("system:serviceaccounts"), "everybody"),
        (group("system:serviceaccounts:shop"), "accounts"),
        (account("default"), "accounts"),
        ({"kind": "User", "name": "system:serviceaccount:shop:default"}, "accounts"),
        ({"kind": "ServiceAccount", "name": "default"}, "accounts"),
    ],
)
def test_who_is_more_than_somebody(subject: Body, sort: str) -> None:
    found = related("audience", binding(JANE, subject, namespace="shop"), role())
    assert [(one["index"], one["sort"]) for one in found["subjects"]] == [(1, sort)]


@pytest.mark.parametrize(
    "subject",
    [
        JANE,
        account(),
        {"kind": "User", "name": "system:masters"},
        {"kind": "User", "name": "system:serviceaccount:shop:default:x"},
        group("system:anonymous"),
        group("System:Authenticated"),
        group("system:serviceaccount:shop:default"),
        {"kind": "ServiceAccount", "name": "default"},
    ],
)
def test_who_is_somebody_or_nobody(subject: Body) -> None:
    assert related("audience", binding(subject), role()) == {"ships": False, "subjects": []}


def test_what_everybody_has_already_is_nothing_more() -> None:
    review = {
        "apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews"],
        "verbs": ["create"],
    }
    health = {"nonResourceURLs": ["/healthz"], "verbs": ["get"]}
    given = role(review, health)
    (known,) = related("audience", binding(group("system:authenticated")), given)["subjects"]
    (unknown,) = related("audience", binding(group("system:unauthenticated")), given)["subjects"]
    assert (known["total"], known["gives"]) == (0, [])
    assert unknown["gives"] == [review]
    assert (unknown["writes"], unknown["single"]) == (True, False)


def test_what_is_given() -> None:
    many = {"apiGroups": [""], "resources": [f"r{number}" for number in range(9)], "verbs": ["list"]}
    (found,) = related("audience", binding(group("system:authenticated")), role(many))["subjects"]
    assert (len(found["gives"]), found["total"], found["writes"], found["single"]) == (5, 9, False, False)
    named = {**READ, "resourceNames": ["a"]}
    (found,) = related("audience", binding(group("system:authenticated")), role(named))["subjects"]
    assert (found["gives"], found["single"]) == ([named], True)


def test_a_role_that_is_not_there() -> None:
    bound = binding(group("system:authenticated"))
    (live,) = related("audience", bound)["subjects"]
    (written,) = related("audience", bound, kind="manifests")["subjects"]
    assert (live["known"], live["total"]) == (True, 0)
    assert (written["known"], written["total"]) == (False, 0)


def test_manifests_may_bind_what_ships() -> None:
    """Roles that ship with Kubernetes, and their sums with what the manifests add to them."""
    bound = binding(group("system:unauthenticated"), to="view")
    (found,) = related("audience", bound, kind="manifests")["subjects"]
    assert found["known"]
    assert found["total"] > 50


def test_sums_among_manifests_have_what_ships() -> None:
    selector = {"matchLabels": {f"{RBAC.partition('/')[0]}/aggregate-to-view": "true"}}
    mine = {**role(name="mine"), "rules": [], "aggregationRule": {"clusterRoleSelectors": [selector]}}
    bound = binding(group("system:authenticated"), to="mine")
    (found,) = related("audience", bound, mine, kind="manifests")["subjects"]
    assert found["total"] > 50


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_is_broken_is_not_joined(name: str) -> None:
    broken = {**role(), "rules": [{**READ, "verbs": "get"}]}
    headless = binding(group("system:authenticated"), name="headless")
    del headless["roleRef"]
    found = documents(make.snapshot(broken, binding(group("system:authenticated")), headless))
    parts = {one.ref.name: f"related.{name}" in one.parts for one in found}
    reasons = {one.ref.name: one.missing.get(name, "") for one in found}
    assert not parts["reader"]
    assert parts["headless"] is False
    assert "roleRef" in reasons["headless"] or name == "dead_rules"
    assert bool(reasons["some"]) is (name == "audience")


def test_what_does_not_exist() -> None:
    made = {"creationTimestamp": "2026-01-01T00:00:00Z"}
    bound = binding(JANE, account(), account("db"), account("web", "bank"), to="gone", **made)
    there = make.obj("ServiceAccount", name="db")
    assert related("dangling", bound, there, role()) == {
        "created": "2026-01-01T00:00:00Z",
        "role": "ClusterRole gone",
        "accounts": [
            {"index": 1, "namespace": "shop", "name": "web"},
            {"index": 3, "namespace": "bank", "name": "web"},
        ],
    }
    assert related("dangling", bound, there, role(), kind="manifests") is None


def test_a_role_of_the_same_name_elsewhere_is_another() -> None:
    bound = {**binding(JANE, namespace="shop"), "roleRef": {"kind": "Role", "name": "reader"}}
    assert related("dangling", bound, role(), role(namespace="bank"))["role"] == "Role shop/reader"
    assert related("dangling", bound, role(namespace="shop")) == {}


def test_of_other_namespaces_nothing_is_known_if_they_are_not_read() -> None:
    bound = binding(account("web", "bank"), account("db"), namespace="shop")
    found = related("dangling", bound, role(), namespaces=("shop", "bank"))
    assert [one["name"] for one in found["accounts"]] == ["db"]


def test_absence_is_confirmed() -> None:
    bound = binding(JANE, account(), account("db"), to="gone")
    snapshot = make.snapshot(bound, make.obj("ServiceAccount", name="db"))
    refs = [ResourceRef(RBAC, "ClusterRole", "gone"), ResourceRef("v1", "ServiceAccount", "web", "shop")]
    assert absent(snapshot.resources, (), {"dangling"}) == refs
    gap = Gap("ServiceAccount", "403", "x")
    assert absent(snapshot.resources, [gap], {"dangling"}) == refs[:1]


def test_what_ships_names_what_is_not_there_yet() -> None:
    kept = account("job-controller", "kube-system")
    name = "system:controller:job-controller"
    assert related("dangling", binding(kept, to=name, name=name, labels=SHIPS)) == {"ships": True}
    assert related("dangling", binding(kept, to=name, name=name))["role"] == f"ClusterRole {name}"


def test_what_ships() -> None:
    name = "system:discovery"
    everybody = group("system:authenticated")
    as_shipped = binding(everybody, to=name, name=name, labels=SHIPS)
    assert related("shipped", as_shipped) == {"ships": True}
    assert related("shipped", binding(JANE)) == {}
    widened = binding(everybody, JANE, to=name, name=name, labels=SHIPS)
    assert related("shipped", widened) == {
        "ships": False,
        "version": "v1.36",
        "known": True,
        "labelled": True,
        "rules": [],
        "others": [{"path": "/subjects/1", "what": "subject"}],
    }
    assert related("shipped", widened, version="v1.20.1")["known"] is False
    assert related("shipped", widened, version="")["known"] is True
    other = binding(everybody, to="cluster-admin", name=name)
    assert related("shipped", other)["others"] == [{"path": "/roleRef", "what": "role"}]
    assert related("shipped", other)["labelled"] is False


def test_a_binding_does_not_ship_with_a_role_that_was_widened() -> None:
    name = "system:discovery"
    bound = binding(group("system:authenticated"), to=name, name=name, labels=SHIPS)
    assert related("audience", bound, role(name=name, labels=SHIPS))["ships"] is False
    health = {"nonResourceURLs": ["/healthz"], "verbs": ["get"]}
    assert related("audience", bound, role(health, name=name, labels=SHIPS))["ships"] is True


def test_a_role_read_in_an_older_version_is_the_same_role() -> None:
    old = {**role(name="system:discovery"), "apiVersion": "rbac.authorization.k8s.io/v1beta1"}
    assert [one["index"] for one in related("shipped", old)["rules"]] == [0]


def test_rules_that_match_nothing() -> None:
    rules = (READ, {"apiGroups": [""], "resources": ["podz"], "verbs": ["get"]})
    apis = tuple(served().apis)
    dead = [{"path": "/rules/1", "reason": "the server has no podz in the core group"}]
    bound = binding(JANE)
    assert related("dead_rules", role(*rules), bound, apis=apis) == {
        "bound": True,
        "ships": False,
        "dead": dead,
    }
    nothing = {"bound": True, "ships": False, "dead": []}
    assert related("dead_rules", role(*rules), bound) == nothing
    assert related("dead_rules", role(*rules), bound, apis=apis, kind="manifests") == nothing
    assert related("dead_rules", role(*rules), bound, apis=apis, version="v1.20.0") == nothing
    unbound = {"bound": False, "ships": False, "dead": []}
    assert related("dead_rules", role(*rules), binding(JANE, to="other"), apis=apis) == unbound


def test_a_group_in_more_versions_than_we_know_may_have_more() -> None:
    odd = role({"apiGroups": ["batch"], "resources": ["podz"], "verbs": ["get"]})
    apis = tuple(served().apis)
    assert related("dead_rules", odd, binding(JANE), apis=apis)["dead"]
    assert not related("dead_rules", odd, binding(JANE), apis=(*apis, "batch/v2alpha1"))["dead"]


def test_a_group_that_is_not_served() -> None:
    odd = role({"apiGroups": ["old.example"], "resources": ["things"], "verbs": ["get"]})
    (found,) = related("dead_rules", odd, binding(JANE), apis=("v1", "apps/v1"))["dead"]
    assert found["reason"] == "the server has no API group old.example"
    assert not related("dead_rules", odd, binding(JANE), apis=("v1", "old.example/v1"))["dead"]


def test_where_a_role_is_bound_decides() -> None:
    nodes = role({"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]})
    apis = tuple(served().apis)
    inside = binding(JANE, namespace="shop")
    assert related("dead_rules", nodes, inside, apis=apis)["dead"]
    assert not related("dead_rules", nodes, inside, binding(JANE), apis=apis)["dead"]


def test_nobody_makes_a_document_grow() -> None:
    long = "x" * 100_000
    rules = [
        {"apiGroups": [long], "resources": [f"{long}{number}/*"], "verbs": [long]} for number in range(99)
    ]
    given, bound = role(*rules, name="view", labels=SHIPS), binding(group("system:authenticated"), to="view")
    for name, first, other in (
        ("audience", bound, given),
        ("shipped", given, bound),
        ("dead_rules", given, bound),
    ):
        assert len(str(related(name, first, other))) < 50_000


def test_annotations_may_be_credentials() -> None:
    """They are only described by then, and no text."""
    secret = {"token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2huIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"}
    bound, given = binding(group("system:authenticated"), annotations=secret), role(annotations=secret)
    assert isinstance(make.resource(given).body["metadata"]["annotations"]["token"], dict)
    found = related("audience", bound, given)
    assert found["subjects"][0]["total"] == 1

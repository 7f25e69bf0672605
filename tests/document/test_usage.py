"""What an audit log tells is joined to bindings and ServiceAccounts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.access.usage import AuditLog, SeenAccount, Use, UsedBinding
from auditor.document.assemble import assemble
from auditor.model import Body, Document, Observation, Snapshot
from tests import factories as make

NAMES = frozenset({"usage", "rule_use", "account_use"})
PARTS = frozenset(f"related.{name}" for name in NAMES)
BEFORE, WITHIN = "2026-01-01T00:00:00Z", "2026-05-02T00:00:00Z"
LAST = "2026-05-30T00:00:00Z"

PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}
EXEC = {"verbs": ["create"], "apiGroups": [""], "resources": ["pods/exec"]}
METRICS = {"verbs": ["get"], "nonResourceURLs": ["/metrics"]}


def log(*bindings: UsedBinding, accounts: tuple[SeenAccount, ...] = (), **more: Any) -> Observation:
    found = AuditLog(
        first="2026-05-01T00:00:00Z",
        last="2026-06-01T00:00:00Z",
        hours=750,
        requests=9000,
        broken=2,
        verbs=("get", "list", "watch"),
        full=False,
        bindings=bindings,
        accounts=accounts,
    )
    told = msgspec.to_builtins(msgspec.structs.replace(found, **more))
    return Observation("audit_log", "", "", "audit.log", "2026-06-01T00:00:00Z", told)


def used(kind: str = "RoleBinding", *uses: Use, name: str = "web", many: bool = False) -> UsedBinding:
    namespace = "" if kind.startswith("Cluster") else "shop"
    return UsedBinding(kind, namespace, name, 7, LAST, None if many else uses)


def role(kind: str = "Role", *rules: Body, **metadata: Any) -> Body:
    return {**make.obj(kind, name="reader", **metadata), "rules": list(rules)}


def binding(kind: str = "RoleBinding", role: str = "Role", *subjects: Body, **metadata: Any) -> Body:
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": "reader"}
    metadata = {"creationTimestamp": BEFORE, **metadata}
    return {**make.obj(kind, **metadata), "roleRef": ref, "subjects": list(subjects)}


def account(name: str = "web", **metadata: Any) -> Body:
    return make.obj("ServiceAccount", name=name, **{"creationTimestamp": BEFORE, **metadata})


def documents(seen: Observation | None, *bodies: Body, kind: str = "cluster") -> list[Document]:
    found: Snapshot = make.snapshot(*bodies, kind=kind)
    found = msgspec.structs.replace(found, observations=(seen,) if seen else ())
    kinds = frozenset({"RoleBinding", "ClusterRoleBinding", "ServiceAccount"})
    return list(assemble(found, kinds, NAMES, PARTS))


def related(name: str, seen: Observation | None, *bodies: Body, kind: str = "cluster") -> Any:
    """Return what the only document is told by a relation; None if it is told nothing."""
    [one] = documents(seen, *bodies, kind=kind)
    return make.part(one, f"related.{name}") if f"related.{name}" in one.parts else None


WINDOW = {
    "first": "2026-05-01T00:00:00Z",
    "last": "2026-06-01T00:00:00Z",
    "days": 31,
    "requests": 9000,
    "broken": 2,
    "absent": [],
    "full": False,
}


def test_the_log_as_a_whole() -> None:
    assert related("usage", log(), binding()) == {"log": WINDOW, "used": False, "young": False}
    odd = related("usage", log(full=True, verbs=("create", "get")), binding())["log"]
    assert (odd["full"], odd["absent"]) == (True, ["list", "watch"])


def test_a_binding_is_used_by_its_kind_namespace_and_name() -> None:
    seen = log(used(), used("ClusterRoleBinding", name="nodes"))
    bodies = [
        binding(),
        binding(namespace="other"),
        binding(name="nodes"),
        binding("ClusterRoleBinding", "ClusterRole", name="nodes"),
        binding("ClusterRoleBinding", "ClusterRole", name="web"),
    ]
    found = [make.part(one, "related.usage")["used"] for one in documents(seen, *bodies)]
    assert found == [True, False, False, True, False]


def test_what_manifests_leave_out_is_default() -> None:
    body = binding(role="ClusterRole")
    del body["metadata"]["namespace"]
    seen = log(UsedBinding("RoleBinding", "default", "web", 7, LAST, ()))
    assert related("usage", seen, body, kind="manifests")["used"]


@pytest.mark.parametrize(
    ("created", "young"),
    [(BEFORE, False), ("2026-04-30T23:59:59Z", False), ("2026-05-01T00:00:00Z", True), (WITHIN, True)],
)
def test_what_was_made_meanwhile_is_young(created: str, *, young: bool) -> None:
    assert related("usage", log(), binding(creationTimestamp=created))["young"] is young


def test_an_age_that_is_not_known() -> None:
    body = binding()
    del body["metadata"]["creationTimestamp"]
    assert "young" not in related("usage", log(), body, kind="manifests")


def test_all_that_are_used_are_told_the_same() -> None:
    seen = log(used(), used(name="other"), accounts=(SeenAccount("shop", "web", 1, LAST),))
    found = documents(seen, binding(), binding(name="other"), account())
    assert len({one.parts["related.usage"].digest for one in found}) == 1


def test_accounts_are_seen_by_name() -> None:
    seen = log(accounts=(SeenAccount("shop", "web", 1, LAST),))
    found = documents(seen, account(), account("other"), account(namespace="other"))
    assert [make.part(one, "related.usage")["used"] for one in found] == [True, False, False]


@pytest.mark.parametrize(
    "seen",
    [
        None,
        Observation("prometheus", "shop", "web", "http://a", LAST),
        # what a snapshot of somebody else may hold
        Observation("audit_log", "", "", "audit.log", LAST, {"bindings": 1}),
    ],
)
def test_without_a_log_nothing_is_told(seen: Observation | None) -> None:
    for body in (binding(), account()):
        [one] = documents(seen, body, role())
        assert {"related.usage", "related.rule_use"}.isdisjoint(one.parts)


# --- rules ----------------------------------------------------------------------------------------


def test_the_rules_of_a_binding_that_is_not_used() -> None:
    found = related("rule_use", log(), role("Role", PODS, METRICS, EXEC), binding())
    assert found == {
        "rules": 3,
        "unused": {
            "total": 2,
            "items": [
                {"rule": 0, "verbs": ["get", "list"], "groups": [""], "resources": ["pods"]},
                {"rule": 2, "verbs": ["create"], "groups": [""], "resources": ["pods/exec"]},
            ],
        },
        "traceless": {"total": 1, "items": [1]},
        "reads": ["get", "list"],
    }


def test_the_rules_that_were_used() -> None:
    seen = log(used("RoleBinding", Use("list", "", "pods")))
    found = related("rule_use", seen, role("Role", PODS, EXEC), binding())
    assert [one["rule"] for one in found["unused"]["items"]] == [1]
    assert (found["requests"], found["last"]) == (7, LAST)
    assert related("rule_use", log(used(many=True)), role("Role", PODS), binding())["unused"]["total"] == 0


def test_the_role_that_is_meant() -> None:
    roles = [
        role("Role", PODS),
        role("Role", PODS, PODS, namespace="other"),
        role("ClusterRole", PODS, PODS, PODS),
    ]
    bodies = [binding(), binding(role="ClusterRole"), binding(namespace="other")]
    found = documents(log(), *roles, *bodies)
    assert [make.part(one, "related.rule_use")["rules"] for one in found] == [1, 3, 2]


def test_a_role_that_does_not_exist() -> None:
    nothing = {"total": 0, "items": []}
    found = related("rule_use", log(), binding())
    assert found == {"rules": 0, "unused": nothing, "traceless": nothing, "reads": []}
    assert related("rule_use", log(), binding(), kind="manifests") is None


def test_sums_of_roles() -> None:
    part = role("ClusterRole", PODS, EXEC, labels={"sum": "yes"})
    part["metadata"]["name"] = "part"
    whole = role("ClusterRole") | {
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"sum": "yes"}}]}
    }
    bound = binding(role="ClusterRole")
    assert related("rule_use", log(), whole, part, bound, kind="manifests")["rules"] == 2
    # in a cluster a controller has written it down
    assert related("rule_use", log(), whole, part, bound)["rules"] == 0


def test_long_rules_are_cut() -> None:
    long = {**PODS, "resources": [f"kind{number}" for number in range(500)]}
    found = related("rule_use", log(), role("Role", *[long] * 50), binding())["unused"]
    assert (found["total"], len(found["items"]), len(found["items"][0]["resources"])) == (50, 20, 10)


def test_broken_objects_are_told() -> None:
    bad = {**role(), "rules": [{"verbs": "get"}]}
    [one] = documents(log(), bad, binding())
    assert one.missing["rule_use"].startswith("Role shop/reader: ")
    assert not documents(log(), bad, binding(role="ClusterRole"))[0].missing
    [one] = documents(log(), {**binding(), "roleRef": "reader"})
    assert one.refused or "roleRef" in one.missing["rule_use"]
    assert not documents(log(), bad, account())[0].missing
    assert not documents(None, bad, binding())[0].missing


# --- accounts -------------------------------------------------------------------------------------


def subject(kind: str, name: str, **more: Any) -> Body:
    return {"kind": kind, "name": name, **more}


def test_what_names_an_account_is_bound_to_it() -> None:
    bodies = [
        binding("RoleBinding", "Role", subject("ServiceAccount", "web"), name="own"),
        binding("RoleBinding", "Role", subject("ServiceAccount", "web", namespace="other"), name="foreign"),
        binding("RoleBinding", "Role", subject("User", "system:serviceaccount:shop:web"), name="user"),
        binding(
            "ClusterRoleBinding",
            "ClusterRole",
            subject("ServiceAccount", "web", namespace="shop"),
            name="all",
        ),
        binding("ClusterRoleBinding", "ClusterRole", subject("ServiceAccount", "web"), name="nobody"),
        binding("RoleBinding", "Role", subject("Group", "system:serviceaccounts:shop"), name="group"),
        {**binding(name="broken"), "subjects": [{"kind": 1}]},
    ]
    found = [one for one in documents(log(), *bodies, account()) if one.ref.kind == "ServiceAccount"]
    bound = make.part(found[0], "related.account_use")["bindings"]["items"]
    assert sorted(bound) == ["ClusterRoleBinding all", "RoleBinding shop/own", "RoleBinding shop/user"]


def runs(spec: Body, **more: Any) -> Body:
    return make.deployment(make.pod_spec(**spec), **more)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (runs({"serviceAccountName": "web"}), 1),
        (runs({"serviceAccount": "web"}), 1),
        (runs({"serviceAccountName": "web"}, namespace="other"), 0),
        (runs({}), 0),
        (make.cronjob(make.pod_spec(serviceAccountName="web")), 1),
        (make.workload("Deployment", make.pod_spec(serviceAccountName="web"), outer={"replicas": 0}), 1),
        (make.pod(make.pod_spec(serviceAccountName="web")), 1),
        (make.pod(make.pod_spec(serviceAccountName="web"), phase="Succeeded"), 0),
    ],
)
def test_what_runs_as_an_account(body: Body, number: int) -> None:
    assert related("account_use", log(), body, account())["workloads"]["total"] == number


def test_the_default_account() -> None:
    assert related("account_use", log(), runs({}), account("default"))["workloads"]["total"] == 1

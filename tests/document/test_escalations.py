"""The relation `escalations`: what is an entry, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.access.shipped import shipped
from auditor.document.assemble import assemble
from auditor.document.relations.escalations import ESCALATIONS
from auditor.document.relations.rights import plain
from auditor.model import Body, Document, Gap
from tests import factories as make
from tests.access.escapes import accounts, admin, bind, grant, role, rule, runs, space

KINDS = frozenset({"Deployment", "DaemonSet", "Pod", "ServiceAccount", "RoleBinding", "ClusterRoleBinding"})
BASE = [space("shop", "restricted"), *accounts("shop/web shop/boss shop/default"), *admin("shop/boss")]
ISSUES = grant("issue", "shop/web", rule("create", "serviceaccounts/token"), namespace="shop")
WEB = runs("Deployment", "shop/x", "web")


def documents(*bodies: Body, kind: str = "cluster", gaps: tuple[Gap, ...] = ()) -> list[Document]:
    found = make.snapshot(*bodies, kind=kind, gaps=gaps)
    return list(assemble(found, KINDS, frozenset({"escalations"}), frozenset({"related.escalations"})))


def told(*bodies: Body, kind: str = "cluster", of: str = "Deployment", name: str = "x") -> dict[str, Any]:
    """What one object is told."""
    [one] = [one for one in documents(*bodies, kind=kind) if (one.ref.kind, one.ref.name) == (of, name)]
    value: dict[str, Any] = make.part(one, "related.escalations")
    return value


def service(kind: str = "ClusterIP", **fields: Any) -> Body:
    labels = {"app": "x"}
    return make.obj(
        "Service", {"type": kind, "selector": labels, "ports": [{"port": 80}], **fields}, name="x"
    )


def labelled(body: Body) -> Body:
    body["spec"]["template"]["metadata"] = {"labels": {"app": "x"}}
    return body


BACKEND = {"service": {"name": "x", "port": {"number": 80}}}
RULES = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}]
SPLIT = {"rules": [{"backendRefs": [{"name": "other"}, {"name": "x", "namespace": "shop"}]}]}

EXPOSED: dict[str, tuple[list[Body], list[str]]] = {
    "LoadBalancer": ([service("LoadBalancer")], ["Service x (LoadBalancer)"]),
    "NodePort": ([service("NodePort")], ["Service x (NodePort)"]),
    "external addresses": ([service(externalIPs=["192.0.2.7"])], ["Service x (externalIPs)"]),
    "Ingress": ([service(), make.obj("Ingress", {"rules": RULES}, name="in")], ["Ingress shop/in"]),
    "default of an Ingress": (
        [service(), make.obj("Ingress", {"defaultBackend": BACKEND}, name="in")],
        ["Ingress shop/in"],
    ),
    "route": ([service(), make.obj("HTTPRoute", SPLIT, name="r", namespace="edge")], ["HTTPRoute edge/r"]),
    "route of gRPC": (
        [service(), make.obj("GRPCRoute", SPLIT, name="r", namespace="edge")],
        ["GRPCRoute edge/r"],
    ),
}


@pytest.mark.parametrize("how", EXPOSED)
def test_what_exposes(how: str) -> None:
    beside, by = EXPOSED[how]
    found = told(*BASE, labelled(runs("Deployment", "shop/x", "web")), *beside)
    assert (found["kind"], found["by"]["items"]) == ("workload", by)


@pytest.mark.parametrize(
    "beside",
    [
        [],
        [service()],
        [service("LoadBalancer", selector={"app": "y"})],
        [service(), make.obj("Ingress", {"rules": RULES}, name="in", namespace="bank")],
        [service(), make.obj("HTTPRoute", {"rules": [{"backendRefs": [{"name": "x", "kind": "Bucket"}]}]})],
    ],
)
def test_what_exposes_nothing(beside: list[Body]) -> None:
    assert told(*BASE, labelled(runs("Deployment", "shop/x", "web")), *beside) == {"entry": ""}


@pytest.mark.parametrize(
    ("spec", "by"),
    [
        ({"hostNetwork": True}, ["hostNetwork"]),
        (
            {"containers": [make.container(ports=[{"containerPort": 80, "hostPort": 8080}])]},
            ["hostPort 8080"],
        ),
        ({"containers": [make.container(ports=[{"containerPort": 80}])]}, None),
    ],
)
def test_what_exposes_itself(spec: dict[str, Any], by: list[str] | None) -> None:
    found = told(*BASE, runs("Deployment", "shop/x", "web", **spec))
    assert found.get("by", {}).get("items") == by


def test_a_path_is_told_step_by_step() -> None:
    found = told(*BASE, *ISSUES, runs("Deployment", "shop/x", "web", hostNetwork=True))
    [path] = found["paths"]
    assert found["path"] == "/spec/template/spec"
    assert (path["entry"], path["sink"], path["words"], path["hops"]) == (
        "Deployment shop/x",
        "cluster_admin",
        "cluster admin",
        3,
    )
    assert path["steps"][1] == {
        "from": "ServiceAccount shop/web",
        "to": "ServiceAccount shop/boss",
        "edge": "token_request",
        "how": "request tokens in shop",
        "binding": "RoleBinding shop/issue",
        "role": "ClusterRole issue",
        "rule": 0,
    }


def test_the_edge_to_cut_is_the_one_that_most_paths_go_through() -> None:
    exposed = [runs("Deployment", f"shop/{name}", name, hostNetwork=True) for name in ("a", "b")]
    own = [bind(name, f"shop/{name}", role="issue", namespace="shop") for name in ("a", "b")]
    issue = role("issue", rule("create", "serviceaccounts/token", names="boss"))
    found = told(*BASE, issue, *own, *accounts("shop/a shop/b"), *exposed, name="a")
    assert found["paths"][0]["cut"] == {"edge": "ClusterRoleBinding admin", "paths": 2}
    assert found["paths"][0]["of"] == 2


def test_nobody_cuts_what_ships() -> None:
    name = "system:controller:clusterrole-aggregation-controller"
    account = name.removeprefix("system:controller:")
    known = shipped("v1.36.3").role(name)
    assert known
    label = {"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
    there = [role(name), bind(name, f"kube-system/{account}", role=name), *accounts(f"kube-system/{account}")]
    there = [{**one, "metadata": {**one["metadata"], **label}} for one in there]
    there[0]["rules"] = [plain(one) for one in known.rules]
    issue = role("issue", rule("create", "serviceaccounts/token"))
    own = [bind(name, f"shop/{name}", role="issue", namespace="kube-system") for name in ("a", "b")]
    exposed = [runs("Deployment", f"shop/{name}", name, hostNetwork=True) for name in ("a", "b")]
    found = told(*there, issue, *own, *accounts("shop/a shop/b"), *exposed, name="a")
    [path] = [one for one in found["paths"] if one["sink"] == "cluster_admin"]
    assert path["steps"][-1]["binding"] == f"ClusterRoleBinding {name}"
    assert path["cut"] == {"edge": "RoleBinding kube-system/a", "paths": 1}


def test_system_namespaces_have_no_entries_of_their_own() -> None:
    system = [*accounts("kube-system/web"), runs("DaemonSet", "kube-system/proxy", "web", hostNetwork=True)]
    assert told(*BASE, *system, of="DaemonSet", name="proxy") == {"entry": ""}


def test_the_default_account_is_an_entry_and_others_are_not() -> None:
    bodies = [
        *BASE,
        *grant("issue", "shop/default", rule("create", "serviceaccounts/token"), namespace="shop"),
    ]
    found = told(*bodies, of="ServiceAccount", name="default")
    assert [(one["sink"], one["hops"]) for one in found["paths"]] == [("cluster_admin", 2)]
    assert told(*bodies, of="ServiceAccount", name="boss") == {"entry": ""}


def test_what_a_group_holds_is_told_at_its_binding_alone() -> None:
    everybody = grant("all", "group system:serviceaccounts", rule("create", "serviceaccounts/token"))
    bodies = [
        *BASE,
        *everybody,
        bind("other", "group system:serviceaccounts", role="view-of-ours"),
        role("view-of-ours"),
    ]
    found = told(*bodies, of="ClusterRoleBinding", name="all")
    assert (found["kind"], found["path"]) == ("group", "/subjects/0")
    assert [(one["entry"], one["sink"]) for one in found["paths"]] == [
        ("Group system:serviceaccounts", "cluster_admin")
    ]
    assert told(*bodies, of="ClusterRoleBinding", name="other")["paths"] == []
    assert told(*bodies, of="ServiceAccount", name="default")["paths"] == []


def test_what_ships_is_no_entry() -> None:
    body = bind("system:basic-user", "group system:authenticated", role="system:basic-user")
    body["metadata"]["labels"] = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    assert told(*BASE, body, of="ClusterRoleBinding", name="system:basic-user") == {"entry": ""}


def test_in_manifests_an_account_that_is_bound_is_there() -> None:
    bodies = [
        space("shop"),
        *admin("shop/boss"),
        *ISSUES,
        runs("Deployment", "shop/x", "web", hostNetwork=True),
    ]
    assert told(*bodies, kind="manifests")["paths"][0]["sink"] == "cluster_admin"
    assert told(*bodies)["paths"] == []


@pytest.mark.parametrize("kind", ESCALATIONS.kinds)
def test_without_one_of_its_kinds_nothing_is_told(kind: str) -> None:
    found = documents(*BASE, WEB, gaps=(Gap(kind, "403: forbidden", "nothing"),))
    assert found
    assert all("escalations" in one.missing for one in found)


@pytest.mark.parametrize(
    "broken",
    [
        {**role("r"), "rules": [{"verbs": "get"}]},
        {**make.obj("RoleBinding", name="b"), "roleRef": {"kind": "Role", "name": "r"}, "subjects": {}},
        make.obj("Namespace", name="shop", labels={"a": 1}),
        make.obj("Ingress", {"rules": "all"}, name="in"),
        make.obj("Service", {"selector": "all"}, name="s"),
    ],
)
def test_what_cannot_be_read_is_missing(broken: Body) -> None:
    bodies = [one for one in BASE if one["kind"] != "Namespace"]
    found = [one for one in documents(*bodies, WEB, broken) if one.ref.name == "x"]
    assert [list(one.missing) for one in found] == [["escalations"]]

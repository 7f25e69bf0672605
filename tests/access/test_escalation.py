"""Each edge where it is the only way, and the same cluster without it, where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from auditor.model import Body
from tests import factories as make
from tests.access.escapes import RBAC, accounts, admin, bind, grant, reached, role, rule, runs, space

ADMISSION = "admissionregistration.k8s.io"
CSR = "certificates.k8s.io"
CLIENT = "kubernetes.io/kube-apiserver-client"

HOME = [space("shop", "restricted"), space("bank", "restricted"), *accounts("shop/web shop/boss bank/boss")]
"""Two namespaces that let no privileged pod in; nobody has any right in them so far."""


class Case(NamedTuple):
    """What makes the edge, and what is there anyway."""

    sink: str
    edges: list[str]
    with_it: list[Body]
    beside: list[Body]
    without_it: Sequence[Body] = ()
    """In the place of what makes it: nearly the same."""
    entry: str = "shop/web"
    version: str = "v1.36.3"


def web(*rules: Body, namespace: str = "shop") -> list[Body]:
    """Rights of shop/web."""
    return grant("web", "shop/web", *rules, namespace=namespace)


BOSS, BANK = admin("shop/boss"), admin("bank/boss")
WORKLOAD = runs("Deployment", "shop/job", "boss")
POD = make.pod(make.pod_spec(serviceAccountName="boss"), name="job-0", namespace="shop")
TOKEN = accounts("shop/old", secrets=[{"name": "old-token-x7k2p"}])
HOST = {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}
PRIVILEGED: dict[str, Any] = {"containers": [make.container(securityContext={"privileged": True})]}


def mounted(**mount: Any) -> dict[str, Any]:
    mounts = [{"name": "host", "mountPath": "/host", **mount}]
    return {**HOST, "containers": [make.container(volumeMounts=mounts)]}


def ends(*edges: str) -> list[str]:
    return [*edges, "cluster_admin"]


CASES = {
    "everything": Case("cluster_admin", ends(), admin("shop/web"), [], web(rule("*", "*"))),
    "member of masters": Case("cluster_admin", ["masters"], [], [], entry="group system:masters"),
    "workload_create": Case(
        "cluster_admin",
        ends("workload_create"),
        web(rule("create", "pods")),
        BOSS,
        web(rule("create", "pods/exec pods/binding")),
    ),
    "workload_create, changed by name": Case(
        "cluster_admin",
        ends("workload_create"),
        web(rule("patch", "deployments", "apps", "job")),
        [*BOSS, WORKLOAD],
        web(rule("patch", "statefulsets", "apps", "job")),
    ),
    "workload_create, changed by name somewhere": Case(
        "cluster_admin",
        ends("workload_create"),
        web(rule("update", "deployments", "apps", "far"), namespace=""),
        [*BANK, runs("Deployment", "bank/far")],
        web(rule("update", "deployments", "apps", "far")),
    ),
    "workload_create, in its namespace only": Case(
        "cluster_admin",
        ends("workload_create"),
        web(rule("create", "jobs", "batch"), namespace="bank"),
        BANK,
        web(rule("create", "jobs", "batch")),
    ),
    "workload_create, everywhere": Case(
        "cluster_admin",
        ends("workload_create"),
        web(rule("create", "pods"), namespace=""),
        BANK,
        web(rule("create", "pods")),
    ),
    "workload_create, privileged": Case(
        "node_root",
        ["workload_create"],
        [*web(rule("create", "pods"), namespace="open"), space("open", "privileged")],
        [],
        [*web(rule("create", "pods"), namespace="open"), space("open", "baseline")],
    ),
    "workload_create, no label": Case(
        "node_root",
        ["workload_create"],
        [*web(rule("create", "pods"), namespace="open"), space("open")],
        [],
        [*web(rule("create", "pods"), namespace="open"), space("open", "Privileged")],
    ),
    "token_request": Case(
        "cluster_admin",
        ends("token_request"),
        web(rule("create", "serviceaccounts/token")),
        BOSS,
        web(rule("create", "serviceaccounts")),
    ),
    "token_request by name": Case(
        "cluster_admin",
        ends("token_request"),
        web(rule("create", "serviceaccounts/token", names="boss")),
        BOSS,
        web(rule("create", "serviceaccounts/token", names="*")),
    ),
    "pod_exec": Case(
        "cluster_admin",
        ends("pod_exec", "runs_as"),
        web(rule("create", "pods/exec")),
        [*BOSS, WORKLOAD],
        web(rule("create", "pods/*")),
    ),
    "pod_exec by name": Case(
        "cluster_admin",
        ends("pod_exec", "runs_as"),
        web(rule("create", "pods/exec", names="job-0")),
        [*BOSS, POD],
        web(rule("create", "pods/exec", names="job-1")),
    ),
    "pod_exec with get": Case(
        "cluster_admin",
        ends("pod_exec", "runs_as"),
        web(rule("get", "pods/exec")),
        [*BOSS, WORKLOAD],
        web(rule("list", "pods/exec")),
        version="v1.34.2",
    ),
    "pod_modify": Case(
        "cluster_admin",
        ends("pod_modify", "runs_as"),
        web(rule("patch", "pods")),
        [*BOSS, WORKLOAD],
        web(rule("patch", "pods/status")),
    ),
    "secret_read": Case(
        "all_secrets",
        ["secret_read"],
        web(rule("list", "secrets"), namespace=""),
        [],
        web(rule("list", "secrets")),
    ),
    "secret_read, of old tokens": Case(
        "cluster_admin",
        ends("secret_read"),
        web(rule("get", "secrets", names="old-token-x7k2p")),
        [*TOKEN, *admin("shop/old")],
        web(rule("get", "secrets", names="old-dockercfg-x7k2p")),
    ),
    "secret_read, and what is among them": Case(
        "cluster_admin",
        ends("secret_read", "token_secret"),
        web(rule("list", "secrets"), namespace=""),
        [*TOKEN, *admin("shop/old")],
        web(rule("list", "secrets"), namespace="bank"),
    ),
    "secret_create": Case(
        "cluster_admin",
        ends("secret_create"),
        web(rule("create get", "secrets")),
        BOSS,
        web(rule("get list watch", "secrets")),
    ),
    "secret_create, read by the answer to a change": Case(
        "cluster_admin",
        ends("secret_create"),
        web(rule("create patch", "secrets")),
        BOSS,
        web(rule("create delete", "secrets")),
    ),
    "node_proxy": Case(
        "node_root",
        ["node_proxy"],
        web(rule("get", "nodes/proxy"), namespace=""),
        [],
        web(rule("get", "nodes/proxy")),
    ),
    "on_node": Case(
        "cluster_admin",
        ends("node_proxy", "on_node", "runs_as"),
        web(rule("get", "nodes/proxy"), namespace=""),
        [*BANK, runs("Deployment", "bank/job", "boss")],
        web(rule("get", "nodes/metrics"), namespace=""),
    ),
    "admission_write": Case(
        "control_admission",
        ["admission_write"],
        web(rule("patch", "validatingwebhookconfigurations", ADMISSION), namespace=""),
        [],
        web(rule("delete", "validatingwebhookconfigurations", ADMISSION), namespace=""),
    ),
    "mutates": Case(
        "cluster_admin",
        ["admission_write", "mutates"],
        web(rule("create", "mutatingwebhookconfigurations", ADMISSION), namespace=""),
        [],
        web(rule("create", "validatingwebhookconfigurations", ADMISSION), namespace=""),
    ),
    "mutates, by policies": Case(
        "cluster_admin",
        ["admission_write", "mutates"],
        web(
            rule("create", "mutatingadmissionpolicies mutatingadmissionpolicybindings", ADMISSION),
            namespace="",
        ),
        [],
        web(rule("create", "mutatingadmissionpolicies", ADMISSION), namespace=""),
    ),
    "impersonate an account": Case(
        "cluster_admin",
        ends("impersonate"),
        web(rule("impersonate", "serviceaccounts", names="boss")),
        BOSS,
        web(rule("impersonate", "serviceaccounts", names="web")),
    ),
    "impersonate an account that is only bound": Case(
        "cluster_admin",
        ends("impersonate"),
        web(rule("impersonate", "serviceaccounts")),
        admin("shop/gone"),
        web(rule("create", "serviceaccounts/token")),
    ),
    "impersonate a user": Case(
        "cluster_admin",
        ends("impersonate"),
        web(rule("impersonate", "users"), namespace=""),
        admin("user jane"),
        web(rule("impersonate", "users", names="joe"), namespace=""),
    ),
    "impersonate a group": Case(
        "cluster_admin",
        ["impersonate"],
        web(rule("impersonate", "users groups"), namespace=""),
        [],
        web(rule("impersonate", "groups"), namespace=""),
    ),
    "impersonate one group": Case(
        "cluster_admin",
        ends("impersonate"),
        web(
            rule("impersonate", "groups", names="dev"), rule("impersonate", "users", names="x"), namespace=""
        ),
        admin("group dev"),
        web(
            rule("impersonate", "groups", names="ops"), rule("impersonate", "users", names="x"), namespace=""
        ),
    ),
    "bind": Case(
        "cluster_admin",
        ["bind"],
        web(rule("bind", "clusterroles", RBAC), rule("create", "clusterrolebindings", RBAC), namespace=""),
        [],
        web(
            rule("bind", "clusterrolebindings", RBAC),
            rule("create", "clusterrolebindings", RBAC),
            namespace="",
        ),
    ),
    "bind by name": Case(
        "all_secrets",
        ["bind"],
        web(
            rule("bind", "clusterroles", RBAC, "all"),
            rule("create", "clusterrolebindings", RBAC),
            namespace="",
        ),
        [role("all", rule("list", "secrets"))],
        web(
            rule("bind", "clusterroles", RBAC, "*"), rule("create", "clusterrolebindings", RBAC), namespace=""
        ),
    ),
    "bind in a namespace": Case(
        "node_root",
        ["bind"],
        web(rule("bind", "clusterroles", RBAC), rule("create", "rolebindings", RBAC)),
        [],
        web(rule("bind", "roles", RBAC), rule("create", "rolebindings", RBAC)),
    ),
    "bind a Role": Case(
        "cluster_admin",
        ends("bind"),
        web(rule("bind", "roles", RBAC), rule("create", "rolebindings", RBAC)),
        [*BOSS, role("maker", rule("create", "pods"), namespace="shop")],
        web(rule("bind", "roles", RBAC, "other"), rule("create", "rolebindings", RBAC)),
    ),
    "bind, in a binding that is there": Case(
        "all_secrets",
        ["bind"],
        web(
            rule("bind", "clusterroles", RBAC),
            rule("update", "clusterrolebindings", RBAC, "seers"),
            namespace="",
        ),
        grant("seers", "user jane", rule("list", "secrets")),
        web(
            rule("bind", "clusterroles", RBAC),
            rule("update", "clusterrolebindings", RBAC, "web"),
            namespace="",
        ),
    ),
    "escalate": Case(
        "cluster_admin",
        ["escalate"],
        web(rule("escalate update", "clusterroles", RBAC), namespace=""),
        [],
        web(rule("escalate create", "clusterroles", RBAC), namespace=""),
    ),
    "escalate, of a role that is one's own": Case(
        "cluster_admin",
        ["escalate"],
        web(rule("escalate patch", "clusterroles", RBAC, "web"), namespace=""),
        [role("other")],
        web(rule("escalate patch", "clusterroles", RBAC, "other"), namespace=""),
    ),
    "escalate in a namespace": Case(
        "node_root",
        ["escalate"],
        [
            role("own", rule("escalate update", "roles", RBAC), namespace="shop"),
            bind("own", "shop/web", namespace="shop", own=True),
        ],
        [],
        web(rule("escalate update", "roles", RBAC)),
    ),
    "csr_approve": Case(
        "cluster_admin",
        ["csr_approve"],
        web(
            rule("create", "certificatesigningrequests", CSR),
            rule("update", "certificatesigningrequests/approval", CSR),
            rule("approve", "signers", CSR, CLIENT),
            namespace="",
        ),
        [],
        web(
            rule("create", "certificatesigningrequests", CSR),
            rule("update", "certificatesigningrequests/approval", CSR),
            rule("approve", "signers", CSR, "example.com/own"),
            namespace="",
        ),
    ),
    "namespace_label": Case(
        "node_root",
        ["namespace_label"],
        web(rule("patch", "namespaces"), rule("create", "pods")),
        [],
        web(rule("get", "namespaces"), rule("create", "pods")),
    ),
    "namespace_label, of another": Case(
        "node_root",
        ["namespace_label"],
        [*web(rule("create", "pods")), *grant("l", "shop/web", rule("patch", "namespaces", names="shop"))],
        [],
        [*web(rule("create", "pods")), *grant("l", "shop/web", rule("patch", "namespaces", names="bank"))],
    ),
    "volume_create": Case(
        "node_root",
        ["volume_create"],
        [*web(rule("create", "pods")), *grant("pv", "shop/web", rule("create", "persistentvolumes"))],
        [],
        [*web(rule("create", "pods")), *grant("pv", "shop/web", rule("create", "persistentvolumeclaims"))],
    ),
    "everything in a namespace": Case(
        "node_root",
        ["cluster_admin"],
        [bind("web", "shop/web", role="all", namespace="shop")],
        [role("all", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})],
        web(rule("*", "configmaps services")),
    ),
    "runs_as": Case(
        "cluster_admin",
        ends("runs_as"),
        [runs("Deployment", "shop/x", "boss")],
        BOSS,
        [runs("Deployment", "shop/x", "boss", automountServiceAccountToken=False)],
        entry="Deployment shop/x",
    ),
    "root": Case(
        "node_root",
        ["root"],
        [runs("Deployment", "shop/x", **PRIVILEGED)],
        [],
        [runs("Deployment", "shop/x", hostUsers=False, **PRIVILEGED)],
        entry="Deployment shop/x",
    ),
    "root by a folder of the node": Case(
        "node_root",
        ["root"],
        [runs("Deployment", "shop/x", **mounted())],
        [],
        [runs("Deployment", "shop/x", **mounted(readOnly=True))],
        entry="Deployment shop/x",
    ),
    "root by a folder of the node, as root": Case(
        "node_root",
        ["root"],
        [runs("Deployment", "shop/x", **mounted(subPath="etc"))],
        [],
        [runs("Deployment", "shop/x", securityContext={"runAsUser": 7}, **mounted())],
        entry="Deployment shop/x",
    ),
    "on_node, what is on every one": Case(
        "cluster_admin",
        ends("root", "on_node", "runs_as"),
        [runs("Deployment", "shop/x", **PRIVILEGED)],
        [*BOSS, runs("DaemonSet", "shop/d", "boss")],
        [runs("Deployment", "shop/x")],
        entry="Deployment shop/x",
    ),
    "node_write": Case(
        "cluster_admin",
        ends("node_write", "on_node", "runs_as"),
        grant("closer", "shop/web", rule("patch", "nodes")),
        [*BOSS, runs("Deployment", "shop/x", "web", **PRIVILEGED), WORKLOAD],
        grant("closer", "shop/web", rule("patch", "nodes/status")),
        entry="Deployment shop/x",
    ),
    "member": Case(
        "cluster_admin",
        ends("member"),
        admin("group system:serviceaccounts:shop"),
        [],
        admin("group system:serviceaccounts:bank"),
    ),
    "member of a group that another is in": Case(
        "cluster_admin",
        ends("member"),
        admin("group system:authenticated"),
        [],
        admin("group system:unauthenticated"),
        entry="group dev",
    ),
    "halves of a group": Case(
        "cluster_admin",
        ["bind"],
        grant("b", "shop/web", rule("bind", "clusterroles", RBAC)),
        grant("all", "group system:serviceaccounts", rule("create", "clusterrolebindings", RBAC)),
        grant("b", "shop/boss", rule("bind", "clusterroles", RBAC)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_only_way(name: str) -> None:
    case = CASES[name]
    found = reached([*HOME, *case.beside, *case.with_it], case.entry, version=case.version)
    assert found.get(case.sink) == case.edges


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.without_it])
def test_without_it_there_is_none(name: str) -> None:
    case = CASES[name]
    found = reached([*HOME, *case.beside, *case.without_it], case.entry, version=case.version)
    assert case.sink not in found


def test_get_alone_executes_nothing_since_1_35() -> None:
    bodies = [*HOME, *BOSS, WORKLOAD, *web(rule("get", "pods/exec"))]
    assert reached(bodies, "shop/web", version="v1.35.0") == {}
    assert "cluster_admin" in reached(bodies, "shop/web", version="")


def test_cluster_admin_ends_a_path() -> None:
    assert reached([*HOME, *admin("shop/web")], "shop/web") == {"cluster_admin": ["cluster_admin"]}


def test_a_namespace_that_was_not_read_lets_everything_in() -> None:
    assert "node_root" in reached(
        [*accounts("far/x"), *grant("x", "far/x", rule("create", "pods"), namespace="far")], "far/x"
    )

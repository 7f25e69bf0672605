"""A real API server takes what is rendered, refuses what it should, and grants what is needed and no more."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.stack.definitions import definitions
from tests.stack.render import COMPONENTS, OVERLAYS, Object, complete, find, overlay, own_overlay, workloads
from tools.cluster import ClusterError, ControlPlane

APPLY = ("apply", "--server-side", "--field-manager=stack", "--validate=strict")
REFUSAL = "violates PodSecurity"
PROMETHEUS = "system:serviceaccount:monitoring:prometheus"
STATE = "system:serviceaccount:monitoring:kube-state-metrics"


def as_list(listed: Sequence[Object]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(listed)})


@pytest.fixture(scope="module", name="plane")
def _plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server of our own, with CRDs and what the rest of the stack needs to be there."""
    kinds = "Namespace PriorityClass ServiceAccount ClusterRole ClusterRoleBinding".split()
    listed = [one for name in OVERLAYS for one in overlay(name) if one["kind"] in kinds]
    first = {json.dumps(one, sort_keys=True): one for one in listed}
    ordered = sorted(first.values(), key=lambda one: kinds.index(one["kind"]))
    folder = tmp_path_factory.mktemp("stack") / "plane"
    with ControlPlane(folder, nodes=0, controllers=False) as plane:
        files = [f"--filename={path}" for path in definitions()]
        assert len(files) > 10
        plane.kubectl(*APPLY, *files)
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files)
        plane.kubectl("create", "namespace", "cert-manager")
        plane.kubectl(*APPLY, "-f", "-", input=as_list(ordered))
        yield plane


def accepted(plane: ControlPlane, listed: Sequence[Object]) -> int:
    """Apply for trial, strictly; return how many objects the server took."""
    said = plane.kubectl(*APPLY, "--dry-run=server", "-f", "-", input=as_list(listed))
    return len(said.splitlines())


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlays_are_admitted(plane: ControlPlane, name: str) -> None:
    listed = overlay(name)
    assert len(listed) > 20
    assert accepted(plane, listed) == len(listed)


@pytest.mark.parametrize("component", COMPONENTS)
def test_components_are_admitted(plane: ControlPlane, component: str) -> None:
    listed = own_overlay(complete(component))
    assert accepted(plane, listed) == len(listed)


def test_unknown_fields_are_refused(plane: ControlPlane) -> None:
    """Else the test above would prove little."""
    typo = copy.deepcopy(find(overlay("ha"), "StatefulSet", "prometheus"))
    typo["spec"]["minReadySecond"] = typo["spec"].pop("minReadySeconds")
    with pytest.raises(ClusterError, match="minReadySecond"):
        accepted(plane, [typo])


def pods(name: str) -> Iterator[tuple[str, Object]]:
    """Every pod that the workloads of an overlay make."""
    yield from pods_of(overlay(name))


def pods_of(listed: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    """Every pod that workloads make, as they would; claims become scratch volumes."""
    for one, template in workloads(listed):
        pod = copy.deepcopy(template)
        pod["metadata"] |= {"name": one["metadata"]["name"], "namespace": one["metadata"]["namespace"]}
        claims = [claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())]
        pod["spec"].setdefault("volumes", []).extend({"name": claim, "emptyDir": {}} for claim in claims)
        yield one["metadata"]["namespace"], {"apiVersion": "v1", "kind": "Pod", **pod}


def create(plane: ControlPlane, pod: Object) -> str:
    return plane.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", input=json.dumps(pod))


@pytest.mark.parametrize("name", OVERLAYS)
def test_pods_are_admitted_by_pod_security(plane: ControlPlane, name: str) -> None:
    where = [namespace for namespace, _ in pods(name)]
    assert where.count("monitoring") >= 3
    assert where.count("monitoring-node") == 1
    for _, pod in pods(name):
        assert "created" in create(plane, pod)


@pytest.mark.parametrize("component", COMPONENTS)
def test_pods_of_components_are_admitted_by_pod_security(plane: ControlPlane, component: str) -> None:
    listed = own_overlay(complete(component))
    accounts = [one for one in listed if one["kind"] == "ServiceAccount"]
    plane.kubectl(*APPLY, "-f", "-", input=as_list(accounts))
    made = [pod for namespace, pod in pods_of(listed) if namespace == "monitoring"]
    assert len(made) >= 3
    for pod in made:
        pod["metadata"]["name"] += "-trial"
    said = plane.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", input=as_list(made))
    assert said.count("created") == len(made)


MUTATIONS: dict[str, Any] = {
    "privileged": {"privileged": True, "allowPrivilegeEscalation": True},
    "escalation": {"allowPrivilegeEscalation": True},
    "root": {"runAsUser": 0, "runAsNonRoot": False},
    "capability": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}},
    "seccomp": {"seccompProfile": {"type": "Unconfined"}},
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_weakened_pods_are_refused(plane: ControlPlane, mutation: str) -> None:
    refused = 0
    for namespace, pod in pods("ha"):
        if namespace != "monitoring":
            continue
        pod["spec"]["containers"][0]["securityContext"] |= MUTATIONS[mutation]
        with pytest.raises(ClusterError, match=REFUSAL):
            create(plane, pod)
        refused += 1
    assert refused >= 4


def test_node_exporter_is_refused_beside_the_others(plane: ControlPlane) -> None:
    [pod] = [pod for namespace, pod in pods("ha") if namespace == "monitoring-node"]
    pod["metadata"]["namespace"] = "monitoring"
    pod["spec"]["serviceAccountName"] = "prometheus"
    with pytest.raises(ClusterError, match=f"{REFUSAL}.*host namespaces.*hostPath"):
        create(plane, pod)


Right = tuple[str, str, str]
"""(verb, resource.group or path, namespace or "")."""

NEEDED: dict[str, list[Right]] = {
    PROMETHEUS: [
        *((verb, kind, "") for verb in ("list", "watch") for kind in ("nodes", "pods", "services")),
        ("list", "endpointslices.discovery.k8s.io", ""),
        ("watch", "endpointslices.discovery.k8s.io", ""),
        ("get", "nodes/metrics", ""),
        ("get", "/metrics", ""),
        ("get", "/metrics/slis", ""),
    ],
    STATE: [
        *(
            (verb, kind, "")
            for verb in ("list", "watch")
            for kind in (
                "cronjobs.batch daemonsets.apps deployments.apps horizontalpodautoscalers.autoscaling "
                "ingresses.networking.k8s.io jobs.batch limitranges namespaces "
                "networkpolicies.networking.k8s.io nodes persistentvolumeclaims persistentvolumes "
                "poddisruptionbudgets.policy pods "
                "replicasets.apps resourcequotas services statefulsets.apps storageclasses.storage.k8s.io"
            ).split()
        ),
        ("create", "tokenreviews.authentication.k8s.io", ""),
        ("create", "subjectaccessreviews.authorization.k8s.io", ""),
    ],
}
FORBIDDEN: list[Right] = [
    *((verb, "secrets", "monitoring") for verb in ("get", "list", "watch")),
    ("list", "configmaps", "monitoring"),
    ("get", "nodes/proxy", ""),
    ("create", "nodes/proxy", ""),
    ("get", "pods/log", "monitoring"),
    ("create", "pods/exec", "monitoring"),
    ("create", "pods", "monitoring"),
    ("delete", "pods", "monitoring"),
    ("create", "serviceaccounts/token", "monitoring"),
    ("impersonate", "users", ""),
    ("escalate", "clusterroles.rbac.authorization.k8s.io", ""),
    ("bind", "clusterroles.rbac.authorization.k8s.io", ""),
    ("get", "/logs", ""),
    ("*", "*", ""),
]
NO_RIGHTS = (
    "monitoring:alertmanager",
    "monitoring:auth-proxy",
    "monitoring:blackbox-exporter",
    "monitoring:thanos-query",
    "monitoring-node:node-exporter",
)


def review(user: str, right: Right) -> Object:
    """What an account may do, as a question to the API server; with the groups of an account."""
    verb, what, namespace = right
    if what.startswith("/"):
        asked: Object = {"nonResourceAttributes": {"verb": verb, "path": what}}
    else:
        named, _, subresource = what.partition("/")
        resource, _, group = named.partition(".")
        attributes = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        asked = {"resourceAttributes": attributes | {"namespace": namespace}}
    account = user.removeprefix("system:serviceaccount:").partition(":")[0]
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{account}", "system:authenticated"]
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": groups, **asked},
    }


def granted(plane: ControlPlane, user: str, rights: Sequence[Right]) -> list[Right]:
    """Return which of the rights an account has, in the words of the API server."""
    asked = as_list([review(user, right) for right in rights])
    answer = plane.kubectl("create", "-f", "-", "-o", 'jsonpath={.status.allowed}{"\\n"}', input=asked)
    return [right for right, allowed in zip(rights, answer.split(), strict=True) if allowed == "true"]


@pytest.mark.parametrize("user", NEEDED)
def test_rights_are_those_that_are_needed(plane: ControlPlane, user: str) -> None:
    assert granted(plane, user, NEEDED[user]) == NEEDED[user]
    assert granted(plane, user, FORBIDDEN) == []


def test_reviews_are_the_exporters_alone(plane: ControlPlane) -> None:
    right = ("create", "tokenreviews.authentication.k8s.io", "")
    assert granted(plane, PROMETHEUS, [right]) == []


@pytest.mark.parametrize("account", NO_RIGHTS)
def test_others_have_none(plane: ControlPlane, account: str) -> None:
    user = f"system:serviceaccount:{account}"
    some = [("list", "pods", ""), ("get", "nodes/metrics", ""), ("get", "/metrics", ""), *FORBIDDEN]
    assert granted(plane, user, some) == []


def test_roles_grant_nothing_else() -> None:
    """What the roles list, in the words of the matrix above, is the matrix (`get` beside `list` aside)."""
    for user, name in ((PROMETHEUS, "monitoring-prometheus"), (STATE, "monitoring-kube-state-metrics")):
        listed = set()
        for rule in find(overlay("ha"), "ClusterRole", name)["rules"]:
            for verb in rule["verbs"]:
                listed |= {(verb, path, "") for path in rule.get("nonResourceURLs", ())}
                for group in rule.get("apiGroups", ()):
                    suffix = f".{group}" if group else ""
                    listed |= {(verb, resource + suffix, "") for resource in rule["resources"]}
        extra = listed - set(NEEDED[user])
        assert all(verb == "get" and ("list", kind, where) in listed for verb, kind, where in extra), extra
        assert set(NEEDED[user]) <= listed

"""Unused rights, by the audit log of a real API server: exactly those that nobody used are found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import urllib3
import yaml

from tests.access.worlds import HOSTILE
from tests.live.live import Object, apply, audit, pod_spec, until, workload
from tools.cluster import ControlPlane

RBAC = "rbac.authorization.k8s.io"

POLICIES = ("rbac_unused_grant", "rbac_unused_account")


class Asker:
    """Sends requests as anybody."""

    def __init__(self, plane: ControlPlane) -> None:
        self._url, self._admin = plane.url, plane.token("admin")
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca))

    def ask(self, path: str, user: str = "", *groups: str, token: str = "") -> int:
        """Return the status of a GET as a user with groups, impersonated, or with a token."""
        headers = urllib3.HTTPHeaderDict({"Authorization": f"Bearer {token or self._admin}"})
        if user:
            headers.add("Impersonate-User", user)
        for group in groups:
            headers.add("Impersonate-Group", group)
        return self._pool.request("GET", self._url + path, headers=headers, retries=False).status


def role(kind: str, name: str, *resources: str, verbs: Sequence[str] = ("get", "list", "watch")) -> Object:
    rules = [{"verbs": list(verbs), "apiGroups": [""], "resources": [one]} for one in resources]
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": name}, "rules": rules}


def bound(kind: str, name: str, to: str, subject: Object) -> Object:
    """Return a binding of a role, `Role reader` or `ClusterRole nodes`."""
    of, _, called = to.partition(" ")
    ref = {"apiGroup": RBAC, "kind": of, "name": called}
    group = {} if subject["kind"] == "ServiceAccount" else {"apiGroup": RBAC}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name},
        "roleRef": ref,
        "subjects": [{**subject, **group}],
    }


def user(name: str) -> Object:
    return {"kind": "User", "name": name}


def group(name: str) -> Object:
    return {"kind": "Group", "name": name}


def account(name: str, namespace: str = "") -> Object:
    return {"kind": "ServiceAccount", "name": name, **({"namespace": namespace} if namespace else {})}


class Case(NamedTuple):
    """A binding, whether somebody uses it, and what is to be said of it."""

    binding: Object
    said: str
    """`pass`, `fail`, `not_evaluated` or `not_applicable`."""
    path: str = ""
    """What is asked for by it; "" if nobody does."""
    user: str = ""
    groups: tuple[str, ...] = ()


def hostile(namespace: str) -> Iterator[Case]:
    """Bindings with all names that an API server takes: one of each is used, one is not."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for number, odd in enumerate(HOSTILE):
        who = f"h{number}-{namespace}"  # a header holds no name that is odd
        used = bound("RoleBinding", f"{odd}u{number}", "Role reader", user(who))
        yield Case(used, "pass", path, who)
        yield Case(bound("RoleBinding", f"{odd}i{number}", "Role reader", user(f"idle{who}")), "fail")


def cases(namespace: str) -> Iterator[Case]:
    """Bindings of every sort."""
    pods, view, devs = f"/api/v1/namespaces/{namespace}/pods", "ClusterRole view", f"devs-{namespace}"
    alice, denied = f"alice-{namespace}", f"denied-{namespace}"
    nodes, urls = f"ClusterRole nodes-{namespace}", f"ClusterRole urls-{namespace}"
    yield Case(bound("RoleBinding", "user", "Role reader", user(alice)), "pass", pods, alice)
    yield Case(bound("RoleBinding", "idle-user", "Role reader", user(f"idle-{namespace}")), "fail")
    yield Case(bound("RoleBinding", "group", view, group(devs)), "pass", pods, f"bob-{namespace}", (devs,))
    yield Case(bound("RoleBinding", "idle-group", view, group(f"no-{namespace}")), "fail")
    secrets = f"/api/v1/namespaces/{namespace}/secrets"
    yield Case(bound("RoleBinding", "denied", "Role reader", user(denied)), "fail", secrets, denied)
    yield Case(bound("RoleBinding", "account", "Role reader", account("web")), "pass")
    yield Case(bound("RoleBinding", "idle-account", "Role reader", account("idle", namespace)), "fail")
    yield Case(bound("RoleBinding", "parked", "Role reader", account("parked")), "fail")
    everybody = group(f"system:serviceaccounts:{namespace}")
    yield Case(bound("RoleBinding", "everybody", "Role services", everybody), "pass")
    name, whole = 'two\nlines "of" Role', "ClusterRoleBinding"
    yield Case(
        bound(whole, f"{name}-{namespace}", nodes, user(f"op-{namespace}")),
        "pass",
        "/api/v1/nodes",
        f"op-{namespace}",
    )
    yield Case(bound(whole, f"idle-{namespace}", nodes, user(f"no-{namespace}")), "fail")
    yield Case(
        bound(whole, f"urls-{namespace}", urls, user(f"metrics-{namespace}")),
        "pass",
        "/metrics",
        f"metrics-{namespace}",
    )
    yield Case(bound(whole, f"idle-urls-{namespace}", urls, user(f"no-{namespace}")), "not_evaluated")
    yield from hostile(namespace)


ACCOUNTS = {
    "web": "pass",
    "anybody": "not_applicable",
    "idle": "fail",
    "parked": "pass",
    "free": "not_applicable",
}
"""By name, what is to be said of each ServiceAccount; `anybody` is seen, but nothing names it."""


def world(namespace: str, found: Sequence[Case]) -> list[Object]:
    """Return all objects, bindings last."""
    urls = {"verbs": ["get"], "nonResourceURLs": ["/metrics"]}
    return [
        role("Role", "reader", "pods", "configmaps"),
        role("Role", "services", "services"),
        role("ClusterRole", f"nodes-{namespace}", "nodes"),
        {**role("ClusterRole", f"urls-{namespace}"), "rules": [urls]},
        *({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}} for name in ACCOUNTS),
        workload("Deployment", "parked", pod_spec(serviceAccountName="parked"), replicas=0),
        *(case.binding for case in found),
    ]


def asked(plane: ControlPlane, namespace: str, found: Sequence[Case], path: Path) -> None:
    """Use what is to be used, and write the part of the audit log that tells of it."""
    asker, pods = Asker(plane), f"/api/v1/namespaces/{namespace}/pods"
    last = found[-2]  # the last that is used: when the server goes by it, it goes by all
    until(lambda: asker.ask(last.path, last.user) == 200)
    made = time.time()
    until(lambda: int(time.time()) > made + 1)  # times of creation are whole seconds
    start = plane.audit_log.stat().st_size
    for case in found:
        if case.path:
            denied = case.said == "fail"
            assert asker.ask(case.path, case.user, *case.groups) == (403 if denied else 200), case
    for name, resource in (("web", "pods/x"), ("web", "pods"), ("anybody", "services")):
        token = plane.kubectl("create", "token", name, "-n", namespace).strip()
        status = asker.ask(f"/api/v1/namespaces/{namespace}/{resource}", token=token)
        assert status == (404 if "/" in resource else 200)
    apply(plane, namespace, bound("RoleBinding", "young", "Role reader", user(f"young-{namespace}")))
    assert asker.ask(f"{pods}?watch=1&timeoutSeconds=1&resourceVersion=0") == 200
    end = f"{pods}?limit=4711"
    assert asker.ask(end) == 200
    until(lambda: end in _since(plane, start))
    path.write_text(_since(plane, start))


def _since(plane: ControlPlane, start: int) -> str:
    with plane.audit_log.open("rb") as log:
        log.seek(start)
        return log.read().decode()


def statuses(record: Object, namespace: str) -> Mapping[tuple[str, str], str]:
    """Return what an audit says of our objects, by kind and name; of the others nothing stands in it."""
    told = [("fail", one) for one in record["findings"]]
    told += [("not_evaluated", one) for one in record["not_evaluated"] if "resource" in one]
    found = {}
    for status, one in told:
        resource = one["resource"]
        if resource.get("namespace") == namespace or resource["name"].endswith(namespace):
            found[resource["kind"], resource["name"]] = status
    return found


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """What takes a log of seconds for long enough."""
    policies = {name: {"parameters": {"window_days": 0}} for name in POLICIES}
    path = tmp_path / "auditor.yaml"
    path.write_text(yaml.safe_dump({"policies": policies}))
    return path


def test_exactly_the_unused_are_found(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, configuration: Path
) -> None:
    found = list(cases(namespace))
    apply(control_plane, namespace, *world(namespace, found))
    try:
        log, snapshot = tmp_path / "audit.log", tmp_path / "snapshot"
        asked(control_plane, namespace, found, log)
        only = [word for name in POLICIES for word in ("--policy", name)]
        flags: list[str | Path] = [*only, "--store=none", "--fail-on=never", "--config", configuration]
        where: list[str | Path] = [
            "--kubeconfig",
            control_plane.kubeconfig,
            "--audit-log",
            log,
            "--save-snapshot",
            snapshot,
        ]
        live = audit(tmp_path / "live.json", *flags, *where)
        again = audit(tmp_path / "again.json", *flags, "--snapshot", snapshot)
    finally:
        _clean(control_plane, namespace, found)
    said = {(one.binding["kind"], one.binding["metadata"]["name"]): one.said for one in found}
    said |= {("ServiceAccount", name): status for name, status in ACCOUNTS.items()}
    loud = {key: status for key, status in said.items() if status in ("fail", "not_evaluated")}
    assert statuses(live.record, namespace) == loud
    assert live.record["out_of_reach"] == []
    for part in ("findings", "not_evaluated", "summary"):
        assert json.dumps(again.record[part]) == json.dumps(live.record[part])


def _clean(plane: ControlPlane, namespace: str, found: Sequence[Case]) -> None:
    """Remove what lies in no namespace."""
    for name in ("nodes", "urls"):
        plane.kubectl("delete", "clusterrole", f"{name}-{namespace}")
    for case in found:
        if case.binding["kind"] == "ClusterRoleBinding":
            plane.kubectl("delete", "-f", "-", input=json.dumps(case.binding))

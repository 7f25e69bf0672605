"""On a server: nothing that ships is a finding as it ships, and each way of widening it is one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from auditor.access import objects
from auditor.access.covers import extra
from auditor.access.roles import RBAC
from auditor.access.shipped import LABEL, shipped
from auditor.model import ResourceRef
from tests.access.reviews import Server, path
from tests.access.worlds import API, Object
from tests.live.live import audit, until
from tools.build import ROOT

POLICIES = sorted(one.name for one in (ROOT / "policies/k8s").glob("rbac_*"))
MODIFIED = "rbac_default_role_modified"
AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
JANE = {"apiGroup": API, "kind": "User", "name": "jane"}
VOLUMES = {"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["get"]}
NODES = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}
MINE = "widening"
"""The ClusterRole that is added to those that are sums."""

NAMES = frozenset(map(str, (*shipped().roles, *shipped().bindings)))


def judged(server: Server, folder: Path, *policies: str) -> Object:
    """Audit by these policies, and return the record."""
    asked = [word for name in policies for word in ("--policy", name)]
    return audit(folder / "audit.json", "--kubeconfig", server.plane.kubeconfig, *asked).record


def told(record: Object) -> dict[str, list[Object]]:
    """Return the findings about what has a name that ships, by what it is called."""
    found: dict[str, list[Object]] = {}
    for one in record["findings"]:
        if (called := _called(one["resource"])) in NAMES:
            found.setdefault(called, []).append(one)
    return found


def _called(resource: Object) -> str:
    return str(ResourceRef(RBAC, resource["kind"], resource["name"], resource.get("namespace") or ""))


def test_nothing_that_ships_is_a_finding(server: Server, tmp_path: Path) -> None:
    record = judged(server, tmp_path, *POLICIES)
    assert told(record) == {}
    assert record["gaps"] == []
    unjudged = [one["resource"] for one in record["not_evaluated"] if "resource" in one]
    assert NAMES.isdisjoint(map(_called, unjudged))
    assert record["summary"]["evaluations"] >= len(shipped().bindings) * len(POLICIES) / 2


def _verb(one: Object) -> None:
    one["rules"][0]["verbs"].append("delete")


def _all_verbs(one: Object) -> None:
    one["rules"][0]["verbs"] = ["*"]


def _resource(one: Object) -> None:
    one["rules"][0]["resources"].append("secrets")


def _group(one: Object) -> None:
    one["rules"][0]["apiGroups"].append("apps")


def _names(one: Object) -> None:
    next(rule for rule in one["rules"] if rule.get("resourceNames")).pop("resourceNames")


def _url(one: Object) -> None:
    one["rules"][0]["nonResourceURLs"].append("/metrics")


def _rule(one: Object) -> None:
    one["rules"].append(VOLUMES)


def _unlabelled(one: Object) -> None:
    _rule(one)
    one["metadata"]["labels"].pop(LABEL)


def _left_alone(one: Object) -> None:
    _rule(one)
    one["metadata"]["annotations"][AUTOUPDATE] = "false"


def _subject(one: Object) -> None:
    one["subjects"] = [*one.get("subjects", []), JANE]


def _account(one: Object) -> None:
    one["subjects"].append({"kind": "ServiceAccount", "name": "default", "namespace": "default"})


WIDENINGS: Mapping[str, Callable[[Object], None]] = {
    "ClusterRole system:kube-dns": _verb,
    "ClusterRole system:node-bootstrapper": _all_verbs,
    "ClusterRole system:node-problem-detector": _resource,
    "ClusterRole system:persistent-volume-provisioner": _group,
    "Role kube-system/extension-apiserver-authentication-reader": _names,
    "ClusterRole system:public-info-viewer": _url,
    "ClusterRole system:discovery": _rule,
    "ClusterRole system:monitoring": _unlabelled,
    "ClusterRole system:heapster": _left_alone,
    "Role kube-public/system:controller:bootstrap-signer": _rule,
    "ClusterRoleBinding system:basic-user": _subject,
    "ClusterRoleBinding system:node": _subject,
    "ClusterRoleBinding system:volume-scheduler": _account,
    "RoleBinding kube-system/system::leader-locking-kube-scheduler": _subject,
}
"""One for each way, each of another object."""


@contextmanager
def changed(server: Server, called: str, change: Callable[[Object], None]) -> Iterator[None]:
    """Change one object while the block runs."""
    before = server.found(called)
    del before["metadata"]["resourceVersion"]
    after = copy.deepcopy(before)
    change(after)
    where = f"{path(before)}/{before['metadata']['name']}"
    server.send("PUT", where, after)
    try:
        yield
    finally:
        server.send("PUT", where, before)


def test_each_way_of_widening_is_found(server: Server, tmp_path: Path) -> None:
    with ExitStack() as stack:
        for called, change in WIDENINGS.items():
            stack.enter_context(changed(server, called, change))
        found = told(judged(server, tmp_path, MODIFIED))
    assert sorted(found) == sorted(WIDENINGS)
    assert {one["severity"] for findings in found.values() for one in findings} == {"high"}
    assert told(judged(server, tmp_path, MODIFIED)) == {}


def test_rights_that_come_by_aggregation(server: Server, tmp_path: Path) -> None:
    """Each is told with the role that it comes from, whether that ships or not."""
    added = {
        "apiVersion": f"{API}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": MINE, "labels": {f"{API}/aggregate-to-view": "true"}},
        "rules": [NODES, {**NODES, "apiGroups": ["widening.example"]}],
    }
    within = "ClusterRole system:aggregate-to-edit"
    server.send("POST", path(added), added)
    try:
        with changed(server, within, _rule):
            until(lambda: all(rule in _rules(server, "admin") for rule in (*added["rules"], VOLUMES)))
            found = told(judged(server, tmp_path, MODIFIED))
    finally:
        server.send("DELETE", f"{path(added)}/{MINE}")
    until(lambda: not any(rule in _rules(server, "admin") for rule in (*added["rules"], VOLUMES)))
    assert {
        called: {(one["severity"], *one["evidence"]["through"]) for one in findings}
        for called, findings in found.items()
    } == {
        within: {("high",)},
        "ClusterRole view": {("medium", MINE), ("low", MINE)},
        "ClusterRole edit": {("medium", MINE), ("low", MINE), ("medium", "system:aggregate-to-edit")},
        "ClusterRole admin": {("medium", MINE), ("low", MINE), ("medium", "system:aggregate-to-edit")},
    }


def _rules(server: Server, role: str) -> list[Object]:
    rules: list[Object] = server.found(f"ClusterRole {role}")["rules"]
    return rules


def test_another_role_under_a_name_that_ships(server: Server, tmp_path: Path) -> None:
    called = "RoleBinding kube-system/system:controller:token-cleaner"
    before = server.found(called)
    where = f"{path(before)}/{before['metadata']['name']}"
    del before["metadata"]["resourceVersion"], before["metadata"]["uid"]
    after = {**before, "roleRef": {"apiGroup": API, "kind": "ClusterRole", "name": "cluster-admin"}}
    for one, check in ((after, True), (before, False)):
        server.send("DELETE", where)  # a roleRef never changes
        server.send("POST", path(before), one)
        found = told(judged(server, tmp_path, MODIFIED))
        assert [entry["path"] for entry in found.get(called, ())] == (["/roleRef"] if check else [])


def test_a_start_puts_back_what_is_missing_and_leaves_what_is_more(server: Server, tmp_path: Path) -> None:
    called = "ClusterRole system:kube-dns"
    before = objects.role(server.found(called))

    def change(one: Object) -> None:
        one["rules"] = [VOLUMES]

    with changed(server, called, change):
        server.plane.restart_api_server()
        # right by right, and not rule by rule
        until(lambda: not extra(objects.role(server.found(called)).rules, before.rules))
        assert VOLUMES in server.found(called)["rules"]
        assert list(told(judged(server, tmp_path, MODIFIED))) == [called]

"""What `webhook_can_lock_cluster` says a webhook would refuse is what a real API server refuses.

Nobody answers for the webhooks, which fail closed. What is refused is asked for on trial only.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.availability.api import Api, Object, until
from tools.build import ROOT
from tools.cluster import ControlPlane

NAME = "kubernetes.io/metadata.name"
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
NOBODY = {"service": {"namespace": "guard", "name": "nobody"}}
MARK = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
"""A rule that shows that a webhook is asked: for ConfigMaps, which no verdict is about."""
EVERYTHING = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}
PODS = {**MARK, "resources": ["pods"]}
LEASES = {**MARK, "apiGroups": ["coordination.k8s.io"], "resources": ["leases"]}


def outside(*names: str) -> Object:
    return {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": list(names)}]}


CASES: Mapping[str, Object] = {
    "everything": {"rules": [EVERYTHING]},
    "no-subresources": {"rules": [{**EVERYTHING, "resources": ["*"]}]},
    "cluster-scope": {"rules": [{**EVERYTHING, "scope": "Cluster"}]},
    "namespaced-scope": {"rules": [{**EVERYTHING, "scope": "Namespaced"}]},
    "pods": {"rules": [PODS]},
    "pods-and-below": {"rules": [{**PODS, "resources": ["pods/*"]}]},
    "below-pods": {"rules": [{**PODS, "resources": ["pods/status", "pods/exec"]}]},
    "pods-that-go": {"rules": [{**PODS, "operations": ["DELETE", "UPDATE"]}]},
    "any-status": {"rules": [{**EVERYTHING, "resources": ["*/status"]}]},
    "nodes": {"rules": [{**PODS, "operations": ["UPDATE"], "resources": ["nodes", "nodes/status"]}]},
    "leases": {"rules": [LEASES]},
    "other-version": {"rules": [{**LEASES, "apiVersions": ["v2"]}]},
    "but-kube-system": {"rules": [EVERYTHING], "namespaceSelector": outside("kube-system")},
    "but-all": {
        "rules": [EVERYTHING],
        "namespaceSelector": outside("kube-system", "kube-node-lease", "guard"),
    },
    "by-label": {"rules": [EVERYTHING], "namespaceSelector": {"matchLabels": {"tier": "guard"}}},
    "asked-for": {"rules": [EVERYTHING], "objectSelector": {"matchLabels": {"guarded": "yes"}}},
}


def configuration(name: str) -> Object:
    """The webhook of a case, and beside it one that shows when the server has taken both in."""
    common = {"clientConfig": NOBODY, "sideEffects": "None", "admissionReviewVersions": ["v1"]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {**common, "name": f"{name}.example.com", **CASES[name]},
            {**common, "name": "mark.example.com", "rules": [MARK]},
        ],
    }


def space(name: str, **labels: str) -> Object:
    metadata = {"name": name, "labels": {NAME: name, **labels}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """What the policy says that each webhook refuses."""
    folder: Path = tmp_path_factory.mktemp("hooks")
    spaces = [space("kube-system"), space("kube-node-lease"), space("guard", tier="guard")]
    listed = {"apiVersion": "v1", "kind": "List", "items": [*spaces, *map(configuration, CASES)]}
    (folder / "hooks.json").write_text(json.dumps(listed))
    command = [sys.executable, "-m", "auditor", "audit", "-f", str(folder / "hooks.json"), "--store", "none"]
    command += ["--policy", "webhook_can_lock_cluster", "--fail-on", "never", "-o", f"json={folder}/r.json"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    report = json.loads((folder / "r.json").read_text())
    assert report["summary"]["documents"] == len(CASES)
    found = {one["resource"]["name"]: set(one["evidence"]["refused"]) for one in report["findings"]}
    return {name: found.get(name, set()) for name in CASES}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A server with the objects that are asked for; without controllers, nobody else writes."""
    with ControlPlane(nodes=0, controllers=False) as plane:
        api = Api(plane)
        api.send("POST", "/api/v1/namespaces", space("guard", tier="guard"))
        spaces = ("kube-system", "kube-node-lease", "guard")
        until(lambda: all(api.send("GET", f"/api/v1/namespaces/{one}").status == 200 for one in spaces))
        for namespace in spaces:
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
            api.send("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", account)
        api.ask("POST", "/api/v1/nodes", node("there"))
        yield api


def node(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}


def refused(api: Api) -> set[str]:
    """Return what the server refuses now, in the words of the policy."""
    pod: Any = {"containers": [{"name": "a", "image": "registry.example.com/a:1"}]}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "trial"}, "spec": pod}
    asked = {
        f"pods in {one}": ("POST", f"/api/v1/namespaces/{one}/pods", body) for one in ("kube-system", "guard")
    }
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "trial"}}
    for one in ("kube-system", "kube-node-lease"):
        asked[f"leases in {one}"] = ("POST", f"/apis/coordination.k8s.io/v1/namespaces/{one}/leases", lease)
    changed = {**node("there"), "metadata": {"name": "there", "labels": {"a": "b"}}}
    asked["nodes"] = ("PUT", "/api/v1/nodes/there", changed)
    asked["nodes/status"] = (
        "PUT",
        "/api/v1/nodes/there/status",
        {**node("there"), "status": {"phase": "Running"}},
    )
    answers = {
        name: api.send(method, f"{path}?dryRun=All", sent) for name, (method, path, sent) in asked.items()
    }
    for answer in answers.values():
        assert answer.status < 300 or "failed calling webhook" in answer.body["message"], answer
    return {name for name, answer in answers.items() if answer.status >= 300}


def marked(api: Api) -> bool:
    """Whether the webhooks are asked."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "trial"}}
    return api.send("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", body).status >= 300


def test_the_server_refuses_what_the_policy_says(api: Api, verdicts: Mapping[str, set[str]]) -> None:
    until(lambda: not marked(api))
    found = {}
    for name in CASES:
        api.ask("POST", HOOKS, configuration(name))
        until(lambda: marked(api))
        found[name] = refused(api)
        api.delete(f"{HOOKS}/{name}")
        until(lambda: not marked(api))
    assert found == verdicts
    assert len({frozenset(one) for one in verdicts.values()}) > 7

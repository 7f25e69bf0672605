"""What the tests of live audits share: running one, waiting, accounts with few rights, kubeconfigs."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from auditor.cli.app import run
from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.selection import select
from auditor.model import Document
from auditor.pipeline import collect, judge
from auditor.ports import Source
from tools.build import tool_bin
from tools.cluster import ControlPlane

Object = dict[str, Any]

AGENT = "auditor/"
"""How our requests name their program, before the version."""


class Ended(NamedTuple):
    """An audit that has run."""

    code: int
    record: Object

    def findings(self, namespace: str) -> list[Object]:
        """Return the findings in one namespace: in the others, other tests work."""
        return [one for one in self.record["findings"] if one["resource"]["namespace"] == namespace]


def audit(path: Path, *arguments: str | Path) -> Ended:
    """Run `auditor audit` in this process; `path` is where its JSON goes."""
    opa = tool_bin("opa") / "opa"
    code = run(["audit", f"--opa={opa}", "-o", f"json={path}", *map(str, arguments)])
    return Ended(code, json.loads(path.read_bytes()) if path.exists() else {})


def source(kubeconfig: Path, *namespaces: str, context: str | None = None) -> ClusterSource:
    """Return the source of a live audit, without the rest of it."""
    return ClusterSource(connect(str(kubeconfig), context, {}), namespaces)


def judged(live: Source, frameworks: Sequence[str] = ()) -> list[Document]:
    """Judge what a source has by the policies of these frameworks, or by all, and return the documents."""
    opa = tool_bin("opa") / "opa"
    with load_bundle(opa) as bundle, OpaEngine(opa, bundle) as engine:
        selection = select(bundle, frameworks)
        documents, _ = judge(collect(live, selection), engine, selection)
    return documents


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the condition did not come about"
        time.sleep(0.1)


def apply(plane: ControlPlane, namespace: str, *objects: Object) -> None:
    """Create objects in a namespace."""
    items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    plane.kubectl("create", "-n", namespace, "-f", "-", input=json.dumps(items))


def pods(plane: ControlPlane, namespace: str) -> list[Object]:
    """Return the live pods of a namespace as the API server has them."""
    listed: list[Object] = json.loads(plane.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
    return [pod for pod in listed if pod["status"]["phase"] not in ("Succeeded", "Failed")]


def pod_spec(**more: Any) -> Object:
    """Return a pod spec that violates no standard but where `more` says so."""
    quiet = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "main", "image": "main:1", "securityContext": quiet}],
        **more,
    }


def workload(kind: str, name: str, pod: Object, **spec: Any) -> Object:
    """Return a controller of pods labelled with its name."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def write_kubeconfig(path: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> Path:
    """Write a kubeconfig with one context, called `only`, and return its path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": dict(cluster)}],
        "users": [{"name": "u", "user": dict(user)}],
        "contexts": [{"name": "only", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "only",
    }
    path.write_text(yaml.safe_dump(config))
    return path


def cluster_of(plane: ControlPlane, **more: Any) -> Object:
    """Return the `cluster` entry of a kubeconfig."""
    ca = base64.b64encode(plane.ca.read_bytes()).decode()
    return {"server": plane.url, "certificate-authority-data": ca, **more}


def events(plane: ControlPlane) -> list[Object]:
    """Return what the API server's audit log has of auditors, as far as it is written."""
    lines = plane.audit_log.read_text().splitlines(keepends=True)
    # most of the log is about others: decoding all of it would take seconds
    read = (json.loads(line) for line in lines if f'"{AGENT}' in line and line.endswith("\n"))
    return [event for event in read if event.get("userAgent", "").startswith(AGENT)]


class Account(NamedTuple):
    """A service account that may do little."""

    user: str
    kubeconfig: Path


@contextmanager
def account(
    plane: ControlPlane, namespace: str, folder: Path, rules: Sequence[Object], *, everywhere: bool = False
) -> Iterator[Account]:
    """Make a service account with these rules, in its namespace or everywhere; remove it again."""
    name, subject = f"auditor-{namespace}", f"--serviceaccount={namespace}:auditor"
    kind, flags = ("cluster", []) if everywhere else ("", ["-n", namespace])
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole" if everywhere else "Role",
        "metadata": {"name": name},
        "rules": list(rules),
    }
    plane.kubectl("create", "serviceaccount", "auditor", "-n", namespace)
    plane.kubectl("create", *flags, "-f", "-", input=json.dumps(role))
    try:
        reference = f"--clusterrole={name}" if everywhere else f"--role={name}"
        plane.kubectl("create", f"{kind}rolebinding", name, reference, subject, *flags)
        token = plane.kubectl("create", "token", "auditor", "-n", namespace).strip()
        file = write_kubeconfig(folder / "account.yaml", cluster_of(plane), {"token": token})
        yield Account(f"system:serviceaccount:{namespace}:auditor", file)
    finally:
        plane.kubectl("delete", f"{kind}rolebinding,{kind}role", name, *flags)


def may_read(*resources: str) -> Object:
    """Return a rule that allows to get and list these resources, of whatever group."""
    return {"apiGroups": ["*"], "resources": list(resources), "verbs": ["get", "list"]}


WORKLOADS = (
    *("pods", "replicationcontrollers", "deployments", "statefulsets", "daemonsets"),
    *("replicasets", "jobs", "cronjobs"),
)
"""The resources behind the eight workload kinds."""

"""Small clusters in few words, to look for paths in: each helper returns objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.access.escalation import escalation
from auditor.access.graph import Graph, Node, Sink
from auditor.document.assemble import answering
from auditor.document.relations.relation import World
from auditor.document.relations.rights import rights
from auditor.document.relations.surroundings import surroundings
from auditor.model import Body
from tests import factories as make

RBAC = "rbac.authorization.k8s.io"
STARS = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> Body:
    """A rule, its lists as words with spaces between."""
    found = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    return {**found, **({"resourceNames": names.split()} if names else {})}


def account(text: str) -> Body:
    """A subject: `shop/web`, `user jane` or `group dev`."""
    kind, _, name = text.partition(" ")
    if name:
        return {"apiGroup": RBAC, "kind": kind.capitalize(), "name": name}
    namespace, _, name = text.partition("/")
    return {"kind": "ServiceAccount", "namespace": namespace, "name": name}


def role(name: str, *rules: Body, namespace: str = "") -> Body:
    return {
        **make.obj("Role" if namespace else "ClusterRole", name=name, namespace=namespace),
        "rules": [*rules],
    }


def bind(name: str, subjects: str, *, role: str = "", namespace: str = "", own: bool = False) -> Body:
    """A binding of the ClusterRole, or with `own` the Role, of its own name if none is given."""
    body = make.obj("RoleBinding" if namespace else "ClusterRoleBinding", name=name, namespace=namespace)
    ref = {"apiGroup": RBAC, "kind": "Role" if own else "ClusterRole", "name": role or name}
    return {**body, "roleRef": ref, "subjects": [account(one) for one in subjects.split(", ")]}


def grant(name: str, subjects: str, *rules: Body, namespace: str = "") -> list[Body]:
    """A ClusterRole and a binding of it."""
    return [role(name, *rules), bind(name, subjects, namespace=namespace)]


def admin(subjects: str) -> list[Body]:
    """A binding to everything."""
    return grant("admin", subjects, STARS)


def accounts(texts: str, **fields: Any) -> list[Body]:
    """ServiceAccounts, `shop/web shop/other`."""
    pairs = (one.split("/") for one in texts.split())
    return [{**make.obj("ServiceAccount", namespace=home, name=name), **fields} for home, name in pairs]


def space(name: str, level: str = "") -> Body:
    labels = {"pod-security.kubernetes.io/enforce": level} if level else {}
    return make.obj("Namespace", name=name, labels=labels)


def runs(kind: str, text: str, account: str = "default", **spec: Any) -> Body:
    """A workload `shop/web` that runs as an account."""
    namespace, _, name = text.partition("/")
    return make.workload(
        kind, make.pod_spec(serviceAccountName=account, **spec), namespace=namespace, name=name
    )


def world(*bodies: Body, version: str = "v1.36.3") -> World:
    """A live cluster of these objects."""
    snapshot = make.snapshot(*bodies)
    return World(
        snapshot.resources, tuple(answering(snapshot, snapshot.resources)), live=True, version=version
    )


def graph(found: World, *asked: Node) -> Graph:
    held = rights(found)
    return escalation(held.roles.values(), held.bindings.values(), surroundings(found), asked)


def node(text: str) -> Node:
    """A node: `shop/web`, `user jane`, `group dev`, `Deployment shop/web`."""
    kind, _, name = text.partition(" ")
    if name and kind not in ("user", "group"):
        return Node(kind, *name.split("/"))
    found = account(text)
    return Node(found["kind"], found.get("namespace", ""), found["name"])


def reached(bodies: Sequence[Body], entry: str, version: str = "v1.36.3") -> dict[str, list[str]]:
    """What an entry reaches, with the edges that lead there."""
    found = graph(world(*bodies, version=version), node(entry))
    paths = {sink.value: found.shortest(node(entry), sink) for sink in Sink}
    return {sink: [step.moves[0].edge for step in path] for sink, path in paths.items() if path}

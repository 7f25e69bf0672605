"""Small objects to test with: manifests, live pods, policies, documents, and fakes of the ports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditor.document.assemble import assemble
from auditor.document.keep import keep
from auditor.document.kinds import KINDS, WORKLOADS
from auditor.judge.results import Results
from auditor.judge.selection import Selection
from auditor.model import (
    Answer,
    Body,
    Document,
    Failure,
    Gap,
    Glimpse,
    Origin,
    Question,
    Resource,
    ResourceRef,
    Result,
    SkippedFile,
    Snapshot,
    SourceFacts,
    Status,
    Verdict,
    Violation,
)
from auditor.rules import Bundle, Framework, Policy, Severity

PARTS = frozenset({"meta", "spec", "status", "pod", "containers", "cluster", "related.namespace"})


# --- objects --------------------------------------------------------------------------------------


def container(name: str = "web", **fields: Any) -> Body:
    return {"name": name, "image": "registry.example/web:1.2", **fields}


def pod_spec(**fields: Any) -> Body:
    return {"containers": [container()], **fields}


def obj(kind: str, spec: Any = None, *, name: str = "web", namespace: str = "shop", **metadata: Any) -> Body:
    """An object of a kind that we know; `metadata` adds labels, uid, ownerReferences ..."""
    known = KINDS[kind]
    meta = {"name": name, **({"namespace": namespace} if known.namespaced else {}), **metadata}
    body: Body = {"apiVersion": known.api_version, "kind": kind, "metadata": meta}
    return body if spec is None else {**body, "spec": spec}


def pod(spec: Body | None = None, *, phase: str = "", **metadata: Any) -> Body:
    body = obj("Pod", spec or pod_spec(), **metadata)
    return {**body, "status": {"phase": phase}} if phase else body


def template(spec: Body | None = None, **metadata: Any) -> Body:
    return {"metadata": metadata, "spec": spec or pod_spec()}


def workload(kind: str, spec: Body | None = None, *, outer: Body | None = None, **metadata: Any) -> Body:
    """Any kind that carries a pod spec, around this one; `outer` adds to the controller's own spec."""
    if kind == "Pod":
        return pod(spec, **metadata)
    inner: Body = {**(outer or {}), "template": template(spec)}
    if kind == "CronJob":
        inner = {
            "schedule": "0 3 * * *",
            **(outer or {}),
            "jobTemplate": {"spec": {"template": template(spec)}},
        }
    return obj(kind, inner, **metadata)


def deployment(spec: Body | None = None, **metadata: Any) -> Body:
    return workload("Deployment", spec, **metadata)


def cronjob(spec: Body | None = None, **metadata: Any) -> Body:
    return workload("CronJob", spec, **metadata)


def namespace(name: str = "shop", **labels: str) -> Body:
    return obj("Namespace", name=name, labels=labels)


def owned(body: Body, by: Body, *, uid: str | None = None) -> Body:
    """The object, controlled by another one, whose uid is taken (or `uid`, to tell lies)."""
    reference = {
        "apiVersion": by["apiVersion"],
        "kind": by["kind"],
        "name": by["metadata"]["name"],
        "uid": by["metadata"].get("uid", "") if uid is None else uid,
        "controller": True,
    }
    return {**body, "metadata": {**body["metadata"], "ownerReferences": [reference]}}


def rollout(kind: str = "Rollout", name: str = "web") -> Body:
    """An owner of a kind that we do not list."""
    return {
        "apiVersion": "example.dev/v1",
        "kind": kind,
        "metadata": {"name": name, "uid": f"uid-{kind}-{name}"},
    }


def live(spec: Body | None = None, *, index: int = 0, by: Body | None = None, **metadata: Any) -> Body:
    """A running pod as the API server has it, of the controller `by`."""
    name = metadata.pop("name", f"{by['metadata']['name'] if by else 'web'}-{index:05}")
    spec = spec or pod_spec()
    token = f"kube-api-access-{index:05}"
    mount = {"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}
    written: Body = {
        **spec,
        "containers": [
            {**one, "volumeMounts": [*one.get("volumeMounts", []), mount]} for one in spec["containers"]
        ],
        "volumes": [
            *spec.get("volumes", []),
            {
                "name": token,
                "projected": {
                    "defaultMode": 420,
                    "sources": [
                        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                        {"configMap": {"name": "kube-root-ca.crt", "items": []}},
                        {"downwardAPI": {"items": []}},
                    ],
                },
            },
        ],
        "nodeName": f"node-{index}",
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "schedulerName": "default-scheduler",
        "serviceAccount": "default",
        "serviceAccountName": "default",
        "securityContext": spec.get("securityContext", {}),
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}],
    }
    body = pod(written, phase=metadata.pop("phase", "Running"), name=name, uid=f"uid-{name}", **metadata)
    return owned(body, by) if by else body


def resource(body: Body, *, path: str = "", document: int = 1, line: int = 1) -> Resource:
    metadata = body["metadata"]
    ref = ResourceRef(body["apiVersion"], body["kind"], metadata["name"], metadata.get("namespace", ""))
    return keep(ref, body, Origin(path, document, line) if path else None)


# --- documents ------------------------------------------------------------------------------------


def snapshot(*bodies: Body, kind: str = "cluster", gaps: Sequence[Gap] = ()) -> Snapshot:
    return Snapshot(SourceFacts(kind, version="v1.36.3"), tuple(map(resource, bodies)), tuple(gaps))


def documents(
    *bodies: Body, kind: str = "cluster", gaps: Sequence[Gap] = (), kinds: Iterable[str] = WORKLOADS
) -> list[Document]:
    """The documents of these objects, with every part."""
    found = snapshot(*bodies, kind=kind, gaps=gaps)
    return list(assemble(found, frozenset(kinds), frozenset({"namespace"}), PARTS))


def document(body: Body, **options: Any) -> Document:
    (only,) = documents(body, kinds={body["kind"]}, **options)
    return only


def part(document: Document, name: str) -> Any:
    return json.loads(document.parts[name].json)


# --- rules and fakes ------------------------------------------------------------------------------


def policy(name: str = "no_web", **fields: Any) -> Policy:
    kinds = fields.pop("kinds", tuple(WORKLOADS))
    values: dict[str, Any] = {
        "title": f"Title of {name}",
        "description": "",
        "severities": (Severity.HIGH,),
        "category": "pod_security",
        "remediation": "Change it.",
        "reads": ("meta", "pod", "containers"),
        **fields,
    }
    return Policy(id=name, kinds=kinds, **values)


def selection(
    *policies: Policy, frameworks: Sequence[Framework] = (), declined: Sequence[Policy] = ()
) -> Selection:
    return Selection({one.id: one for one in policies}, tuple(frameworks), tuple(declined))


def bundle(chosen: Selection, digest: str = "sha256:d") -> Bundle:
    """Make the bundle of a selection; there is no archive."""
    return Bundle("", digest, chosen.policies, {one.id: one for one in chosen.frameworks})


def each(results: Iterable[Results], policies: Mapping[str, Policy]) -> Iterator[Result]:
    """Every result, those that are only counted among them."""
    for one in results:
        for name in one.passed:
            yield Result(policies[name], one.document, Status.PASS)
        for name, reasons in one.skipped.items():
            yield Result(policies[name], one.document, Status.NOT_APPLICABLE, reasons=reasons)
        yield from one.told


def fail(path: str = "/spec", message: str = "It is wrong.", **fields: Any) -> Verdict:
    return Verdict(fail=(Violation(path, message, **fields),))


class FakeSource:
    """A source that has what it is given."""

    def __init__(
        self, *items: Resource | Gap | SkippedFile | Glimpse, facts: SourceFacts | None = None
    ) -> None:
        self.items = items
        self.asked: frozenset[str] = frozenset()
        self.late: Sequence[Resource | Gap] = ()
        """What is there when it is asked for by name."""
        self.confirmed: list[ResourceRef] = []
        self._facts = facts or SourceFacts("cluster", name="test", version="v1.36.3")

    def facts(self) -> SourceFacts:
        return self._facts

    def read(
        self, kinds: frozenset[str], *, status: bool = False
    ) -> Iterator[Resource | Gap | SkippedFile | Glimpse]:
        self.asked = kinds
        return (one for one in self.items if not isinstance(one, Resource) or one.ref.kind in kinds)

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:
        self.confirmed = list(refs)
        return (one for one in self.late if isinstance(one, Gap) or one.ref in self.confirmed)


class FakeEngine:
    """An engine whose policies are Python functions of `input`."""

    def __init__(self, **policies: Callable[[Mapping[str, Any]], Verdict | Failure]) -> None:
        self.policies = policies
        self.questions: list[Question] = []

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        for question in questions:
            self.questions.append(question)
            given = {name: json.loads(one.json) for name, one in question.document.parts.items()}
            given["related"] = {name.removeprefix("related."): one for name, one in given.items()}
            yield Answer(question.document, {name: self.policies[name](given) for name in question.policies})

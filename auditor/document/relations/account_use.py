"""`account_use`: what is bound to a ServiceAccount, and which workloads run as it, {bindings, workloads}.

Only what names the account itself is bound to it: what its groups hold, everybody holds. A template counts at
0 replicas too, and so does a pod without a template.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from auditor.access.objects import MalformedError, binding
from auditor.access.roles import Subject, SubjectKind, effective
from auditor.document.home import home
from auditor.document.kinds import WORKLOADS
from auditor.document.normalise import pod_holder
from auditor.document.relations.bounded import bounded
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.usage import ACCOUNT, BINDINGS
from auditor.model import Resource


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._bindings: dict[Subject, list[str]] = defaultdict(list)
        self._workloads: dict[Subject, list[str]] = defaultdict(list)
        for one in world.of(*BINDINGS):
            for subject in _subjects(one):
                self._bindings[subject].append(str(one.ref))
        # most pods share a content
        contents = {id(one.content): one for one in world.of(*WORKLOADS) if not one.finished}
        for one in contents.values():
            holder = pod_holder(one.body)
            if holder is not None:
                spec = holder["spec"]
                name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
                self._workloads[_account(home(one.ref), name)].append(str(one.ref))

    def keys(self, resource: Resource) -> Subject | None:
        return _account(home(resource.ref), resource.ref.name) if resource.ref.kind == ACCOUNT else None

    def value(self, resource: Resource) -> Any:
        key = self.keys(resource)
        if key is None:
            return None
        found = self._bindings.get(key, ()), self._workloads.get(key, ())
        return dict(zip(("bindings", "workloads"), map(bounded, found), strict=True))

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - who knows whom a broken object names
        return ""


def _account(namespace: str, name: str) -> Subject:
    return Subject(SubjectKind.SERVICE_ACCOUNT, name, namespace)


def _subjects(resource: Resource) -> set[Subject]:
    try:
        found = binding(resource.body)
    except MalformedError:
        return set()
    whom = (effective(one, found.ref.namespace) for one in found.subjects)
    return {one for one in whom if one}


ACCOUNT_USE = Relation(
    "account_use",
    (*BINDINGS, *WORKLOADS),
    _Join,
    words="the bindings that name it, and the workloads that run as it",
)

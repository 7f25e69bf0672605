"""Roles and bindings out of Kubernetes objects.

A field of the wrong type, which the API server refuses, is an error here: read as absent it would
be a role that grants less than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from auditor.access.roles import RBAC, Aggregation, Binding, Role, Subject, SubjectKind
from auditor.access.rule import Rule
from auditor.model import Body, ResourceRef

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")

_Strings = list[str] | None
_Shape = TypeVar("_Shape", bound=msgspec.Struct)


class MalformedError(Exception):
    """An object is no role or no binding; the message says which field is wrong."""


class _Metadata(msgspec.Struct):
    name: str = ""
    namespace: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, Any] | None = None
    """Credentials among them are only described."""


class _Rule(msgspec.Struct):
    verbs: _Strings = None
    apiGroups: _Strings = None
    resources: _Strings = None
    resourceNames: _Strings = None
    nonResourceURLs: _Strings = None


class _Aggregation(msgspec.Struct):
    clusterRoleSelectors: list[dict[str, Any]] | None = None


class _Role(msgspec.Struct):
    metadata: _Metadata
    rules: list[_Rule] | None = None
    aggregationRule: _Aggregation | None = None


class _RoleRef(msgspec.Struct):
    kind: str = ""
    name: str = ""


class _Subject(msgspec.Struct):
    kind: str = ""
    name: str = ""
    namespace: str | None = None


class _Binding(msgspec.Struct):
    metadata: _Metadata
    roleRef: _RoleRef
    subjects: list[_Subject] | None = None


def role(body: Body) -> Role:
    """Return a Role or ClusterRole; raise `MalformedError` if it is neither or a field has a wrong type."""
    kind = _kind(body, ROLES)
    found = _convert(body, _Role)
    aggregation = found.aggregationRule
    return Role(
        _ref(kind, found.metadata),
        tuple(_rule(rule) for rule in found.rules or ()),
        _texts(found.metadata.labels),
        _texts(found.metadata.annotations),
        Aggregation(tuple(aggregation.clusterRoleSelectors or ())) if aggregation else None,
    )


def binding(body: Body) -> Binding:
    """Return a RoleBinding or ClusterRoleBinding; raise `MalformedError` as `role` does."""
    kind = _kind(body, BINDINGS)
    found = _convert(body, _Binding)
    ref = _ref(kind, found.metadata)
    return Binding(
        ref,
        ResourceRef(
            RBAC,
            found.roleRef.kind,
            found.roleRef.name,
            ref.namespace if found.roleRef.kind == "Role" else "",
        ),
        tuple(_subject(subject) for subject in found.subjects or ()),
        _texts(found.metadata.labels),
        _texts(found.metadata.annotations),
    )


def _kind(body: Body, kinds: tuple[str, ...]) -> str:
    kind = body.get("kind")
    if kind not in kinds:
        raise MalformedError(f"kind: {kind!r} is not one of {', '.join(kinds)}")
    return str(kind)


def _convert(body: Body, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.convert(body, shape)
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from None


def _ref(kind: str, metadata: _Metadata) -> ResourceRef:
    namespace = "" if kind.startswith("Cluster") else metadata.namespace or "default"
    return ResourceRef(RBAC, kind, metadata.name, namespace)


def _rule(rule: _Rule) -> Rule:
    return Rule(
        tuple(rule.verbs or ()),
        tuple(rule.apiGroups or ()),
        tuple(rule.resources or ()),
        tuple(rule.resourceNames or ()),
        tuple(rule.nonResourceURLs or ()),
    )


def _subject(subject: _Subject) -> Subject:
    # Only of a ServiceAccount does the API server look at the namespace.
    namespace = subject.namespace or "" if subject.kind == SubjectKind.SERVICE_ACCOUNT else ""
    return Subject(subject.kind, subject.name, namespace)


def _texts(texts: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: text if isinstance(text, str) else "" for key, text in (texts or {}).items()}

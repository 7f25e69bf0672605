"""Roles, bindings and whom they name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from auditor.access.identity import account_name, account_of
from auditor.access.rule import Rule
from auditor.model import ResourceRef

RBAC = "rbac.authorization.k8s.io/v1"


class SubjectKind(StrEnum):
    """What a binding can name."""

    USER = "User"
    GROUP = "Group"
    SERVICE_ACCOUNT = "ServiceAccount"


class Subject(msgspec.Struct, frozen=True, order=True):
    """Whom a binding gives rights to."""

    kind: str
    name: str
    namespace: str = ""
    """Of a ServiceAccount."""

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def user(self) -> str:
        """The user name that it stands for; "" for a group."""
        if self.kind == SubjectKind.SERVICE_ACCOUNT:
            return account_name(self.namespace, self.name)
        return self.name if self.kind == SubjectKind.USER else ""


def effective(subject: Subject, namespace: str) -> Subject | None:
    """Return who a subject of a binding in `namespace` really is ("": of a ClusterRoleBinding).

    A ServiceAccount without a namespace is one of the binding's namespace, and nobody where that has
    none; a User who is named as a ServiceAccount is called is that account. None if it is nobody.
    """
    if subject.kind == SubjectKind.USER:
        account = account_of(subject.name)
        if account:
            return Subject(SubjectKind.SERVICE_ACCOUNT, account[1], account[0])
        return subject
    if subject.kind == SubjectKind.GROUP:
        return subject
    if subject.kind == SubjectKind.SERVICE_ACCOUNT:
        home = subject.namespace or namespace
        return Subject(subject.kind, subject.name, home) if home else None
    return None


class Aggregation(msgspec.Struct, frozen=True):
    """Which ClusterRoles a ClusterRole is the sum of: those that any of the selectors matches."""

    selectors: tuple[Mapping[str, Any], ...] = ()
    """LabelSelectors as they are written."""


class Role(msgspec.Struct, frozen=True):
    """A Role or a ClusterRole."""

    ref: ResourceRef
    rules: tuple[Rule, ...] = ()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    aggregation: Aggregation | None = None


class Binding(msgspec.Struct, frozen=True):
    """A RoleBinding or a ClusterRoleBinding."""

    ref: ResourceRef
    role: ResourceRef
    """What `roleRef` names: a Role of the binding's own namespace, or a ClusterRole."""
    subjects: tuple[Subject, ...] = ()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}


class Grant(msgspec.Struct, frozen=True, order=True):
    """Why a request is allowed: one subject of one binding, and one rule of its role."""

    binding: ResourceRef
    role: ResourceRef
    rule: int
    """Position in the rules of the role, counted from 0."""
    subject: Subject
    """As `effective` says who it is."""

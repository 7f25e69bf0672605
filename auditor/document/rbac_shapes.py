"""The types of the fields of roles and bindings.

What they mean `access/` says, which refuses what the API server would.
"""

from __future__ import annotations

import msgspec

from auditor.document.selector_shape import Selector


class _RoleRef(msgspec.Struct):
    apiGroup: str | None = None
    kind: str | None = None
    name: str | None = None


class _Subject(msgspec.Struct):
    apiGroup: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class Binding(msgspec.Struct):
    """What stands beside the metadata of a RoleBinding or ClusterRoleBinding."""

    roleRef: _RoleRef | None = None
    subjects: list[_Subject] | None = None


class _PolicyRule(msgspec.Struct):
    verbs: list[str | None] | None = None
    apiGroups: list[str | None] | None = None
    resources: list[str | None] | None = None
    resourceNames: list[str | None] | None = None
    nonResourceURLs: list[str | None] | None = None


class _Aggregation(msgspec.Struct):
    clusterRoleSelectors: list[Selector] | None = None


class Role(msgspec.Struct):
    """What stands beside the metadata of a Role or ClusterRole."""

    rules: list[_PolicyRule] | None = None
    aggregationRule: _Aggregation | None = None

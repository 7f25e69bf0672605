"""The types of the fields that policies judge, by kind: what `shape.py` holds objects against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.document.ingress_shapes import IngressSpec
from auditor.document.rbac_shapes import Binding, Role
from auditor.document.rule_groups import Group
from auditor.document.selector_shape import Selector
from auditor.document.settings import File

IntOrString = int | str


class _Condition(msgspec.Struct):
    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    lastTransitionTime: str | None = None


class _BudgetSpec(msgspec.Struct):
    minAvailable: IntOrString | None = None
    maxUnavailable: IntOrString | None = None
    selector: Selector | None = None
    unhealthyPodEvictionPolicy: str | None = None


class _BudgetStatus(msgspec.Struct):
    conditions: list[_Condition] | None = None
    disruptionsAllowed: int | None = None
    expectedPods: int | None = None
    observedGeneration: int | None = None


class _Target(msgspec.Struct):
    apiVersion: str | None = None
    kind: str | None = None
    name: str | None = None


class _AutoscalerSpec(msgspec.Struct):
    scaleTargetRef: _Target | None = None
    minReplicas: int | None = None
    maxReplicas: int | None = None
    metrics: list[dict[str, Any]] | None = None


class _AutoscalerStatus(msgspec.Struct):
    conditions: list[_Condition] | None = None
    currentReplicas: int | None = None
    lastScaleTime: str | None = None


class _ServiceSpec(msgspec.Struct):
    type: str | None = None
    selector: dict[str, str | None] | None = None
    ports: list[dict[str, Any]] | None = None
    publishNotReadyAddresses: bool | None = None
    externalIPs: list[str | None] | None = None
    loadBalancerClass: str | None = None
    loadBalancerSourceRanges: list[str | None] | None = None


_Quantities = dict[str, IntOrString | float | None]


class _LimitItem(msgspec.Struct):
    type: str | None = None
    default: _Quantities | None = None
    defaultRequest: _Quantities | None = None
    max: _Quantities | None = None
    min: _Quantities | None = None


class _LimitRangeSpec(msgspec.Struct):
    limits: list[_LimitItem] | None = None


class _NodeSpec(msgspec.Struct):
    unschedulable: bool | None = None


class _RuntimeHandler(msgspec.Struct):
    features: dict[str, Any] | None = None


class _NodeStatus(msgspec.Struct):
    runtimeHandlers: list[_RuntimeHandler] | None = None


class _BackupTemplate(msgspec.Struct):
    ttl: str | None = None
    includedNamespaces: list[str] | None = None
    excludedNamespaces: list[str] | None = None
    includedResources: list[str] | None = None
    excludedResources: list[str] | None = None
    includedNamespaceScopedResources: list[str] | None = None
    excludedNamespaceScopedResources: list[str] | None = None
    labelSelector: dict[str, Any] | None = None
    orLabelSelectors: list[Any] | None = None
    snapshotVolumes: bool | None = None
    defaultVolumesToFsBackup: bool | None = None


class _ScheduleSpec(msgspec.Struct):
    schedule: str | None = None
    paused: bool | None = None
    template: _BackupTemplate | None = None


class _Phase(msgspec.Struct):
    phase: str | None = None


class _BackupStatus(_Phase):
    completionTimestamp: str | None = None


class _IngressClassSpec(msgspec.Struct):
    controller: str | None = None


class _ServiceReference(msgspec.Struct):
    namespace: str | None = None
    name: str | None = None
    port: int | None = None


class _ClientConfig(msgspec.Struct):
    service: _ServiceReference | None = None
    url: str | None = None


class _HookRule(msgspec.Struct):
    operations: list[str | None] | None = None
    apiGroups: list[str | None] | None = None
    apiVersions: list[str | None] | None = None
    resources: list[str | None] | None = None
    scope: str | None = None


class _Webhook(msgspec.Struct):
    name: str | None = None
    clientConfig: _ClientConfig | None = None
    failurePolicy: str | None = None
    matchConditions: list[dict[str, Any]] | None = None
    namespaceSelector: Selector | None = None
    objectSelector: Selector | None = None
    rules: list[_HookRule] | None = None


class _Webhooks(msgspec.Struct):
    webhooks: list[_Webhook] | None = None


class _AdmissionPolicySpec(msgspec.Struct):
    failurePolicy: str | None = None


class _AdmissionBindingSpec(msgspec.Struct):
    policyName: str | None = None
    validationActions: list[str | None] | None = None


class _EndpointCounts(msgspec.Struct):
    total: int
    ready: int


class _EndpointSlice(msgspec.Struct):
    endpoints: _EndpointCounts


class _APIServiceSpec(msgspec.Struct):
    insecureSkipTLSVerify: bool | None = None
    service: _ServiceReference | None = None


class _Conditions(msgspec.Struct):
    conditions: list[_Condition] | None = None


class _ConversionWebhook(msgspec.Struct):
    clientConfig: _ClientConfig | None = None


class _Conversion(msgspec.Struct):
    strategy: str | None = None
    webhook: _ConversionWebhook | None = None


class _DefinitionSpec(msgspec.Struct):
    conversion: _Conversion | None = None


class _QuotaSpec(msgspec.Struct):
    hard: _Quantities | None = None
    scopes: list[str | None] | None = None
    scopeSelector: dict[str, Any] | None = None


class _RuleSpec(msgspec.Struct):
    groups: list[Group] | None = None


class _SnapshotContentSpec(msgspec.Struct):
    deletionPolicy: str | None = None


class _ConfigMap(msgspec.Struct):
    data: dict[str, str | None] | None = None
    binaryData: dict[str, str | None] | None = None
    configuration: dict[str, File] | None = None


class _PriorityClass(msgspec.Struct):
    globalDefault: bool | None = None


class _SnapshotClass(msgspec.Struct):
    deletionPolicy: str | None = None


SPECS: Mapping[str, type[msgspec.Struct]] = {
    "APIService": _APIServiceSpec,
    "CustomResourceDefinition": _DefinitionSpec,
    "PodDisruptionBudget": _BudgetSpec,
    "HorizontalPodAutoscaler": _AutoscalerSpec,
    "Ingress": IngressSpec,
    "IngressClass": _IngressClassSpec,
    "LimitRange": _LimitRangeSpec,
    "MutatingAdmissionPolicy": _AdmissionPolicySpec,
    "MutatingAdmissionPolicyBinding": _AdmissionBindingSpec,
    "Node": _NodeSpec,
    "PrometheusRule": _RuleSpec,
    "ResourceQuota": _QuotaSpec,
    "Schedule": _ScheduleSpec,
    "Service": _ServiceSpec,
    "ValidatingAdmissionPolicy": _AdmissionPolicySpec,
    "ValidatingAdmissionPolicyBinding": _AdmissionBindingSpec,
    "VolumeSnapshotContent": _SnapshotContentSpec,
}
"""Of `spec`, in place of what is common to all kinds."""

STATUSES: Mapping[str, type[msgspec.Struct]] = {
    "APIService": _Conditions,
    "Backup": _BackupStatus,
    "Schedule": _Phase,
    "PodDisruptionBudget": _BudgetStatus,
    "HorizontalPodAutoscaler": _AutoscalerStatus,
    "Node": _NodeStatus,
}
"""Of `status`: a snapshot may come from anybody."""

REST: Mapping[str, type[msgspec.Struct]] = {
    "ClusterRole": Role,
    "ClusterRoleBinding": Binding,
    "ConfigMap": _ConfigMap,
    "EndpointSlice": _EndpointSlice,
    "MutatingWebhookConfiguration": _Webhooks,
    "PriorityClass": _PriorityClass,
    "Role": Role,
    "RoleBinding": Binding,
    "ValidatingWebhookConfiguration": _Webhooks,
    "VolumeSnapshotClass": _SnapshotClass,
}
"""Of what stands beside `metadata`, in kinds that have no `spec`."""

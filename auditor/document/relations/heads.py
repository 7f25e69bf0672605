"""What relations must know of workloads and their pods: labels, scale, containers, the place they are in.

Contents are decoded only as far as that takes: a cluster has thousands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.document.kinds import KINDS
from auditor.model import Resource, ResourceRef
from auditor.selectors import Labels, text

SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
"""The kinds that have the scale subresource, and replicas."""


class _Metadata(msgspec.Struct):
    labels: dict[str, Any] = {}


class _Labelled(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Spec(msgspec.Struct):
    template: _Labelled = msgspec.field(default_factory=_Labelled)
    replicas: int | None = None
    # nobody has looked at the types of these
    parallelism: Any = None
    suspend: Any = None


class _Controller(msgspec.Struct):
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _CronSpec(msgspec.Struct):
    jobTemplate: _Controller = msgspec.field(default_factory=_Controller)
    suspend: Any = None


class _CronJob(msgspec.Struct):
    spec: _CronSpec = msgspec.field(default_factory=_CronSpec)


_POD = msgspec.json.Decoder(_Labelled)
_CONTROLLER = msgspec.json.Decoder(_Controller)
_CRON_JOB = msgspec.json.Decoder(_CronJob)


class Sketch(msgspec.Struct, frozen=True):
    """A workload as relations see it."""

    labels: Labels
    """Those of its pods (N14): of the template, or of the pod itself."""
    replicas: int
    """What it asks for; of a Job its parallelism, 0 while it is suspended; 1 where nothing is asked for."""


def sketch(resource: Resource) -> Sketch:
    """Return what must be known of a workload that is not refused."""
    kind, data = resource.ref.kind, resource.content.json
    if kind == "Pod":
        return Sketch(pod_labels(resource), 1)
    if kind == "CronJob":
        outer = _CRON_JOB.decode(data).spec
        spec, suspended = outer.jobTemplate.spec, outer.suspend is True
    else:
        spec, suspended = _CONTROLLER.decode(data).spec, False
    asked = spec.replicas
    if kind in ("Job", "CronJob"):
        asked = 0 if suspended or spec.suspend is True else spec.parallelism
    number = asked if type(asked) is int else 1
    return Sketch(texts(spec.template.metadata.labels), max(0, number))


def pod_labels(pod: Resource) -> Labels:
    """Return the labels of a pod that is not refused."""
    if pod.labels is not None:
        return texts(pod.labels)
    return texts(_POD.decode(pod.content.json).metadata.labels)


def texts(labels: Mapping[str, Any]) -> Labels:
    """Return labels in which a value that was taken for a credential is a text too: its mark."""
    if all(type(value) is str for value in labels.values()):
        return labels
    return {key: text(value) for key, value in labels.items()}


def place(resource: Resource) -> str:
    """Return the namespace that an object is in; a manifest may leave it out."""
    return resource.ref.namespace or "default"


def has_scale(ref: ResourceRef) -> bool | None:
    """Tell whether objects of this kind have the scale subresource; None for kinds of others.

    Kinds of Kubernetes itself are known: none of their groups has a dot, but for those in k8s.io.
    """
    known = KINDS.get(ref.kind)
    if known and not known.custom and known.group == ref.group:
        return ref.kind in SCALED
    return None if "." in ref.group else False

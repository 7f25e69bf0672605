"""`requests`: which requests a HorizontalPodAutoscaler misses in the pods that it scales, {known, metrics}.

`known` is false where the pods of its target are not known. An entry of `metrics`, {total, items}, is
a utilization of its spec, {index, resource, missing, absent, template}: `missing` says who requests
nothing of the resource, `absent` that there is no container of the name that it gives, `template`
that there are no live pods to look at.

Which containers count: pkg/controller/podautoscaler/replica_calculator.go, calculateRequests. Where
a pod has requests of its own, those count, with the sum of its containers.
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.document.defaults import default_object
from auditor.document.normalise import pod
from auditor.document.owners import Head
from auditor.document.relations.bounded import LIMIT, bounded
from auditor.document.relations.heads import SCALED, place
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.replicas import autoscaler, autoscaler_key, named
from auditor.model import Body, Resource

_POD_LEVEL = ("cpu", "memory", "hugepages-")
"""The resources that a pod may request by itself."""


class _Requests(msgspec.Struct, frozen=True):
    """The resources that a pod requests."""

    containers: Mapping[str, frozenset[str]]
    """By name of the app and sidecar containers."""
    pod: frozenset[str] | None
    """What counts in their place; None where they do."""

    def missing(self, resource: str, container: str) -> list[str]:
        """Say who requests nothing of a resource: of all that count, or of one container."""
        if self.pod is not None and not container:
            return [] if resource in self.pod else ["the pod"]
        counted = [container] if container else self.containers
        return [
            f"container {name}" for name in counted if resource not in self.containers.get(name, frozenset())
        ]


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._live = world.live
        self._heads = {
            named(head.resource.ref, place(head.resource)): head
            for head in world.heads
            if head.resource.ref.kind in SCALED
        }

    def keys(self, resource: Resource) -> int | None:
        return autoscaler_key(resource)

    def value(self, resource: Resource) -> Any:
        if self.keys(resource) is None:
            return None
        head = self._target(resource)
        if head is None:
            return {"known": False, "metrics": bounded(())}
        seen = list(_requests(head))
        metrics = default_object(resource.ref.kind, resource.body.get("spec") or {})["metrics"]
        told = (_told(index, metric, seen) for index, metric in enumerate(metrics))
        template = not any(not one.content.refused for one in head.pods)
        return {"known": True, "metrics": bounded({**one, "template": template} for one in told if one)}

    def refused(self, resource: Resource) -> str:
        if self.keys(resource) is None:
            return ""
        head = self._target(resource)
        return f"{head.resource.ref}: {reason}" if head and (reason := head.resource.content.refused) else ""

    def _target(self, resource: Resource) -> Head | None:
        ref = autoscaler(resource, live=self._live).target
        return self._heads.get(named(ref, ref.namespace))


def _requests(head: Head) -> Iterator[_Requests]:
    """What the live pods of a workload request, or its template where there are none."""
    contents = {id(one.content): one for one in head.pods if not one.content.refused}
    for one in contents.values() or [head.resource]:
        if not one.content.refused:
            yield _of_pod(one.body)


def _of_pod(body: Body) -> _Requests:
    parts = pod(body, live=True)
    assert parts, f"{body['kind']} carries a pod spec"  # noqa: S101
    view, containers = parts
    counted = {
        one["name"]: _asked(one["body"].get("resources"))
        for one in containers
        if one["role"] in ("app", "sidecar")
    }
    own = _asked(view["spec"].get("resources"))
    if not any(name.startswith(_POD_LEVEL) for name in own):
        return _Requests(counted, None)
    every = (_asked(one["body"].get("resources")) for one in containers if one["role"] != "ephemeral")
    return _Requests(counted, own.union(*every, _names(view["spec"].get("overhead"))))


def _told(index: int, metric: Mapping[str, Any], seen: Iterable[_Requests]) -> dict[str, Any] | None:
    """What a metric misses; None if it needs no requests."""
    source = metric.get("resource") or metric.get("containerResource")
    target = source.get("target") if isinstance(source, Mapping) else None
    if not isinstance(source, Mapping) or not isinstance(target, Mapping):
        return None
    if "averageUtilization" not in target:
        return None
    resource, container = str(source.get("name", "")), str(source.get("container", ""))
    missing = {who: None for one in seen for who in one.missing(resource, container)}
    absent = bool(container) and any(container not in one.containers for one in seen)
    return {"index": index, "resource": resource, "missing": sorted(missing)[:LIMIT], "absent": absent}


def _asked(resources: Any) -> frozenset[str]:
    return _names(resources.get("requests")) if isinstance(resources, Mapping) else frozenset()


def _names(quantities: Any) -> frozenset[str]:
    return frozenset(quantities) if isinstance(quantities, Mapping) else frozenset()


REQUESTS = Relation(
    "requests",
    ("Pod", "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"),
    _Join,
    words="the requests of the pods that a HorizontalPodAutoscaler scales",
)

"""`limit_range`: what the LimitRanges of a namespace give to containers that ask for nothing.

The namespace that an object is in, or that it is. {names, default, defaultRequest}, the latter two by
resource name. Each LimitRange fills in what is still missing. As the API server stores it, `default` falls
back to `max`, and `defaultRequest` to `default`, then to `min`: pkg/apis/core/v1/defaults.go,
SetDefaults_LimitRangeItem.
https://kubernetes.io/docs/concepts/policy/limit-range/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.document.relations.keyed import keyed
from auditor.document.relations.relation import World
from auditor.model import Resource


def _own(resource: Resource) -> tuple[str, ...]:
    if resource.ref.kind == "Namespace":
        return (resource.ref.name,)
    return (resource.ref.namespace or "default",)


def container_defaults(world: World) -> Mapping[str, Mapping[str, Any]]:
    """Return what the relation says, by namespace; for whoever compares pods with their templates."""
    ranges: dict[str, list[Resource]] = {}
    for one in world.of("LimitRange"):
        ranges.setdefault(one.ref.namespace, []).append(one)
    shaped = {namespace: _shape(found) for namespace, found in ranges.items()}
    return {namespace: value for namespace, value in shaped.items() if value}


def _shape(found: Sequence[Resource]) -> Any:
    given: dict[str, dict[str, Any]] = {"default": {}, "defaultRequest": {}}
    names = []
    for one in sorted(found, key=lambda one: one.ref):
        limits = [
            limit for limit in one.body.get("spec", {}).get("limits", ()) if limit.get("type") == "Container"
        ]
        for limit in limits:
            default = {**limit.get("max", {}), **limit.get("default", {})}
            requests = {**limit.get("min", {}), **default, **limit.get("defaultRequest", {})}
            given["default"] = {**default, **given["default"]}
            given["defaultRequest"] = {**requests, **given["defaultRequest"]}
        if limits:
            names.append(one.ref.name)
    return {"names": names, **given} if names else None


LIMIT_RANGE = keyed(
    "limit_range",
    ("LimitRange",),
    "what the LimitRanges of its namespace give to containers",
    asks=_own,
    answers=_own,
    shape=_shape,
)

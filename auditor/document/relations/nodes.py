"""`nodes`: the nodes of the cluster in figures, {total, schedulable, user_namespaces, zones}.

`user_namespaces` is how many of them have a runtime handler that offers user namespaces.
https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
"""

from __future__ import annotations

from typing import Any

from auditor.document.relations.relation import Relation, World
from auditor.model import Resource

_ZONE = "topology.kubernetes.io/zone"


class _Nodes:
    """The `Join` of `relation.py`: the same for every resource."""

    def __init__(self, world: World) -> None:
        bodies = [one.body for one in world.of("Node")]
        self._value = {
            "total": len(bodies),
            "schedulable": sum(not body.get("spec", {}).get("unschedulable", False) for body in bodies),
            "user_namespaces": sum(_has_user_namespaces(body.get("status", {})) for body in bodies),
            "zones": len({zone for body in bodies if (zone := _labels(body).get(_ZONE))}),
        }
        self._refused = next(
            (f"{one.ref}: {one.content.refused}" for one in world.resources if _is_broken(one)), ""
        )

    def keys(self, resource: Resource) -> None:  # noqa: ARG002 - whoever asks
        return None

    def value(self, resource: Resource) -> Any:  # noqa: ARG002
        # manifests have no nodes: nothing is known of those that they are meant for
        return self._value if self._value["total"] else None

    def refused(self, resource: Resource) -> str:  # noqa: ARG002
        return self._refused


def _has_user_namespaces(status: dict[str, Any]) -> bool:
    handlers = status.get("runtimeHandlers", ())
    return any(handler.get("features", {}).get("userNamespaces") is True for handler in handlers)


def _labels(body: dict[str, Any]) -> dict[str, str]:
    labels: dict[str, str] = body.get("metadata", {}).get("labels", {})
    return labels


def _is_broken(resource: Resource) -> bool:
    return resource.ref.kind == "Node" and bool(resource.content.refused)


NODES = Relation(
    "nodes", ("Node",), _Nodes, words="how many nodes and zones there are, and what the nodes offer"
)

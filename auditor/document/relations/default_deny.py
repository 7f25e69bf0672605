"""`default_deny`: what closes a namespace for new pods, {workloads, ingress, egress}.

`workloads` is how many there are in it. A direction is {by}, the policy that closes it, or {} where none
does, or {reasons} where none is known and something else may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import cached_property
from typing import Any

from auditor.document.network import NETWORK_KINDS
from auditor.document.relations.heads import place
from auditor.document.relations.networks import MAX_WORDS, networked
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.selected import workloads
from auditor.model import Resource
from auditor.network.default_deny import default_deny
from auditor.network.policy import Direction


class _Join:
    """The `Join` of `relation.py`; nothing is made before it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    def keys(self, resource: Resource) -> Hashable:
        return resource.ref.name if resource.ref.kind == "Namespace" else None

    def value(self, resource: Resource) -> Any:
        if resource.ref.kind != "Namespace":
            return None
        parts, name = networked(self._world).parts, resource.ref.name
        reasons = [one.reason for one in parts.opaque if one.namespace in ("", name)]
        found: dict[str, Any] = {"workloads": self._workloads[name]}
        for direction in Direction:
            by = default_deny(parts.policies, name, parts.namespaces.get(name, {}), direction)
            if by:
                found[direction.value] = {"by": str(by)}
            else:
                found[direction.value] = {"reasons": reasons[:MAX_WORDS]} if reasons else {}
        return found

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a policy that cannot be read makes unknown
        return ""

    @cached_property
    def _workloads(self) -> Counter[str]:
        return Counter(place(head.resource) for head in workloads(self._world))


DEFAULT_DENY = Relation(
    "default_deny",
    tuple(sorted(NETWORK_KINDS)),
    _Join,
    words="what closes a namespace for pods for which there is no policy yet",
)

"""`network_peers`: the selectors of a network policy that mean nobody, {empty, created?, unread?}.

`empty` is {total, items} of {path, of: pods|namespaces}, where `pods` means that no pod and no template has
the labels in the namespaces meant, `namespaces` that no namespace has them. The subject is told of policies
for the whole cluster; of a NetworkPolicy `network_subject` tells it. `created` is when the policy was made;
`unread` says what could not be looked at. A peer that may mean somebody is none of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.inhabitants import INHABITANT_KINDS, Inhabitants, PolicyJoin
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource
from auditor.network.policy import Direction, Pods, Policy, Tier
from auditor.selectors import Selector

LIST = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
"""The field of a rule that has its peers."""


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._known: dict[int, list[dict[str, str]]] = {}

    def keys(self, resource: Resource) -> int | bool | None:
        found = self.policy(resource)
        if found is None:
            return None
        return id(resource) if self._empty(resource, found) else True

    def value(self, resource: Resource) -> Any:
        found = self.policy(resource)
        if found is None:
            return None
        empty = self._empty(resource, found)
        if not empty:
            return {"empty": bounded(())}
        there = self.all
        why = "only some namespaces were read" if there.partial else there.unread
        created = resource.body["metadata"].get("creationTimestamp", "")
        return {"empty": bounded(empty), "created": created} | ({"unread": why} if why else {})

    def _empty(self, resource: Resource, policy: Policy) -> list[dict[str, str]]:
        if id(resource) not in self._known:
            self._known[id(resource)] = list(_empty(self.all, policy))
        return self._known[id(resource)]


def _empty(there: Inhabitants, policy: Policy) -> Iterator[dict[str, str]]:
    if policy.tier is not Tier.NAMESPACED and (fault := _fault(there, policy, policy.subject)):
        yield {"path": "/spec/subject", "of": fault}
    for direction, rules in policy.rules.items():
        for number, rule in enumerate(rules):
            for index, peer in enumerate(rule.peers):
                if isinstance(peer, Pods) and (fault := _fault(there, policy, peer)):
                    yield {"path": f"/spec/{direction}/{number}/{LIST[direction]}/{index}", "of": fault}


def _fault(there: Inhabitants, policy: Policy, peer: Pods) -> str:
    """What is missing of those whom a peer names; "" if anybody is there, or namespaces that may fill."""
    match = there.space.chosen(policy, peer)
    if (match.sure | match.unsure) & there.pods:
        return ""
    if peer.namespaces is not None and not any(there.namespaces.selected(peer.namespaces)):
        return "namespaces"
    return "" if peer.pods == Selector() else "pods"


NETWORK_PEERS = Relation(
    "network_peers",
    INHABITANT_KINDS,
    _Join,
    words="the selectors of a network policy that mean nobody",
)

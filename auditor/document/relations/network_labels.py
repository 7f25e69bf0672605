"""`network_labels`: labels of namespaces by which a policy chooses and that others may change, {places}.

`places` is {total, items} of {path, keys, gain: "in"|"out"|"", who}: where the selector stands, the labels
that it asks for, what a change of them gains, and who may make it, {total, items} of {subject, namespace,
by}. The namespace is "" for all. A rule that allows gains who gets in; one that denies, and the subject of
a policy for the whole cluster, who gets out. `kubernetes.io/metadata.name` is set by the API server, and
never told.

Not told are those who hold everything in the whole cluster, what ships with Kubernetes, and ServiceAccounts
of kube-system: they are the cluster's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from auditor.access.power import SYSTEM, Power
from auditor.access.powers import held
from auditor.access.roles import SubjectKind, effective
from auditor.document.relations.bounded import LIMIT, bounded
from auditor.document.relations.inhabitants import PolicyJoin
from auditor.document.relations.network_peers import LIST
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import rights
from auditor.model import Resource
from auditor.network.policy import Action, Pods, Policy, Tier
from auditor.network.selection import NAME_LABEL
from auditor.selectors import Selector

_GAIN = {Action.ALLOW: "in", Action.DENY: "out", Action.PASS: ""}


class Changer(NamedTuple):
    """Somebody who may change labels of namespaces."""

    namespace: str
    """Of which; "" is any."""
    subject: str
    by: str
    """The binding that lets them."""


class _Place(NamedTuple):
    path: str
    selector: Selector
    gain: str


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._known: dict[int, list[dict[str, Any]]] = {}

    def keys(self, resource: Resource) -> int | bool | None:
        if self.policy(resource) is None:
            return None
        return id(resource) if self._places(resource) else True

    def value(self, resource: Resource) -> Any:
        return None if self.policy(resource) is None else {"places": bounded(self._places(resource))}

    def refused(self, resource: Resource) -> str:
        reason = super().refused(resource)
        if reason or self.policy(resource) is None:
            return reason
        broken = rights(self._world).broken
        return next((f"{ref}: {why}" for ref, why in broken.items()), "")

    def _places(self, resource: Resource) -> list[dict[str, Any]]:
        if id(resource) not in self._known:
            found = _places(self.all.policies[id(resource)])
            told = (self._told(place) for place in found)
            self._known[id(resource)] = [one for one in told if one["who"]["total"]]
        return self._known[id(resource)]

    def _told(self, place: _Place) -> dict[str, Any]:
        inside, maybe = self.all.namespaces.selected(place.selector)
        who = [one for one in self._changers if _gains(one, place, inside, maybe)]
        return {
            "path": place.path,
            "keys": sorted(_keys(place.selector))[:LIMIT],
            "gain": place.gain,
            "who": bounded((one._asdict() for one in who[:LIMIT]), len(who)),
        }

    @cached_property
    def _changers(self) -> list[Changer]:
        return sorted(set(_changers(self._world)))


def _gains(one: Changer, place: _Place, inside: frozenset[str], maybe: frozenset[str]) -> bool:
    """Whether a change leads anywhere: who is in cannot get in, and who is not cannot get out."""
    if not one.namespace or not place.gain or one.namespace in maybe:
        return True
    return (one.namespace in inside) is (place.gain == "out")


def _changers(world: World) -> Iterator[Changer]:
    known = rights(world)
    for binding in known.bindings.values():
        role = known.role(binding.role)
        if role is None or known.ships(binding):
            continue
        scope = binding.ref.namespace
        given = held(role, scope)
        if not scope and any(one.power is Power.CLUSTER_ADMIN for one in given):
            continue
        labelling = [one for one in given if one.power is Power.NAMESPACE_LABEL]
        named = {scope or name for one in labelling for name in one.names or (scope,)}
        subjects = filter(None, (effective(one, scope) for one in binding.subjects))
        for subject in subjects:
            if not (subject.kind == SubjectKind.SERVICE_ACCOUNT and subject.namespace == SYSTEM):
                yield from (Changer(name, str(subject), str(binding.ref)) for name in named)


def _places(policy: Policy) -> Iterator[_Place]:
    """Where a policy chooses namespaces by labels that can be changed."""
    if policy.tier is not Tier.NAMESPACED and (chosen := _selector(policy.subject)):
        yield _Place("/spec/subject", chosen, "out")
    for direction, rules in policy.rules.items():
        for number, rule in enumerate(rules):
            for index, peer in enumerate(rule.peers):
                if isinstance(peer, Pods) and (chosen := _selector(peer)):
                    path = f"/spec/{direction}/{number}/{LIST[direction]}/{index}"
                    yield _Place(path, chosen, _GAIN[rule.action])


def _selector(peer: Pods) -> Selector | None:
    return peer.namespaces if peer.namespaces is not None and _keys(peer.namespaces) else None


def _keys(selector: Selector) -> Iterable[str]:
    keys = {key for key, _ in selector.labels} | {key for key, *_ in selector.expressions}
    return keys - {NAME_LABEL}


NETWORK_LABELS = Relation(
    "network_labels",
    ("ClusterRole", "ClusterRoleBinding", "Namespace", "Role", "RoleBinding"),
    _Join,
    words="who may change the labels of namespaces by which a network policy chooses",
)

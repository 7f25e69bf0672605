"""`network_dead_rules`: what of a network policy changes nothing, {dead, unread?}.

`dead` is {total, items} of {path, why, ...}, where `why` is

    direction  rules under a direction that policyTypes does not name, {type}
    excepted   an ipBlock of which `except` takes everything
    covered    a rule that leaves nothing to add to another one, {by}: the path of that
    port       a port by a name that no container of the destinations has, {port}
    address    a port by a name in a rule that names addresses only, which have no names of ports, {port}

`unread` says what else could not be told: where manifests do not have all pods, a name may be that of
others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.inhabitants import INHABITANT_KINDS, Inhabitants, PolicyJoin
from auditor.document.relations.network_peers import LIST
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource
from auditor.network.idle import Idle, idle
from auditor.network.policy import Block, Direction, NamedPort, Outside, Policy, Rule, Tier
from auditor.network.selection import union

_TYPES = {Direction.INGRESS: "Ingress", Direction.EGRESS: "Egress"}

_UNSEEN = "the port {port} at {path} has a name that no container among the manifests has"
_MANY = "it has too many rules to hold each against the others"

_Told = Mapping[str, str]


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._known: dict[int, tuple[list[_Told], str]] = {}

    def keys(self, resource: Resource) -> int | bool | None:
        if self.policy(resource) is None:
            return None
        return id(resource) if any(self._found(resource)) else True

    def value(self, resource: Resource) -> Any:
        if self.policy(resource) is None:
            return None
        dead, unread = self._found(resource)
        return {"dead": bounded(dead)} | ({"unread": unread} if unread else {})

    def _found(self, resource: Resource) -> tuple[list[_Told], str]:
        if id(resource) not in self._known:
            self._known[id(resource)] = self._dead(self.all.policies[id(resource)], resource.body)
        return self._known[id(resource)]

    def _dead(self, policy: Policy, body: Body) -> tuple[list[_Told], str]:
        there, found = self.all, idle(policy)
        dead = [*_undirected(policy, body), *(_told(one) for one in found.idle)]
        unseen: list[_Told] = []
        for one in _unnamed(there, policy, body):
            sure = one["why"] == "address" or there.complete
            (dead if sure else unseen).append(one)
        unread = [_UNSEEN.format(**one) for one in unseen[:1]] + ([] if found.complete else [_MANY])
        return dead, "; ".join(unread)


def _undirected(policy: Policy, body: Body) -> Iterator[_Told]:
    if policy.tier is Tier.NAMESPACED:
        for direction, name in _TYPES.items():
            if (body.get("spec") or {}).get(direction) and direction not in policy.isolates:
                yield {"path": f"/spec/{direction}", "why": "direction", "type": name}


def _told(one: Idle) -> _Told:
    path = f"/spec/{one.direction}/{one.rule}"
    if one.by is not None:
        return {"path": path, "why": "covered", "by": f"/spec/{one.direction}/{one.by}"}
    return {"path": f"{path}/{LIST[one.direction]}/{one.peer}", "why": "excepted"}


def _unnamed(there: Inhabitants, policy: Policy, body: Body) -> Iterator[_Told]:
    """Ports by names that no destination has."""
    for direction, rules in policy.rules.items():
        for number, rule in enumerate(rules):
            written = _ports(body["spec"][direction][number])
            for place, port in zip(written, rule.ports or (), strict=False):
                if isinstance(port, NamedPort) and (why := _fault(there, policy, direction, rule, port)):
                    path = f"/spec/{direction}/{number}/{place}"
                    yield {"path": path, "why": why, "port": port.name}


def _ports(rule: Body) -> list[str]:
    """Where the ports of a rule are written, in the order in which they are read."""
    return [f"{field}/{i}" for field in ("protocols", "ports") for i in range(len(rule.get(field) or ()))]


def _fault(there: Inhabitants, policy: Policy, direction: Direction, rule: Rule, port: NamedPort) -> str:
    """Why a name of a port means nothing; "" if somebody has it, or nobody is there who could."""
    if direction is Direction.EGRESS and all(isinstance(peer, Block | Outside) for peer in rule.peers):
        return "address"
    if direction is Direction.INGRESS:
        match = there.space.chosen(policy, policy.subject)
        ends = match.sure | match.unsure
    else:
        ends = union(match.sure | match.unsure for match in there.space.matches(policy, rule))
    ends &= there.pods
    having = union(bits for _, bits in there.space.named(port))
    return "port" if ends & ~there.space.host and not ends & having else ""


NETWORK_DEAD_RULES = Relation(
    "network_dead_rules",
    INHABITANT_KINDS,
    _Join,
    words="the rules of a network policy that change nothing",
)

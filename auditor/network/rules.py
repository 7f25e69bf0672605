"""Policies compiled against a space: whom each rule matches, as bits."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from auditor.model import ResourceRef
from auditor.network.policy import Action, Direction, NamedPort, Policy, PortRange, Rule, Tier
from auditor.network.selection import members, union
from auditor.network.space import Match, Space


class CompiledRule(msgspec.Struct, frozen=True, eq=False):
    """One rule of one direction."""

    action: Action
    matches: tuple[Match, ...]
    sure: int
    """Peers that it certainly names."""
    likely: int
    """Peers that it may name, those included."""
    ports: int
    """Atoms of ports whoever the destination is."""
    named: Mapping[int, int]
    """Other atoms, with the pods for which they count: there the port has the name."""

    def peers(self, direction: Direction, place: int, atom: int) -> tuple[int, int]:
        """Return whom it certainly matches, and whom it may match, seen from a pod, at an atom of ports."""
        if self.ports >> atom & 1:
            return self.sure, self.likely
        having = self.named.get(atom, 0)
        if direction is Direction.EGRESS:
            return self.sure & having, self.likely & having
        return (self.sure, self.likely) if having >> place & 1 else (0, 0)

    def covers(self, place: int, direction: Direction, atom: int) -> bool:
        """Tell whether it is about an atom of ports, seen from a pod, whoever the peers are."""
        named = self.named.get(atom, 0)
        own = named >> place & 1 if direction is Direction.INGRESS else named
        return bool(self.ports >> atom & 1 or own)

    def why(self, place: int) -> str:
        """Return why it cannot be told whether it names an end of connections."""
        return next((one.why for one in self.matches if one.unsure >> place & 1), "")


class CompiledPolicy(msgspec.Struct, frozen=True, eq=False):
    """One policy."""

    ref: ResourceRef
    tier: Tier
    priority: int
    subject: Match
    rules: Mapping[Direction, tuple[CompiledRule, ...]]
    isolates: frozenset[Direction]

    def concerns(self, direction: Direction) -> bool:
        """Tell whether it changes anything for traffic in this direction."""
        return direction in self.isolates or bool(self.rules.get(direction))


def compiled(space: Space, policy: Policy) -> CompiledPolicy:
    """Return a policy as it is in a space."""
    rules = {
        direction: tuple(_rule(space, policy, rule) for rule in rules)
        for direction, rules in policy.rules.items()
    }
    subject = space.subject(policy)
    return CompiledPolicy(policy.ref, policy.tier, policy.priority, subject, rules, policy.isolates)


def _rule(space: Space, policy: Policy, rule: Rule) -> CompiledRule:
    matches = space.matches(policy, rule)
    sure = union(one.sure for one in matches)
    ports, named = space.ports.all, dict[int, int]()
    if rule.ports is not None:
        ports = union(space.ports.covered(one) for one in rule.ports if isinstance(one, PortRange))
        for one in rule.ports:
            for atom, pods in space.named(one) if isinstance(one, NamedPort) else ():
                named[atom] = named.get(atom, 0) | pods
    return CompiledRule(rule.action, matches, sure, sure | union(one.unsure for one in matches), ports, named)


def pieces(rules: list[CompiledRule], direction: Direction, place: int, atoms: int) -> list[int]:
    """Return the atoms of ports in sets which none of the rules tells apart, seen from a pod."""
    found = [atoms]
    for rule in rules:
        if direction is Direction.INGRESS:
            own = union(1 << atom for atom, pods in rule.named.items() if pods >> place & 1)
            edges = [rule.ports | own]
        else:
            edges = [rule.ports, *(1 << atom for atom in rule.named)]
        for edge in edges:
            found = [part for one in found for part in (one & edge, one & ~edge) if part]
    return found


def first(atoms: int) -> int:
    """Return one atom of a set that is not empty."""
    return members(atoms & -atoms)[0]

"""Policies of one tier and the same priority that say different things about the same traffic.

Which of them is tried first is undefined: https://network-policy-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, permutations

import msgspec

from auditor.model import ResourceRef
from auditor.network.implied import disjoint
from auditor.network.model import STRANGER
from auditor.network.policy import Action, Direction, Policy, Tier
from auditor.network.rules import CompiledPolicy, compiled, first, pieces
from auditor.network.selection import members
from auditor.network.space import Space
from auditor.selectors import Selector

MAX_PAIRS = 2_000
"""Pairs of policies of the same priority that are compared: a priority is meant for one."""


class Tie(msgspec.Struct, frozen=True):
    """Two policies, and one connection about which they differ."""

    one: ResourceRef
    other: ResourceRef
    direction: Direction
    subject: str = ""
    peer: str = ""
    port: str = ""
    actions: tuple[str, str] = ("", "")
    """What the one and the other do with it."""


class Ties(msgspec.Struct, frozen=True):
    """All that was found."""

    ties: tuple[Tie, ...] = ()
    open: tuple[tuple[ResourceRef, ResourceRef], ...] = ()
    """Pairs that differ about nothing that is there, and may about what is not."""
    complete: bool = True
    """All pairs were compared."""


def ties(space: Space, policies: Iterable[Policy]) -> Ties:
    """Return the ties among policies, each pair once, the one that sorts first before the other."""
    groups: dict[tuple[str, Tier, int], list[Policy]] = defaultdict(list)
    for policy in sorted(policies, key=lambda one: one.ref):
        if policy.tier is not Tier.NAMESPACED:
            groups[policy.ref.kind, policy.tier, policy.priority].append(policy)
    pairs = [pair for group in groups.values() for pair in combinations(group, 2)]
    found, unseen = [], []
    ready: dict[ResourceRef, CompiledPolicy] = {}
    for pair in pairs[:MAX_PAIRS]:
        for policy in pair:
            ready.setdefault(policy.ref, compiled(space, policy))
        tie = _tie(space, ready[pair[0].ref], ready[pair[1].ref])
        if tie:
            found.append(tie)
        elif _may_differ(*pair):
            unseen.append((pair[0].ref, pair[1].ref))
    return Ties(tuple(found), tuple(unseen), len(pairs) <= MAX_PAIRS)


def _tie(space: Space, one: CompiledPolicy, other: CompiledPolicy) -> Tie | None:
    """The first connection that two policies certainly treat differently."""
    for direction in Direction:
        rules = [*one.rules.get(direction, ()), *other.rules.get(direction, ())]
        places = members(one.subject.sure & other.subject.sure)
        if not any(rule.named for rule in rules):
            places = places[:1]  # whom they match is the same for all
        for place in places:
            for atoms in pieces(rules, direction, place, space.ports.all):
                seen = direction, place, first(atoms)
                ours, theirs = _effects(space, one, seen), _effects(space, other, seen)
                for mine, its in permutations(Action, 2):
                    if both := ours[mine] & theirs[its]:
                        names = _name(space, place), _name(space, members(both)[0])
                        port = str(space.ports.traffic(atoms)[0])
                        return Tie(one.ref, other.ref, direction, *names, port, (mine, its))
    return None


def _name(space: Space, place: int) -> str:
    if place >= space.count:
        return str(space.outside[place - space.count])
    owner = space.classes[place].owner
    return "any pod" if owner == STRANGER.owner else str(owner)


def _effects(space: Space, policy: CompiledPolicy, seen: tuple[Direction, int, int]) -> dict[Action, int]:
    """With whom a policy alone certainly does what, for one pod and one atom of ports."""
    found, rest = dict.fromkeys(Action, 0), space.all
    for rule in policy.rules.get(seen[0], ()):
        sure, likely = rule.peers(*seen)
        found[rule.action] |= rest & sure
        rest &= ~likely
    return found


def _may_differ(one: Policy, other: Policy) -> bool:
    """Whether pods that are not there may be treated differently, as far as the words of both tell."""
    if disjoint(one.subject.pods, other.subject.pods):
        return False
    if disjoint(*(policy.subject.namespaces or Selector() for policy in (one, other))):
        return False
    actions = [
        [{rule.action for rule in policy.rules.get(direction, ())} for policy in (one, other)]
        for direction in Direction
    ]
    return any(all(pair) and len(set.union(*pair)) > 1 for pair in actions)

"""Verdicts for one end of connections: what may become of traffic with each of the others.

They have three values: what may only be allowed is allowed, what may only be denied is denied, and of
what may be both it is not known. Tiers are tried in order, rules of a tier by the priority of their
policies and then as they stand; a NetworkPolicy decides for every pod that it isolates.
https://network-policy-api.sigs.k8s.io/api-overview/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from auditor.network.policy import Action, Direction, Opaque, Tier
from auditor.network.rules import CompiledPolicy
from auditor.network.selection import union


class Piece(msgspec.Struct, frozen=True):
    """Some ports for which the same holds."""

    atoms: int
    allowed: int
    """Ends with whom traffic may be allowed."""
    denied: int
    """Ends with whom it may be denied."""


class Selecting(msgspec.Struct, frozen=True, eq=False):
    """A policy that is about a pod."""

    policy: CompiledPolicy
    sure: bool


def evaluated(
    selecting: Sequence[Selecting], direction: Direction, place: int, atom: int, everybody: int
) -> tuple[int, int]:
    """Return whom traffic may be allowed with, and whom it may be denied with, at an atom of ports."""
    seen = direction, place, atom
    allowed, denied, rest = _tier(in_tier(selecting, Tier.ADMIN), seen, everybody)
    isolating = in_tier(selecting, Tier.NAMESPACED)
    if isolating:
        opened = [(one.sure, *_allowing(one.policy, seen)) for one in isolating]
        allowed |= rest & union(likely for _, _, likely in opened)
        if any(sure for sure, _, _ in opened):
            return allowed, denied | rest & ~union(surely for sure, surely, _ in opened if sure)
        # it may be that no policy selects the pod, or any of them alone
        denied |= rest & union(~surely for _, surely, _ in opened)
    *base, rest = _tier(in_tier(selecting, Tier.BASELINE), seen, rest)
    return allowed | base[0] | rest, denied | base[1]


def darkened(allowed: int, denied: int, opaque: Sequence[Opaque]) -> tuple[int, int]:
    """Return the same where something counts of which we do not know what it does."""
    if not opaque:
        return allowed, denied
    return (allowed | denied if any(one.opens for one in opaque) else allowed), denied | allowed


def in_tier(selecting: Sequence[Selecting], tier: Tier) -> list[Selecting]:
    """Return the policies of a tier."""
    return [one for one in selecting if one.policy.tier is tier]


def by_priority(selecting: Sequence[Selecting]) -> Iterator[list[Selecting]]:
    """Yield the policies of a tier, those first that are tried first; equals together."""
    order = sorted(selecting, key=lambda one: one.policy.priority)
    for _, equals in groupby(order, key=lambda one: one.policy.priority):
        yield list(equals)


_Seen = tuple[Direction, int, int]
"""In which direction, from which pod, at which atom of ports."""


def _tier(selecting: Sequence[Selecting], seen: _Seen, everybody: int) -> tuple[int, int, int]:
    """With whom a tier may allow, may deny, and may leave traffic to the next one."""
    found, rest = dict.fromkeys(Action, 0), everybody
    for equals in by_priority(selecting):
        left = rest
        for one in equals:  # any of them may be the first
            here = rest
            for rule in one.policy.rules.get(seen[0], ()):
                sure, likely = rule.peers(*seen)
                found[rule.action] |= here & likely
                here &= ~sure if one.sure else -1
            left &= here
        rest = left
    return found[Action.ALLOW], found[Action.DENY], rest | found[Action.PASS]


def _allowing(policy: CompiledPolicy, seen: _Seen) -> tuple[int, int]:
    sure = likely = 0
    for rule in policy.rules.get(seen[0], ()):
        surely, maybe = rule.peers(*seen)
        sure, likely = sure | surely, likely | maybe
    return sure, likely

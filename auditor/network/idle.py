"""What of a policy can never matter: blocks of which all is excepted, rules that others of it cover.

In a NetworkPolicy the rules of one direction are a union; in a policy for the whole cluster the first that
matches decides, so that there only those before a rule can cover it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.network.implied import by_name, implies
from auditor.network.policy import (
    Block,
    Direction,
    Everybody,
    Peer,
    Pods,
    Policy,
    Port,
    PortRange,
    Rule,
    Tier,
)

MAX_COMPARED = 50_000
"""Pairs of peers of one policy that are compared: whoever writes policies decides how many there are."""


class Idle(msgspec.Struct, frozen=True):
    """A rule, or a peer of one, that changes nothing."""

    direction: Direction
    rule: int
    peer: int | None = None
    """None: the whole rule."""
    by: int | None = None
    """The rule that covers it; None of a block of which all is excepted."""


class Found(msgspec.Struct, frozen=True):
    """What changes nothing, as far as was compared."""

    idle: tuple[Idle, ...]
    complete: bool
    """Everything was compared."""


def idle(policy: Policy) -> Found:
    """Return what of the rules of a policy changes nothing."""
    comparing = _Comparing(policy)
    found = tuple(one for direction in policy.rules for one in comparing.idle(direction))
    return Found(found, comparing.left >= 0)


class _Comparing:
    """Compares the rules of one policy, as long as some comparisons are left."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.left = MAX_COMPARED

    def idle(self, direction: Direction) -> Iterator[Idle]:
        """Yield what changes nothing in one direction, in order."""
        rules = self._policy.rules[direction]
        for number, rule in enumerate(rules):
            for peer, one in enumerate(rule.peers):
                if _is_empty(one):
                    yield Idle(direction, number, peer=peer)
            if all(map(_is_empty, rule.peers)):
                continue
            by = next((other for other in range(len(rules)) if self._buries(rules, other, number)), None)
            if by is not None:
                yield Idle(direction, number, by=by)

    def _buries(self, rules: tuple[Rule, ...], other: int, number: int) -> bool:
        """Whether a rule leaves nothing to another one; of two that say the same the first stays."""
        if other == number or not self._covers(rules[other], rules[number]):
            return False
        union = self._policy.tier is Tier.NAMESPACED
        return other < number or (union and not self._covers(rules[number], rules[other]))

    def _covers(self, wide: Rule, narrow: Rule) -> bool:
        if wide.ports is not None and not all(
            any(_holds(one, port) for one in wide.ports) for port in narrow.ports or (PortRange("any"),)
        ):
            return False
        return all(_is_empty(peer) or self._among(wide.peers, peer) for peer in narrow.peers)

    def _among(self, peers: tuple[Peer, ...], peer: Peer) -> bool:
        self.left -= len(peers)
        return self.left >= 0 and any(self._includes(one, peer) for one in peers)

    def _includes(self, wide: Peer, narrow: Peer) -> bool:
        """Whether one peer names all that another one names, as far as their words tell."""
        if isinstance(wide, Everybody):
            return True
        if isinstance(wide, Pods) and isinstance(narrow, Pods):
            own = self._policy.ref.namespace
            outer, inner = (by_name(one.namespaces, own) for one in (wide, narrow))
            return implies(narrow.pods, wide.pods) and implies(inner, outer)
        if isinstance(wide, Block) and isinstance(narrow, Block):
            return all(any(one.holds(part) for one in wide.ranges) for part in narrow.ranges)
        return False


def _is_empty(peer: Peer) -> bool:
    return isinstance(peer, Block) and not peer.ranges


def _holds(wide: Port, narrow: Port) -> bool:
    if isinstance(wide, PortRange) and isinstance(narrow, PortRange):
        same = wide.protocol == narrow.protocol
        return same and wide.first <= narrow.first and narrow.last <= wide.last
    return wide == narrow

"""Why a verdict is as it is: the policies that decide about one connection, in the order of evaluation."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.model import ResourceRef
from auditor.network.model import Network
from auditor.network.policy import Action, Direction, Tier
from auditor.network.rules import CompiledRule
from auditor.network.verdict import Selecting, by_priority, in_tier

TIE = "policies of the same priority say different things"
ISOLATES = "isolates"
"""What a NetworkPolicy does that allows none of it."""


class Note(msgspec.Struct, frozen=True):
    """What one policy does to a connection."""

    policy: ResourceRef
    direction: Direction
    effect: str
    """`allows`, `denies`, `passes` or `isolates`."""
    unsure: str = ""
    """Why it cannot be told whether it does."""


def trace(network: Network, direction: Direction, place: int, peer: int, atom: int) -> list[Note]:
    """Return what policies do for traffic of a pod with a peer, up to the one that decides."""
    notes: list[Note] = []
    if place >= network.space.count:
        return notes
    selecting = network.selecting(direction, place)
    seen = direction, place, atom, peer
    for tier in (Tier.ADMIN, Tier.BASELINE):
        if tier is Tier.BASELINE:
            isolating = in_tier(selecting, Tier.NAMESPACED)
            notes += [note for one in isolating for note in _isolating(one, seen)]
            if isolating:  # of whom that is unsure, a pod on its node's network, no other tier is
                return notes
        found, final = _tier(in_tier(selecting, tier), seen)
        notes += found
        if final:
            return notes
    return notes


_Seen = tuple[Direction, int, int, int]
"""In which direction, from which pod, at which atom of ports, with whom."""


def _tier(selecting: list[Selecting], seen: _Seen) -> tuple[list[Note], bool]:
    """What the policies of a tier do, and whether that is certain and final."""
    notes: list[Note] = []
    for equals in by_priority(selecting):
        found = [list(_matching(one, seen)) for one in equals]
        effects = {note.effect for one in found for note in one}
        tie = TIE if len(effects) > 1 and sum(map(bool, found)) > 1 else ""
        decided = any(not note.unsure for one in found for note in one)
        notes += [msgspec.structs.replace(note, unsure=note.unsure or tie) for one in found for note in one]
        if decided:
            return notes, all(note.effect != Action.PASS for note in notes)
    return notes, False


def _matching(one: Selecting, seen: _Seen) -> Iterator[Note]:
    """What a policy may do, its first certain rule last."""
    for rule in one.policy.rules.get(seen[0], ()):
        hit, why = _hit(rule, one, seen)
        if hit:
            yield Note(one.policy.ref, seen[0], rule.action, why)
            if not why:
                return


def _isolating(one: Selecting, seen: _Seen) -> Iterator[Note]:
    """That a NetworkPolicy allows it, may allow it, or isolates the pod and does not."""
    found = [why for hit, why in (_hit(rule, one, seen) for rule in one.policy.rules[seen[0]]) if hit]
    if found:
        yield Note(one.policy.ref, seen[0], Action.ALLOW, min(found))
    else:
        yield Note(one.policy.ref, seen[0], ISOLATES, "" if one.sure else one.policy.subject.why)


def _hit(rule: CompiledRule, one: Selecting, seen: _Seen) -> tuple[bool, str]:
    direction, place, atom, peer = seen
    sure, likely = rule.peers(direction, place, atom)
    if not likely >> peer & 1:
        return False, ""
    if not one.sure:
        return True, one.policy.subject.why
    return True, "" if sure >> peer & 1 else rule.why(peer)

"""What closes a namespace for pods that nobody has written a policy for yet."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model import ResourceRef
from auditor.network.addresses import EVERYWHERE
from auditor.network.policy import Action, Block, Direction, Everybody, Peer, Pods, Policy, Rule, Tier
from auditor.network.selection import NAME_LABEL
from auditor.selectors import Labels, Selector

_ANY = Selector()


def default_deny(
    policies: Iterable[Policy], namespace: str, labels: Labels, direction: Direction
) -> ResourceRef | None:
    """Return a policy by which all pods of a namespace, also new ones, are closed in one direction.

    That is a NetworkPolicy which selects all pods, if none that does allows everything; or a policy for the
    whole cluster that denies all pods, and for egress all addresses of IPv4 too: of ingress none can.
    """
    whole = [one for one in policies if _covers(one, namespace, labels)]
    isolating = [one for one in whole if direction in one.isolates]
    rules = [rule for one in isolating for rule in one.rules.get(direction, ())]
    if isolating and not any(rule.ports is None and Everybody() in rule.peers for rule in rules):
        return isolating[0].ref
    for one in whole:
        if one.tier is not Tier.NAMESPACED and _denies(one.rules.get(direction, ()), direction):
            return one.ref
    return None


def _covers(policy: Policy, namespace: str, labels: Labels) -> bool:
    """Tell whether it is about all pods of a namespace."""
    if policy.subject.pods != _ANY:
        return False
    if policy.subject.namespaces is None:
        return policy.ref.namespace == namespace
    return policy.subject.namespaces.selects({**labels, NAME_LABEL: namespace})


def _denies(rules: Iterable[Rule], direction: Direction) -> bool:
    """Tell whether everybody is denied before anybody is allowed: by one rule, or by several in a row."""
    wanted: set[bool | None] = {True, False} if direction is Direction.EGRESS else {True}
    for rule in rules:
        if rule.action is not Action.DENY or rule.ports is not None:
            # who is named is let in on purpose; who lets everybody through closes nothing
            if any(_everybody(peer) is not None for peer in rule.peers):
                return False
            continue
        for peer in rule.peers:
            if isinstance(peer, Everybody):
                return True
            wanted -= {_everybody(peer)}
        if not wanted:
            return True
    return False


def _everybody(peer: Peer) -> bool | None:
    """Return True for all pods, False for all addresses, None for what is less."""
    if isinstance(peer, Pods) and peer.pods == _ANY and peer.namespaces == _ANY:
        return True
    if isinstance(peer, Block) and EVERYWHERE[0] in peer.ranges:
        return False
    return None

"""`network_ties`: policies for the whole cluster with the same priority that contradict it, {ties, unread?}.

`ties` is {total, items} of {other, direction, subject, peer, port, does, other_does}: one connection which
the two certainly treat differently, told at the one whose name sorts first. `unread` says what cannot be
told: whether two meet that differ about nothing among the manifests.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.inhabitants import INHABITANT_KINDS, PolicyJoin
from auditor.document.relations.relation import Relation
from auditor.model import Resource, ResourceRef
from auditor.network.ties import Tie, Ties, ties

TIED_KINDS = ("ClusterNetworkPolicy", "AdminNetworkPolicy")


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def keys(self, resource: Resource) -> ResourceRef | bool | None:
        if resource.ref.kind not in TIED_KINDS or self.policy(resource) is None:
            return None
        return resource.ref if resource.ref in self._concerned else True

    def value(self, resource: Resource) -> Any:
        if self.keys(resource) is None:
            return None
        mine = [_told(tie) for tie in self._all.ties if tie.one == resource.ref]
        value: dict[str, Any] = {"ties": bounded(mine)}
        if resource.ref not in self._concerned:
            return value
        unread = [f"whether {one} and {other} meet" for one, other in self._unseen if one == resource.ref]
        if not self._all.complete:
            unread.append("more policies than are compared have the same priority")
        return value | ({"unread": unread[0]} if unread else {})

    @cached_property
    def _all(self) -> Ties:
        found = self.all
        return ties(found.space, (one for one in found.policies.values() if one.ref.kind in TIED_KINDS))

    @property
    def _unseen(self) -> tuple[tuple[ResourceRef, ResourceRef], ...]:
        return () if self.all.complete else self._all.open

    @cached_property
    def _concerned(self) -> frozenset[ResourceRef]:
        if not self._all.complete:
            return frozenset(one.ref for one in self.all.policies.values())
        return frozenset([*(tie.one for tie in self._all.ties), *(one for one, _ in self._unseen)])


def _told(tie: Tie) -> dict[str, str]:
    does, other_does = tie.actions
    return {
        "other": tie.other.name,
        "direction": tie.direction,
        "subject": tie.subject,
        "peer": tie.peer,
        "port": tie.port,
        "does": does,
        "other_does": other_does,
    }


NETWORK_TIES = Relation(
    "network_ties",
    (*TIED_KINDS, *INHABITANT_KINDS),
    _Join,
    words="other policies for the whole cluster of its priority that contradict it",
)

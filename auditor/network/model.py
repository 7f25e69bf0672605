"""The model of a cluster's network: who may connect to whom, as far as policies say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.model import ResourceRef
from auditor.network.addresses import Range
from auditor.network.pods import Distinctions, PodFacts
from auditor.network.policy import Direction, Opaque, Policy
from auditor.network.rules import compiled, first, pieces
from auditor.network.selection import members
from auditor.network.space import Reading, Space
from auditor.network.verdict import Piece, Selecting, darkened, evaluated
from auditor.selectors import Labels

STRANGER = PodFacts(ResourceRef("v1", "Pod", "any", ""), {})
"""A pod without labels, in a namespace without labels: who is let in although nobody knows it."""

DNS_KEY = "k8s-app"
"""The label by which the pods of the cluster's DNS are known."""


NOTHING_MORE = Distinctions((), (), ())


class Network:
    """All policies and pods of a cluster, ready to be asked. Ends of connections are told by their place."""

    def __init__(
        self,
        pods: Iterable[PodFacts],
        namespaces: Mapping[str, Labels],
        policies: Sequence[Policy],
        opaque: Sequence[Opaque] = (),
        reading: Reading | None = None,
        cuts: Sequence[Range] = (),
        told: Distinctions = NOTHING_MORE,
    ) -> None:
        """`namespaces` has the labels of those that were read; at the edges of `cuts` addresses differ.

        Pods differ in what policies ask for, and in what is `told` apart besides.
        """
        more = Distinctions((DNS_KEY, *told.keys), told.port_names, (*cuts, *told.addresses))
        everyone = [*pods, STRANGER]
        self.space = Space(everyone, {**namespaces, "": {}}, policies, reading or Reading(), more)
        self._policies = [compiled(self.space, policy) for policy in policies]
        self._opaque = tuple(opaque)
        self._selecting = {direction: self._selected(direction) for direction in Direction}
        self._known: dict[tuple[object, ...], tuple[Piece, ...]] = {}
        self._answered: dict[tuple[Direction, int], tuple[Piece, ...]] = {}

    @property
    def stranger(self) -> int:
        """The place of `STRANGER`."""
        return self.space.count - 1

    def selecting(self, direction: Direction, place: int) -> Sequence[Selecting]:
        """Return the policies that are about traffic of a pod in one direction."""
        return self._selecting[direction].get(place, ())

    def opaque(self, place: int) -> list[Opaque]:
        """Return what may change the verdicts for a pod, of which we do not know how."""
        namespace = self.space.classes[place].owner.namespace
        return [one for one in self._opaque if one.namespace in ("", namespace)]

    def verdicts(self, direction: Direction, place: int) -> tuple[Piece, ...]:
        """Return what holds for a pod, or for addresses, which nobody keeps from anything."""
        found = self._answered.get((direction, place))
        if found is None:
            found = self._answered[direction, place] = self._verdicts(direction, place)
        return found

    def _verdicts(self, direction: Direction, place: int) -> tuple[Piece, ...]:
        space = self.space
        if place >= space.count:
            return (Piece(space.ports.all, space.all, 0),)
        selecting, opaque = self.selecting(direction, place), self.opaque(place)
        rules = [rule for one in selecting for rule in one.policy.rules.get(direction, ())]
        # many pods are selected by the same policies; a name of a port is looked up in each of them
        own = place if direction is Direction.INGRESS and any(rule.named for rule in rules) else -1
        key = (direction, tuple((id(one.policy), one.sure) for one in selecting), tuple(map(id, opaque)), own)
        if key not in self._known:
            found = []
            for part in pieces(rules, direction, place, space.ports.all):
                ends = evaluated(selecting, direction, place, first(part), space.all)
                found.append(Piece(part, *darkened(*ends, opaque)))
            self._known[key] = tuple(found)
        return self._known[key]

    def connection(self, source: int, destination: int) -> tuple[int, int]:
        """Return the atoms of ports that are open, and those of which it is not known."""
        out = _sides(self.verdicts(Direction.EGRESS, source), destination)
        into = _sides(self.verdicts(Direction.INGRESS, destination), source)
        open_ = out[0] & ~out[1] & into[0] & ~into[1]
        closed = out[1] & ~out[0] | into[1] & ~into[0]
        return open_, self.space.ports.all & ~open_ & ~closed

    def _selected(self, direction: Direction) -> Mapping[int, list[Selecting]]:
        found: dict[int, list[Selecting]] = {}
        for policy in self._policies:
            if policy.concerns(direction):
                for sure, bits in ((True, policy.subject.sure), (False, policy.subject.unsure)):
                    for place in members(bits):
                        found.setdefault(place, []).append(Selecting(policy, sure))
        return found


def _sides(found: Sequence[Piece], peer: int) -> tuple[int, int]:
    """The atoms at which traffic with a peer may be allowed, and may be denied."""
    allowed = denied = 0
    for one in found:
        allowed |= one.atoms if one.allowed >> peer & 1 else 0
        denied |= one.atoms if one.denied >> peer & 1 else 0
    return allowed, denied

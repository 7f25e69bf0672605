"""Who may really connect to a pod: what its own policies let in, and those of the others let out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from auditor.network.addresses import Range
from auditor.network.exposure import UNCLEAR, Answer, Fact, named
from auditor.network.model import Network
from auditor.network.policy import Direction, PortRange
from auditor.network.rules import first
from auditor.network.selection import union
from auditor.network.trace import trace
from auditor.network.verdict import Piece

ADDRESSES = "the addresses of the nodes are not known"


class Opening(msgspec.Struct, frozen=True):
    """Ports of a workload at which the same others may connect."""

    atoms: int
    sure: int
    """Pods that certainly may."""
    likely: int
    """Pods that may, those included."""
    place: int
    """The class of the workload's pods that this is about."""


class Neighbours:
    """A network, asked for connections between pods: of each direction the policies of both ends count.

    Pods on the network of their node are no peers: what applies to them is undefined.
    """

    def __init__(self, network: Network) -> None:
        """Group the pods by what is let out of them."""
        self.network = network
        space = network.space
        groups: dict[int, int] = defaultdict(int)
        self._verdicts: dict[int, tuple[Piece, ...]] = {}
        self.namespaces: dict[str, int] = defaultdict(int)
        """The pods of each namespace; the stranger is in none."""
        for place, one in enumerate(space.classes):
            if space.host >> place & 1:
                continue
            found = network.verdicts(Direction.EGRESS, place)
            groups[id(found)] |= 1 << place
            self._verdicts[id(found)] = found
            if place != network.stranger:
                self.namespaces[one.owner.namespace] |= 1 << place
        self._groups = tuple(groups.items())

    def openings(self, places: Sequence[int]) -> list[Opening]:
        """Return who may connect to a workload whose classes stand at `places`, by ports; none twice."""
        space = self.network.space
        found: list[Opening] = []
        for place in places:
            if not space.host >> place & 1:
                out = self._let_out(place)
                for piece in self.network.verdicts(Direction.INGRESS, place):
                    found += _parts(piece, out, place)
        return found

    def fact(self, opening: Opening, peers: int) -> Fact:
        """Return that some of these pods may connect, with one of them as the witness."""
        network, space = self.network, self.network.space
        sure = opening.sure & peers
        known = (sure or opening.likely & peers) & ~(1 << network.stranger)
        peer = first(known) if known else network.stranger
        atom, place = first(opening.atoms), opening.place
        notes = trace(network, Direction.EGRESS, peer, place, atom)
        notes += trace(network, Direction.INGRESS, place, peer, atom)
        reasons: set[str] = set()
        if not sure:
            reasons = {one.unsure for one in notes}
            reasons |= {one.reason for end in (peer, place) for one in network.opaque(end)}
            reasons = reasons - {""} or {UNCLEAR}
        return Fact(
            Answer.YES if sure else Answer.UNKNOWN,
            named(network, peer),
            space.ports.traffic(opening.atoms),
            tuple(notes),
            tuple(sorted(reasons)),
        )

    def to_addresses(
        self, places: Sequence[int], ranges: Sequence[Range], ports: Sequence[PortRange], *, known: bool
    ) -> Fact:
        """Return whether a workload may connect to some of these addresses at one of these ports.

        If the addresses are not `known`, they lie somewhere in the ranges: certain is what holds for all.
        """
        space = self.network.space
        atoms = union(map(space.ports.covered, ports))
        ends = union(self.touched(one) for one in ranges)
        unknown: tuple[int, Piece] | None = None
        for place in places:
            for piece in () if space.host >> place & 1 else self.network.verdicts(Direction.EGRESS, place):
                sure, likely = piece.allowed & ~piece.denied & ends, piece.allowed & ends
                if not piece.atoms & atoms or not likely:
                    continue
                part = Piece(piece.atoms & atoms, sure or likely, piece.denied)
                if sure and (known or sure == ends):
                    return self._to_address(Answer.YES, place, part, ranges, ports)
                unknown = unknown or (place, part)
        return self._to_address(Answer.UNKNOWN, *unknown, ranges, ports) if unknown else Fact(Answer.NO)

    def touched(self, block: Range) -> int:
        """Return the pieces of the address space that have an address in common with a range."""
        space = self.network.space
        return union(
            1 << space.count + number for number, one in enumerate(space.outside) if one.meets(block)
        )

    def _to_address(
        self, answer: Answer, place: int, piece: Piece, ranges: Sequence[Range], ports: Sequence[PortRange]
    ) -> Fact:
        network, peer = self.network, first(piece.allowed)
        notes = tuple(trace(network, Direction.EGRESS, place, peer, first(piece.atoms)))
        reasons: set[str] = set()
        if answer is Answer.UNKNOWN:
            reasons = {one.unsure for one in notes} | {one.reason for one in network.opaque(place)}
            reasons = reasons - {""} or {ADDRESSES}
        name = next(str(one) for one in ranges if self.touched(one) >> peer & 1)
        traffic = network.space.ports.traffic(piece.atoms, ports)
        return Fact(answer, name, traffic, notes, tuple(sorted(reasons)))

    def _let_out(self, place: int) -> Mapping[tuple[int, int], int]:
        """Pods by the ports at which they are let out to a pod: the sure ones, and the likely ones."""
        found: dict[tuple[int, int], int] = defaultdict(int)
        for key, bits in self._groups:
            sure = likely = 0
            for piece in self._verdicts[key]:
                if piece.allowed >> place & 1:
                    likely |= piece.atoms
                    sure |= 0 if piece.denied >> place & 1 else piece.atoms
            found[sure, likely] |= bits
        return found


def _parts(piece: Piece, out: Mapping[tuple[int, int], int], place: int) -> Iterator[Opening]:
    """The ports of a piece in sets for which the same pods are let out."""
    sets = [piece.atoms]
    for edge in {edge for one in out for edge in one}:
        sets = [part for one in sets for part in (one & edge, one & ~edge) if part]
    joined: dict[tuple[int, int], int] = defaultdict(int)
    for atoms in sets:
        sure = union(bits for (surely, _), bits in out.items() if surely & atoms)
        likely = union(bits for (_, may), bits in out.items() if may & atoms)
        joined[piece.allowed & ~piece.denied & sure, piece.allowed & likely] |= atoms
    for (sure, likely), atoms in joined.items():
        if likely:
            yield Opening(atoms, sure, likely, place)

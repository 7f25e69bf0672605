"""What one workload is exposed to, as facts with one witness each: for policies about networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from auditor.network.addresses import EVERYWHERE, Range, block, cidr, joined, without
from auditor.network.model import DNS_KEY, Network
from auditor.network.policy import Direction, PortRange, Tier
from auditor.network.ports import Traffic
from auditor.network.rules import first
from auditor.network.selection import members, union
from auditor.network.space import BLOCK
from auditor.network.trace import Note, trace
from auditor.network.verdict import Piece, in_tier

METADATA_ADDRESSES = ("169.254.169.254", "fd00:ec2::254", "100.100.100.200")
"""Where clouds tell a machine its credentials: nearly all of them, AWS for IPv6, Alibaba."""

METADATA = tuple(map(cidr, METADATA_ADDRESSES))

METADATA_PORT = PortRange("TCP", 80, 80)

UNCLEAR = "what its policies do here is not known"

_LOCAL = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3"
)
PUBLIC = {
    4: without(EVERYWHERE[0], map(cidr, _LOCAL.split())),
    6: (cidr("2000::/3"),),
}
"""Addresses of the internet, by family: https://www.iana.org/assignments/iana-ipv4-special-registry/ and its
neighbour for IPv6, without the small ranges for documentation and the like."""

CUTS: tuple[Range, ...] = (*METADATA, *PUBLIC[4], *PUBLIC[6])
"""What a `Network` must tell apart to be asked for exposures."""

DNS = (PortRange("UDP", 53, 53), PortRange("TCP", 53, 53))


class Answer(StrEnum):
    """Whether something holds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Fact(msgspec.Struct, frozen=True):
    """One answer, and a witness of it."""

    answer: Answer
    peer: str = ""
    """With whom, where it is not `no`."""
    ports: tuple[Traffic, ...] = ()
    """All for which it holds."""
    notes: tuple[Note, ...] = ()
    """What policies do with the first of them; none if no policy is about it."""
    reasons: tuple[str, ...] = ()
    """Why it cannot be told, where it is `unknown`."""


class Exposure(msgspec.Struct, frozen=True):
    """What is known of the traffic of one workload, from its own side: what others may do is not asked.

    Its pods on the network of their node are left out: what applies to those is undefined.
    """

    ingress_isolated: bool
    """NetworkPolicies isolate all of its pods."""
    egress_isolated: bool
    from_any_namespace: Fact
    """Any pod may connect, also one that nobody knows yet."""
    from_public: Fact
    """Some address of the internet may connect."""
    from_internet: Fact
    """All addresses of the internet of one family may connect."""
    from_everybody: Fact
    """Any pod and all addresses of the internet of one family may connect, to all ports."""
    to_everywhere: Fact
    """It may connect to any pod, and to any address of one family."""
    to_internet: Fact
    """It may connect to all addresses of the internet of one family, at all ports."""
    to_metadata: Mapping[str, Fact]
    """For each address at which a cloud may be asked, at its port."""
    to_dns: Fact
    """It may ask the cluster's DNS; unknown where that is not among the pods."""


_Holds = Callable[[int, int], bool]
"""Whether the ends that are asked about are among those of a verdict: all, or some."""


def exposure(network: Network, places: Sequence[int]) -> Exposure:
    """Return what a workload whose classes stand at `places` is exposed to; `network` was cut at `CUTS`."""
    space = network.space
    pods = space.pods & ~space.host
    public = {family: space.covered(ranges) for family, ranges in PUBLIC.items()}
    every = [space.covered([one]) for one in EVERYWHERE]
    asking = Asking(network, [place for place in places if not space.host >> place & 1])
    into, out = Direction.INGRESS, Direction.EGRESS
    return Exposure(
        asking.isolated(into),
        asking.isolated(out),
        asking.fact(into, [pods], _all),
        asking.fact(into, [public[4] | public[6]], _some),
        asking.fact(into, list(public.values()), _all),
        asking.whole(into, [pods | one for one in public.values()]),
        asking.fact(out, [pods | one for one in every], _all),
        asking.whole(out, list(public.values())),
        {
            name: asking.fact(out, [space.covered([one])], _all, [METADATA_PORT])
            for name, one in zip(METADATA_ADDRESSES, METADATA, strict=True)
        },
        asking.dns(),
    )


class _Hit(NamedTuple):
    """Ports of one pod for which it holds, or may hold, and for which ends."""

    answer: Answer
    place: int
    ends: int
    piece: Piece


class Asking:
    """Asks for the traffic of pods that belong together."""

    def __init__(self, network: Network, places: Sequence[int]) -> None:
        """`places` are those of their classes."""
        self._network = network
        self._places = places

    def isolated(self, direction: Direction) -> bool:
        """Tell whether NetworkPolicies isolate all pods."""
        return all(
            any(one.sure for one in in_tier(self._network.selecting(direction, place), Tier.NAMESPACED))
            for place in self._places
        )

    def fact(
        self, direction: Direction, ends: Sequence[int], holds: _Holds, ports: Sequence[PortRange] = ()
    ) -> Fact:
        """Return whether it holds for any of some sets of ends, with any pod, at any of these ports."""
        atoms = union(map(self._network.space.ports.covered, ports)) if ports else -1
        return self._told(direction, self._hits(direction, ends, holds, atoms), ports)

    def whole(self, direction: Direction, ends: Sequence[int]) -> Fact:
        """Return whether, with any pod, it holds at all ports for all of one of some sets of ends."""
        found = []
        for place in self._places:
            asking = Asking(self._network, [place])
            for bits in ends:
                hits = asking._hits(direction, [bits], _all, -1)
                if union(one.piece.atoms for one in hits) == self._network.space.ports.all:
                    sure = all(one.answer is Answer.YES for one in hits)
                    answer = Answer.YES if sure else Answer.UNKNOWN
                    found += [one._replace(answer=answer) for one in hits if sure or one.answer is answer]
        return self._told(direction, found)

    def dns(self) -> Fact:
        """Return whether the cluster's DNS may be asked."""
        space = self._network.space
        servers = 0
        for place, one in enumerate(space.classes):
            if one.labels.get(DNS_KEY) == "kube-dns" and one.owner.namespace == "kube-system":
                servers |= 1 << place
        if not servers:
            return Fact(Answer.UNKNOWN)
        return self.fact(Direction.EGRESS, [servers], _some, DNS)

    def _hits(self, direction: Direction, ends: Sequence[int], holds: _Holds, atoms: int) -> list[_Hit]:
        found = []
        for place in self._places:
            for piece in self._network.verdicts(direction, place):
                if not piece.atoms & atoms:
                    continue
                part = Piece(piece.atoms & atoms, piece.allowed, piece.denied)
                for bits in ends:
                    if holds(bits, piece.allowed & ~piece.denied):
                        found.append(_Hit(Answer.YES, place, bits, part))
                    elif holds(bits, piece.allowed) and self._possible(direction, place, bits, part):
                        found.append(_Hit(Answer.UNKNOWN, place, bits, part))
        return found

    def _possible(self, direction: Direction, place: int, ends: int, piece: Piece) -> bool:
        """Tell whether what may be allowed may be for all: an ipBlock holds no more pods than addresses."""
        space = self._network.space
        unsure = members(ends & piece.allowed & piece.denied & space.pods)
        if not unsure or self._network.opaque(place):
            return True
        why = {one.unsure for one in trace(self._network, direction, place, unsure[0], first(piece.atoms))}
        if why - {""} != {BLOCK}:
            return True
        room = sum(
            one.last - one.first + 1
            for number, one in enumerate(space.outside)
            if piece.allowed >> space.count + number & 1
        )
        return room >= sum(space.classes[one].pods for one in unsure)

    def _told(self, direction: Direction, hits: Sequence[_Hit], within: Sequence[PortRange] = ()) -> Fact:
        """The answer for all that was found: a certain one counts, whatever else is unknown."""
        for answer in (Answer.YES, Answer.UNKNOWN):
            if found := [one for one in hits if one.answer is answer]:
                atoms = union(one.piece.atoms for one in found)
                traffic = self._network.space.ports.traffic(atoms, within)
                return self._witness(direction, found[0], traffic)
        return Fact(Answer.NO)

    def _witness(self, direction: Direction, hit: _Hit, traffic: tuple[Traffic, ...]) -> Fact:
        network, piece = self._network, hit.piece
        ends = hit.ends & piece.allowed
        if hit.answer is Answer.UNKNOWN:
            ends &= piece.denied
        # the stranger says most where it is one of them; else the first
        stranger = ends >> network.stranger & 1
        peer = network.stranger if stranger else first(ends)
        notes = tuple(trace(network, direction, hit.place, peer, first(piece.atoms)))
        reasons: tuple[str, ...] = ()
        if hit.answer is Answer.UNKNOWN:
            why = {one.reason for one in network.opaque(hit.place)} | {one.unsure for one in notes}
            reasons = tuple(sorted(why - {""})) or (UNCLEAR,)
        return Fact(hit.answer, named(network, peer, ends), traffic, notes, reasons)


def named(network: Network, peer: int, ends: int = 0) -> str:
    """Return how people know one end; of addresses the first block of those among `ends`."""
    space = network.space
    if peer == network.stranger:
        return "any pod"
    if peer < space.count:
        return str(space.classes[peer].owner)
    places = members(ends & space.addresses) or [peer]
    return str(block(joined([space.outside[one - space.count] for one in places])[0]))


def _all(ends: int, found: int) -> bool:
    return not ends & ~found


def _some(ends: int, found: int) -> bool:
    return bool(ends & found)

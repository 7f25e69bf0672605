"""What one workload is exposed to, as facts with one witness each: for policies about networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import msgspec

from auditor.network.addresses import EVERYWHERE, Range, cidr, joined, without
from auditor.network.model import DNS_KEY, Network
from auditor.network.policy import Direction, PortRange, Tier
from auditor.network.ports import Traffic
from auditor.network.selection import members, union
from auditor.network.trace import Note, trace
from auditor.network.verdict import Piece, in_tier

METADATA = (cidr("169.254.169.254/32"), cidr("fd00:ec2::254/128"))
"""Where clouds tell a machine its credentials."""

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
    notes: tuple[Note, ...] = ()
    """What policies do there; none if no policy is about it."""


class Exposure(msgspec.Struct, frozen=True):
    """What is known of the traffic of one workload, from its own side: what others may do is not asked."""

    ingress_isolated: bool
    """NetworkPolicies isolate all of its pods."""
    egress_isolated: bool
    from_any_namespace: Fact
    """Any pod may connect, also one that nobody knows yet."""
    from_public: Fact
    """Some address of the internet may connect."""
    from_internet: Fact
    """All addresses of the internet of one family may connect."""
    to_everywhere: Fact
    """It may connect to any pod, and to any address of one family."""
    to_metadata: Fact
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
    asking = _Asking(network, places)
    into, out = Direction.INGRESS, Direction.EGRESS
    return Exposure(
        asking.isolated(into),
        asking.isolated(out),
        asking.fact(into, [pods], _all),
        asking.fact(into, [public[4] | public[6]], _some),
        asking.fact(into, list(public.values()), _all),
        asking.fact(out, [pods | one for one in every], _all),
        asking.fact(out, [space.covered(METADATA)], _some),
        asking.dns(),
    )


class _Asking:
    def __init__(self, network: Network, places: Sequence[int]) -> None:
        self._network = network
        self._places = places

    def isolated(self, direction: Direction) -> bool:
        """Tell whether NetworkPolicies isolate all pods."""
        return all(
            any(one.sure for one in in_tier(self._network.selecting(direction, place), Tier.NAMESPACED))
            for place in self._places
        )

    def fact(self, direction: Direction, ends: Sequence[int], holds: _Holds, atoms: int = -1) -> Fact:
        """Return whether it holds for any of some sets of ends, with any pod of the workload."""
        unknown = Fact(Answer.NO)
        for answer, place, bits, piece in self._candidates(direction, ends, holds):
            if piece.atoms & atoms and (answer is Answer.YES or unknown.answer is Answer.NO):
                found = self._witness(direction, place, bits & piece.allowed, piece.atoms & atoms, answer)
                if answer is Answer.YES:
                    return found
                unknown = found
        return unknown

    def dns(self) -> Fact:
        """Return whether the cluster's DNS may be asked."""
        space = self._network.space
        servers = 0
        for place, one in enumerate(space.classes):
            if one.labels.get(DNS_KEY) == "kube-dns" and one.owner.namespace == "kube-system":
                servers |= 1 << place
        if not servers:
            return Fact(Answer.UNKNOWN)
        return self.fact(Direction.EGRESS, [servers], _some, union(map(space.ports.covered, DNS)))

    def _candidates(
        self, direction: Direction, ends: Sequence[int], holds: _Holds
    ) -> Iterator[tuple[Answer, int, int, Piece]]:
        for place in self._places:
            for piece in self._network.verdicts(direction, place):
                for bits in ends:
                    if holds(bits, piece.allowed & ~piece.denied):
                        yield Answer.YES, place, bits, piece
                    elif holds(bits, piece.allowed):
                        yield Answer.UNKNOWN, place, bits, piece

    def _witness(self, direction: Direction, place: int, ends: int, atoms: int, answer: Answer) -> Fact:
        space = self._network.space
        peers = members(ends)
        # the stranger says most where it is one of them; else the first
        peer = self._network.stranger if self._network.stranger in peers else peers[0]
        if peer >= space.count:
            name = str(joined([space.outside[one - space.count] for one in peers])[0])
        else:
            name = "any pod" if peer == self._network.stranger else str(space.classes[peer].owner)
        notes = trace(self._network, direction, place, peer, members(atoms)[0])
        return Fact(answer, name, space.ports.traffic(atoms), tuple(notes))


def _all(ends: int, found: int) -> bool:
    return not ends & ~found


def _some(ends: int, found: int) -> bool:
    return bool(ends & found)

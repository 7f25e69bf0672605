"""What `auditor reach` answers: which connections are open, which are unknown, and by which policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from auditor.errors import UsageError, did_you_mean
from auditor.model import ResourceRef
from auditor.network.addresses import EVERYWHERE, Range, cidr
from auditor.network.model import Network
from auditor.network.policy import LAST_PORT, PROTOCOLS, Action, Direction, PortRange
from auditor.network.ports import Traffic
from auditor.network.rules import first
from auditor.network.selection import members, union
from auditor.network.trace import ISOLATES, Note, trace

Ends = TypeVar("Ends", bound=msgspec.Struct)
"""Something that is told of a `source` and a `destination`."""

EXTERNAL = "external"
"""All addresses, as one end of connections."""

BESIDE = "whether anything enforces policies, services, routes, encryption and protocols without ports"
"""What is not looked at."""


class End(msgspec.Struct, frozen=True):
    """One end that is asked about: a workload, or addresses."""

    workload: tuple[str, str, str] | None = None
    """Namespace, kind and name."""
    addresses: tuple[Range, ...] = ()

    @property
    def name(self) -> str:
        """That of the workload, as it is written; "" of addresses."""
        return "/".join(self.workload or ())


class Unknown(msgspec.Struct, frozen=True):
    """Ports of which it is not known whether they are open."""

    protocol: str
    first: int = msgspec.field(name="from")
    last: int = msgspec.field(name="to")
    reasons: tuple[str, ...] = ()


class Deciding(msgspec.Struct, frozen=True, order=True):
    """What a policy does to some of the traffic of a connection."""

    direction: str
    policy: str
    effect: str
    """`allows`, `denies`, `passes` or `isolates`."""
    sure: bool
    """Whether it certainly does."""


class Connection(msgspec.Struct, frozen=True):
    """What is known of the traffic from one end to another."""

    source: str
    destination: str
    allow: tuple[Traffic, ...]
    """Open between some pods of both ends."""
    unknown: tuple[Unknown, ...]
    policies: tuple[Deciding, ...]
    """Those that decide; where none is named for a direction, no policy is about it."""
    partly: tuple[Traffic, ...] = ()
    """What of `allow` is not open between all pods of both ends."""


class Extent(msgspec.Struct, frozen=True):
    """Which ports are open between two ends, as sets of atoms; the others are closed."""

    some: int
    """Between some pods."""
    every: int
    """Between all of them."""
    unknown: int
    """Of which it is not known, and which are not open between any."""


class Unread(msgspec.Struct, frozen=True):
    """What could not be read, so that an answer may lack something."""

    kind: str
    reason: str


class Reach(msgspec.Struct, frozen=True):
    """The answer to `auditor reach`."""

    reach: tuple[Connection, ...]
    """Open connections, and those of which it is not known; to a destination that is asked for all."""
    unread: tuple[Unread, ...] = ()
    beside: str = BESIDE
    """What is not looked at."""


def end(written: str) -> End:
    """Read one end: NAMESPACE/KIND/NAME, `external`, a CIDR, or an address; raise `UsageError` for others."""
    if written == EXTERNAL:
        return End(addresses=EVERYWHERE)
    words = written.split("/")
    if len(words) == 3 and all(words):
        return End((words[0], words[1], words[2]))
    try:
        return End(addresses=(cidr(written),))
    except ValueError:
        hint = "NAMESPACE/KIND/NAME as shop/Deployment/web, external, or a CIDR as 10.0.0.0/8"
        raise UsageError(f"{written!r} is no end of connections", hint) from None


def asked_ports(written: str) -> tuple[PortRange, ...]:
    """Read PORT[-PORT][/PROTOCOL]; without protocol, of all three; raise `UsageError` for others."""
    numbers, _, protocol = written.partition("/")
    low, _, high = numbers.partition("-")
    known = (protocol.upper(),) if protocol else PROTOCOLS
    if low.isdecimal() and (high or low).isdecimal() and known[0] in PROTOCOLS:
        edges = int(low), int(high or low)
        if 1 <= edges[0] <= edges[1] <= LAST_PORT:
            return tuple(PortRange(one, *edges) for one in known)
    raise UsageError(f"--port {written}: no port", "write it as 5432, 8000-8080 or 53/UDP")


def reach(
    network: Network,
    source: End,
    destination: End | None,
    ports: Sequence[PortRange] = (),
    unread: Sequence[Unread] = (),
) -> Reach:
    """Return what is open from one end to another, or to all others.

    Raises `UsageError` for a workload that is not there, and for two ends outside of it.
    """
    if destination and not (source.workload or destination.workload):
        raise UsageError("one of both ends must be a workload: of others no policy knows")
    asking = Asking(network, ports)
    sources = asking.places(source)
    if destination:
        wanted = asking.places(destination)
    else:
        wanted = asking.workloads()
        wanted |= asking.addresses(EVERYWHERE) if source.workload else {}
    pairs = [(one, other) for one in sources for other in wanted if destination or one != other]
    if not source.workload:  # neighbouring addresses become one
        pairs.sort(key=lambda pair: pair[1])
    found = [asking.connection(one, sources[one], other, wanted[other]) for one, other in pairs]
    open_ = [one for one in found if destination or one.allow or one.unknown]
    return Reach(tuple(neighbours(open_, asking.ranges)), tuple(unread))


class Asking:
    """A network, and the ports that are asked about."""

    def __init__(self, network: Network, ports: Sequence[PortRange]) -> None:
        """Without `ports` all are asked about."""
        self._network = network
        self._space = network.space
        self._ports = ports
        covered = self._space.ports.covered
        self._atoms = union(map(covered, ports)) if ports else self._space.ports.all
        self.ranges = {str(one): one for one in self._space.outside}

    def workloads(self) -> dict[str, list[int]]:
        """Return the places of each workload, by its name."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self._space.classes):
            if place != self._network.stranger:
                found.setdefault(_name(one.owner), []).append(place)
        return dict(sorted(found.items()))

    def addresses(self, ranges: Iterable[Range]) -> dict[str, list[int]]:
        """Return the places of the pieces of the address space that lie in ranges, by their names."""
        space = self._space
        places = members(space.covered(tuple(ranges)))
        return {str(space.outside[place - space.count]): [place] for place in places}

    def places(self, end: End) -> dict[str, list[int]]:
        """Return the places of an end that is asked about; raises `UsageError` if there is no such one."""
        if not end.workload:
            return self.addresses(end.addresses)
        known = self.workloads()
        names = {name.lower(): name for name in known}
        name = end.name if end.name in known else names.get(end.name.lower())
        if name is None:
            hint = "pods are asked for by the workload that they belong to"
            raise UsageError(f"there is no workload {end.name!r}{did_you_mean(end.name, known)}", hint)
        return {name: known[name]}

    def extent(self, places: Sequence[int], others: Sequence[int]) -> Extent:
        """Return which atoms are open between two ends, each of them one or more places."""
        some, every, unclear = 0, self._atoms, 0
        for source in places:
            for destination in others:
                open_, unknown = self._network.connection(source, destination)
                some, every, unclear = some | open_, every & open_, unclear | unknown
        some &= self._atoms
        return Extent(some, every, unclear & self._atoms & ~some)

    def connection(
        self, name: str, places: Sequence[int], other: str, others: Sequence[int], only: int = -1
    ) -> Connection:
        """Return what is known of the traffic between two ends; of the atoms of `only`, where it is given."""
        extent = self.extent(places, others)
        reasons: dict[int, set[str]] = {}
        deciding: set[Deciding] = set()
        for source in places:
            for destination in others:
                unclear = self._network.connection(source, destination)[1]
                for atoms in self._alike(source, destination, only):
                    notes = self._notes(source, destination, first(atoms))
                    deciding.update(map(_deciding, notes))
                    for atom in members(atoms & unclear):
                        known = reasons.setdefault(atom, set())
                        known.update(filter(None, (one.unsure for one in notes)))
                        known.update(self._unclear(source), self._unclear(destination))
        traffic = self._space.ports.traffic
        return Connection(
            name,
            other,
            traffic(extent.some & only, self._ports),
            tuple(self._unknown(extent.unknown & only, reasons)),
            _distinct(deciding),
            traffic(extent.some & ~extent.every & only, self._ports),
        )

    def _alike(self, source: int, destination: int, only: int) -> Iterator[int]:
        """The atoms that are asked about, in sets for which the same policies do the same."""
        for out in self._network.verdicts(Direction.EGRESS, source):
            for into in self._network.verdicts(Direction.INGRESS, destination):
                if atoms := out.atoms & into.atoms & self._atoms & only:
                    yield atoms

    def _notes(self, source: int, destination: int, atom: int) -> list[Note]:
        out = trace(self._network, Direction.EGRESS, source, destination, atom)
        return out + trace(self._network, Direction.INGRESS, destination, source, atom)

    def _unclear(self, place: int) -> list[str]:
        """Why nothing certain is known of an end at all."""
        if place >= self._space.count:
            return []
        return [one.reason for one in self._network.opaque(place)]

    def _unknown(self, atoms: int, reasons: dict[int, set[str]]) -> Iterator[Unknown]:
        """Ports that are next to each other and unknown for the same reasons, as one."""
        groups: dict[tuple[str, ...], int] = {}
        for atom in members(atoms):
            key = tuple(sorted(reasons[atom]))
            groups[key] = groups.get(key, 0) | 1 << atom
        for why, together in groups.items():
            for one in self._space.ports.traffic(together, self._ports):
                yield Unknown(one.protocol, one.first, one.last, why)


def _deciding(note: Note) -> Deciding:
    return Deciding(note.direction, str(note.policy), note.effect, not note.unsure)


def _distinct(found: set[Deciding]) -> tuple[Deciding, ...]:
    """In order; that a policy isolates is said where it allows nothing, and what is certain once."""
    allowing = {(one.direction, one.policy) for one in found if one.effect == Action.ALLOW}
    sure = {one for one in found if one.sure}
    return tuple(
        one
        for one in sorted(found)
        if (one.effect != ISOLATES or (one.direction, one.policy) not in allowing)
        and (one.sure or msgspec.structs.replace(one, sure=True) not in sure)
    )


def neighbours(found: Sequence[Ends], ranges: dict[str, Range]) -> Iterator[Ends]:
    """Yield the same with neighbouring addresses of which the same holds as one end.

    Each of `found` has `source` and `destination`; `ranges` has what the addresses among these names are, and
    learns those of the joined ones.
    """
    last: Ends | None = None
    for one in found:
        merged = _merged(last, one, ranges) if last else None
        if last and not merged:
            yield last
        last = merged or one
    if last:
        yield last


def _merged(one: Ends, other: Ends, ranges: dict[str, Range]) -> Ends | None:
    for field in ("source", "destination"):
        first, second = ranges.get(getattr(one, field)), ranges.get(getattr(other, field))
        if first and second and first.family == second.family and first.last + 1 == second.first:
            both = Range(first.family, first.first, second.last)
            ranges[str(both)] = both
            if msgspec.structs.replace(other, **{field: getattr(one, field)}) == one:
                return msgspec.structs.replace(one, **{field: str(both)})
    return None


def _name(ref: ResourceRef) -> str:
    return f"{ref.namespace}/{ref.kind}/{ref.name}"

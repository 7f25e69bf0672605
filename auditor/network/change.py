"""What a change opens, closes, or makes unknown: two models of a network, connection by connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import msgspec

from auditor.errors import UsageError
from auditor.network.addresses import EVERYWHERE, Range
from auditor.network.model import Network
from auditor.network.policy import PROTOCOLS, Block, Policy, PortRange
from auditor.network.ports import PortAtoms, Traffic
from auditor.network.reach import BESIDE, Asking, Connection, Deciding, End, Extent, Unread, neighbours
from auditor.network.selection import union

OPEN, PARTLY, UNKNOWN, CLOSED, ABSENT = "open", "partly", "unknown", "closed", "absent"
"""What a port is between two ends: open between all of their pods, between some, ...; one is not there."""

_RANKS = {ABSENT: 0, CLOSED: 0, UNKNOWN: 1, PARTLY: 2, OPEN: 3}
"""How open each is: what goes up is opened, what goes down is closed."""


class Shift(msgspec.Struct, frozen=True):
    """Ports that are not what they were."""

    protocol: str
    first: int = msgspec.field(name="from")
    last: int = msgspec.field(name="to")
    before: str
    """`open`, `partly` (between some pods of both ends), `unknown`, `closed`, or `absent`: there was none."""
    after: str
    reasons: tuple[str, ...] = ()
    """Why they are unknown now."""


class Deciders(msgspec.Struct, frozen=True):
    """The policies that decide about the ports that change."""

    before: tuple[Deciding, ...] = ()
    after: tuple[Deciding, ...] = ()


class Changed(msgspec.Struct, frozen=True):
    """What changes between two ends."""

    source: str
    destination: str
    opened: tuple[Shift, ...]
    closed: tuple[Shift, ...]
    unknown: tuple[Shift, ...]
    """Nobody knows any more whether they are open."""
    policies: Deciders


class Change(msgspec.Struct, frozen=True):
    """The answer to `auditor reach --diff`."""

    changes: tuple[Changed, ...]
    added: tuple[str, ...] = ()
    """Workloads that were not there before; all that is open to and from them is opened."""
    removed: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    beside: str = BESIDE
    """What is not looked at."""


def edges(policies: Iterable[Policy]) -> list[Range]:
    """Return the addresses that policies name: where both models must be cut to be compared."""
    rules = (rule for policy in policies for one in policy.rules.values() for rule in one)
    blocks = (peer for rule in rules for peer in rule.peers if isinstance(peer, Block))
    return [one for block in blocks for one in block.ranges]


def changes(
    networks: tuple[Network, Network],
    source: End | None = None,
    destination: End | None = None,
    ports: Sequence[PortRange] = (),
    unread: Sequence[Unread] = (),
) -> Change:
    """Return what differs between two models, of which both were cut at the same addresses.

    Without a source from all, without a destination to all; raises `UsageError` for a workload that is in
    neither, and for two ends outside of the cluster.
    """
    comparing = _Comparing(networks, ports)
    found = [
        one
        for pair in comparing.pairs(source, destination)
        if (one := comparing.changed(*pair, whole=bool(destination)))
    ]
    before, after = (asking.workloads() for asking in comparing.askings)
    return Change(
        tuple(neighbours(found, dict(comparing.askings[0].ranges))),
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
        tuple(unread),
    )


class _Side:
    """One of the two models, whose ports are translated to those of both."""

    def __init__(self, network: Network, asking: Asking, common: PortAtoms, asked: int) -> None:
        self._own = network.space.ports
        self._asking, self._common, self._asked = asking, common, asked
        self._translated: dict[int, int] = {}
        self._states: dict[Extent, Mapping[str, int]] = {}
        self.places = {**asking.workloads(), **asking.addresses(EVERYWHERE)}

    def states(self, source: str, destination: str) -> Mapping[str, int]:
        """Return which ports of both models are what between two ends; without those that are in none."""
        places, others = self.places.get(source), self.places.get(destination)
        if places is None or others is None:
            return {ABSENT: self._asked}
        extent = self._asking.extent(places, others)
        if extent not in self._states:
            self._states[extent] = self._told(extent)
        return self._states[extent]

    def _told(self, extent: Extent) -> Mapping[str, int]:
        every, some, unknown = map(self._in_common, (extent.every, extent.some, extent.unknown))
        found = {OPEN: every, PARTLY: some & ~every, UNKNOWN: unknown}
        return {**found, CLOSED: self._asked & ~some & ~unknown}

    def connection(self, source: str, destination: str, bits: int) -> Connection | None:
        """Return what is known of some ports of both models; None where an end is not there."""
        places, others = self.places.get(source), self.places.get(destination)
        if places is None or others is None:
            return None
        only = union(self._own.covered(_range(one)) for one in self._common.traffic(bits))
        return self._asking.connection(source, places, destination, others, only)

    def _in_common(self, atoms: int) -> int:
        if atoms not in self._translated:
            ranges = map(_range, self._own.traffic(atoms))
            self._translated[atoms] = union(map(self._common.covered, ranges)) & self._asked
        return self._translated[atoms]


class _Comparing:
    """Two models, and the ports that are asked about."""

    def __init__(self, networks: tuple[Network, Network], ports: Sequence[PortRange]) -> None:
        self.askings = Asking(networks[0], ports), Asking(networks[1], ports)
        cuts = [_range(atom) for network in networks for atom in network.space.ports.atoms]
        self._ports = PortAtoms([*cuts, *ports])
        asked = union(map(self._ports.covered, ports)) if ports else self._ports.all
        self._before, self._after = (
            _Side(network, asking, self._ports, asked)
            for network, asking in zip(networks, self.askings, strict=True)
        )

    def pairs(self, source: End | None, destination: End | None) -> Iterator[tuple[str, str]]:
        """Yield the ends that are asked about; those with addresses so that neighbours follow each other."""
        if source and destination and not (source.workload or destination.workload):
            raise UsageError("one of both ends must be a workload: of others no policy knows")
        workloads = [self._workloads(end) for end in (source, destination)]
        outside = [self._addresses(end) for end in (source, destination)]
        yield from product(workloads[0], [*workloads[1], *outside[1]])
        yield from ((address, name) for name in workloads[1] for address in outside[0])

    def changed(self, source: str, destination: str, *, whole: bool) -> Changed | None:
        """Return what changes between two ends; None if nothing does.

        Of a single pod with itself nothing is said, unless with `whole`: it may always.
        """
        if source == destination and not whole and source.split("/")[1] == "Pod":
            return None
        before, after = (side.states(source, destination) for side in (self._before, self._after))
        if before == after:
            return None
        found = {
            (was, now): bits
            for was, now in product(before, after)
            if was != now and {was, now} != {ABSENT, CLOSED} and (bits := before[was] & after[now])
        }
        return self._told(source, destination, found) if found else None

    def _told(self, source: str, destination: str, found: Mapping[tuple[str, str], int]) -> Changed:
        bits = union(found.values())
        before, after = (side.connection(source, destination, bits) for side in (self._before, self._after))
        lists: dict[str, list[Shift]] = {"opened": [], "closed": [], UNKNOWN: []}
        for (was, now), ports in found.items():
            if now == UNKNOWN:
                lists[now] += self._unknown(after, ports, was)
            else:
                up = _RANKS[now] > _RANKS[was]
                lists["opened" if up else "closed"] += _shifts(self._ports.traffic(ports), was, now)
        deciders = Deciders(before.policies if before else (), after.policies if after else ())
        return Changed(
            source,
            destination,
            **{key: tuple(sorted(one, key=_order)) for key, one in lists.items()},
            policies=deciders,
        )

    def _unknown(self, after: Connection | None, bits: int, was: str) -> Iterator[Shift]:
        groups: dict[tuple[str, ...], int] = {}
        for one in after.unknown if after else ():
            covered = self._ports.covered(PortRange(one.protocol, one.first, one.last)) & bits
            groups[one.reasons] = groups.get(one.reasons, 0) | covered
        for reasons, together in groups.items():
            yield from _shifts(self._ports.traffic(together), was, UNKNOWN, reasons)

    def _workloads(self, end: End | None) -> list[str]:
        known = [asking.workloads() for asking in self.askings]
        if end is None:
            return sorted({*known[0], *known[1]})
        if not end.workload:
            return []
        first, last = self.askings
        there = [one for one in self.askings if _has(one, end)]
        return sorted({name for one in there or (last, first) for name in one.places(end)})

    def _addresses(self, end: End | None) -> list[str]:
        if end and end.workload:
            return []
        return list(self.askings[0].addresses(end.addresses if end else EVERYWHERE))


def _has(asking: Asking, end: End) -> bool:
    try:
        return bool(asking.places(end))
    except UsageError:
        return False


def _shifts(ports: Iterable[Traffic], was: str, now: str, reasons: tuple[str, ...] = ()) -> Iterator[Shift]:
    for one in ports:
        yield Shift(one.protocol, one.first, one.last, was, now, reasons)


def _order(one: Shift) -> tuple[int, int]:
    return PROTOCOLS.index(one.protocol), one.first


def _range(one: Traffic) -> PortRange:
    return PortRange(one.protocol, one.first, one.last)

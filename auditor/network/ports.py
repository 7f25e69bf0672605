"""Ports, cut where policies tell them apart: each piece is an atom, sets of atoms are the bits of an int."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from auditor.network.policy import LAST_PORT, PROTOCOLS, PortRange
from auditor.network.selection import members


class Traffic(msgspec.Struct, frozen=True):
    """Ports as answers name them; `from` and `to` are included."""

    protocol: str
    first: int = msgspec.field(name="from")
    last: int = msgspec.field(name="to")

    def __str__(self) -> str:
        """As people write them: `TCP 80`, `UDP 1000-2000`, `SCTP` for all ports."""
        if (self.first, self.last) == (1, LAST_PORT):
            return self.protocol
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last != self.first else "")


class PortAtoms:
    """All ports of all protocols, in pieces."""

    def __init__(self, ranges: Iterable[PortRange]) -> None:
        """Cut at every edge of the ranges."""
        starts = {protocol: {1} for protocol in PROTOCOLS}
        for one in ranges:
            starts[one.protocol].update((one.first, one.last + 1))
        self.atoms: list[Traffic] = []
        self._starts: dict[str, list[int]] = {}
        self._base: dict[str, int] = {}
        for protocol in PROTOCOLS:
            order = sorted(starts[protocol] - {LAST_PORT + 1})
            self._starts[protocol], self._base[protocol] = order, len(self.atoms)
            ends = [*(start - 1 for start in order[1:]), LAST_PORT]
            self.atoms += [Traffic(protocol, *edges) for edges in zip(order, ends, strict=True)]
        self.all = (1 << len(self.atoms)) - 1

    def covered(self, ports: PortRange) -> int:
        """Return the atoms of a range at whose edges was cut; of any other those that it touches."""
        first, last = self.atom(ports.protocol, ports.first), self.atom(ports.protocol, ports.last)
        return (1 << last + 1) - (1 << first)

    def atom(self, protocol: str, port: int) -> int:
        """Return the position of the atom that a port lies in."""
        return self._base[protocol] + bisect_right(self._starts[protocol], port) - 1

    def traffic(self, atoms: int, within: Sequence[PortRange] = ()) -> tuple[Traffic, ...]:
        """Return the ports of atoms in as few ranges as possible; if `within` has any, only those."""
        found: list[Traffic] = []
        for place in members(atoms):
            one = self.atoms[place]
            if found and found[-1].protocol == one.protocol and found[-1].last + 1 == one.first:
                found[-1] = Traffic(one.protocol, found[-1].first, one.last)
            else:
                found.append(one)
        if not within:
            return tuple(found)
        return tuple(
            Traffic(one.protocol, max(one.first, asked.first), min(one.last, asked.last))
            for one in found
            for asked in within
            if one.protocol == asked.protocol and one.first <= asked.last and asked.first <= one.last
        )

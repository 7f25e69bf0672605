"""IP addresses as ranges: what a CIDR covers, and how all of them are cut where policies tell them apart."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

_LAST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


class Range(msgspec.Struct, frozen=True, order=True):
    """Addresses of one family, first and last included."""

    family: int
    """4 or 6."""
    first: int
    last: int

    def __str__(self) -> str:
        """As a CIDR where it is one, else FIRST-LAST."""
        low, high = _address(self.family, self.first), _address(self.family, self.last)
        size = self.last - self.first + 1
        if size & (size - 1) == 0 and self.first % size == 0:
            return f"{low}/{_LAST[self.family].bit_length() - size.bit_length() + 1}"
        return f"{low}-{high}"

    def meets(self, other: Range) -> bool:
        """Tell whether they have an address in common."""
        return self.family == other.family and self.first <= other.last and other.first <= self.last

    def holds(self, other: Range) -> bool:
        """Tell whether all addresses of the other one are in this one."""
        return self.family == other.family and self.first <= other.first and other.last <= self.last


EVERYWHERE = (Range(4, 0, _LAST[4]), Range(6, 0, _LAST[6]))


@lru_cache(maxsize=4096)
def cidr(text: str) -> Range:
    """Return the addresses of a CIDR, or of one address; its host bits count for nothing.

    Raises `ValueError` if it is neither. An IPv4 address mapped into IPv6 is an IPv4 address.
    """
    network = ipaddress.ip_network(text, strict=False)
    first, last = network.network_address, network.broadcast_address
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped and network.prefixlen >= 96:
        base = int(first.ipv4_mapped)
        return Range(4, base, base + network.num_addresses - 1)
    return Range(network.version, int(first), int(last))


def without(block: Range, excepted: Iterable[Range]) -> tuple[Range, ...]:
    """Return what is left of a block, in order."""
    left, first = [], block.first
    for one in sorted(one for one in excepted if one.meets(block)):
        if one.first > first:
            left.append(Range(block.family, first, one.first - 1))
        first = max(first, one.last + 1)
    if first <= block.last:
        left.append(Range(block.family, first, block.last))
    return tuple(left)


def block(one: Range) -> Range:
    """Return the first part of a range that can be written as a CIDR, as large as possible."""
    low, high = _address(one.family, one.first), _address(one.family, one.last)
    return cidr(str(next(ipaddress.summarize_address_range(low, high))))


def cut(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return all addresses of both families, in order, cut at every edge of the ranges."""
    edges = {family: {0, last + 1} for family, last in _LAST.items()}
    for one in ranges:
        edges[one.family].update((one.first, one.last + 1))
    found = []
    for family, starts in edges.items():
        order = sorted(starts)
        found += [Range(family, first, after - 1) for first, after in pairwise(order)]
    return tuple(found)


def joined(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Return the same addresses in as few ranges as possible; what comes in is in order."""
    found: list[Range] = []
    for one in ranges:
        if found and found[-1].family == one.family and found[-1].last + 1 == one.first:
            found[-1] = Range(one.family, found[-1].first, one.last)
        else:
            found.append(one)
    return tuple(found)


def _address(family: int, number: int) -> Any:
    return ipaddress.IPv4Address(number) if family == 4 else ipaddress.IPv6Address(number)

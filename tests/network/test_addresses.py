"""Addresses as ranges."""

from __future__ import annotations

import ipaddress
import random

import pytest

from auditor.network.addresses import EVERYWHERE, Range, cidr, cut, joined, without


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("::/0", "::/0"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ],
)
def test_cidrs_are_read_and_shown(written: str, shown: str) -> None:
    assert str(cidr(written)) == shown


def test_what_is_no_cidr_is_shown_from_first_to_last() -> None:
    assert str(Range(4, 1, 2)) == "0.0.0.1-0.0.0.2"
    assert str(Range(4, 2, 3)) == "0.0.0.2/31"


def test_exceptions_may_lie_in_each_other() -> None:
    left = without(cidr("10.0.0.0/8"), map(cidr, ("10.0.0.0/9", "10.1.0.0/16", "192.0.2.0/24")))
    assert [str(one) for one in left] == ["10.128.0.0/9"]
    assert without(cidr("10.0.0.0/8"), [cidr("0.0.0.0/0")]) == ()


@pytest.mark.parametrize("seed", range(20))
def test_pieces_are_all_addresses_and_lie_in_blocks_whole_or_not(seed: int) -> None:
    draw = random.Random(seed)
    blocks = [
        cidr(f"{ipaddress.IPv4Address(draw.getrandbits(32))}/{draw.randint(0, 32)}") for _ in range(8)
    ] + [cidr(f"{ipaddress.IPv6Address(draw.getrandbits(128))}/{draw.randint(0, 128)}") for _ in range(4)]
    pieces = cut(blocks)
    assert joined(pieces) == EVERYWHERE
    assert all(block.holds(piece) or not block.meets(piece) for block in blocks for piece in pieces)

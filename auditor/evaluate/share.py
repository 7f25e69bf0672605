"""Which policies are asked together about a document, so that equal questions are asked once.

A verdict is a pure function of a policy and the parts that it reads. What reads the object itself (its
names, its containers) is hardly ever asked the same twice, and looking for that costs more than it saves.
What reads relations only often is: thousands of bindings grant nothing that is worth a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from auditor.rules import Policy

RELATED = "related."
"""A part of this name goes under `input.related`."""

ENOUGH = 4
"""Policies that must read the same for a question of their own: it costs as much as one or two verdicts."""


class Share(msgspec.Struct, frozen=True):
    """Some of the policies that are asked about a document."""

    policies: tuple[str, ...]
    parts: frozenset[str] | None = None
    """The parts that they read; None if they are given the whole document."""
    repeats: bool = False
    """Whether the answer is kept, for documents in which these parts are the same."""


def whole(asked: tuple[str, ...]) -> tuple[Share, ...]:
    """Ask all policies of a question together."""
    return (Share(asked),)


class Shares:
    """Divides the policies of a question, the same ones always in the same way."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        """Say which policies there are, by id; what is not among them may read anything."""
        self._policies = policies
        self.of = cache(self._divided)

    def _divided(self, asked: tuple[str, ...]) -> tuple[Share, ...]:
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in asked:
            reads = self._policies[name].reads if name in self._policies else ()
            related = bool(reads) and all(one.startswith(RELATED) for one in reads)
            groups.setdefault(reads if related else (), []).append(name)
        together = {reads: names for reads, names in groups.items() if reads and len(names) >= ENOUGH}
        if not together:
            return whole(asked)
        named = {name for names in together.values() for name in names}
        rest = tuple(name for name in asked if name not in named)
        shares = [Share(tuple(names), frozenset(reads), repeats=True) for reads, names in together.items()]
        return (Share(rest, self._read(rest)), *shares) if rest else tuple(shares)

    def _read(self, names: tuple[str, ...]) -> frozenset[str] | None:
        if not all(name in self._policies for name in names):
            return None
        return frozenset(part for name in names for part in self._policies[name].reads)

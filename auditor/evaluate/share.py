"""Which policies are asked together about a document, so that equal questions are asked once.

A verdict is a pure function of a policy and the parts that it reads. What reads the object itself (its
names, its containers) is hardly ever asked the same twice, and looking for that costs more than it saves.
What reads relations only often is: thousands of bindings grant nothing that is worth a finding, and nearly
all of the others little, so that what is about something else is shown nothing of it (METADATA `about`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from auditor.document.relations.relation import part
from auditor.rules import Policy

RELATED = "related."
"""A part of this name goes under `input.related`."""

NOTHING = part({})
"""What a policy is shown of a relation that has nothing of what it is about."""

UNFILED: frozenset[str] = frozenset()
"""No relation of the document files anything by name."""

ENOUGH = 4
"""Policies that must read the same for a question of their own: it costs as much as one or two verdicts."""


class Share(msgspec.Struct, frozen=True):
    """Some of the policies that are asked about a document."""

    policies: tuple[str, ...]
    parts: frozenset[str] | None = None
    """The parts that they read; None if they are given the whole document."""
    repeats: bool = False
    """Whether the answer is kept, for documents in which these parts are the same."""
    empty: frozenset[str] = frozenset()
    """The parts of which they are shown `NOTHING`."""


def whole(asked: tuple[str, ...], filed: frozenset[str] = UNFILED) -> tuple[Share, ...]:  # noqa: ARG001
    """Ask all policies of a question together."""
    return (Share(asked),)


class Shares:
    """Divides the policies of a question, the same ones always in the same way."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        """Say which policies there are, by id; what is not among them may read anything."""
        self._policies = policies
        self.of = cache(self._divided)

    def _divided(self, asked: tuple[str, ...], filed: frozenset[str] = UNFILED) -> tuple[Share, ...]:
        """Divide the policies of a document whose relations file something under these names."""
        silent = [name for name in asked if self._about_nothing(name, filed)]
        loud = tuple(name for name in asked if name not in silent) if silent else asked
        by_relation: dict[str, list[str]] = {}
        for name in silent:
            by_relation.setdefault(_relation(self._policies[name]), []).append(name)
        empty = [
            Share(tuple(names), self._read(tuple(names)), repeats=True, empty=frozenset({RELATED + relation}))
            for relation, names in by_relation.items()
        ]
        # a question without policies is one, too
        return (*self._grouped(loud, filed), *empty) if loud or not empty else tuple(empty)

    def _about_nothing(self, name: str, filed: frozenset[str]) -> bool:
        """Tell whether nothing of what a policy is about is there, where it may be told at all."""
        policy = self._policies.get(name)
        return bool(policy and policy.about and _relation(policy) in filed and filed.isdisjoint(policy.about))

    def _grouped(self, asked: tuple[str, ...], filed: frozenset[str]) -> tuple[Share, ...]:
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in asked:
            policy = self._policies.get(name)
            # what is about something that is there is not asked the same again
            reads = policy.reads if policy and not (policy.about and _relation(policy) in filed) else ()
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


def _relation(policy: Policy) -> str:
    """The relation that a policy is about some of."""
    return policy.about[0].partition(".")[0]

"""What each binding gives of the powers, what subjects make of several bindings, and who holds more.

Most bindings give none of the powers: they are looked at once, and are in nothing here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from auditor.access.combinations import HALF_POWERS, Combination, Half, Pair, certain_groups, pairs
from auditor.access.power import Power
from auditor.access.powers import Held, held
from auditor.access.roles import Binding, Role, Subject, SubjectKind, effective
from auditor.model import ResourceRef

SLIGHT = frozenset(
    {
        *(Power.WILDCARD_RULE, Power.WILDCARD_PARTIAL),  # what they give counts by itself
        *(Power.STATUS_WRITE, Power.DELETE_WIDE, Power.POD_DELETE),
    }
)
"""Powers that break something rather than lead anywhere: they make nobody stronger."""


class Holding(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A binding that gives at least one power to at least one subject."""

    binding: Binding
    role: Role
    held: tuple[Held, ...]
    subjects: tuple[Subject, ...]
    """Who they really are, in order, each once."""
    ships: bool
    """It is none of anybody's making, and none of anybody's business."""

    @property
    def scope(self) -> str:
        """The namespace that it is for; "" for the whole cluster."""
        return self.binding.ref.namespace

    @cached_property
    def halves(self) -> tuple[Half, ...]:
        """What of it makes a danger together with something else."""
        found = (one for one in self.held if one.power in HALF_POWERS)
        return tuple(Half(self.binding.ref, self.role.ref, one) for one in found)


class Joined(msgspec.Struct, frozen=True):
    """A pair of halves, and who holds both."""

    pair: Pair
    subjects: tuple[Subject, ...] = ()
    """In order; none where one binding gives both halves, to all of its subjects."""


def holding(binding: Binding, role: Role, *, ships: bool) -> Holding | None:
    """Return what a binding gives; None if it is nothing that is worth judging, or nobody gets it."""
    found = held(role, binding.ref.namespace)
    if not found:
        return None
    named = {effective(one, binding.ref.namespace) for one in binding.subjects}
    subjects = tuple(sorted(one for one in named if one))
    return Holding(binding, role, found, subjects, ships) if subjects else None


class Holdings:
    """All bindings that give something."""

    def __init__(self, found: Iterable[Holding], accounts: Collection[Subject] | None = None) -> None:
        """`accounts` are the ServiceAccounts that exist; None where only bindings tell, which name them."""
        self.by_binding: Mapping[ResourceRef, Holding] = {one.binding.ref: one for one in found}
        self._existing = accounts

    def joined(self, one: Holding) -> Mapping[Combination, tuple[Joined, ...]]:
        """Return the combinations that a binding bears; pairs that differ in no name of objects are one.

        Those that it makes alone; and of what a subject makes of several bindings, it bears that of which
        it is the first that does not ship, by kind, name and namespace.
        """
        found: dict[Combination, dict[object, Joined]] = {}
        for combination in Combination:
            for pair in pairs(combination, one.halves):
                found.setdefault(combination, {}).setdefault(_names(pair), Joined(pair))
        for combination, across in self._across.get(one.binding.ref, {}).items():
            for pair, subjects in across.items():
                joined = Joined(pair, tuple(sorted(subjects)))
                found.setdefault(combination, {}).setdefault(_names(pair), joined)
        return {combination: tuple(made.values()) for combination, made in found.items()}

    @cached_property
    def _across(self) -> Mapping[ResourceRef, Mapping[Combination, Mapping[Pair, list[Subject]]]]:
        """What subjects make of several bindings, by the binding that bears it."""
        direct: dict[Subject, list[Half]] = defaultdict(list)
        for one in self.by_binding.values():
            for subject in one.subjects if one.halves else ():
                direct[subject].extend(one.halves)
        found: dict[ResourceRef, dict[Combination, dict[Pair, list[Subject]]]] = {}
        for subject, own in direct.items():
            shared = [half for group in certain_groups(subject) for half in direct.get(group, ())]
            if len({half.binding for half in (*own, *shared)}) < 2:
                continue
            for combination in Combination:
                made = [pair for pair in _apart(combination, own, shared) if not self._ships(pair)]
                if made:
                    bearer = min(ref for pair in made for ref in _bindings(pair) if not self._is_shipped(ref))
                    told = found.setdefault(bearer, {}).setdefault(combination, {})
                    for pair in made:
                        told.setdefault(pair, []).append(subject)
        return found

    def _is_shipped(self, ref: ResourceRef) -> bool:
        return self.by_binding[ref].ships

    def _ships(self, pair: Pair) -> bool:
        return all(map(self._is_shipped, _bindings(pair)))

    def stronger(self, scope: str, given: Iterable[Power], own: Iterable[Subject]) -> tuple[Subject, ...]:
        """Return the ServiceAccounts of a namespace, or of all for "", that hold more than is given there.

        More is a power that is not given, the slight ones aside, or one for a wider or another scope, by
        bindings that name the account. `own` are to whom it is given.
        """
        powers = frozenset(given)
        if scope:
            here = {(power, scope) for power in powers}
            found = [account for account, held in self._accounts_of.get(scope, ()) if held - here]
        else:
            found = [one for held, accounts in self._by_powers.items() if held - powers for one in accounts]
        return tuple(sorted(set(found).difference(own)))

    @cached_property
    def _accounts(self) -> Mapping[Subject, set[tuple[Power, str]]]:
        """The ServiceAccounts, with what they hold and where."""
        found: dict[Subject, set[tuple[Power, str]]] = defaultdict(set)
        for one in self.by_binding.values():
            powers = {(held.power, one.scope) for held in one.held if held.power not in SLIGHT}
            for subject in one.subjects:
                if subject.kind == SubjectKind.SERVICE_ACCOUNT:
                    found[subject] |= powers
        existing = self._existing
        return {account: found[account] for account in found if existing is None or account in existing}

    @cached_property
    def _accounts_of(self) -> Mapping[str, list[tuple[Subject, set[tuple[Power, str]]]]]:
        """The same by namespace."""
        found: dict[str, list[tuple[Subject, set[tuple[Power, str]]]]] = defaultdict(list)
        for account, powers in self._accounts.items():
            found[account.namespace].append((account, powers))
        return found

    @cached_property
    def _by_powers(self) -> Mapping[frozenset[Power], list[Subject]]:
        """The same by what they hold somewhere: there are few sorts of them."""
        found: dict[frozenset[Power], list[Subject]] = defaultdict(list)
        for account, powers in self._accounts.items():
            found[frozenset(power for power, _ in powers)].append(account)
        return found


def _apart(combination: Combination, own: Sequence[Half], shared: Sequence[Half]) -> list[Pair]:
    """Return the pairs of two bindings, one of them at least its own, where no single one makes the same."""
    found = list(pairs(combination, (*own, *shared)))
    alone = {pair.scope for pair in found if len(set(_bindings(pair))) == 1}
    mine = {half.binding for half in own}
    return [
        pair
        for pair in found
        if len(set(_bindings(pair))) == 2
        and not mine.isdisjoint(_bindings(pair))
        and alone.isdisjoint(("", pair.scope))
    ]


def _names(pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return pair.first.held.names, pair.second.held.names


def _bindings(pair: Pair) -> tuple[ResourceRef, ResourceRef]:
    return pair.first.binding, pair.second.binding

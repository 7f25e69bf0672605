"""What an audit may read, and what it means for the policies if it may not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from itertools import chain

import msgspec

from auditor.document.assemble import wanted_kinds
from auditor.document.relations.table import relation_kinds
from auditor.judge.coverage import unreadable
from auditor.model import Gap
from auditor.rules import Policy


class State(StrEnum):
    """What is known of one right, worst first."""

    DENIED = "denied"
    UNKNOWN = "unknown"
    """The server could not be asked."""
    OTHER_VERSION = "other_version"
    """The server has the API group, but not in the version that is read."""
    ALLOWED = "allowed"
    NOT_OFFERED = "not_offered"
    """The server does not have the API group: there is nothing to judge."""
    OUT_OF_REACH = "out_of_reach"
    """A cluster-wide kind, and the audit is limited to namespaces."""

    @property
    def rank(self) -> int:
        """0 for denied up to 5 for out of reach: sorts worst first."""
        return list(State).index(self)

    @property
    def blinds(self) -> bool:
        """An audit would miss something that it should have seen."""
        return self in (State.DENIED, State.UNKNOWN, State.OTHER_VERSION)


class Right(msgspec.Struct, frozen=True):
    """One request that an audit sends, and whether it is allowed."""

    kind: str
    verb: str
    """`list` or `get`."""
    state: State
    reason: str = ""
    """The server's own words, empty if it gives none."""
    namespace: str = ""
    """Where; empty for the whole cluster."""
    confirms: bool = False
    """It reads no kind: it only confirms that a single object is absent."""


def kinds_read(policies: Collection[Policy]) -> frozenset[str]:
    """Return every kind that an audit by these policies reads: what they judge, need or want."""
    return wanted_kinds(
        chain.from_iterable(policy.kinds for policy in policies),
        chain.from_iterable(policy.joins for policy in policies),
    )


def unjudged(policies: Collection[Policy], kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return who cannot do without a kind: by policy id, the kinds that it then cannot judge.

    The rule is that of an audit which meets the gap: `coverage.unreadable`.
    """
    gap = Gap(kind, reason="may not be read", effect="")
    found = {
        policy.id: tuple(one for one in policy.kinds if unreadable(policy, one, [gap])) for policy in policies
    }
    return {name: found[name] for name in sorted(found) if found[name]}


def wanting(policies: Collection[Policy], kind: str) -> tuple[str, ...]:
    """Return the ids of the policies that only want a kind: they find faults without it, but pass nothing."""
    needing = unjudged(policies, kind)
    names = (policy.id for policy in policies if _joins(kind, policy.wants))
    return tuple(sorted(name for name in names if name not in needing))


def excusing(policies: Collection[Policy], kind: str) -> tuple[str, ...]:
    """Return the ids of the policies to which a kind only excuses: they judge without it, more strictly."""
    others = {*unjudged(policies, kind), *wanting(policies, kind)}
    names = (policy.id for policy in policies if _joins(kind, policy.excuses))
    return tuple(sorted(name for name in names if name not in others))


def _joins(kind: str, relations: Iterable[str]) -> bool:
    return any(kind in relation_kinds(name) for name in relations)

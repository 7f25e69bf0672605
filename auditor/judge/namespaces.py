"""Which namespaces are judged, and which pattern of several stands for one.

Namespaces that are left out are read all the same: what lies in them may matter to others. That they
were left out is told, so that nothing in them looks checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import msgspec

from auditor.document.assemble import answering
from auditor.document.home import home
from auditor.document.kinds import SYSTEM_NAMESPACES
from auditor.judge.patterns import is_exact, matcher
from auditor.model import ResourceRef, Snapshot
from auditor.record import GapEntry
from auditor.rules import Policy


class Namespaces(msgspec.Struct, frozen=True):
    """Namespaces in and out, as names or patterns; cluster-wide objects are in, whatever these say."""

    include: tuple[str, ...] = ()
    """Empty: all."""
    exclude: tuple[str, ...] = ()
    """Wins over `include`."""
    named: tuple[str, ...] = ()
    """Asked for by name for this one audit: in, whatever the others say."""

    @property
    def limited(self) -> bool:
        """Whether any namespace may be out."""
        return bool(self.include or self.exclude)

    def judges(self, ref: ResourceRef) -> bool:
        """Tell whether an object is judged."""
        return not (self.limited and self.reason(home(ref)))

    def reason(self, namespace: str) -> str:
        """Say why a namespace is out, "" if it is in."""
        return _reason(self, namespace)


@lru_cache(maxsize=4096)
def _reason(namespaces: Namespaces, name: str) -> str:
    """The same for the thousands of objects of one namespace."""
    if not name or name in namespaces.named:
        return ""
    if pattern := nearest(namespaces.exclude, name):
        as_pattern = "" if pattern == name else f" ({pattern})"
        return f"namespace {name} is excluded by auditor.yaml{as_pattern}"
    if namespaces.include and not nearest(namespaces.include, name):
        return f"namespace {name} is not among those that auditor.yaml includes"
    return ""


def nearest(patterns: Iterable[str], namespace: str) -> str:
    """Return the pattern that stands for a namespace, "" if none does.

    Its name goes before every pattern, a pattern with more characters of its own before one with fewer,
    and of two alike in that the first by alphabet: the order in which they are written says nothing.
    """
    fitting = (one for one in patterns if matcher(one)(namespace))
    return min(fitting, key=lambda one: (not is_exact(one), -_own_characters(one), one), default="")


def _own_characters(pattern: str) -> int:
    return sum(character not in "*?" for character in pattern)


class Excluded(msgspec.Struct, frozen=True):
    """One namespace of the snapshot that is out."""

    namespace: str
    reason: str
    kinds: Mapping[str, int] = {}
    """By kind, how many objects would have been judged otherwise."""


def excluded(snapshot: Snapshot, namespaces: Namespaces, policies: Collection[Policy]) -> list[Excluded]:
    """Return the namespaces that are out, by name, with what these policies would have judged in them."""
    if not namespaces.limited:
        return []
    out = [one for one in snapshot.resources if not namespaces.judges(one.ref)]
    judged = {kind for policy in policies for kind in policy.kinds}
    counts: dict[str, Counter[str]] = {home(one.ref): Counter() for one in out}
    for head in answering(snapshot, out):
        ref = head.resource.ref
        if ref.kind in judged:
            counts[home(ref)][ref.kind] += 1
    return [Excluded(name, namespaces.reason(name), dict(counts[name])) for name in sorted(counts)]


def out_of_reach(entries: Iterable[Excluded]) -> tuple[GapEntry, ...]:
    """Return what the record says of them."""
    return tuple(
        GapEntry(kind=None, namespace=one.namespace, reason=one.reason, effect=_effect(one.kinds))
        for one in entries
    )


def undecided(entries: Collection[Excluded], policies: Iterable[Policy]) -> set[str]:
    """Return the ids of the policies that have not judged all because of them.

    System namespaces decide no control, and so leave none open, save those about the control plane.
    """
    missed = {kind for one in entries for kind in one.kinds}
    own = {kind for one in entries if one.namespace not in SYSTEM_NAMESPACES for kind in one.kinds}
    return {
        policy.id
        for policy in policies
        if not (missed if policy.decides_everywhere else own).isdisjoint(policy.kinds)
    }


def _effect(kinds: Mapping[str, int]) -> str:
    if not kinds:
        return "nothing: the policies judge no object in it"
    return f"not judged: {', '.join(f'{kinds[kind]} {kind}' for kind in sorted(kinds))}"

"""What became of every object that was read, by kind: so that a reader can add it up.

An auditor of the audit asks how many there were, and which of them nobody looked at. The rule that
every pod is accounted for by one document is that of `document/owners.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from auditor.document.kinds import SYSTEM_NAMESPACES, WORKLOADS
from auditor.document.owners import is_node
from auditor.judge.results import Results
from auditor.judge.selection import Selection
from auditor.model import Document, Resource, ResourceRef, Snapshot
from auditor.record import InventoryEntry, PopulationEntry

Fate = Literal["judged", "through_owner", "not_judged", "out_of_reach", "context"]


def population(
    snapshot: Snapshot, documents: Iterable[Document], results: Iterable[Results], selection: Selection
) -> tuple[PopulationEntry, ...]:
    """Return every kind that was asked for, by name, with what became of its objects.

    `documents` are those that policies were to judge, `results` what they said.
    """
    fates = _Fates(snapshot, documents, results, selection)
    counted: dict[str, Counter[str]] = {kind: Counter() for kind in snapshot.kinds}
    for one in snapshot.resources:
        counted.setdefault(one.ref.kind, Counter())[fates.of(one)] += 1
    unread: dict[str, str] = {}
    beyond: dict[str, str] = {}
    for gap in snapshot.gaps:
        if gap.kind is None:
            continue
        figures = counted.setdefault(gap.kind, Counter())
        if gap.origin:
            figures["not_judged"] += 1
        else:
            (beyond if gap.out_of_reach else unread).setdefault(gap.kind, gap.reason)
    return tuple(
        PopulationEntry(
            kind,
            figures.total(),
            figures["judged"],
            figures["through_owner"],
            figures["not_judged"],
            figures["out_of_reach"],
            figures["context"],
            unread.get(kind, ""),
            beyond.get(kind, ""),
        )
        for kind, figures in sorted(counted.items())
    )


def inventory(documents: Sequence[Document]) -> tuple[InventoryEntry, ...]:
    """Return the objects that policies were to judge, by namespace; an owner and its variants are one."""
    places: dict[str, Counter[str]] = {}
    for ref in {one.ref for one in documents}:
        places.setdefault(ref.namespace, Counter())[ref.kind] += 1
    return tuple(
        InventoryEntry(place, dict(sorted(kinds.items())), place in SYSTEM_NAMESPACES)
        for place, kinds in sorted(places.items())
    )


class _Fates:
    """What became of single objects."""

    def __init__(
        self,
        snapshot: Snapshot,
        documents: Iterable[Document],
        results: Iterable[Results],
        selection: Selection,
    ) -> None:
        self._verdicts = {one.document.ref for one in results if one.evaluated}
        self._documents = {one.ref for one in documents}
        self._namespaces = selection.namespaces
        self._owners: dict[tuple[str, str], Resource] = {}
        self._leads: dict[tuple[str, str], ResourceRef] = {}
        """By their owner outside, the one of its pods that answers for all of them."""
        for one in snapshot.resources:
            if one.ref.kind not in WORKLOADS:
                continue
            if one.ref.kind != "Pod":
                self._owners[one.ref.namespace, one.uid] = one
            elif one.owner and one.ref in self._documents and not is_node(one.owner.ref):
                self._leads.setdefault((one.ref.namespace, one.owner.uid), one.ref)

    def of(self, resource: Resource) -> Fate:
        """Say what became of one."""
        if known := self._known(resource.ref, "judged"):
            return known
        if not self._namespaces.judges(resource.ref):
            return "out_of_reach"
        if resource.finished or resource.ref.kind not in WORKLOADS:
            return "context"
        place, seen = resource.ref.namespace, {resource.uid}
        one = resource
        while one.owner and one.owner.uid not in seen:
            seen.add(one.owner.uid)
            above = self._owners.get((place, one.owner.uid))
            if above is None:
                break
            if known := self._known(above.ref, "through_owner"):
                return known
            one = above
        lead = self._leads.get((place, one.owner.uid)) if one.owner else None
        return (self._known(lead, "through_owner") if lead else None) or "context"

    def _known(self, ref: ResourceRef, how: Fate) -> Fate | None:
        if ref in self._verdicts:
            return how
        return "not_judged" if ref in self._documents else None

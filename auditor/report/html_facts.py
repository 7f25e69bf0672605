"""What the HTML page says beside its findings, section by section, as its templates want it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from auditor.record import Audit, ControlEntry, FrameworkText, PopulationEntry, WaiverEntry
from auditor.report import delta_view, html_pictures, view
from auditor.report.html_findings import Listing

LONGEST = 500
"""Rows of one list; the rest is counted, and in the JSON."""

_STATES = ("expired", "unused", "conflicting", "too_broad", "expiring", "active")
"""States of waivers: what somebody has to do something about comes first."""


class FrameworkPage(msgspec.Struct, frozen=True):
    """All that a page says of one framework."""

    text: FrameworkText
    score: view.FrameworkScore
    controls: tuple[ControlEntry, ...]
    bar: html_pictures.Bar | None


class Population(msgspec.Struct, frozen=True):
    """The table that has to add up."""

    rows: tuple[PopulationEntry, ...]
    """Kinds of which there is something to say."""
    sums: Mapping[str, int]
    empty: tuple[str, ...]
    """Kinds that were asked for, and of which there was none."""
    adds_up: bool
    unread: int
    """Kinds that could not be read, all or in part: of them nobody knows how many there are."""


class Place(msgspec.Struct, frozen=True):
    """One namespace of the inventory."""

    name: str
    system: bool
    objects: int
    kinds: Mapping[str, int]
    findings: int
    """Those that count."""


def facts(audit: Audit, listing: Listing) -> dict[str, Any]:
    """Return the names that the templates use, and what they stand for."""
    bars, more = html_pictures.by_namespace(audit)
    return {
        "unjudged": view.unjudged(audit.not_evaluated),
        "declined": [one for one in audit.out_of_reach if one.policy],
        "out_of_reach": [one for one in audit.out_of_reach if not one.policy],
        "population": population(audit.population),
        "namespace_bars": bars,
        "more_namespaces": more,
        "frameworks": frameworks(audit),
        "difference": html_pictures.difference(audit),
        "trend": html_pictures.trend(audit),
        "statuses": html_pictures.STATUSES,
        "waivers": waivers(audit),
        "attestations": {one.control: one.id for one in audit.waivers if one.control},
        "inventory": inventory(audit),
        "changes": changes(audit),
        "silent": [one for one in audit.policies if one.policy not in listing.policies],
        "linked": listing.policies,
        "known_controls": frozenset(f"{one.framework}/{one.control}" for one in audit.controls),
        "known_waivers": frozenset(one.id for one in audit.waivers),
    }


def population(entries: Sequence[PopulationEntry]) -> Population:
    """Add the table up, and say whether every row does."""
    names = ("listed", "judged", "through_owner", "not_judged", "out_of_reach", "context")
    sums = {name: sum(getattr(one, name) for one in entries) for name in names}
    rows = tuple(one for one in entries if one.listed or one.unread or one.beyond)
    return Population(
        rows=rows,
        sums=sums,
        empty=tuple(one.kind for one in entries if one not in rows),
        adds_up=all(one.listed == sum(getattr(one, name) for name in names[1:]) for one in entries),
        unread=sum(bool(one.unread) for one in entries),
    )


def frameworks(audit: Audit) -> list[FrameworkPage]:
    """Return every framework of the record, by id; one that it has no text of has its id for a title."""
    texts = {one.framework: one for one in audit.frameworks}
    bars = html_pictures.by_framework(audit)
    controls: dict[str, list[ControlEntry]] = {}
    for one in audit.controls:
        controls.setdefault(one.framework, []).append(one)
    return [
        FrameworkPage(
            texts.get(score.id) or FrameworkText(score.id, score.id, ""),
            score,
            tuple(controls.get(score.id, ())),
            bars.get(score.id),
        )
        for score in view.frameworks(audit)
    ]


def waivers(audit: Audit) -> list[WaiverEntry]:
    """Return waivers and attestations, the expired and the unused ones first."""
    return sorted(audit.waivers, key=lambda one: (_STATES.index(one.state), one.expires, one.id))


def inventory(audit: Audit) -> list[Place]:
    """Return the namespaces with what is in them, cluster-wide objects first."""
    found = Counter(one.resource.namespace for one in view.shown(audit))
    return [
        Place(one.namespace, one.system, sum(one.kinds.values()), one.kinds, found[one.namespace])
        for one in audit.inventory
    ]


def changes(audit: Audit) -> dict[str, Any] | None:
    """Return what is new and what is gone; None if there was nothing to compare with."""
    delta = audit.delta
    if delta is None:
        return None
    return {
        "since": delta_view.since(delta.against),
        "sentence": delta_view.sentence(delta),
        "new": delta_view.new(audit),
        "resolved": delta_view.resolved(delta),
        "unknown": delta_view.by_reason(delta.unknown),
        "rules": [(delta_view.RULES[field], names) for field, names in delta_view.rules(delta.rules)],
    }

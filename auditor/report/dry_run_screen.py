"""The dry run for a terminal: who asks, what may be read, what an audit would not see, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.judge.dry_run import BlindEntry, DryRun, RightEntry, Rule
from auditor.judge.outcome import Outcome
from auditor.judge.rights import State
from auditor.model import SourceFacts
from auditor.report.page import Page
from auditor.report.view import plural

EVERYWHERE = "cluster-wide"
"""Where a right is asked for that no namespace limits."""

SOME = 5
"""How many names of a list are written out before the rest is counted."""

STYLES: Mapping[str, str] = {State.DENIED: "medium", State.UNKNOWN: "medium", State.OTHER_VERSION: "medium"}
"""Styles of what blinds an audit; red is for findings."""

_WORDS: Mapping[str, str] = {
    State.ALLOWED: "yes",
    State.DENIED: "no",
    State.UNKNOWN: "unknown",
    State.OTHER_VERSION: "other version",
    State.NOT_OFFERED: "not offered",
    State.OUT_OF_REACH: "out of reach",
}


def write(record: DryRun, outcome: Outcome, page: Page) -> None:
    """Write the whole dry run, worst first, the outcome last."""
    _head(record, page)
    _kinds(record, page)
    _blind(record, page)
    _unconfirmed(record, page)
    _rules(record, page)
    _end(record, outcome, page)


def api_version(entry: RightEntry) -> str:
    """Write group and version as `apiVersion` has them."""
    return f"{entry.group}/{entry.version}" if entry.group else entry.version


def _head(record: DryRun, page: Page) -> None:
    source = msgspec.convert(record.source, SourceFacts, strict=False)
    page.labelled(f"Cluster {source.name or '(unnamed)'}", f"at {source.server}", 0, 2, "heading")
    groups = f" ({', '.join(source.groups)})" if source.groups else ""
    limited = f", namespaces {', '.join(source.namespaces)}" if source.namespaces else ", all namespaces"
    page.text(f"as {source.user or 'unknown'}{groups}{limited}", hang=2)
    version = f"Kubernetes {source.version or 'version unknown'}"
    page.text(f"{version}, auditor {record.auditor_version}, bundle {record.bundle.digest[:19]}", hang=2)
    policies = plural(len(record.bundle.policies), "policy")
    page.text(f"dry run for {policies}: rights were asked for, nothing was read", hang=2)


def _kinds(record: DryRun, page: Page) -> None:
    """One line for each kind and answer; namespaces with the same answer share it."""
    grouped: dict[tuple[str, str, str], list[RightEntry]] = {}
    for entry in record.kinds:
        if not entry.confirms:
            grouped.setdefault((entry.state, entry.kind, _shown_reason(entry)), []).append(entry)
    rows = [_row(entries) for entries in grouped.values()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    fits = sum(widths) + 2 * len(widths) <= page.columns
    page.blank()
    page.text("May it be read?", style="heading")
    for (state, _, reason), row in zip(grouped, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)] if fits else row
        gap = " " * (len(cells[0]) - len(row[0]) + 1)
        page.labelled(row[0], gap + "  ".join(cells[1:]).rstrip(), 2, 2, STYLES.get(state, ""))
        if reason:
            page.text(reason, indent=widths[0] + 4 if fits else 4, style="quiet")


def _row(entries: Sequence[RightEntry]) -> tuple[str, ...]:
    first = entries[0]
    count = plural(len({*first.policies, *first.wanted_by, *first.excuses}), "policy")
    places = [entry.namespace or EVERYWHERE for entry in entries]
    return (_WORDS[first.state], first.kind, api_version(first), _some(places), count)


def _shown_reason(entry: RightEntry) -> str:
    # why something is allowed is of no interest here
    return "" if entry.state is State.ALLOWED else entry.reason


def _blind(record: DryRun, page: Page) -> None:
    if not record.blind:
        return
    grouped: dict[tuple[str, str], list[BlindEntry]] = {}
    for entry in record.blind:
        grouped.setdefault((entry.kind, entry.effect), []).append(entry)
    page.blank()
    page.text("An audit would be blind to", style="heading")
    for (kind, effect), entries in grouped.items():
        places = [entry.namespace for entry in entries if entry.namespace]
        where = f" in {_some(places)}" if places else ""
        without, wanting = entries[0].not_evaluated, entries[0].judged_without
        total = len(record.bundle.policies)
        every = f" (all {total} policies)" if 1 < total in (len(without), len(wanting)) else ""
        page.labelled(f"{kind}{where}:", effect + every, 2, 2, "medium")
        if without and not every:
            page.text(f"not evaluated: {_some(sorted(without))}", indent=4, hang=2, style="quiet")
        if wanting and not every:
            page.text(f"judged without it: {_some(wanting)}", indent=4, hang=2, style="quiet")
        if entries[0].excuses:
            page.text(f"not excused by it: {_some(entries[0].excuses)}", indent=4, hang=2, style="quiet")


def _unconfirmed(record: DryRun, page: Page) -> None:
    blind = {(entry.kind, entry.namespace) for entry in record.blind}
    missing: dict[str, list[str]] = {}
    for entry in record.kinds:
        if entry.confirms and entry.state.blinds and (entry.kind, entry.namespace) not in blind:
            missing.setdefault(entry.namespace or "", []).append(entry.kind)
    alike: dict[tuple[str, ...], list[str]] = {}
    for place, kinds in missing.items():
        alike.setdefault(tuple(kinds), []).append(place)
    if alike:
        page.blank()
        page.text("Absence cannot be confirmed", style="heading")
    for together, places in alike.items():
        where = f" in {_some(places)}" if places[0] else ""
        text = f"{', '.join(together)}{where}: one that others name and no list has would be a gap"
        page.labelled("no get:", text, 2, 2, "heading")


def _rules(record: DryRun, page: Page) -> None:
    """The missing rules as YAML that can be copied as it stands; places that lack the same share it."""
    by_place: dict[str, list[Rule]] = {}
    for rule in record.missing_rules:
        by_place.setdefault(rule.namespace or "", []).append(rule)
    alike: dict[tuple[Rule, ...], list[str]] = {}
    for place, rules in by_place.items():
        same = tuple(msgspec.structs.replace(rule, namespace=None) for rule in rules)
        alike.setdefault(same, []).append(place)
    for same, places in alike.items():
        page.blank()
        page.text(f"What is missing, as rules for {_holder(places)}", hang=2, style="heading")
        for rule in same:
            page.text(f"- apiGroups: [{_scalars(rule.apiGroups)}]", indent=2, hang=4)
            page.text(f"resources: [{_scalars(rule.resources)}]", indent=4, hang=2)
            page.text(f"verbs: [{_scalars(rule.verbs)}]", indent=4, hang=2)


def _holder(places: Sequence[str]) -> str:
    if places == [""]:
        return "a ClusterRole"
    if len(places) == 1:
        return f"a Role in namespace {places[0]}"
    return f"a Role in each of the namespaces {', '.join(places)}"


def _scalars(names: Iterable[str]) -> str:
    return ", ".join(name or '""' for name in names)


def _end(record: DryRun, outcome: Outcome, page: Page) -> None:
    page.blank()
    if outcome.code == 0:
        page.labelled("An audit would see all that is within reach.", "", 0, 2, "clean")
    elif any(entry.allowed and not entry.confirms for entry in record.kinds):
        page.labelled("An audit would be incomplete.", "", 0, 2, "inconclusive")
    else:
        page.labelled("An audit could read nothing.", "", 0, 2, "inconclusive")
        if not record.source.get("namespaces"):
            page.text("With --namespace the rights in one namespace are enough.", hang=2)
    requests = plural(record.requests, "request")
    page.text(f"It sends at least {requests} for objects; exit {outcome.code}: {outcome.reason}", hang=2)


def _some(names: Sequence[str]) -> str:
    written = ", ".join(names[:SOME])
    rest = len(names) - SOME
    return f"{written} and {rest} more" if rest > 0 else written

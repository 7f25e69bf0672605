"""A delta for a terminal: as a section of an audit, and two audits side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auditor.judge.diff import Diff, Side
from auditor.judge.outcome import Outcome
from auditor.past import RuleChanges
from auditor.record import Audit
from auditor.report import delta_view as view
from auditor.report.page import Page
from auditor.report.view import percent, plural

SOME = 5
"""How many entries an audit's section writes out before the rest is counted."""


def section(audit: Audit, page: Page) -> None:
    """Write what is new in an audit and what is gone; nothing if there is nothing to compare with."""
    delta = audit.delta
    if delta is None:
        return
    page.blank()
    page.text(f"Since {view.since(delta.against)}: {view.sentence(delta)}", hang=2, style="heading")
    _items("new", view.new(audit), page, SOME)
    _items("resolved", view.resolved(delta), page, SOME)
    for reason, items in view.by_reason(delta.unknown).items():
        page.labelled("unknown:", f"{plural(len(items), 'finding')}: {reason}", 2, 4, "medium")
    for field, names in view.rules(delta.rules):
        text = f"{plural(len(names), 'policy')} {view.RULES[field]}: {_some(names)}"
        page.labelled("rules:", text, 2, 4, "heading")


def write(diff: Diff, outcome: Outcome, page: Page) -> None:
    """Write two audits side by side: warnings first, then what differs, the rules apart, the outcome last."""
    _side("A", diff.a, page)
    _side("B", diff.b, page)
    for warning in diff.warnings:
        page.labelled("mind:", warning, 0, 2, "medium")
    _whole("New in B", view.items(diff.delta.new), page)
    _whole("Resolved in B", view.resolved(diff.delta), page)
    _unknown(diff, page)
    _rules(diff.delta.rules, diff.changes, page)
    page.blank()
    style = "failures" if outcome.code else "heading"
    page.labelled(f"{view.sentence(diff.delta)}.", _unchanged(diff), 0, 2, style)
    page.text(f"exit {outcome.code}: {outcome.reason}", hang=2)


def _side(name: str, side: Side, page: Page) -> None:
    page.labelled(name, view.source(side.source), 0, 2, "heading")
    figures = f"{plural(sum(side.findings.values()), 'finding')}, coverage {percent(side.coverage)}"
    page.text(f"{side.started_at}, {figures}, audit {side.id}", indent=2, hang=2)


def _whole(title: str, items: Sequence[view.Item], page: Page) -> None:
    """A list without an end, and a count of what it leaves out."""
    if not items:
        return
    page.blank()
    page.text(title, style="heading")
    listed = [one for one in items if one.counts]
    for one in listed:
        _entry(one, page, 2)
    if hidden := len(items) - len(listed):
        page.text(f"and {plural(hidden, 'finding')} waived or superseded by another", indent=2)


def _items(label: str, items: Sequence[view.Item], page: Page, most: int) -> None:
    """The first entries of a list, and a count of the rest."""
    listed = [one for one in items if one.counts][:most]
    for one in listed:
        marks = f" ({', '.join(one.marks)})" if one.marks else ""
        page.labelled(f"{label}:", f"{one.severity} {one.policy} on {one.resource}{marks}", 2, 4, "heading")
    if rest := len(items) - len(listed):
        more = f"{rest} more" if listed else f"{rest}, waived or superseded by another"
        page.labelled(f"{label}:", more, 2, 4, "heading")


def _entry(one: view.Item, page: Page, indent: int) -> None:
    severity = one.severity.value
    inner = 11 if page.columns >= 60 else 4
    text = " " * (8 - len(severity)) + ", ".join((f"{one.policy} on {one.resource}", *one.marks))
    page.labelled(severity, text, indent, inner - indent, severity)
    if where := "  ".join(filter(None, (one.path, one.place))):
        page.text(where, indent=inner, style="quiet")


def _unknown(diff: Diff, page: Page) -> None:
    if not diff.delta.unknown:
        return
    page.blank()
    page.text("Unknown: B did not look at them", style="heading")
    for reason, items in view.by_reason(diff.delta.unknown).items():
        page.labelled(f"{view.severities(one.severity for one in items)}:", reason, 2, 4, "medium")
        numbers = Counter(f"{one.policy} on {one.resource}" for one in items)
        names = [f"{name} ({number})" if number > 1 else name for name, number in numbers.items()]
        page.text(_some(names), indent=6, style="quiet")


def _rules(changes: RuleChanges, others: Sequence[str], page: Page) -> None:
    found = list(view.rules(changes))
    if not found and not others:
        return
    page.blank()
    page.text("Changes of the rules, not of what was judged", style="heading")
    for field, names in found:
        label = f"{plural(len(names), 'policy')} {view.RULES[field]}:"
        page.labelled(label, ", ".join(names), 2, 4, "heading")
    for text in others:
        page.text(text, indent=2, hang=2)


def _unchanged(diff: Diff) -> str:
    by_severity = view.unchanged(diff)
    return f"Unchanged: {by_severity}." if by_severity else ""


def _some(names: Sequence[str]) -> str:
    written = ", ".join(names[:SOME])
    rest = len(names) - SOME
    return f"{written} and {rest} more" if rest > 0 else written

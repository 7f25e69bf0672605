"""A plan, a drift and states in words, line by line; who prints them takes care of hostile characters."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from auditor.model import SetBy
from auditor.stack.live.conflicts import Conflict
from auditor.stack.live.difference import Change
from auditor.stack.live.drift import Drift
from auditor.stack.live.plan import Action, Plan, Step
from auditor.stack.live.wait import State
from auditor.stack.live.wanted import named

SIGNS = {
    Action.CREATE: "+",
    Action.CHANGE: "~",
    Action.ADOPT: "~",
    Action.PRUNE: "-",
    Action.KEEP: "=",
    Action.LEAVE: "=",
    Action.CONFLICT: "!",
    Action.REFUSED: "!",
}
LONGEST = 120
"""Characters of a value."""
MOST_LINES = 40
"""Lines of one text that has changed."""


def lines(plan: Plan) -> Iterator[str]:
    """Yield a plan: its steps, a summary, and the digest that agrees to it."""
    for step in plan.steps:
        if step.action is not Action.UNCHANGED:
            yield from _step(step)
    if later := sum(one.unchecked for one in plan.steps):
        yield f"{later} of them can only be checked when their namespace is there, before any is applied"
    counts = [(action, len(plan.having(action))) for action in Action]
    told = ", ".join(f"{count} {action.value}" for action, count in counts if count)
    yield f"plan {plan.digest}: {told or 'nothing'}"


def of_drift(found: Iterable[Drift]) -> Iterator[str]:
    """Yield what has drifted: what it is, what was applied, who has written it."""
    last = ""
    for one in found:
        if one.identity != last:
            yield f"! {named(one.identity)}{f': {one.message}' if one.message else ''}"
            last = one.identity
        if one.change:
            yield from _change(one.change)
            yield f"      set by {who(one.by)}" if one.by else "      nobody owns it any more"


def of_states(found: Iterable[State]) -> Iterator[str]:
    """Yield how each object is."""
    for one in found:
        word = "ready" if one.ready else "not ready" if one.required else "remark"
        yield f"{word}: {named(one.identity)}: {one.text}"


def who(found: SetBy | Conflict) -> str:
    """Return a manager with what is known of it."""
    told = [found.operation, f"of {found.subresource}" if found.subresource else "", found.time]
    words = ", ".join(filter(None, told))
    return f"{found.manager or 'somebody without a name'} ({words})" if words else found.manager


def _step(step: Step) -> Iterator[str]:
    notes = [step.message]
    if step.action is Action.ADOPT:
        notes.append("nothing changes but that it is ours from now on")
    told = "; ".join(filter(None, notes))
    yield f"{SIGNS[step.action]} {named(step.identity)}{f': {told}' if told else ''}"
    for change in step.changes:
        yield from _change(change)
    for conflict in step.conflicts:
        verb = "is taken over from" if step.force else "is owned by"
        yield f"      {conflict.field} {verb} {who(conflict)}"


def _change(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        yield f"    {change.path}:"
        different = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        shown = [line for line in different if not line.startswith(("---", "+++", "@@"))]
        yield from (f"      {line[0]} {_short(line[1:])}" for line in shown[:MOST_LINES])
        if len(shown) > MOST_LINES:
            yield f"      and {len(shown) - MOST_LINES} lines more"
        return
    yield f"    {change.path}: {_value(before)} -> {_value(after)}"


def _value(value: Any) -> str:
    if value is msgspec.UNSET:
        return "(nothing)"
    return _short(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."

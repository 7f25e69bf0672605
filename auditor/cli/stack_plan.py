"""What people see of a plan, agree to, and how a command ends by it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from auditor.cli.answer import write_json
from auditor.cli.message import Messages
from auditor.errors import UsageError
from auditor.report.text import visible

if TYPE_CHECKING:
    from auditor.stack.live.plan import Plan
    from auditor.stack.live.wait import State

SHORTEST = 12
"""Characters of a digest that name a plan."""


def ending(plan: Plan, refused: Sequence[str], *, changed: int) -> int:
    """The exit code that a plan has; `changed` is that of one that can be carried out."""
    from auditor.stack.live.plan import Action

    if plan.having(Action.CONFLICT):
        return 1
    if plan.having(Action.REFUSED) or refused:
        return changed if changed and not plan.empty else 3
    return 0 if plan.empty else changed


def agree(plan: Plan, agreed: str | None, why: str) -> None:
    """Raise `UsageError` unless this plan is what was agreed to; `why` says why somebody must."""
    if agreed is not None:
        if len(agreed) < SHORTEST or not plan.digest.startswith(agreed):
            raise UsageError(
                f"--plan {agreed}: the plan now is {plan.digest}", "look at it, and agree to that"
            )
        return
    if not why:
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        print(f"{why}; type yes to go on: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() == "yes":
            return
        raise UsageError("not agreed; nothing was done")
    raise UsageError(f"{why}: somebody has to agree to the plan", f"add --plan {plan.digest}")


def works(found: Iterable[State]) -> bool:
    """Tell whether all that is required is ready."""
    return all(one.ready for one in found if one.required)


def tell_all(messages: Messages, refused: Iterable[str], warned: Iterable[str]) -> None:
    """Write warnings, and then what keeps a plan from being carried out."""
    for one in warned:
        messages.warning(one)
    for one in refused:
        messages.error(one)


def show(plan: Plan, output: str, more: dict[str, Any]) -> None:
    """Write a plan to stdout; `more` is for JSON."""
    from auditor.stack.live.words import lines

    if output == "json":
        write_json({"plan": plan.digest, "steps": [one.told() for one in plan.steps], **more})
    else:
        print_lines(lines(plan))


def print_lines(found: Iterable[str]) -> None:
    """Write lines to stdout, whatever is in them made harmless."""
    for line in found:
        print(visible(line))

"""`auditor stack diff|apply|status|rollback|delete`: the stack on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from auditor.cli import options, wishes
from auditor.cli.answer import write_json
from auditor.cli.progress import progress
from auditor.cli.stack_plan import agree, ending, print_lines, show, tell_all, works
from auditor.cli.stack_session import Session, copied, objects_of, preflight, wanted_of
from auditor.errors import IncompleteError

if TYPE_CHECKING:
    from auditor.stack.live.plan import Plan
    from auditor.stack.live.wanted import Wanted

EXIT_CODES = (
    "Exit codes: 0 done, as wanted and ready; 1 diff: something would change, apply: others own fields, and "
    "nothing was applied, status: drift; 2 usage; 3 incomplete: the cluster refused something, is not ready "
    "in time, or cannot be asked; 4 the output could not be written. 1 wins over 3."
)

Form = Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="Form of the answer.")]
Home = Annotated[str, typer.Option("--home", metavar="NAMESPACE", help="Where it is kept what was applied.")]
Overlay = Annotated[
    Path | None,
    typer.Option(
        "-k", "--kustomize", metavar="DIR", help="Your own overlay, by kustomize or kubectl on PATH."
    ),
]
TakeOver = Annotated[
    list[str] | None,
    typer.Option(
        "--take-over",
        metavar="KIND/NAMESPACE/NAME",
        help="Take the fields of this object that others own, or of all. Repeatable.",
    ),
]
Agreed = Annotated[
    str | None,
    typer.Option(
        "--plan", metavar="SHA256", help="Only the plan that was shown under this digest, or its beginning."
    ),
]
Timeout = Annotated[
    int, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long it may take to become ready.")
]

MONITORING = "monitoring"


def diff(
    *,
    values: wishes.Values,
    folder: Overlay = None,
    take_over: TakeOver = None,
    home: Home = MONITORING,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    output: Form = "text",
) -> int:
    """Show what apply would change, asked of the cluster by a dry run; nothing is written."""
    objects = objects_of(values, folder, strict=False)
    session = Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        wanted = wanted_of(home, objects)
        plan = session.plan(wanted, session.inventory())
        refused, warned = preflight(session, wanted, plan)
    show(plan, output, {"refusals": refused, "warnings": warned})
    tell_all(session.messages, refused, warned)
    return ending(plan, refused, changed=1)


def apply(
    *,
    values: wishes.Values,
    folder: Overlay = None,
    take_over: TakeOver = None,
    agreed: Agreed = None,
    timeout: Timeout = 600,
    home: Home = MONITORING,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    output: Form = "text",
) -> int:
    """Apply the stack to a cluster and wait until it works. Run again it changes nothing."""
    objects = objects_of(values, folder, strict=True)
    session = Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        wanted = wanted_of(home, objects)
        plan = session.plan(wanted, session.inventory())
        why = "this takes fields from others" if plan.takes_over else ""
        return carry_out(session, wanted, plan, agreed, why, timeout, output)


def rollback(
    agreed: Agreed = None,
    take_over: TakeOver = None,
    timeout: Timeout = 600,
    home: Home = MONITORING,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    output: Form = "text",
) -> int:
    """Apply what was applied before; Secrets, of which no copy is kept, stay as they are."""
    from auditor.stack.live.order import KEPT_BY_COPIES
    from auditor.stack.live.wanted import INVENTORY
    from auditor.stack.live.wanted import wanted as want

    session = Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        inventory = session.inventory()
        # an apply that did not end left no copy: what was applied before it is the newest one
        copy = inventory.applied if inventory.state == "applying" else inventory.previous
        wanted = want(home, copied(copy, f"nothing is kept in {home} that was applied before"))
        plan = session.plan(wanted, inventory, kept_kinds=KEPT_BY_COPIES)
        # whoever may write to that ConfigMap has a say in what is applied
        why = f"this applies what the ConfigMap {home}/{INVENTORY} has kept"
        return carry_out(session, wanted, plan, agreed, why, timeout, output)


def status(
    home: Home = MONITORING,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    output: Form = "text",
) -> int:
    """Tell whether the stack is as it was applied, who has changed what of it, and whether it is ready."""
    from auditor.stack.live.drift import drift, missing_secrets, unread
    from auditor.stack.live.order import KEPT_BY_COPIES
    from auditor.stack.live.wait import states
    from auditor.stack.live.wanted import named
    from auditor.stack.live.wanted import wanted as want
    from auditor.stack.live.words import of_drift, of_states

    session = Session(context, kubeconfig, home)
    with session.asking():
        inventory = session.inventory()
        unfinished = inventory.state in ("applying", "deleting")
        wanted = want(home, copied(inventory.applied, f"nothing is applied from {home}"))
        plan = session.plan(wanted, inventory, kept_kinds=KEPT_BY_COPIES)
        found = [*drift(plan), *missing_secrets(session.cluster, inventory)]
        ready = states(session.cluster, wanted)
    blind = [f"{named(one.identity)}: {one.message}" for one in unread(plan)]
    if output == "json":
        write_json(
            {
                "state": inventory.state,
                "drift": [one.told() for one in found],
                "unread": blind,
                "states": [one.told() for one in ready],
            }
        )
    else:
        print_lines(of_drift(found))
        print_lines(of_states(ready))
        print_lines([f"{len(found)} drifted, of {len(inventory.members)} objects"])
    for one in blind:
        session.messages.warning(f"cannot be compared: {one}")
    if unfinished:
        session.messages.warning(f"an apply or delete did not end (state {inventory.state}): run it again")
    if found:
        return 1
    return 3 if unfinished or blind or not works(ready) else 0


def delete(
    data: Annotated[
        bool,
        typer.Option("--delete-data", help="Volumes and namespaces too, with everything in them."),
    ] = False,
    agreed: Agreed = None,
    timeout: Timeout = 600,
    home: Home = MONITORING,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    output: Form = "text",
) -> int:
    """Delete the stack and keep its data: volume claims and namespaces stay."""
    from auditor.stack.live.plan import DONE, STOP
    from auditor.stack.live.removal import plan_removal, remove
    from auditor.stack.live.wanted import named

    session = Session(context, kubeconfig, home)
    with session.asking():
        plan = plan_removal(session.cluster, session.planner, session.inventory(), data=data)
        left: Sequence[str] = ()
        if output == "text":
            show(plan, output, {})
        nothing = plan.settled and not plan.having(*DONE)
        if nothing:
            session.messages.note("there is nothing to delete")
        else:
            if plan.having(*STOP):
                raise IncompleteError("the cluster refuses part of this plan, and nothing was deleted")
            agree(plan, agreed, "this deletes data" if data else "")
            with progress("deleting", wanted=True) as tell:
                left = remove(session.cluster, plan, timeout, tell)
    if output == "json":
        show(plan, output, {"deleted": not nothing, "left": list(map(named, left))})
    for one in left:
        session.messages.warning(f"{named(one)} is still there")
    return 3 if left else 0


def carry_out(
    session: Session, wanted: Wanted, plan: Plan, agreed: str | None, why: str, timeout: int, output: str
) -> int:
    """Show a plan, do it, wait; return the exit code. `why` somebody has to agree to it, "" if nobody has."""
    from auditor.stack.live.engine import Engine
    from auditor.stack.live.wait import wait
    from auditor.stack.live.words import of_states

    refused, warned = preflight(session, wanted, plan)
    if output == "text":
        show(plan, output, {})
    tell_all(session.messages, refused, warned)
    if code := ending(plan, refused, changed=0):
        if output == "json":
            show(plan, output, {"refusals": refused, "warnings": warned, "applied": False})
        session.messages.error(
            "nothing was applied",
            "look at what others have written; --take-over KIND/NAMESPACE/NAME takes it" if code == 1 else "",
        )
        return code
    if not plan.empty:
        agree(plan, agreed, why)
    try:
        with progress("applying", wanted=True) as tell:
            if not plan.empty:
                Engine(session.cluster, session.planner, tell).apply(wanted, plan)
            tell("waiting")
            found = wait(session.cluster, wanted, timeout, tell)
    except KeyboardInterrupt:
        session.messages.warning("the stack may be applied in part: the same command again ends it")
        raise
    if output == "json":
        states = [one.told() for one in found]
        show(plan, output, {"warnings": warned, "applied": not plan.empty, "states": states})
    else:
        print_lines(of_states(found))
    if works(found):
        session.messages.note("nothing was to be done" if plan.empty else "applied")
        return 0
    session.messages.error(
        f"applied, and not ready within {timeout} s", "auditor stack status says how it is"
    )
    return 3

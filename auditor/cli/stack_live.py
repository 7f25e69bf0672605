"""`auditor stack diff|apply|status|rollback|delete`: the stack on a cluster."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from auditor.cli import options, wishes
from auditor.cli.answer import write_json
from auditor.cli.made import make
from auditor.cli.message import Messages
from auditor.cli.progress import progress
from auditor.errors import IncompleteError, UsageError
from auditor.report.text import visible
from auditor.stack import overlay

if TYPE_CHECKING:
    from auditor.stack.live.cluster import Cluster
    from auditor.stack.live.inventory import Inventory
    from auditor.stack.live.plan import Plan, Planner
    from auditor.stack.live.wait import State
    from auditor.stack.live.wanted import Wanted
    from auditor.stack.patches import Object

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
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called: RFC 1123."""
SHORTEST = 12
"""Characters of a digest that name a plan."""


class _Session:
    """One command at work on one cluster."""

    def __init__(
        self, context: str | None, kubeconfig: str | None, home: str, take_over: Iterable[str] = ()
    ) -> None:
        # what talks to a cluster takes a while to import: only who needs it pays
        from auditor.collect.connect import connect
        from auditor.collect.patience import Patience
        from auditor.collect.write import WritingApi
        from auditor.stack.live.cluster import Cluster
        from auditor.stack.live.plan import Planner

        connection = connect(kubeconfig, context, os.environ)
        if not _LABEL.fullmatch(home):
            raise UsageError(f"--home {home}: no namespace can be called so")
        self.messages = Messages()
        self.home = home
        self.server = connection.server
        self.cluster: Cluster = Cluster(WritingApi(connection, Patience(rate=50)))
        self.planner: Planner = Planner(self.cluster, connection.server, set(map(_identity, take_over)))
        self.messages.note(f"context {connection.context}, {connection.server}")

    def inventory(self) -> Inventory:
        """Return what was applied."""
        from auditor.stack.live.inventory import load

        return load(self.cluster, self.home)

    def plan(self, wanted: Wanted, inventory: Inventory, **more: Any) -> Plan:
        """Plan, with a spinner."""
        with progress("asking the cluster what would change", wanted=True):
            return self.planner.plan(wanted, inventory, **more)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turn what the server refuses where nobody expects it into one clear error."""
        from auditor.collect.fault import ApiError
        from auditor.stack.live.cluster import failed

        try:
            yield
        except ApiError as error:
            raise failed(self.server, error) from None


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
    objects = _objects(values, folder, strict=False)
    session = _Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        wanted = _wanted(home, objects)
        plan = session.plan(wanted, session.inventory())
        refused, warned = _preflight(session, wanted, plan)
    _show(plan, output, {"refusals": refused, "warnings": warned})
    _tell(session.messages, refused, warned)
    return _ending(plan, refused, changed=1)


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
    objects = _objects(values, folder, strict=True)
    session = _Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        wanted = _wanted(home, objects)
        plan = session.plan(wanted, session.inventory())
        why = "this takes fields from others" if plan.takes_over else ""
        return _carry_out(session, wanted, plan, agreed, why, timeout, output)


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

    session = _Session(context, kubeconfig, home, take_over or ())
    with session.asking():
        inventory = session.inventory()
        # an apply that did not end left no copy: what was applied before it is the newest one
        copy = inventory.applied if inventory.state == "applying" else inventory.previous
        wanted = want(home, _copied(copy, f"nothing is kept in {home} that was applied before"))
        plan = session.plan(wanted, inventory, kept_kinds=KEPT_BY_COPIES)
        # whoever may write to that ConfigMap has a say in what is applied
        why = f"this applies what the ConfigMap {home}/{INVENTORY} has kept"
        return _carry_out(session, wanted, plan, agreed, why, timeout, output)


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

    session = _Session(context, kubeconfig, home)
    with session.asking():
        inventory = session.inventory()
        unfinished = inventory.state in ("applying", "deleting")
        wanted = want(home, _copied(inventory.applied, f"nothing is applied from {home}"))
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
        _print(of_drift(found))
        _print(of_states(ready))
        _print([f"{len(found)} drifted, of {len(inventory.members)} objects"])
    for one in blind:
        session.messages.warning(f"cannot be compared: {one}")
    if unfinished:
        session.messages.warning(f"an apply or delete did not end (state {inventory.state}): run it again")
    if found:
        return 1
    return 3 if unfinished or blind or not _works(ready) else 0


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

    session = _Session(context, kubeconfig, home)
    with session.asking():
        plan = plan_removal(session.cluster, session.planner, session.inventory(), data=data)
        left: Sequence[str] = ()
        if output == "text":
            _show(plan, output, {})
        nothing = plan.settled and not plan.having(*DONE)
        if nothing:
            session.messages.note("there is nothing to delete")
        else:
            if plan.having(*STOP):
                raise IncompleteError("the cluster refuses part of this plan, and nothing was deleted")
            _agree(plan, agreed, "this deletes data" if data else "")
            with progress("deleting", wanted=True) as tell:
                left = remove(session.cluster, plan, timeout, tell)
    if output == "json":
        _show(plan, output, {"deleted": not nothing, "left": list(map(named, left))})
    for one in left:
        session.messages.warning(f"{named(one)} is still there")
    return 3 if left else 0


def _carry_out(
    session: _Session, wanted: Wanted, plan: Plan, agreed: str | None, why: str, timeout: int, output: str
) -> int:
    """Show a plan, do it, wait; return the exit code. `why` somebody has to agree to it, "" if nobody has."""
    from auditor.stack.live.engine import Engine
    from auditor.stack.live.wait import wait
    from auditor.stack.live.words import of_states

    refused, warned = _preflight(session, wanted, plan)
    if output == "text":
        _show(plan, output, {})
    _tell(session.messages, refused, warned)
    if code := _ending(plan, refused, changed=0):
        if output == "json":
            _show(plan, output, {"refusals": refused, "warnings": warned, "applied": False})
        session.messages.error(
            "nothing was applied",
            "look at what others have written; --take-over KIND/NAMESPACE/NAME takes it" if code == 1 else "",
        )
        return code
    if not plan.empty:
        _agree(plan, agreed, why)
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
        _show(plan, output, {"warnings": warned, "applied": not plan.empty, "states": states})
    else:
        _print(of_states(found))
    if _works(found):
        session.messages.note("nothing was to be done" if plan.empty else "applied")
        return 0
    session.messages.error(
        f"applied, and not ready within {timeout} s", "auditor stack status says how it is"
    )
    return 3


def _objects(values: wishes.Values, folder: Path | None, *, strict: bool) -> list[Object]:
    if folder is None:
        return make(values, strict=strict).rendered.objects
    if values != wishes.Values():
        raise UsageError(f"-k {folder}: an overlay says all by itself", "leave the other options out")
    from auditor.stack.live.wanted import read

    program, printed = overlay.build(folder, os.environ)
    Messages().note(f"rendered by {program}")
    return read(printed, f"-k {folder}")


def _wanted(home: str, objects: Sequence[Object]) -> Wanted:
    from auditor.stack.live.wanted import wanted

    return wanted(home, objects)


def _copied(copy: bytes, otherwise: str) -> list[Object]:
    from auditor.stack.live.inventory import unpacked

    if not copy:
        raise IncompleteError(otherwise, "auditor stack apply applies one; --home names another namespace")
    return unpacked(copy)


def _identity(one: str) -> str:
    """Return what --take-over names as plans name it; without the group, which no two kinds of ours share."""
    if one != "all" and one.count("/") != 2:
        raise UsageError(f"--take-over {one}: must be KIND/NAMESPACE/NAME or all", "cluster-wide: KIND//NAME")
    return one


def _preflight(session: _Session, wanted: Wanted, plan: Plan) -> tuple[list[str], list[str]]:
    if plan.empty:
        return [], []
    from auditor.stack.live.preflight import refusals, warnings

    return list(refusals(session.cluster, plan)), list(warnings(session.cluster, wanted))


def _ending(plan: Plan, refused: Sequence[str], *, changed: int) -> int:
    """The exit code that a plan has; `changed` is that of one that can be carried out."""
    from auditor.stack.live.plan import Action

    if plan.having(Action.CONFLICT):
        return 1
    if plan.having(Action.REFUSED) or refused:
        return changed if changed and not plan.empty else 3
    return 0 if plan.empty else changed


def _agree(plan: Plan, agreed: str | None, why: str) -> None:
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


def _works(found: Iterable[State]) -> bool:
    return all(one.ready for one in found if one.required)


def _tell(messages: Messages, refused: Iterable[str], warned: Iterable[str]) -> None:
    for one in warned:
        messages.warning(one)
    for one in refused:
        messages.error(one)


def _show(plan: Plan, output: str, more: dict[str, Any]) -> None:
    from auditor.stack.live.words import lines

    if output == "json":
        write_json({"plan": plan.digest, "steps": [one.told() for one in plan.steps], **more})
    else:
        _print(lines(plan))


def _print(found: Iterable[str]) -> None:
    for line in found:
        print(visible(line))

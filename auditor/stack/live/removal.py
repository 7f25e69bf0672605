"""The stack taken away: what it runs, and only if that was agreed to, what it has stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from auditor.collect.fault import ApiError
from auditor.errors import IncompleteError
from auditor.stack.compose import identity
from auditor.stack.live import inventory as inventories
from auditor.stack.live import lease as leases
from auditor.stack.live.cluster import Cluster, said
from auditor.stack.live.engine import AGAIN, StoppedError
from auditor.stack.live.inventory import Inventory
from auditor.stack.live.lease import SECONDS, Lease
from auditor.stack.live.order import KEPT, NAMESPACE
from auditor.stack.live.plan import STOP, Action, Plan, Planner, Step
from auditor.stack.live.wanted import Wanted, named

CLAIM = "PersistentVolumeClaim"
_KEPT = dict.fromkeys(KEPT, "stays, with the data: --delete-data")
_KEPT_WITH_DATA = {
    "CustomResourceDefinition": "stays: others may use it",
    "PersistentVolume": "stays: its reclaim policy decides",
}


def plan_removal(cluster: Cluster, planner: Planner, inventory: Inventory, *, data: bool) -> Plan:
    """Return what is deleted, what others need last; with `data` volumes and namespaces too.

    Raises `IncompleteError` if the claims cannot be listed.
    """
    plan = planner.plan(Wanted(inventory.home, ()), inventory, _KEPT_WITH_DATA if data else _KEPT)
    steps = list(plan.steps)
    if data:
        spaces = [one for one in steps if one.sent["kind"] == NAMESPACE and one.action is Action.PRUNE]
        try:
            claims = [claim for one in spaces for claim in _claims(cluster, one.sent["metadata"]["name"])]
        except ApiError as error:
            raise IncompleteError(f"volume claims cannot be listed: {said(error)}") from None
        known = {one.identity for one in claims}
        others = [one for one in steps if one not in spaces and one.identity not in known]
        whole = [msgspec.structs.replace(one, message="with everything in it") for one in spaces]
        steps = [*others, *claims, *whole]
    return msgspec.structs.replace(plan, steps=tuple(steps), settled=inventory.state in ("none", "deleted"))


def remove(
    cluster: Cluster,
    plan: Plan,
    seconds: float,
    tell: Callable[[str], None] = lambda _: None,
    lease_seconds: int = SECONDS,
) -> list[str]:
    """Carry it out and wait; return the identities of what is still there when the time is over.

    Raises `IncompleteError` as `Engine.apply`.
    """
    if plan.having(*STOP):
        raise ValueError("a plan of which something is refused is not carried out")
    home = plan.inventory.home
    gone = [one for one in plan.having(Action.PRUNE) if one.identity == f"/{NAMESPACE}//{home}"]
    with Lease(cluster, home, tell, lease_seconds) as lease:
        if inventories.load(cluster, home) != plan.inventory:
            raise IncompleteError("another deployer has changed the stack since this plan was made", AGAIN)
        inventories.save(cluster, msgspec.structs.replace(plan.inventory, state="deleting"))
        todo = [one for one in plan.having(Action.PRUNE) if one not in gone]
        for number, step in enumerate(todo):
            lease.keep()
            tell(f"delete {named(step.identity)} ({number + 1} of {len(todo)})")
            _delete(cluster, step)
        left = _wait(cluster, todo, seconds, tell)
        if not left and not gone:
            _settle(cluster, plan)
    if gone and not left:  # with it the inventory and the Lease go
        _delete(cluster, gone[0])
        left = _wait(cluster, gone, seconds, tell)
    if not gone and not left and not plan.having(Action.KEEP):
        leases.forget(cluster, home)
    return left


def _settle(cluster: Cluster, plan: Plan) -> None:
    """Remember what stays, or nothing if nothing does."""
    kept = {one.identity for one in plan.having(Action.KEEP)}
    members = tuple(one for one in plan.inventory.members if one.identity in kept)
    if members:
        inventories.save(cluster, Inventory(plan.inventory.home, "deleted", members))
    else:
        inventories.forget(cluster, plan.inventory.home)


def _delete(cluster: Cluster, step: Step) -> None:
    try:
        cluster.delete(step.sent, step.uid)
    except ApiError as error:
        raise StoppedError(f"{named(step.identity)}: {said(error)}", AGAIN) from None


def _wait(cluster: Cluster, steps: list[Step], seconds: float, tell: Callable[[str], None]) -> list[str]:
    end = time.monotonic() + seconds
    left = steps
    while True:
        left = [one for one in left if _is_there(cluster, one)]
        if not left or time.monotonic() >= end:
            return [one.identity for one in left]
        tell(f"{len(left)} still there, {named(left[0].identity)} among them")
        time.sleep(0.5)


def _is_there(cluster: Cluster, step: Step) -> bool:
    try:
        found = cluster.find(step.sent)
    except ApiError:
        return True
    return found is not None and found["metadata"]["uid"] == step.uid


def _claims(cluster: Cluster, namespace: str) -> Iterator[Step]:
    for one in cluster.list("v1", CLAIM, namespace):
        size = ((one.get("status") or {}).get("capacity") or {}).get("storage", "not bound")
        stub = {
            "apiVersion": "v1",
            "kind": CLAIM,
            "metadata": {"name": one["metadata"]["name"], "namespace": namespace},
        }
        yield Step(identity(stub), Action.PRUNE, stub, message=f"with its data: {size}", live=one)

"""A plan carried out, so that it may end at any moment and be run again.

First the inventory says what is about to be there, then the objects are applied in their order, then what is
not wanted any more is deleted, then the inventory says what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from auditor.collect.fault import ApiError
from auditor.errors import IncompleteError, SourceError, UsageError
from auditor.stack.compose import identity
from auditor.stack.live import inventory as inventories
from auditor.stack.live.cluster import Cluster, UnknownKindError, said
from auditor.stack.live.inventory import Member
from auditor.stack.live.lease import SECONDS, Lease
from auditor.stack.live.order import AUTOSCALER, NAMESPACE
from auditor.stack.live.plan import DONE, STOP, Action, Plan, Planner, Step, unchecked
from auditor.stack.live.scaling import HANDOVER
from auditor.stack.live.wanted import Wanted, named

AGAIN = "nothing is lost: run the same command again"


class StoppedError(IncompleteError):
    """The plan cannot be carried out any further; what was done stays, and is remembered."""


class Engine:
    """Carries out the plans of one stack."""

    def __init__(
        self,
        cluster: Cluster,
        planner: Planner,
        tell: Callable[[str], None] = lambda _: None,
        lease_seconds: int = SECONDS,
    ) -> None:
        """`tell` hears of each object, before it is touched."""
        self._cluster = cluster
        self._planner = planner
        self._tell = tell
        self._lease_seconds = lease_seconds
        self._uids: dict[str, str] = {}

    def apply(self, wanted: Wanted, plan: Plan) -> Plan:
        """Carry out a plan without conflicts; return it as it was when all could be asked about.

        Raises `IncompleteError` where another deployer is at work or was since the plan, or where the
        server refuses something: then the message says what, and how much is done.
        """
        if plan.having(*STOP):
            raise ValueError("a plan with conflicts is not carried out")
        self._make_home(wanted, plan)
        with Lease(self._cluster, wanted.home, self._tell, self._lease_seconds) as lease:
            self.check_inventory(plan)
            inventories.save(self._cluster, plan.inventory.begun(wanted))
            self._take(_of_kind(plan, NAMESPACE), lease)
            if any(unchecked(plan)):
                plan = self._again(wanted, plan)
            first = [one for one in plan.having(Action.PRUNE) if _kind(one) == AUTOSCALER]
            self._take((*first, *(one for one in plan.steps if one not in first)), lease)
            lease.keep()
            inventories.save(self._cluster, plan.inventory.finished(wanted, self._members(wanted, plan)))
        return plan

    def check_inventory(self, plan: Plan) -> None:
        """Raise `IncompleteError` if somebody has applied since the plan was made."""
        if inventories.load(self._cluster, plan.inventory.home) != plan.inventory:
            raise IncompleteError(
                "another deployer has changed the stack since this plan was made",
                "look at it and run it again",
            )

    def _make_home(self, wanted: Wanted, plan: Plan) -> None:
        """Make the namespace of Lease and inventory, where it is not there."""
        home = f"/{NAMESPACE}//{wanted.home}"
        steps = [one for one in plan.steps if one.identity == home]
        if steps:
            if steps[0].action is Action.CREATE:
                self._take(steps, None)
            return
        stub = {"apiVersion": "v1", "kind": NAMESPACE, "metadata": {"name": wanted.home}}
        try:
            missing = self._cluster.find(stub) is None
        except ApiError:  # who may not look may still have all rights in it: the Lease will tell
            return
        if missing:
            raise UsageError(
                f"--home {wanted.home}: there is no such namespace, and the stack does not make it",
                "name the namespace of the stack",
            )

    def _again(self, wanted: Wanted, plan: Plan) -> Plan:
        """Plan once more now that the namespaces are there; nothing else has been applied yet."""
        now = self._planner.plan(wanted, plan.inventory)
        if stopped := now.having(*STOP):
            told = "; ".join(f"{named(one.identity)}: {one.message or 'conflict'}" for one in stopped[:5])
            raise StoppedError(f"the namespaces are there, and nothing else was applied: {told}", AGAIN)
        return now

    def _take(self, steps: Iterable[Step], lease: Lease | None) -> None:
        todo = [one for one in steps if one.action in DONE and one.identity not in self._uids]
        for number, step in enumerate(todo):
            if lease:
                lease.keep()
            self._tell(f"{step.action.value} {named(step.identity)} ({number + 1} of {len(todo)})")
            try:
                self._do(step)
            except (ApiError, SourceError, UnknownKindError) as error:
                why = said(error) if isinstance(error, ApiError) else str(error)
                raise StoppedError(
                    f"{named(step.identity)}: {why}; {number} of {len(todo)} objects were done before", AGAIN
                ) from None

    def _do(self, step: Step) -> None:
        if step.action is Action.PRUNE:
            self._cluster.delete(step.sent, step.uid)
            self._uids[step.identity] = ""
            return
        if step.handover:
            self._cluster.apply(step.handover, manager=HANDOVER)
        done = self._cluster.apply(step.sent, force=step.force)
        self._uids[step.identity] = done["metadata"]["uid"]

    def _members(self, wanted: Wanted, plan: Plan) -> Sequence[Member]:
        found = []
        for one in wanted.objects:
            name = identity(one)
            [step] = [step for step in plan.steps if step.identity == name]
            found.append(Member(name, one["apiVersion"], self._uids.get(name) or step.uid))
        kept = plan.inventory.by_identity
        found += [kept[one.identity] for one in plan.having(Action.KEEP) if one.identity in kept]
        return found


def _of_kind(plan: Plan, kind: str) -> list[Step]:
    return [one for one in plan.steps if _kind(one) == kind]


def _kind(step: Step) -> str:
    return step.identity.split("/", 3)[1]

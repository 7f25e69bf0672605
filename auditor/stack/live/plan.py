"""What an apply would do, object by object: the server is asked by a dry run, nothing is guessed.

https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from auditor.collect.fault import ApiError
from auditor.document.pointer import canonical, digest
from auditor.stack.compose import identity
from auditor.stack.live.cluster import MANAGER, Cluster, UnknownKindError, said
from auditor.stack.live.conflicts import Conflict, conflicts, owned
from auditor.stack.live.difference import Change, changes
from auditor.stack.live.inventory import Inventory, Member
from auditor.stack.live.order import AUTOSCALER, KEPT, WORKLOADS, rank
from auditor.stack.live.scaling import handover, left_over, scaled, without_replicas
from auditor.stack.live.wanted import PART_OF, Wanted, applyset, shell
from auditor.stack.patches import Object

ALL = "all"
"""Take over every field that others own."""


class Action(Enum):
    """What is done with an object."""

    CREATE = "create"
    CHANGE = "change"
    ADOPT = "adopt"
    """Nothing of it changes but that we own what we want of it."""
    UNCHANGED = "unchanged"
    PRUNE = "prune"
    KEEP = "keep"
    """It is not wanted any more, and stays."""
    LEAVE = "leave"
    """It is not ours any more, and is forgotten."""
    CONFLICT = "conflict"
    REFUSED = "refused"
    """The server would not take it, or cannot be asked."""


DONE = (Action.CREATE, Action.CHANGE, Action.ADOPT, Action.PRUNE)
"""Actions that do something."""
STOP = (Action.CONFLICT, Action.REFUSED)
"""Actions in whose face nothing is applied."""


class Step(msgspec.Struct, frozen=True):
    """One object of a plan."""

    identity: str
    action: Action
    sent: Object
    """What is applied; of what is pruned as much as names it."""
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    message: str = ""
    live: Object | None = None
    force: bool = False
    """Fields are taken over from others."""
    handover: Object | None = None
    """What is applied first, so that the number of replicas stays."""
    unchecked: bool = False
    """Its namespace is not there yet: the server can be asked only then."""

    @property
    def uid(self) -> str:
        """Of the object as it is; empty where there is none."""
        return str(self.live["metadata"]["uid"]) if self.live else ""

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        group, kind, namespace, name = self.identity.split("/", 3)
        return {
            "action": self.action.value,
            "group": group,
            "kind": kind,
            "namespace": namespace,
            "name": name,
            "changes": [one.told() for one in self.changes],
            "conflicts": [msgspec.to_builtins(one) for one in self.conflicts],
            "message": self.message,
            "takes_over": self.force,
            "unchecked": self.unchecked,
        }


class Plan(msgspec.Struct, frozen=True):
    """All steps, in the order in which they are taken, what is pruned last."""

    steps: tuple[Step, ...]
    inventory: Inventory
    settled: bool
    """The inventory says the same already."""
    cluster: str = ""
    """Which cluster it is for."""

    @property
    def digest(self) -> str:
        """What names this plan: nobody can agree to one and get another."""
        told = [one.told() for one in self.steps if one.action is not Action.UNCHANGED]
        return digest(canonical.encode([self.cluster, self.inventory.home, told]))

    def having(self, *actions: Action) -> list[Step]:
        """Return the steps with one of these actions."""
        return [one for one in self.steps if one.action in actions]

    @property
    def empty(self) -> bool:
        """Nothing is to be done at all."""
        return self.settled and not self.having(*DONE, *STOP)

    @property
    def takes_over(self) -> bool:
        """Somebody else loses a field."""
        return any(one.force and not left_over(one.conflicts) for one in self.steps)


class Planner:
    """Makes plans for one cluster."""

    def __init__(self, cluster: Cluster, name: str = "", take_over: Collection[str] = ()) -> None:
        """`take_over` are the objects whose fields are taken from others, as KIND/NAMESPACE/NAME, or `ALL`.

        `name` says which cluster it is.
        """
        self._cluster = cluster
        self._name = name
        self._take_over = take_over

    def plan(self, wanted: Wanted, inventory: Inventory, kept_kinds: Mapping[str, str] = KEPT) -> Plan:
        """Return what is to be done; raises `SourceError` if the server is gone.

        Of what is not wanted any more, these kinds are kept, for the reason that is said of each.
        """
        kept = set(wanted.identities)
        former = [one for one in inventory.members if one.identity not in kept]
        pruned = [self._prune(one, wanted.home, kept_kinds) for one in former]
        gone = {one.identity for one in pruned if one and one.action is Action.PRUNE}
        scales = self._scales(wanted, gone)
        steps = [self._step(one, scales) for one in wanted.objects]
        last = sorted(filter(None, pruned), key=lambda one: rank(one.sent), reverse=True)
        members = {one.identity for one in inventory.members}
        stays = {one.identity for one in last if one.action is Action.KEEP}
        settled = (
            inventory.state == "applied" and inventory.digest == wanted.digest and members == kept | stays
        )
        return Plan((*steps, *last), inventory, settled, self._name)

    def _scales(self, wanted: Wanted, gone: Collection[str]) -> Mapping[str, str]:
        """Which objects autoscalers scale: ours, and those of others that are there."""
        live: list[Object] = []
        for namespace in {one["metadata"].get("namespace", "") for one in wanted.objects} - {""}:
            try:
                live += self._cluster.list("autoscaling/v2", AUTOSCALER, namespace)
            except ApiError:  # who may not list them is told of a conflict instead
                continue
        return scaled(one for one in (*wanted.objects, *live) if identity(one) not in gone)

    def _step(self, sent: Object, scales: Mapping[str, str]) -> Step:
        name = identity(sent)
        autoscaler = scales.get(name, "")
        if autoscaler and isinstance(sent.get("spec"), dict):
            sent = without_replicas(sent)
        try:
            live = self._cluster.find(sent)
            if live and live["metadata"].get("deletionTimestamp"):
                return Step(name, Action.REFUSED, sent, message="it is being deleted: wait until it is gone")
            first = handover(live, sent) if live and autoscaler else None
            return self._asked(Step(name, Action.CHANGE, sent, live=live, handover=first), autoscaler)
        except UnknownKindError:
            text = f"the cluster has no {sent['kind']} in {sent['apiVersion']}: install it, or do without"
            return Step(name, Action.REFUSED, sent, message=text)
        except ApiError as error:
            return Step(name, Action.REFUSED, sent, message=said(error))

    def _asked(self, step: Step, autoscaler: str) -> Step:
        """Ask the server what would come of it."""
        found: list[Conflict] = []
        force = False
        try:
            merged = self._cluster.apply(step.sent, dry_run=True)
        except ApiError as error:
            found = conflicts(error, step.live)
            if not found:
                return self._not_taken(step, error)
            try:
                merged = self._cluster.apply(step.sent, force=True, dry_run=True)
            except ApiError as worse:
                return self._not_taken(step, worse)
            # without the group, which no two kinds of the stack need to be told apart
            known = step.identity.partition("/")[2]
            force = bool({ALL, known}.intersection(self._take_over)) or left_over(found)
        different = [] if step.live is None else changes(step.live, merged)
        message = ""
        if step.handover:
            different = [one for one in different if one.pointer != "/spec/replicas"]
            message = f"replicas are left to HorizontalPodAutoscaler {autoscaler}"
        action = _action(step, merged, different)
        if found and not force:
            action = Action.CONFLICT
        return msgspec.structs.replace(
            step,
            action=action,
            changes=tuple(different),
            conflicts=tuple(found),
            message=message,
            force=force,
        )

    def _not_taken(self, step: Step, error: ApiError) -> Step:
        namespace = step.sent["metadata"].get("namespace", "")
        if error.status == 404 and step.live is None and namespace:
            return msgspec.structs.replace(step, action=Action.CREATE, unchecked=True)
        message = said(error)
        if error.status == 422 and step.sent["kind"] in WORKLOADS and step.live is not None:
            message += (
                "; what cannot be changed takes a new object: "
                f"kubectl delete --cascade=orphan {step.sent['kind'].lower()} -n {namespace} "
                f"{step.sent['metadata']['name']}, which leaves its pods and data, then apply again"
            )
        return msgspec.structs.replace(step, action=Action.REFUSED, message=message)

    def _prune(self, member: Member, home: str, kept_kinds: Mapping[str, str]) -> Step | None:
        """What to do with something that is not wanted any more; None: it is gone."""
        name, uid = member.identity, member.uid
        stub = shell(name, member.api_version)
        try:
            live = self._cluster.find(stub)
        except UnknownKindError:
            return None
        except ApiError as error:
            return Step(name, Action.REFUSED, stub, message=said(error))
        if live is None or live["metadata"].get("deletionTimestamp"):
            return None
        step = Step(name, Action.KEEP, stub, live=live)
        if stub["kind"] in kept_kinds:
            return msgspec.structs.replace(step, message=kept_kinds[stub["kind"]])
        labels = live["metadata"].get("labels") or {}
        if labels.get(PART_OF) != applyset(home) or uid not in ("", live["metadata"]["uid"]):
            return msgspec.structs.replace(step, action=Action.LEAVE, message="is somebody else's by now")
        return msgspec.structs.replace(step, action=Action.PRUNE)


def _action(step: Step, merged: Object, different: Sequence[Change]) -> Action:
    if step.live is None:
        return Action.CREATE
    if different or step.handover:
        return Action.CHANGE
    same = owned(step.live, MANAGER) == owned(merged, MANAGER)
    return Action.UNCHANGED if same else Action.ADOPT


def unchecked(plan: Plan) -> Iterator[Step]:
    """Yield the steps that the server could not be asked about yet."""
    return (one for one in plan.steps if one.unchecked)

"""What is not as it was applied, field by field, and who has written it."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.document.managers import managers, set_by
from auditor.model import SetBy
from auditor.stack.live.cluster import MANAGER, Cluster
from auditor.stack.live.difference import Change
from auditor.stack.live.inventory import Inventory
from auditor.stack.live.plan import Action, Plan, Step
from auditor.stack.live.wanted import shell


class Drift(msgspec.Struct, frozen=True):
    """An object, or a field of it, that is not as it was applied."""

    identity: str
    message: str = ""
    """Of the object as a whole: it is gone, or cannot be read."""
    change: Change | None = None
    """From what it is to what it should be."""
    by: SetBy | None = None
    """Who has written what it is; None where nobody owns the field, or it was removed."""

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        group, kind, namespace, name = self.identity.split("/", 3)
        found: dict[str, Any] = {"group": group, "kind": kind, "namespace": namespace, "name": name}
        if self.message:
            found["message"] = self.message
        if self.change:
            told = self.change.told()
            found |= {"path": told["path"]}
            found |= {key: told[old] for key, old in (("is", "before"), ("applied", "after")) if old in told}
        if self.by:
            found["set_by"] = msgspec.to_builtins(self.by)
        return found


def drift(plan: Plan) -> list[Drift]:
    """Return what a plan of what was applied would have to mend."""
    return [found for step in plan.steps for found in _of(step)]


def unread(plan: Plan) -> list[Step]:
    """Return what cannot be compared."""
    return plan.having(Action.REFUSED)


def missing_secrets(cluster: Cluster, inventory: Inventory) -> list[Drift]:
    """Return the Secrets that were applied and are gone; what is in them is not looked at."""
    stubs = [(one.identity, shell(one.identity, one.api_version)) for one in inventory.members]
    return [
        Drift(name, "is gone") for name, stub in stubs if stub["kind"] == "Secret" and not cluster.holds(stub)
    ]


def _of(step: Step) -> list[Drift]:
    if step.action is Action.CREATE:
        return [Drift(step.identity, "is gone")]
    if step.action not in (Action.CHANGE, Action.CONFLICT):
        return []
    return [Drift(step.identity, change=one, by=_by(step, one)) for one in step.changes]


def _by(step: Step, change: Change) -> SetBy | None:
    """Who owns a field now; we ourselves cannot have changed it."""
    live = step.live or {}
    if change.before is msgspec.UNSET:
        return None
    found = set_by(managers(live.get("metadata", {})), live, change.pointer)
    return None if found is None or (found.manager, found.operation) == (MANAGER, "Apply") else found

"""`backup_runs`: how often something runs that makes backups, and what became of it.

Of a Schedule of Velero and of a CronJob, {interval, off?, completed?}: `interval` is the longest time between
two runs, in seconds; in its place there may be {reason} why it is not known. `off` says why none will come,
`completed` is when the last Backup of a Schedule ended that is in phase Completed.
https://velero.io/docs/main/api-types/schedule/
"""

from __future__ import annotations

from typing import Any

from auditor.document.relations.cron import longest_gap
from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource

_SCHEDULE_NAME = "velero.io/schedule-name"
"""The label of a Backup, with the name of the Schedule that made it."""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._completed: dict[tuple[str, str], str] = {}
        """By namespace and name of a Schedule."""
        self._refused: dict[str, str] = {}
        for one in world.resources:
            if one.ref.kind != "Backup":
                continue
            if reason := one.content.refused:
                self._refused.setdefault(place(one), f"{one.ref}: {reason}")
                continue
            body = one.body
            schedule = body["metadata"].get("labels", {}).get(_SCHEDULE_NAME)
            status = body.get("status", {})
            if isinstance(schedule, str) and status.get("phase") == "Completed":
                key = place(one), schedule
                self._completed[key] = max(
                    self._completed.get(key, ""), status.get("completionTimestamp", "")
                )

    def keys(self, resource: Resource) -> int | None:
        wanted = resource.ref.kind in ("Schedule", "CronJob") and not resource.content.refused
        return id(resource) if wanted else None

    def value(self, resource: Resource) -> Any:
        if self.keys(resource) is None:
            return None
        body = resource.body
        spec, status = body.get("spec", {}), body.get("status", {})
        completed = ""
        if resource.ref.kind == "Schedule":
            completed = self._completed.get((place(resource), resource.ref.name), "")
        told = {"off": _off(spec, status), "completed": completed}
        return _interval(spec.get("schedule")) | {key: value for key, value in told.items() if value}

    def refused(self, resource: Resource) -> str:
        return self._refused.get(place(resource), "") if resource.ref.kind == "Schedule" else ""


def _off(spec: Body, status: Body) -> str:
    """Say why it will not run any more, "" if it will."""
    if True in (spec.get("paused"), spec.get("suspend")):
        return "it is paused"
    failed = status.get("phase") == "FailedValidation"
    return "Velero finds it invalid" if failed else ""


def _interval(expression: Any) -> dict[str, Any]:
    try:
        return {"interval": longest_gap(expression if isinstance(expression, str) else "")}
    except ValueError as error:
        return {"reason": f"When it runs is not known: {error}."}


BACKUP_RUNS = Relation(
    "backup_runs", ("Backup",), _Join, words="how often it runs, and the Backups of Velero that it made"
)

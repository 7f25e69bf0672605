"""`backup_schedules`: what makes backups of a namespace, {claims, velero, covered, off, unsure, cron_jobs}.

`claims` is how many PersistentVolumeClaims it has, `velero` whether there is a Schedule of Velero at all,
`covered` how many of these make backups of its volumes. `off` and `unsure`, {total, items}, say of others
that include the namespace why they make none, or why that cannot be told. `cron_jobs` are the names of its
CronJobs that are not suspended, {total, items}.
https://velero.io/docs/main/resource-filtering/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource

_VOLUMES = frozenset(
    (
        "*",
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        "pvc",
        "persistentvolumes",
        "persistentvolume",
        "pv",
    )
)
"""What a filter of resources calls volumes."""

_PATTERN = frozenset("*?[{")


class _Schedule:
    """A Schedule of Velero as namespaces see it."""

    def __init__(self, resource: Resource, *, live: bool) -> None:
        body = resource.body
        spec = body.get("spec", {})
        self.template: Body = spec.get("template", {})
        self.included: list[str] = self.template.get("includedNamespaces") or ["*"]
        self.excluded: list[str] = self.template.get("excludedNamespaces") or []
        self.name = f"Schedule {place(resource)}/{resource.ref.name}"
        self.off = _off(spec, body.get("status", {}) if live else {})
        self.unsure = _unsure(self.template)


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._claims: dict[str, int] = {}
        for one in world.resources:
            if one.ref.kind == "PersistentVolumeClaim":
                self._claims[place(one)] = self._claims.get(place(one), 0) + 1
        self._open: list[_Schedule] = []
        """Those that include by pattern, or all."""
        self._named: dict[str, list[_Schedule]] = {}
        known = sorted(world.of("Schedule"), key=lambda one: one.ref)
        for schedule in (_Schedule(one, live=world.live) for one in known):
            if any(_PATTERN.intersection(name) for name in schedule.included):
                self._open.append(schedule)
            else:
                for name in dict.fromkeys(schedule.included):
                    self._named.setdefault(name, []).append(schedule)
        self._velero = bool(known)
        self._limited = (
            ["Schedules of Velero stand in a namespace that was not read."] if world.namespaces else []
        )
        self._cron_jobs: dict[str, list[Resource]] = {}
        for one in world.of("CronJob"):
            self._cron_jobs.setdefault(place(one), []).append(one)
        broken = (one for one in world.resources if one.ref.kind == "Schedule" and one.content.refused)
        self._refused = next((f"{one.ref}: {one.content.refused}" for one in broken), "")

    def keys(self, resource: Resource) -> str | None:
        return resource.ref.name if resource.ref.kind == "Namespace" else None

    def value(self, resource: Resource) -> Any:
        if resource.ref.kind != "Namespace":
            return None
        name = resource.ref.name
        including = list(self._including(name))
        off = [f"{one.name} would, but {one.off}" for one, _ in including if one.off]
        unsure = [
            f"Whether {one.name} makes backups of all its claims is not known: {reason}."
            for one, reason in including
            if reason and not one.off
        ]
        running = sorted(one.ref.name for one in self._cron_jobs.get(name, ()) if not _is_suspended(one.body))
        return {
            "claims": self._claims.get(name, 0),
            "velero": self._velero,
            "covered": len(including) - len(off) - len(unsure),
            "off": bounded(off),
            "unsure": bounded([*self._limited, *unsure]),
            "cron_jobs": bounded(running),
        }

    def refused(self, resource: Resource) -> str:
        return self._refused if resource.ref.kind == "Namespace" else ""

    def _including(self, name: str) -> Iterator[tuple[_Schedule, str]]:
        """The Schedules that include a namespace, each with why it may leave some of it out, or ""."""
        for one in (*self._named.get(name, ()), *self._open):
            if name in one.excluded or "*" in one.excluded:
                continue
            sure = name in one.included or "*" in one.included
            # how a pattern is read depends on the version of Velero
            patterns = not sure or any(_PATTERN.intersection(text) for text in one.excluded)
            yield one, "it names namespaces by a pattern" if patterns else one.unsure


def _off(spec: Body, status: Body) -> str:
    """Say why a Schedule makes no backups of volumes, "" if it makes some."""
    template: Body = spec.get("template", {})
    if spec.get("paused") is True:
        return "it is paused"
    phase = status.get("phase") or "New"
    if phase not in ("Enabled", "New"):
        return f"it is in phase {phase}"
    included = {*_lower(template, "includedResources"), *_lower(template, "includedNamespaceScopedResources")}
    excluded = {*_lower(template, "excludedResources"), *_lower(template, "excludedNamespaceScopedResources")}
    if (included and included.isdisjoint(_VOLUMES)) or not excluded.isdisjoint(_VOLUMES):
        return "it leaves out volumes"
    return ""


def _unsure(template: Body) -> str:
    """Say why it may make backups of some volumes only, "" if of all."""
    if template.get("snapshotVolumes") is False and template.get("defaultVolumesToFsBackup") is not True:
        return "it takes no snapshots of volumes"
    if template.get("labelSelector") or template.get("orLabelSelectors"):
        return "it takes only what has certain labels"
    return ""


def _lower(template: Body, field: str) -> list[str]:
    return [name.lower().removesuffix(".v1") for name in template.get(field) or ()]


def _is_suspended(body: Body) -> bool:
    return bool(body.get("spec", {}).get("suspend", False))


BACKUP_SCHEDULES = Relation(
    "backup_schedules",
    ("Schedule", "PersistentVolumeClaim", "CronJob"),
    _Join,
    words="its claims, and the Schedules of Velero and the CronJobs that may back it up",
)

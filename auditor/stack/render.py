"""From a choice to objects, and to the YAML that is printed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auditor.errors import UsageError
from auditor.report.text import visible
from auditor.stack import alerts
from auditor.stack.choice import Choice
from auditor.stack.compose import compose, filled
from auditor.stack.emit import printed
from auditor.stack.patches import Object
from auditor.stack.shipped import Shipped

PROMETHEUS = ("StatefulSet", "prometheus")
"""Whose replicas --replicas sets."""


class Rendered(msgspec.Struct, frozen=True):
    """What is applied, and what there is to be told about it."""

    objects: list[Object]
    off: list[alerts.Off]
    idle_presets: list[str]
    """Presets that switch off no alert of what is chosen."""
    still_named: list[tuple[str, str, str]]
    """(alert, ConfigMap, file) where something goes by an alert that is switched off."""

    @property
    def text(self) -> str:
        """Return it as YAML: what kustomize prints, below the alerts that are switched off, if any are."""
        return self.head + printed(self.objects)

    @property
    def head(self) -> str:
        """Return comments that name every alert that is switched off, and why."""
        lines = [f"#   {visible(one.alert)} ({visible(one.by)}): {visible(one.reason)}\n" for one in self.off]
        return "".join(["# Alerts that are switched off:\n", *lines]) if lines else ""


def plain(shipped: Shipped, choice: Choice, several: Sequence[str] = ()) -> list[Object]:
    """Return the objects of the components with their settings, as a kustomize overlay gives them.

    `several` are settings that stand for more than one entry of a list, which no overlay can say.
    """
    lists = {key: choice.settings[key].split(",") for key in several}
    composed = compose(shipped, choice.components)
    return [filled(one, choice.settings, lists) for one in composed]


def render(shipped: Shipped, choice: Choice, wishes: alerts.Wishes) -> Rendered:
    """Return what a choice comes to; raise `UsageError` for replicas or alerts that cannot be as wished."""
    kinds = {key: shipped.registry.settings[key].kind for key in choice.settings}
    objects = plain(shipped, choice, [key for key, kind in kinds.items() if kind == "cidrs"])
    _set_replicas(objects, choice.replicas)
    _set_storage_class(objects, choice.storage_class)
    off, idle = alerts.select(shipped, objects, wishes)
    switched_off = {one.alert for one in off}
    alerts.switch_off(objects, switched_off)
    return Rendered(objects, off, idle, sorted(alerts.still_named(objects, switched_off)))


def _set_replicas(objects: Sequence[Object], replicas: int | None) -> None:
    if replicas is None:
        return
    for one in objects:
        if one["kind"] == "HorizontalPodAutoscaler":
            target = one["spec"]["scaleTargetRef"]
            if (target["kind"], target["name"]) == PROMETHEUS:
                raise UsageError(
                    f"--replicas {replicas}: an autoscaler decides how many there are",
                    "leave --replicas out, or add --without hpa-prometheus-literal",
                )
        if (one["kind"], one["metadata"]["name"]) == PROMETHEUS:
            one["spec"]["replicas"] = replicas


def _set_storage_class(objects: Sequence[Object], storage_class: str | None) -> None:
    """Every claim gets the class, whoever else set one."""
    if storage_class is None:
        return
    for one in objects:
        claims = [one] if one["kind"] == "PersistentVolumeClaim" else []
        claims += one.get("spec", {}).get("volumeClaimTemplates", [])
        for claim in claims:
            claim["spec"]["storageClassName"] = storage_class

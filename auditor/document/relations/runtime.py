"""`prometheus_runtime`, `alertmanager_runtime`: what a running program says of itself.

A list of {url, at, told} or, where one did not answer, {url, at, failure}, of a workload or an operator's
object; empty for what nobody named an address of. The user says which address belongs to which object, by
namespace and name; an operator's object has the answers of its pods. The list is never cut, since replicas
are compared: it is as long as the user made it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from auditor.document.kinds import WORKLOADS
from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Observation, Resource

_OPERATED = ("Prometheus", "Alertmanager")

_KINDS = frozenset((*WORKLOADS, *_OPERATED))

_NOBODY = ("", "")
"""The key of all that nobody named an address of."""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, program: str, world: World) -> None:
        self._observations: dict[tuple[str, str], list[Observation]] = {}
        for one in world.observations:
            if one.program == program:
                self._observations.setdefault((one.namespace, one.name), []).append(one)
        self._pods: dict[int, tuple[str, str]] = {}
        """Of live pods, whose they are: one that differs from its template is judged with its owner."""
        for head in world.heads if self._observations else ():
            key = place(head.resource), head.resource.ref.name
            if key in self._observations:
                self._pods.update((id(pod), key) for pod in head.pods)

    def keys(self, resource: Resource) -> tuple[str, str] | None:
        if resource.ref.kind not in _KINDS:
            return None
        key = self._pods.get(id(resource)) or (place(resource), resource.ref.name)
        return key if key in self._observations else _NOBODY

    def value(self, resource: Resource) -> Any:
        key = self.keys(resource)
        return None if key is None else [_told(one) for one in self._observations.get(key, ())]

    def refused(self, resource: Resource) -> str:  # noqa: ARG002
        return ""


def _told(one: Observation) -> dict[str, Any]:
    return {"url": one.url, "at": one.at} | ({"failure": one.failure} if one.failure else {"told": one.told})


def _relation(program: str) -> Relation:
    words = f"what a running {program.capitalize()} says of itself"
    return Relation(f"{program}_runtime", (), partial(_Join, program), words=words, observed=program)


PROMETHEUS_RUNTIME = _relation("prometheus")

ALERTMANAGER_RUNTIME = _relation("alertmanager")

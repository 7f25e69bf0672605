"""`volume_claims`: the PersistentVolumeClaims that a workload uses, {total, items}.

An item is {volume, name, created?, capacity?, accessModes?, storageClass?, reclaimPolicy?, predicted?}:
`volume` as the pod spec or the claim template calls it, `created` since when the claim is there, `capacity`
as it is, or else as it is asked for. What a StatefulSet makes is told by its claims, where there are none
so far by the template; an operator's object has the claims of the StatefulSets that are made from it.
`predicted` is there where no volume is bound so far: its class decides. Of a claim that is not among what
was read nothing is told but its name.
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.document.normalise import pod_holder
from auditor.document.pointer import canonical
from auditor.document.relations.bounded import bounded
from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource

KINDS = ("PersistentVolumeClaim", "PersistentVolume", "StorageClass")

_OPERATED = ("Prometheus", "Alertmanager")

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class _Asked(msgspec.Struct, frozen=True):
    """A claim that a pod mounts, or, with a `template`, the claims that a StatefulSet makes."""

    volume: str
    name: str
    template: bytes = b""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._live = world.live
        self._claims: dict[tuple[str, str], Resource] = {}
        self._made: dict[tuple[str, str], list[Resource]] = {}
        """By what stands before the number of the replica."""
        self._others: dict[tuple[str, str], Resource] = {}
        self._default = ""
        self._operated: dict[str, list[Resource]] = {}
        """By uid of an operator's object, the StatefulSets made from it."""
        for one in world.of("StatefulSet") if world.live else ():
            if one.owner and one.owner.ref.kind in _OPERATED:
                self._operated.setdefault(one.owner.uid, []).append(one)
        for one in sorted(_of_kinds(world), key=lambda one: one.ref):
            if one.ref.kind != "PersistentVolumeClaim":
                self._others[one.ref.kind, one.ref.name] = one
                if one.ref.kind == "StorageClass" and not one.content.refused:
                    chosen = _at(one.body, "metadata", "annotations", _DEFAULT_CLASS) == "true"
                    self._default = one.ref.name if chosen else self._default
                continue
            self._claims[place(one), one.ref.name] = one
            prefix, _, number = one.ref.name.rpartition("-")
            if number.isdecimal():
                self._made.setdefault((place(one), prefix), []).append(one)

    def keys(self, resource: Resource) -> tuple[str, tuple[_Asked, ...]] | None:
        if resource.content.refused:
            return None
        if resource.ref.kind in _OPERATED and (made := self._operated.get(resource.uid)):
            return place(resource), tuple(chain.from_iterable(map(_asked, made)))
        return (place(resource), tuple(_asked(resource))) if resource.ref.kind in WORKLOADS else None

    def value(self, resource: Resource) -> Any:
        keys = self.keys(resource)
        if keys is None:
            return None
        where, asked = keys
        return bounded(item for one in asked for item in self._items(where, one))

    def refused(self, resource: Resource) -> str:
        where, asked = self.keys(resource) or ("", ())
        for claim in (claim for one in asked for claim in self._found(where, one)):
            for one in (claim, *self._behind(claim)):
                if reason := one.content.refused:
                    return f"{one.ref}: {reason}"
        return ""

    def _found(self, where: str, asked: _Asked) -> list[Resource]:
        if asked.template:
            return self._made.get((where, asked.name), [])
        found = self._claims.get((where, asked.name))
        return [found] if found else []

    def _behind(self, claim: Resource) -> Iterator[Resource]:
        """The volume of a claim, or the class that would make it."""
        if not claim.content.refused:
            volume, name = _volume_and_class(claim.body, self._default)
            key = ("PersistentVolume", volume) if volume else ("StorageClass", name)
            if key in self._others:
                yield self._others[key]

    def _items(self, where: str, asked: _Asked) -> Iterator[dict[str, Any]]:
        found = self._found(where, asked)
        for claim in found:
            created = _at(claim.body, "metadata", "creationTimestamp")
            since = {"created": created} if created and self._live else {}
            yield {"volume": asked.volume, "name": claim.ref.name, **since, **self._told(claim.body)}
        if not found:
            template = msgspec.json.decode(asked.template) if asked.template else None
            yield {
                "volume": asked.volume,
                "name": asked.name,
                **(self._told({"spec": template.get("spec")}) if template else {}),
            }

    def _told(self, claim: Body) -> dict[str, Any]:
        volume, name = _volume_and_class(claim, self._default)
        status = claim.get("status") if self._live else None
        told = {
            "capacity": _at(status, "capacity", "storage")
            or _at(claim, "spec", "resources", "requests", "storage"),
            "accessModes": _at(claim, "spec", "accessModes"),
            "storageClass": name,
        }
        if volume:
            bound = self._others.get(("PersistentVolume", volume))
            if bound:
                told["reclaimPolicy"] = _at(bound.body, "spec", "persistentVolumeReclaimPolicy") or "Retain"
        elif name and ("StorageClass", name) in self._others:
            told["reclaimPolicy"] = self._others["StorageClass", name].body.get("reclaimPolicy") or "Delete"
            told["predicted"] = True
        return {key: value for key, value in told.items() if value}


def _of_kinds(world: World) -> Iterator[Resource]:
    return (one for one in world.resources if one.ref.kind in KINDS)


def _asked(resource: Resource) -> Iterator[_Asked]:
    body = resource.body
    holder = pod_holder(body)
    made = set()
    if resource.ref.kind == "StatefulSet":
        for one in _at(body, "spec", "volumeClaimTemplates") or ():
            name = str(_at(one, "metadata", "name") or "")
            made.add(name)
            yield _Asked(name, f"{name}-{resource.ref.name}", canonical.encode(one))
    for one in holder["spec"].get("volumes", ()) if holder else ():
        name = _at(one, "persistentVolumeClaim", "claimName")
        # a template takes the place of a volume of its name
        if isinstance(name, str) and one.get("name") not in made:
            yield _Asked(str(one.get("name", "")), name)


def _volume_and_class(claim: Body, default: str) -> tuple[str, str]:
    """The names of the volume that a claim is bound to and of its class, each "" if there is none.

    A class of "" asks for none; where nothing is said of it, it is the default one.
    """
    name = _at(claim, "spec", "storageClassName")
    return str(_at(claim, "spec", "volumeName") or ""), default if name is None else str(name)


def _at(value: Any, *keys: str) -> Any:
    """What lies below these keys, None where there is nothing, or no mapping on the way."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


VOLUME_CLAIMS = Relation(
    "volume_claims",
    KINDS,
    _Join,
    words="the PersistentVolumeClaims that it uses, with their volumes and classes",
)

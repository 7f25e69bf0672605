"""`configuration_files`: the configuration files that a workload mounts from ConfigMaps, {total, items}.

An item is {container, volume, path, source, settings | fault}: `path` is the file as the container sees it,
`source` says which key of which ConfigMap it is, `settings` are those of `document/settings.py`, with
`looks_back` {seconds, rule} in place of rules. A file that is none of a program we know is left out, as is
what lies in a ConfigMap that is not among what was read. A file that another container writes from one of
these (filled_files.py) is there for who reads it.
https://kubernetes.io/docs/concepts/storage/volumes/#configmap
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from auditor.document.configuration import FIELD
from auditor.document.kinds import WORKLOADS
from auditor.document.normalise import pod
from auditor.document.relations.bounded import bounded
from auditor.document.relations.filled_files import Filling, Mount, fillings
from auditor.document.relations.heads import place
from auditor.document.relations.relation import Relation, World
from auditor.model import Body, Resource

_PROGRAMS = (b"prometheus", b"loki", b"enterprise-logs")
"""What stands in every workload that runs one of them: the others are not even decoded."""


class _Source(msgspec.Struct, frozen=True):
    """A ConfigMap in a volume."""

    name: str
    items: tuple[tuple[str, str], ...] = ()
    """Keys, and the paths that they have in the volume; without any, all keys are there by their names."""


class _Mounted(msgspec.Struct, frozen=True):
    """What there is to be looked at in a pod spec."""

    sources: tuple[tuple[Mount, tuple[_Source, ...]], ...]
    """Volumes with ConfigMaps, as containers see them."""
    fillings: tuple[Filling, ...]


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._maps = {
            (place(one), one.ref.name): one for one in world.resources if one.ref.kind == "ConfigMap"
        }
        self._mounts: dict[int, _Mounted] = {}
        """By content: asked for twice, of thousands of workloads that mount nothing of this kind."""

    def keys(self, resource: Resource) -> tuple[str, _Mounted] | None:
        mounted = self._mounted(resource)
        return None if mounted is None else (place(resource), mounted)

    def value(self, resource: Resource) -> Any:
        mounted = self._mounted(resource)
        if mounted is None:
            return None
        items = [item for one in mounted.sources for item in self._items(place(resource), *one)]
        fill = {one.container for one in mounted.fillings}
        seen = [one for one in (*_filled(items, mounted.fillings), *items) if one["container"] not in fill]
        # where there are too many, those that set nothing are left out
        return bounded(sorted(map(_short, seen), key=lambda one: not one.get("settings", True)))

    def refused(self, resource: Resource) -> str:
        mounted = self._mounted(resource)
        for _, sources in mounted.sources if mounted else ():
            for source in sources:
                found = self._maps.get((place(resource), source.name))
                if found and (reason := found.content.refused):
                    return f"{found.ref}: {reason}"
        return ""

    def _mounted(self, resource: Resource) -> _Mounted | None:
        if resource.ref.kind not in WORKLOADS or resource.content.refused:
            return None
        if not any(name in resource.content.json for name in _PROGRAMS):
            return None
        key = id(resource.content)
        if key not in self._mounts:
            self._mounts[key] = _look(resource.body)
        return self._mounts[key]

    def _items(self, where: str, mount: Mount, sources: tuple[_Source, ...]) -> Iterator[dict[str, Any]]:
        for source in sources:
            found = self._maps.get((where, source.name))
            if not found or found.content.refused:
                continue
            for key, told in sorted(found.body.get(FIELD, {}).items()):
                for name in _names(source, key):
                    if path := mount.inside(name):
                        yield {
                            "container": mount.container,
                            "volume": mount.volume,
                            "path": path,
                            "source": f"{key} of ConfigMap {source.name}",
                            **told,
                        }


def _filled(items: Sequence[Body], fillings: Sequence[Filling]) -> list[dict[str, Any]]:
    """What containers write from these files, and for whom; two that write it must agree."""
    written: dict[tuple[str, str, str], dict[str, Any]] = {}
    for filling in fillings:
        read = (one for one in items if (one["container"], one["path"]) == (filling.container, filling.path))
        for one in read:
            for where in filling.places:
                container, volume, path = where
                told = filling.fill({key: one[key] for key in ("settings", "fault") if key in one})
                source = f"{one['source']}, filled in by container {filling.container}"
                item = {"container": container, "volume": volume, "path": path, "source": source, **told}
                other = written.setdefault(where, item)
                if other.get("settings") != item.get("settings"):
                    written[where] = {
                        **{key: item[key] for key in ("container", "volume", "path")},
                        "source": one["source"],
                        "fault": "containers fill it in with different values",
                    }
    return list(written.values())


def _short(item: dict[str, Any]) -> dict[str, Any]:
    """A file without rules and jobs, which are judged in their ConfigMap; how far rules look back is left."""
    settings = item.get("settings")
    if settings is None or not settings.keys() & {"groups", "scrape_configs"}:
        return item
    rest = {key: value for key, value in settings.items() if key not in ("groups", "scrape_configs")}
    rules = [rule for group in settings.get("groups", ()) for rule in group.get("rules", ())]
    back = [(rule.get("query", {}).get("seconds", 0), rule) for rule in rules]
    if back and (farthest := max(back, key=lambda one: one[0]))[0]:
        seconds, rule = farthest
        rest["looks_back"] = {"seconds": seconds, "rule": rule.get("alert") or rule.get("record") or ""}
    return {**item, "settings": rest}


def _look(body: Body) -> _Mounted:
    view, containers = pod(body) or ({"spec": {}}, [])
    volumes = {one.get("name", ""): tuple(_sources(one)) for one in view["spec"].get("volumes", ())}
    mounts = tuple(_mounts(containers))
    return _Mounted(
        tuple((one, volumes[one.volume]) for one in mounts if volumes.get(one.volume)),
        tuple(fillings(containers, mounts)),
    )


def _mounts(containers: Sequence[Body]) -> Iterator[Mount]:
    for container in containers:
        for one in container["body"].get("volumeMounts", ()):
            name, path = one.get("name", ""), one.get("mountPath", "")
            # the value of subPathExpr is known in the running container only
            if path and "subPathExpr" not in one:
                yield Mount(
                    container["name"], name, posixpath.normpath(path), one.get("subPath", "").strip("/")
                )


def _sources(volume: Body) -> Iterator[_Source]:
    """The ConfigMaps of a volume, alone or projected with others; what stands there may be of any type."""
    projected = _mapping(volume.get("projected")).get("sources")
    for holder in (volume, *(projected or ())):
        source = _mapping(_mapping(holder).get("configMap"))
        name = source.get("name")
        if isinstance(name, str):
            items = source.get("items")
            listed = [_mapping(one) for one in items] if isinstance(items, list) else []
            yield _Source(name, tuple((str(one.get("key", "")), str(one.get("path", ""))) for one in listed))


def _mapping(value: Any) -> Body:
    return value if isinstance(value, dict) else {}


def _names(source: _Source, key: str) -> list[str]:
    """What a key is called in its volume."""
    return [path for one, path in source.items if one == key] if source.items else [key]


CONFIGURATION_FILES = Relation(
    "configuration_files",
    ("ConfigMap",),
    _Join,
    words="the configuration files of Prometheus and Loki that it mounts from ConfigMaps",
)

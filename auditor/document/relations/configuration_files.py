"""`configuration_files`: the configuration files that a workload mounts from ConfigMaps, {total, items}.

An item is {container, volume, path, source, settings | fault}: `path` is the file as the container sees it,
`source` says which key of which ConfigMap it is, `settings` are those of `document/settings.py`. A file that
is none of a program we know is left out, as is what lies in a ConfigMap that is not among what was read.
https://kubernetes.io/docs/concepts/storage/volumes/#configmap
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

import msgspec

from auditor.document.configuration import FIELD
from auditor.document.kinds import WORKLOADS
from auditor.document.normalise import pod
from auditor.document.relations.bounded import bounded
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


class _Mount(msgspec.Struct, frozen=True):
    """A volume with ConfigMaps in a container."""

    container: str
    volume: str
    path: str
    part: str
    """Which part of the volume is seen there; "" for all of it."""
    sources: tuple[_Source, ...]


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._maps = {
            (place(one), one.ref.name): one for one in world.resources if one.ref.kind == "ConfigMap"
        }
        self._mounts: dict[int, tuple[_Mount, ...]] = {}
        """By content: asked for twice, of thousands of workloads that mount nothing of this kind."""

    def keys(self, resource: Resource) -> tuple[str, tuple[_Mount, ...]] | None:
        mounts = self._mounted(resource)
        return None if mounts is None else (place(resource), mounts)

    def value(self, resource: Resource) -> Any:
        mounts = self._mounted(resource)
        if mounts is None:
            return None
        return bounded(item for one in mounts for item in self._items(place(resource), one))

    def refused(self, resource: Resource) -> str:
        for mount in self._mounted(resource) or ():
            for source in mount.sources:
                found = self._maps.get((place(resource), source.name))
                if found and (reason := found.content.refused):
                    return f"{found.ref}: {reason}"
        return ""

    def _mounted(self, resource: Resource) -> tuple[_Mount, ...] | None:
        if resource.ref.kind not in WORKLOADS or resource.content.refused:
            return None
        if not any(name in resource.content.json for name in _PROGRAMS):
            return None
        key = id(resource.content)
        if key not in self._mounts:
            self._mounts[key] = tuple(_mounts(resource.body))
        return self._mounts[key]

    def _items(self, where: str, mount: _Mount) -> Iterator[dict[str, Any]]:
        for source in mount.sources:
            found = self._maps.get((where, source.name))
            if not found or found.content.refused:
                continue
            for key, told in sorted(found.body.get(FIELD, {}).items()):
                for name in _names(source, key):
                    if path := _path(mount, name):
                        yield {
                            "container": mount.container,
                            "volume": mount.volume,
                            "path": path,
                            "source": f"{key} of ConfigMap {source.name}",
                            **told,
                        }


def _mounts(body: Body) -> Iterator[_Mount]:
    view, containers = pod(body) or ({"spec": {}}, [])
    volumes = {one.get("name", ""): tuple(_sources(one)) for one in view["spec"].get("volumes", ())}
    for container in containers:
        for one in container["body"].get("volumeMounts", ()):
            name, path = one.get("name", ""), one.get("mountPath", "")
            # the value of subPathExpr is known in the running container only
            if path and volumes.get(name) and "subPathExpr" not in one:
                part = one.get("subPath", "").strip("/")
                yield _Mount(container["name"], name, posixpath.normpath(path), part, volumes[name])


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


def _path(mount: _Mount, name: str) -> str:
    """Where a container sees a file of a volume, "" if it does not."""
    if not mount.part:
        return posixpath.join(mount.path, name)
    if name == mount.part:
        return mount.path
    inner = name.removeprefix(f"{mount.part}/")
    return posixpath.join(mount.path, inner) if inner != name else ""


CONFIGURATION_FILES = Relation(
    "configuration_files",
    ("ConfigMap",),
    _Join,
    words="the configuration files of Prometheus and Loki that it mounts from ConfigMaps",
)

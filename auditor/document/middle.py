"""What stands between pods and their owners: of a ReplicaSet or Job with a controller a row is enough.

A cluster has ten emptied ReplicaSets for each Deployment, its history, and one or two that have
pods: none of them is judged, the Deployment is. Only where the controller turns out to be of no
kind that we read, or gone, does the object itself answer for its pods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from auditor.document.keep import NOTHING, OwnerReference, keep, named
from auditor.model import Body, Content, Resource, ResourceRef

MIDDLE = frozenset({"ReplicaSet", "Job"})
"""The kinds concerned."""

_OWNED = Content(b"{}", "its controller answers for it")
"""Instead of what an object holds whose controller is there."""


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    owner_references: list[OwnerReference] | None = None


class _Spec(msgspec.Struct):
    replicas: int | None = None


class _Header(msgspec.Struct):
    """As much of an object as must be decoded to see where it belongs."""

    metadata: _Metadata
    spec: _Spec | None = None


class Row(msgspec.Struct, frozen=True):
    """What has a controller, until it is known whether that is there."""

    resource: Resource
    """Without a content, unless it is settled."""
    json: bytes
    """The object; empty if it is settled that nothing of it is judged."""
    emptied: bool = False
    """It is a ReplicaSet of no pods: history, unless pods of it still live."""


def row(kind: str, api_version: str, data: bytes | msgspec.Raw) -> Row | None:
    """Return the row of an object, None if nobody controls it; raises msgspec's errors."""
    header = msgspec.json.decode(data, type=_Header)
    metadata = header.metadata
    for one in metadata.owner_references or ():
        if one.controller:
            ref = ResourceRef(api_version, kind, metadata.name, metadata.namespace)
            emptied = kind == "ReplicaSet" and header.spec is not None and header.spec.replicas == 0
            resource = Resource(ref, NOTHING, metadata.uid, named(one, metadata.namespace))
            return Row(resource, bytes(data), emptied)
    return None


def settled(rows: Iterable[Row], owners: Collection[tuple[str, str]]) -> list[Row]:
    """Drop the JSON of those whose controller is there.

    `owners` are namespace and uid of all that may control: what is settled, and these rows themselves.
    """
    return [
        Row(msgspec.structs.replace(one.resource, content=_OWNED), b"", one.emptied)
        if (owner := one.resource.owner) and (one.resource.ref.namespace, owner.uid) in owners
        else one
        for one in rows
    ]


def resources(rows: Iterable[Row], living: Collection[str]) -> Iterator[Resource]:
    """Yield what becomes of settled rows; `living` are the uids of those that own live pods."""
    for one in rows:
        if one.emptied and one.resource.uid not in living:
            yield msgspec.structs.replace(one.resource, content=NOTHING, finished=True)
        elif one.json:
            yield keep(one.resource.ref, msgspec.json.decode(one.json, type=Body))
        else:
            yield one.resource

"""What stands between pods and their owners: of a ReplicaSet or Job with a controller a row is enough.

A cluster has ten emptied ReplicaSets for each Deployment, its history, and one or two that have
pods: none of them is judged, the Deployment is. Only where the controller turns out to be of no
kind that we read, or gone, does the object itself answer for its pods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

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


class Middle:
    """The rows of what has a controller, until it is known whether that is there."""

    def __init__(self, living: Collection[str]) -> None:
        """`living` are the uids of those that own live pods; it is filled before rows are made."""
        self._living = living
        self.waiting: list[tuple[Resource, bytes]] = []
        """Rows of complete lists, with the JSON of the objects."""

    def row(self, kind: str, api_version: str, data: bytes | msgspec.Raw) -> Resource | None:
        """Return the row of an object, None if nobody controls it; raises msgspec's errors.

        A row that is finished needs no more: an emptied ReplicaSet without live pods is history.
        """
        header = msgspec.json.decode(data, type=_Header)
        metadata = header.metadata
        for one in metadata.owner_references or ():
            if one.controller:
                ref = ResourceRef(api_version, kind, metadata.name, metadata.namespace)
                emptied = kind == "ReplicaSet" and header.spec is not None and header.spec.replicas == 0
                owner = named(one, metadata.namespace)
                history = emptied and metadata.uid not in self._living
                return Resource(ref, NOTHING, metadata.uid, owner, finished=history)
        return None

    def resources(self, owners: Collection[tuple[str, str]]) -> Iterator[Resource]:
        """Yield what waited; `owners` are namespace and uid of all controllers that were read."""
        known = {*owners, *((row.ref.namespace, row.uid) for row, _ in self.waiting)}
        for row, data in self.waiting:
            if row.owner and (row.ref.namespace, row.owner.uid) in known:
                yield msgspec.structs.replace(row, content=_OWNED)
            else:
                yield keep(row.ref, msgspec.json.decode(data, type=Body))

"""How a record names objects of a cluster and places in manifests."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Where in the manifests something stands."""

    path: str
    document: int
    """Counted from 1."""
    line: int
    """Counted from 1."""


class ObjectRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """An object named in the record."""

    kind: str
    name: str
    apiVersion: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class ResourceEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The object that a finding sits on."""

    apiVersion: str
    kind: str
    namespace: str
    """Empty for cluster-wide kinds."""
    name: str
    source: Place | None = None
    managed_by: ObjectRef | None = None

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

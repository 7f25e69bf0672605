"""What is to be on the cluster: checked, cleaned of what only a server writes, and marked as ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.collect.compose import YamlError
from auditor.collect.yaml import documents
from auditor.document.pointer import canonical, digest
from auditor.errors import UsageError
from auditor.stack.compose import identity
from auditor.stack.live.order import rank
from auditor.stack.patches import Object

PART_OF = "applyset.kubernetes.io/part-of"
"""The label of members of an ApplySet: https://kubernetes.io/docs/reference/labels-annotations-taints/"""

INVENTORY = "auditor-stack"
"""The name of the ConfigMap that knows what was applied, and of the Lease beside it."""

_BY_SERVER = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""
    labels: dict[str, str] | None = None


class _Head(msgspec.Struct):
    apiVersion: str
    kind: str
    metadata: _Metadata


class Wanted(msgspec.Struct, frozen=True):
    """Objects as they are sent, in the order in which they are."""

    home: str
    """The namespace of the inventory."""
    objects: tuple[Object, ...]

    @property
    def identities(self) -> list[str]:
        """Of all objects."""
        return [identity(one) for one in self.objects]

    @property
    def digest(self) -> str:
        """The sha256 of all that is no Secret."""
        return digest(canonical.encode(without_secrets(self.objects)))


def wanted(home: str, objects: Sequence[Object]) -> Wanted:
    """Return what is sent for rendered objects; raises `UsageError` for an object that is there twice."""
    label = applyset(home)
    sent = [_marked(one, label) for one in objects]
    twice = [one for one in {identity(one): 0 for one in sent} if sum(identity(o) == one for o in sent) > 1]
    if twice:
        raise UsageError(f"{named(twice[0])} is there twice", "leave one of them out")
    return Wanted(home, tuple(sorted(sent, key=rank)))


def read(text: bytes, where: str) -> list[Object]:
    """Return the objects of an overlay that kustomize rendered; raises `UsageError` for what is none."""
    found: list[Object] = []
    for one in documents(text):
        if isinstance(one, YamlError):
            raise UsageError(f"{where}: line {one.line}: {one}")
        if not isinstance(one.value, dict):
            raise UsageError(f"{where}: a document is no object")
        found += _flat(one.value)
    try:
        check(found)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    return found


def check(objects: Sequence[Object]) -> None:
    """Raise `ValueError` for an object that cannot be one: all others can be asked for."""
    for one in objects:
        try:
            head = msgspec.convert(one, _Head)
        except msgspec.ValidationError as error:
            raise ValueError(f"an object that is none: {error}") from None
        if any("/" in part or not part for part in (head.kind, head.metadata.name)):
            raise ValueError(f"no object can be called {head.kind} {head.metadata.name!r}")
        if not isinstance(one.get("spec", {}), dict):
            raise ValueError(f"{head.kind} {head.metadata.name}: its spec is no mapping")


def without_secrets(objects: Sequence[Object]) -> list[Object]:
    """Return the objects that may be kept."""
    return [one for one in objects if one["kind"] != "Secret"]


def applyset(home: str) -> str:
    """Return the id of the ApplySet whose parent is the inventory in a namespace."""
    hashed = hashlib.sha256(f"{INVENTORY}.{home}.ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(hashed).decode().rstrip('=')}-v1"


def named(one: str) -> str:
    """Return an identity as people read it: KIND NAMESPACE/NAME."""
    _, kind, namespace, name = one.split("/", 3)
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def shell(one: str, api_version: str) -> Object:
    """Return as much of an object as it takes to ask for it."""
    _, kind, namespace, name = one.split("/", 3)
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _flat(value: Mapping[str, Any]) -> Iterator[Object]:
    items = value.get("items")
    if str(value.get("kind", "")).endswith("List") and isinstance(items, list):
        yield from (one for one in items if isinstance(one, dict))
    else:
        yield dict(value)


def _marked(one: Object, label: str) -> Object:
    metadata = {key: value for key, value in one["metadata"].items() if key not in _BY_SERVER}
    metadata["labels"] = {**(metadata.get("labels") or {}), PART_OF: label}
    return {**{key: value for key, value in one.items() if key != "status"}, "metadata": metadata}

"""Who set what a finding is about: what is kept of managedFields, and who owns a place.

managedFields are half of an object's bytes, and no part of a document. Of what answers for itself
in a cluster the fields are kept as they came, those of the status left out, and looked into only
where a verdict fails. Pods have none: whoever made them did not decide what is in them. Nor have
Nodes, and custom kinds, whose lists may have anything for a key.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from auditor.document.credentials import classify
from auditor.document.pointer import canonical, index, split
from auditor.model import Body, Manager, SetBy

MAX_MANAGERS = 20
"""Entries of an object that are kept."""

MAX_BYTES = 64 * 1024
"""Of the fields of one entry; of a larger one nothing is kept."""


def managers(metadata: Mapping[str, Any]) -> tuple[Manager, ...]:
    """Return what is kept of the managedFields in the metadata of an object that came from a cluster."""
    fields = metadata.get("managedFields")
    return tuple(_entries(fields))[:MAX_MANAGERS] if isinstance(fields, list) else ()


def set_by(kept: Sequence[Manager], body: Body, path: str) -> SetBy | None:
    """Return who owns what lies at a path of an object, or who put there what it lies in.

    Of several owners it is the one that changed something last. None where nobody is known to have
    decided anything: a field that is missing from the spec itself.
    """
    tokens = split(path)
    best: tuple[int, str, Manager] | None = None
    for one in kept:
        depth = _reach(_tree(one.fields), body, tokens)
        if depth and (best is None or (depth, one.time) > best[:2]):
            best = (depth, one.time, one)
    if best is None:
        return None
    depth, time, found = best
    owned = "/".join(path.split("/")[: depth + 1])
    return SetBy(found.manager, found.operation, time, found.subresource, "" if owned == path else owned)


def _entries(fields: Sequence[Any]) -> Iterator[Manager]:
    for one in fields:
        if not isinstance(one, Mapping) or one.get("subresource") == "status":
            continue
        owned, manager = one.get("fieldsV1"), one.get("manager")
        if not (isinstance(owned, dict) and isinstance(manager, str)) or classify(manager):
            continue
        kept = {key: value for key, value in owned.items() if key != "f:status"}
        encoded = canonical.encode(kept)
        if not kept or len(encoded) > MAX_BYTES:
            continue
        if b'"v:' in encoded:  # the values of a set, which may be anything
            encoded = canonical.encode(_without_values(kept))
        operation, time, subresource = (
            word if isinstance(word := one.get(name), str) else ""
            for name in ("operation", "time", "subresource")
        )
        yield Manager(manager, operation, time, subresource, _shared(encoded))


@lru_cache(maxsize=512)
def _shared(encoded: bytes) -> bytes:
    """The same bytes, once: what one tool makes of one template has the same fields."""
    return encoded


def _without_values(fields: Any) -> Any:
    if not isinstance(fields, dict):
        return fields
    return {key: _without_values(value) for key, value in fields.items() if not key.startswith("v:")}


@lru_cache(maxsize=64)
def _tree(encoded: bytes) -> dict[str, Any]:
    """The fields of an entry, decoded: findings of one object come one after the other."""
    return _mapping(encoded)


def _reach(fields: dict[str, Any], body: Any, tokens: Sequence[str]) -> int:
    """How many of the tokens lead to what these fields own: the place, or what lies around it; else 0.

    `{}` owns a value, or a mapping that others fill; beside fields in it, "." says the same.
    """
    here, owned = body, 0
    for depth, token in enumerate(tokens, start=1):
        if isinstance(here, list):
            place = index(token, here)
            here = None if place is None else here[place]
            below = _entry(fields, here)
        else:
            here = here.get(token) if isinstance(here, dict) else None
            below = fields.get(f"f:{token}")
        if not isinstance(below, dict):
            return owned
        if not below or "." in below:
            owned = depth
        fields = below
    return owned


def _entry(fields: dict[str, Any], entry: Any) -> dict[str, Any] | None:
    """What is owned of an entry of a list that is told apart by some of its fields."""
    if isinstance(entry, dict):
        for key, below in fields.items():
            if key.startswith("k:") and _keys(key).items() <= entry.items():
                return below if isinstance(below, dict) else None
    return None


@lru_cache(maxsize=1024)
def _keys(key: str) -> dict[str, Any]:
    """The fields that a key names: `k:{"name":"web"}`."""
    return _mapping(key[2:]) or {"": None}


def _mapping(encoded: bytes | str) -> dict[str, Any]:
    """A mapping in JSON; empty where it is none: a snapshot may come from anybody."""
    try:
        found = msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

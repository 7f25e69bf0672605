"""Who else owns a field that is to be changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.collect.fault import ApiError, Cause
from auditor.stack.patches import Object

_WHO = re.compile(r'conflict with "(?P<manager>.*?)"(?: with subresource "(?P<subresource>[^"]*)")?')
_REASON = "FieldManagerConflict"


class Conflict(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field that somebody else owns, who wants another value."""

    field: str
    """As the API server names it: `.spec.replicas`."""
    manager: str
    operation: str = ""
    subresource: str = ""
    time: str = ""
    """When this manager last changed anything of the object."""


def conflicts(error: ApiError, live: Object | None) -> list[Conflict]:
    """Return the conflicts that an answer names, with what the object says of who it was."""
    entries = managed(live or {})
    return [_conflict(cause, entries) for cause in error.causes if cause.reason == _REASON]


def managed(live: Object) -> list[Mapping[str, Any]]:
    """Return the entries of managedFields."""
    found = live.get("metadata", {}).get("managedFields") or []
    return [one for one in found if isinstance(one, dict)]


def owned(live: Object, manager: str, operation: str = "Apply") -> Any:
    """Return the fields that a manager owns by an operation; None where it owns none."""
    for one in managed(live):
        if one.get("manager") == manager and one.get("operation") == operation and not one.get("subresource"):
            return one.get("fieldsV1")
    return None


def _conflict(cause: Cause, entries: Iterable[Mapping[str, Any]]) -> Conflict:
    found = _WHO.search(cause.message)
    manager = found["manager"] if found else cause.message
    subresource = (found["subresource"] if found else "") or ""
    theirs = [
        one for one in entries if one.get("manager") == manager and one.get("subresource", "") == subresource
    ]
    last = max(theirs, key=lambda one: str(one.get("time", "")), default={})
    return Conflict(
        cause.field, manager, str(last.get("operation", "")), subresource, str(last.get("time", ""))
    )

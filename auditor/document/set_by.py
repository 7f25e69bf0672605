"""Who set the number of replicas: what is left of managedFields and of the last applied configuration.

Both hold the object once more and are dropped; an autoscaler's rival is told by a few of their words.
On the API server 1.36 (tests/availability/test_set_by.py): an object that is created has the default
`replicas: 1` under its creator; the scale subresource takes the field away from everybody else, and
owns it itself only where somebody did; its entry has no time, and one that applied may have lost its.
https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.model import Body

SCALABLE = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
"""The kinds with a field `spec.replicas` that autoscalers write."""

FIELD = "setBy"
"""Where it is kept in the metadata of an object; what an object says there by itself is nothing."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MAX_MANAGERS = 20


def with_set_by(body: Body) -> Body:
    """Return an object, which has metadata, with `metadata.setBy.replicas` where anything is known of it.

    {managers?: [{manager, operation, subresource?, time?}], applied?, declared?}: who owns the field,
    what kubectl last applied, and what a manifest asks for, which nobody has applied yet.
    """
    metadata = {key: value for key, value in body["metadata"].items() if key != FIELD}
    if body["kind"] in SCALABLE and (told := _replicas(body, metadata)):
        metadata[FIELD] = {"replicas": told}
    return {**body, "metadata": metadata}


def _replicas(body: Body, metadata: Mapping[str, Any]) -> dict[str, Any]:
    fields = metadata.get("managedFields")
    managers = list(_managers(fields))[:_MAX_MANAGERS]
    told: dict[str, Any] = {"managers": managers} if managers else {}
    annotations = metadata.get("annotations")
    applied = annotations.get(LAST_APPLIED) if isinstance(annotations, Mapping) else None
    if isinstance(applied, str) and (number := _asked(applied)) is not None:
        told["applied"] = number
    number = _number(_in(body, "spec", "replicas"))
    if not fields and number is not None:
        told["declared"] = number
    return told


def _managers(fields: Any) -> Iterator[dict[str, str]]:
    for one in fields if isinstance(fields, list) else ():
        owned = _in(one, "fieldsV1", "f:spec")
        if isinstance(owned, Mapping) and "f:replicas" in owned:
            words = ((name, one.get(name)) for name in ("manager", "operation", "subresource", "time"))
            yield {name: word for name, word in words if isinstance(word, str) and word}


def _asked(applied: str) -> int | None:
    """`spec.replicas` of an object in JSON; anybody may have written it."""
    try:
        return _number(_in(msgspec.json.decode(applied), "spec", "replicas"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _in(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

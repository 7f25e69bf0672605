"""One line of an audit log: the few fields of an event that tell who used which right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

VERSION = "audit.k8s.io/v1"


class _User(msgspec.Struct, frozen=True):
    username: str = ""


class _Object(msgspec.Struct, frozen=True, rename="camel"):
    resource: str = ""
    name: str = ""
    api_group: str = ""
    subresource: str = ""


class _Annotations(msgspec.Struct, frozen=True):
    decision: str = msgspec.field(default="", name="authorization.k8s.io/decision")
    reason: str = msgspec.field(default="", name="authorization.k8s.io/reason")


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of an event; the rest of it is not even decoded."""

    stage: str
    verb: str
    user: _User
    stage_timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    uri: str = msgspec.field(default="", name="requestURI")
    impersonated_user: _User | None = None
    object_ref: _Object | None = None
    """Of a request for a resource."""
    annotations: _Annotations = _Annotations()


class _Line(Event, frozen=True, kw_only=True):
    kind: str
    api_version: str


class _List(msgspec.Struct, frozen=True, rename="camel"):
    kind: str
    api_version: str
    items: list[Event]


_LINE = msgspec.json.Decoder(_Line)

_LIST = msgspec.json.Decoder(_List)

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def events(line: bytes) -> Sequence[Event]:
    """Return the events of a line: one, or as many as a list of them has; none if it is something else."""
    try:
        event = _LINE.decode(line)
    except _UNREADABLE:
        return _listed(line)
    return (event,) if (event.kind, event.api_version) == ("Event", VERSION) and _is_of_server(event) else ()


def _listed(line: bytes) -> Sequence[Event]:
    try:
        found = _LIST.decode(line)
    except _UNREADABLE:
        return ()
    ours = (found.kind, found.api_version) == ("EventList", VERSION) and all(map(_is_of_server, found.items))
    return found.items if ours else ()


def _is_of_server(event: Event) -> bool:
    """Tell whether its time is as an API server writes it: another zone may lead beyond the calendar."""
    return event.stage_timestamp.tzinfo is UTC

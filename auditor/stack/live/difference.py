"""What is different between two states of an object, readable, with nothing secret in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.document.credentials import classify
from auditor.stack.patches import Object

MASK = "(masked)"
OTHER_MASK = "(masked, another one)"
"""In place of the new value of something secret that changes."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_BY_SERVER = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
_KEYS = ("name", "containerPort", "port", "key", "type")
"""By which of its fields an entry of a list is told apart, the first that all entries have."""


class Change(msgspec.Struct, frozen=True):
    """One field that is another afterwards."""

    path: str
    """As people read it: `spec.containers[web].image`."""
    pointer: str
    """A JSON pointer into the object as it is."""
    before: Any = msgspec.UNSET
    """UNSET where there was none."""
    after: Any = msgspec.UNSET
    """UNSET where there is to be none."""

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        values = {"before": self.before, "after": self.after}
        return {"path": self.path, **{key: one for key, one in values.items() if one is not msgspec.UNSET}}


def changes(before: Object, after: Object) -> list[Change]:
    """Return what is different, but for what only the server writes; secrets are masked."""
    secret = before.get("kind") == "Secret"
    found = _walk(_bare(before), _bare(after), "", "")
    return [_masked(one, secret=secret) for one in found]


def _bare(one: Object) -> Object:
    metadata = {key: value for key, value in one.get("metadata", {}).items() if key not in _BY_SERVER}
    if annotations := metadata.get("annotations"):
        kept = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
        metadata["annotations"] = kept
    return {**{key: value for key, value in one.items() if key != "status"}, "metadata": metadata}


def _walk(before: Any, after: Any, path: str, pointer: str) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            at = f"{path}.{key}" if path else key
            below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from _pair(before.get(key, msgspec.UNSET), after.get(key, msgspec.UNSET), at, below)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path, pointer)
    elif before != after or type(before) is not type(after):
        yield Change(path, pointer, before, after)


def _pair(before: Any, after: Any, path: str, pointer: str) -> Iterator[Change]:
    if before is msgspec.UNSET or after is msgspec.UNSET:
        yield Change(path, pointer, before, after)
    else:
        yield from _walk(before, after, path, pointer)


def _lists(before: list[Any], after: list[Any], path: str, pointer: str) -> Iterator[Change]:
    key = _key([*before, *after])
    if key is None:
        if len(before) != len(after):
            yield Change(path, pointer, before, after)
            return
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, f"{path}[{place}]", f"{pointer}/{place}")
        return
    old, new = _by(key, before), _by(key, after)
    if old is None or new is None:  # an entry is there twice
        if before != after:
            yield Change(path, pointer, before, after)
        return
    for name in dict.fromkeys((*old, *new)):
        place, one = old.get(name, (len(before), msgspec.UNSET))
        _, other = new.get(name, (0, msgspec.UNSET))
        yield from _pair(one, other, f"{path}[{name}]", f"{pointer}/{place}")


def _key(entries: Sequence[Any]) -> str | None:
    if not entries or not all(isinstance(one, dict) for one in entries):
        return None
    return next((key for key in _KEYS if all(isinstance(one.get(key), str | int) for one in entries)), None)


def _by(key: str, entries: Sequence[Mapping[str, Any]]) -> dict[Any, tuple[int, Any]] | None:
    found = {one[key]: (place, one) for place, one in enumerate(entries)}
    return found if len(found) == len(entries) else None


def _masked(one: Change, *, secret: bool) -> Change:
    whole = secret and one.pointer.startswith(("/data", "/stringData"))
    before = _mask(one.before, MASK, one.path, whole=whole)
    return msgspec.structs.replace(
        one, before=before, after=_mask(one.after, OTHER_MASK, one.path, whole=whole)
    )


def _mask(value: Any, mask: str, name: str, *, whole: bool) -> Any:
    """Return a value without what is secret in it; all texts are, with `whole`."""
    if isinstance(value, dict):
        called = value.get("name") if isinstance(value.get("name"), str) else ""
        return {
            key: _mask(part, mask, called if key == "value" and called else key, whole=whole)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_mask(part, mask, name, whole=whole) for part in value]
    if isinstance(value, str) and (whole or ("\n" not in value and classify(value, name.rpartition(".")[2]))):
        return mask
    return value

"""JSON patches (RFC 6902): applied, and made of two versions of an object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

Object = dict[str, Any]


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One operation; of those of the RFC, the three that a difference needs."""

    op: str
    """`add`, `replace` or `remove`."""
    path: str
    """A JSON pointer (RFC 6901). `-` stands for the end of a list, so that patches compose."""
    value: Any = None


class PatchError(Exception):
    """An operation has nothing to work on; the message names its path."""


def apply(target: Object, operations: Sequence[Operation]) -> None:
    """Change an object in place; raise `PatchError` where a path does not lead anywhere."""
    for one in operations:
        *way, last = [_unescaped(token) for token in one.path.split("/")[1:]]
        holder: Any = target
        try:
            for token in way:
                holder = holder[int(token)] if isinstance(holder, list) else holder[token]
            _change(holder, last, one)
        except (KeyError, IndexError, ValueError, TypeError):
            raise PatchError(f"nothing is at {one.path}") from None


def _change(holder: Any, last: str, one: Operation) -> None:
    value = msgspec.json.decode(msgspec.json.encode(one.value))  # the patch keeps its own
    match holder, one.op:
        case list(), "add":
            position = len(holder) if last == "-" else int(last)
            if position > len(holder):
                raise IndexError
            holder.insert(position, value)
        case dict(), "add":
            holder[last] = value
        case list(), "replace":
            holder[int(last)] = value
        case dict(), "replace" if last in holder:
            holder[last] = value
        case list(), "remove":
            del holder[int(last)]
        case dict(), "remove":
            del holder[last]
        case _:
            raise TypeError


def difference(old: Any, new: Any, path: str = "") -> Iterator[Operation]:
    """Yield what makes `new` of `old`: the least of mappings, and of lists what is appended.

    A list of which something went, or before whose end something came, is replaced part by part as
    far as both go: who composes such patches has to look whether they still say the same.
    """
    if type(old) is not type(new):
        yield Operation("replace", path, new)
    elif isinstance(old, dict):
        for key in sorted(old.keys() | new.keys()):
            below = f"{path}/{_escaped(key)}"
            if key not in new:
                yield Operation("remove", below)
            elif key not in old:
                yield Operation("add", below, new[key])
            else:
                yield from difference(old[key], new[key], below)
    elif isinstance(old, list) and len(old) <= len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from difference(before, after, f"{path}/{number}")
        yield from (Operation("add", f"{path}/-", one) for one in new[len(old) :])
    elif old != new:
        yield Operation("replace", path, new)


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")

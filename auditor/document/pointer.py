"""JSON pointers (RFC 6901) into an object, and identities that survive re-ordering."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

canonical = msgspec.json.Encoder(order="sorted")
"""Canonical JSON: sorted keys, no spaces. The same value is the same bytes."""


def digest(data: bytes) -> str:
    """Return the hexadecimal sha256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of a JSON pointer; "" has none."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def index(token: str, entries: list[Any]) -> int | None:
    """Return the position in a list that a token of a pointer names; None if it names none."""
    if not (token.isascii() and token.isdecimal() and len(token) < 10):
        return None
    return int(token) if int(token) < len(entries) else None


def related(one: str, other: str) -> bool:
    """Tell whether two pointers are equal or one lies beneath the other."""
    return _inside(one, other) or _inside(other, one)


def identity(body: Any, pointer: str, base: str = "", *, exact: bool = False) -> str:
    """Return `pointer` relative to `base`, each list index replaced by the entry's identity.

    An entry is known by its name, its scalar value, its port and protocol, its kind, namespace
    and name, or else by the digest of what it holds. So a finding keeps its fingerprint when the
    list around it is re-ordered, and when the pod spec at `base` stands in another kind: the pod's
    metadata, which lies beside it, begins with `..`. With `exact`, an entry that shares its identity
    with another of its list also has its digest, and its number among equal ones.
    """
    skipped, names = _start(pointer, base)
    here = body
    for depth, token in enumerate(split(pointer)):
        name = token
        if isinstance(here, list) and (place := index(token, here)) is not None:
            name = _entry(here[place])
            if exact and [_entry(one) for one in here].count(name) > 1:
                name += f"{_digest(here[place])}.{here[:place].count(here[place])}"
            here = here[place]
        else:
            here = here.get(token) if isinstance(here, dict) else None
        if depth >= skipped:
            names.append(name.replace("~", "~0").replace("/", "~1"))
    return "/".join(names)


def _start(pointer: str, base: str) -> tuple[int, list[str]]:
    """How many tokens of the pointer `base` stands for, and what is written for them."""
    holder = base.rpartition("/")[0]
    if base and _inside(pointer, base):
        return len(split(base)), []
    if base and _inside(pointer, f"{holder}/metadata"):
        return len(split(holder)), [".."]
    return 0, []


def _inside(pointer: str, outer: str) -> bool:
    return pointer == outer or pointer.startswith(f"{outer}/")


def _entry(entry: Any) -> str:
    """Identity of one list entry; `[...]` sets it apart from a key of the same spelling."""
    if isinstance(entry, dict):
        if isinstance(name := entry.get("name"), str):
            if "kind" in entry:
                return f"[{entry['kind']} {entry.get('namespace', '')}/{name}]"
            return f"[{name}]"
        for port in ("containerPort", "port"):
            if port in entry:
                return f"[{entry[port]}/{entry.get('protocol', 'TCP')}]"
        return f"[{_digest(entry)}]"
    return f"[{_digest(entry)}]" if isinstance(entry, list) else f"[{entry}]"


def _digest(entry: Any) -> str:
    return digest(canonical.encode(entry))[:16]

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


def related(one: str, other: str) -> bool:
    """Tell whether two pointers are equal or one lies beneath the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith(f"{short}/")


def identity(body: Any, pointer: str, base: str = "") -> str:
    """Return `pointer` relative to `base`, each list index replaced by the entry's identity.

    An entry is known by its name, its scalar value, its port and protocol, its kind, namespace
    and name, or else by the digest of what it holds. So a finding keeps its fingerprint when the
    list around it is re-ordered, and when the pod spec stands in another kind.
    """
    below = related(pointer, base) and len(pointer) >= len(base)
    skipped = len(split(base)) if below else 0
    names: list[str] = []
    here = body
    for token in split(pointer):
        if isinstance(here, list) and token.isdecimal() and int(token) < len(here):
            same = [_entry(entry) for entry in here[: int(token) + 1]]
            # twins (a capability that is added twice) are told apart by their number
            number = same.count(same[-1])
            names.append(same[-1] if number == 1 else f"{same[-1]}#{number}")
            here = here[int(token)]
        else:
            here = here.get(token) if isinstance(here, dict) else None
            names.append(token.replace("~", "~0").replace("/", "~1"))
    return "/".join(names[skipped:])


def _entry(entry: Any) -> str:
    """Identity of one list entry; `[...]` sets it apart from a key of the same spelling."""
    if isinstance(entry, dict):
        if isinstance(name := entry.get("name"), str) and "kind" not in entry:
            return f"[{name}]"
        if "kind" in entry and "name" in entry:
            return "[{kind} {namespace}/{name}]".format_map({"namespace": "", **entry})
        for port in ("containerPort", "port"):
            if port in entry:
                return f"[{entry[port]}/{entry.get('protocol', 'TCP')}]"
        return f"[{digest(canonical.encode(entry))[:16]}]"
    if isinstance(entry, list):
        return f"[{digest(canonical.encode(entry))[:16]}]"
    return f"[{entry}]"

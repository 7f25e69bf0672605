"""Lists in a relation: no document grows with the cluster, and none hides how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

LIMIT = 20
"""Entries that a list has at most."""

NAMED = 10
"""Names that an entry of a list gives at most: a name may have 253 letters, a document 256 KiB."""


def bounded(items: Iterable[Any], total: int | None = None) -> dict[str, Any]:
    """Return `{total, items}`: how many there are, and the first of them.

    `total` is how many there are where `items` are the first of them already.
    """
    found = list(items)
    return {"total": len(found) if total is None else total, "items": found[:LIMIT]}

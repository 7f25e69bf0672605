"""Small pictures of who is joined to whom: two columns of names, and what each link says between them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Look(StrEnum):
    """How a link is drawn. Its label says the same in words, so that nothing hangs on colours."""

    PLAIN = "plain"
    UNSURE = "unsure"
    """Dashed: it may be, or may not."""
    NONE = "none"
    """Dotted: there is none."""
    WORSE = "worse"
    BETTER = "better"


class Link(msgspec.Struct, frozen=True):
    """One line from the left to the right."""

    source: str
    """What stands in the box: NAMESPACE/KIND/NAME, or any other text."""
    destination: str
    label: str
    look: Look = Look.PLAIN


class Graph(msgspec.Struct, frozen=True):
    """What a picture shows. All texts may be hostile."""

    title: str
    links: Sequence[Link]
    notes: Sequence[str] = ()
    """What stands below: what is not shown, or not known."""
    empty: str = "nothing"
    """What it says without links."""


def name(end: str) -> tuple[str, str]:
    """Return what a box says in its first line, and in its second, which may be ""."""
    words = end.split("/")
    return (words[2], f"{words[1]} in {words[0]}") if len(words) == 3 else (end, "")

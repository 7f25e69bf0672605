"""The patterns of waivers: a text as it is, in which `*` is any run of characters and `?` any single one.

Anchored at both ends, case-sensitive, and nothing else: `[`, `.` and `^` are the characters they are.
https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ allows neither `*` nor `?`
in most names; where a name does hold one, the pattern that repeats it matches it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_WILD = re.compile(r"[*?]")


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text matches; the empty pattern matches everything."""
    if not pattern.strip("*"):
        return lambda _: True
    if is_exact(pattern):
        return lambda text: text == pattern
    compiled = re.compile(_expression(pattern), re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None


def is_exact(pattern: str) -> bool:
    """Tell whether a pattern matches one text only."""
    return _WILD.search(pattern) is None


def is_open(pattern: str) -> bool:
    """Tell whether a pattern that is there says nothing: `*`, `**`, `?*`, and for an id also `*_*`."""
    return pattern != "" and not pattern.strip("*?_")


def _expression(pattern: str) -> str:
    """The pattern as a regular expression that needs time in proportion to the text.

    Each piece between two stars is taken where it stands first, and never looked for again: what
    cannot match any more must not cost time (https://docs.python.org/3/library/re.html, `(?>...)`).
    """
    pieces = [_piece(one) for one in re.split(r"\*+", pattern)]
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>.*?{one})" for one in middle) + ".*" + last


def _piece(text: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in text)

"""Hostile text: what a cluster or a manifest says, made safe to show on a line.

A terminal obeys escape sequences, and both terminals and browsers obey bidirectional controls that
make text read as what it is not (https://www.unicode.org/reports/tr36/, CVE-2021-42574). Nothing is
dropped: what cannot be shown is spelled out.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks by category, but invisible: fillers, joiners, variation selectors, blank Braille."""


def visible(text: str, ascii_only: bool = False) -> str:
    r"""Return `text` on one line, with every character that is not plainly visible as an escape.

    Escaped are controls (newlines too), bidirectional and other format characters, line
    separators, exotic spaces, surrogates and unassigned code points: `\x1b`, `\u202e`, `\U000e0041`.
    With `ascii_only` so is all that is not ASCII. The result can be encoded as UTF-8, or as ASCII.
    """
    if text.isprintable() and (text.isascii() or not (ascii_only or _UNSEEN.search(text))):
        return text
    return "".join(char if _is_plain(char, ascii_only) else _escape(char) for char in text)


def lines(text: str, ascii_only: bool = False) -> list[str]:
    """Return the lines of a text that may have several, as a remediation, each made `visible`."""
    return [visible(line, ascii_only) for line in text.strip().split("\n")]


def shorten(text: str, limit: int) -> str:
    """Cut a text for a screen and say how much is missing; what fits is returned as it is."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} [{len(text) - limit} more characters]"


def _is_plain(char: str, ascii_only: bool) -> bool:
    # isprintable() is false for the categories Other and Separator, the space excepted.
    if char.isascii():
        return char.isprintable()
    return not ascii_only and char.isprintable() and not _UNSEEN.match(char)


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

"""The colours of the terminal: its own sixteen, so that light and dark follow the user's scheme.

Red is for failures alone. A colour only ever repeats what a word beside it says.
"""

from __future__ import annotations

STYLES = {
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "info": "34",
    "failures": "1;31",
    "inconclusive": "1;33",
    "clean": "1;32",
    "heading": "1",
    "quiet": "2",
}
"""Parameters of SGR (ECMA-48, section 8.3.117) by what they mean."""


def paint(text: str, style: str, color: bool) -> str:
    """Return `text`, which must be safe already, in a style; unchanged without colour or style."""
    if not color or style not in STYLES:
        return text
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"

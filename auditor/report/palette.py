"""The colours of the terminal: its own sixteen, so that light and dark follow the user's scheme.

Red is for failures alone. A colour only ever repeats what a word beside it says.
"""

from __future__ import annotations

from rich.color import ColorSystem
from rich.style import Style

STYLES = {
    "critical": Style(bold=True, color="red"),
    "high": Style(color="red"),
    "medium": Style(color="yellow"),
    "low": Style(color="cyan"),
    "info": Style(color="blue"),
    "failures": Style(bold=True, color="red"),
    "inconclusive": Style(bold=True, color="yellow"),
    "clean": Style(bold=True, color="green"),
    "heading": Style(bold=True),
    "quiet": Style(dim=True),
}
"""Styles by what they mean."""


def paint(text: str, style: str, color: bool) -> str:
    """Return `text`, which must be safe already, in a style; unchanged without colour or style."""
    if not color or style not in STYLES:
        return text
    return STYLES[style].render(text, color_system=ColorSystem.STANDARD)

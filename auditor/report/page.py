"""A page of a terminal: text made safe, wrapped to the width by cells, coloured."""

from __future__ import annotations

import unicodedata
from typing import IO

from auditor.report.palette import paint
from auditor.report.text import shorten, visible

LONGEST = 600
"""Characters of one text that a screen shows: a message or a name can be a mebibyte long."""


def width(text: str) -> int:
    """Return how many cells a visible text takes at most, counted character by character.

    What a terminal makes of flags, skin tones and the like differs; this is the widest of it.
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" or char >= "\U0001f000" else 1


class Page:
    """Writes lines that are never wider than the terminal."""

    def __init__(self, out: IO[str], columns: int, color: bool, ascii_only: bool) -> None:
        """Take the stream and what the terminal can show; `columns` in cells."""
        self._out = out
        self._color = color
        self._ascii = ascii_only
        self.columns = columns

    def blank(self) -> None:
        """Write an empty line."""
        self._out.write("\n")

    def text(self, text: str, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """Write a text, wrapped; lines after the first are indented by `hang` cells more."""
        self.labelled("", text, indent, hang, style)

    def labelled(self, label: str, text: str, indent: int, hang: int, style: str = "") -> None:
        """Write a text that starts with a word in a style; the text itself stays plain.

        Without a label the style is that of the text.
        """
        safe = self._safe(f"{label} {text}".rstrip() if label else text)
        for number, line in enumerate(self._wrap(safe, indent, hang)):
            if number == 0 and label:
                styled = paint(line[: len(label)], style, self._color) + line[len(label) :]
            else:
                styled = paint(line, "" if label else style, self._color)
            self._out.write(" " * (indent + hang * (number > 0)) + styled + "\n")

    def ends(self, left: str, right: str, style: str = "") -> None:
        """Write one text at the left and one at the right edge; on two lines if they do not fit."""
        left, right = self._safe(left), self._safe(right)
        space = self.columns - width(left) - width(right)
        if not right or space < 2:
            self.text(left, hang=4, style=style)
            if right:
                self.text(right, indent=4)
            return
        self._out.write(paint(left, style, self._color) + " " * space + right + "\n")

    def bar(self, ratio: float) -> str:
        """Draw a ratio as ten cells, full only if it is all of it."""
        full, empty = ("#", ".") if self._ascii else ("█", "░")
        filled = int(round(ratio * 10, 6))
        return full * filled + empty * (10 - filled)

    def _safe(self, text: str) -> str:
        return visible(shorten(text, LONGEST), self._ascii)

    def _wrap(self, text: str, indent: int, hang: int) -> list[str]:
        lines: list[str] = []
        line = ""
        later = max(self.columns - indent - hang, 8)
        for word in text.split(" "):
            candidate = f"{line} {word}" if line else word
            if width(candidate) <= (later if lines else later + hang):
                line = candidate
                continue
            if line:
                lines.append(line.rstrip())
            *whole, line = _chop(word, later)
            lines.extend(whole)
        return [*lines, line]


def _chop(word: str, room: int) -> list[str]:
    pieces, filled = [""], 0
    for char in word:
        filled += _cells(char)
        if filled > room:
            # A path breaks before a slash if one is near the edge.
            slash = pieces[-1].rfind("/")
            cut = slash if slash > len(pieces[-1]) // 2 else len(pieces[-1])
            pieces[-1:] = [pieces[-1][:cut], pieces[-1][cut:]]
            filled = width(pieces[-1] + char)
        pieces[-1] += char
    return pieces

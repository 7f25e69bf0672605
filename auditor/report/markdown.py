"""Markdown, as GitHub reads it: text of others stays text, and what is to be typed stays as it is.

https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from auditor.report.policy_page import Block, Facts, Heading, Item, Links, Listing, Table, Text
from auditor.report.text import visible

_SPECIAL = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])")
"""What begins or ends something within a line; an underscore inside a word does not."""

_START = re.compile(r"^([#+=-]|\d+(?=[.)]))")
"""What makes a line more than a paragraph, where it begins the line."""


def lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the lines of the blocks, without line breaks."""
    for number, block in enumerate(blocks):
        if number:
            yield ""
        match block:
            case Heading():
                yield f"{'#' * block.level} {escape(block.text)}"
            case Text():
                yield escape(block.text)
            case Facts():
                # a table needs a head, and this one has nothing to say in it
                yield from _table((("", ""), *((name, _items(items)) for name, items in block.rows)))
            case Table():
                yield from _table((block.headings, *(tuple(map(_cell, row)) for row in block.rows)))
            case Listing():
                yield from _listing(block)
            case Links():
                yield from (f"- {_link(address)}" for address in block.addresses)


def escape(text: str) -> str:
    """Return a text on one line, so that Markdown shows it as it is."""
    shown = _SPECIAL.sub(lambda match: _escaped(match[0]), visible(text))
    return _START.sub(lambda match: f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}", shown)


def code(text: str) -> str:
    """Return a text to be typed as it is, in a span of code that no backtick in it ends."""
    shown = visible(text).replace("|", "\\|")
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _escaped(char: str) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(char, f"\\{char}")


def _items(items: Iterable[Item]) -> str:
    return ", ".join(map(_item, items))


def _cell(items: Iterable[Item]) -> str:
    return " ".join(map(_item, items))


def _item(item: Item) -> str:
    text = code(item.text) if item.code else escape(item.text)
    return f"[{text}]({item.page})" if item.page else text


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if number == 0:
            yield f"|{'---|' * len(row)}"


def _listing(block: Listing) -> Iterator[str]:
    text = [visible(line) for line in block.text.rstrip("\n").split("\n")]
    fence = "`" * max(3, *(len(run) + 1 for line in text for run in re.findall("`+", line) or [""]))
    yield f"{fence}{block.language}"
    yield from text
    yield fence


def _link(address: str) -> str:
    """An address that can be followed, if it is one of the web."""
    shown = visible(address)
    return f"<{shown}>" if re.fullmatch(r"https?://[^\s<>]+", shown) else code(shown)

"""The page of a policy on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.report.page import Page
from auditor.report.policy_page import Block, Facts, Heading, Item, Links, Listing, Table, Text


def write(blocks: Iterable[Block], page: Page) -> None:
    """Write the blocks, wrapped to the width of the page."""
    for number, block in enumerate(blocks):
        if number and not isinstance(block, Listing | Links):
            page.blank()
        match block:
            case Heading():
                page.text(block.text, style="heading")
            case Text():
                page.text(block.text)
            case Facts():
                rows = [(name, ", ".join(item.text for item in items)) for name, items in block.rows]
                _rows(rows, page, 2)
            case Table():
                _table(block, page)
            case Listing():
                _listing(block.text, page)
            case Links():
                for address in block.addresses:
                    page.text(address, indent=2, hang=2)


def _table(block: Table, page: Page) -> None:
    """A row is its first cell, and below it the others, each under its heading: a terminal may be narrow."""
    for row in block.rows:
        page.text(_cell(row[0]), indent=2, style="heading")
        _rows([(name, _cell(cell)) for name, cell in zip(block.headings[1:], row[1:], strict=True)], page, 4)


def _rows(rows: Sequence[tuple[str, str]], page: Page, indent: int) -> None:
    widest = max(len(name) for name, _ in rows)
    for name, text in rows:
        style = text.split(" ")[0] if name == "severity" else "quiet"
        if text:
            page.labelled(name.ljust(widest), f" {text}", indent, widest + 2, style)


def _cell(items: Sequence[Item]) -> str:
    return " ".join(item.text for item in items)


def _listing(text: str, page: Page) -> None:
    for line in text.rstrip("\n").split("\n"):
        bare = line.lstrip(" ")
        page.text(bare, indent=2 + len(line) - len(bare), hang=2)

"""Markdown: a real parser reads what we write, and finds the blocks and words that went in."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.report.markdown import lines
from auditor.report.policy_page import Block, Facts, Heading, Item, Links, Listing, Table, Text
from auditor.report.text import visible
from tests.report.hostile import CORPUS, HARMLESS

PARSER = MarkdownIt("commonmark").enable("table")
every_text = pytest.mark.parametrize(
    "text",
    # METADATA may not be blank
    [pytest.param(text, id=name) for name, text in CORPUS.items() if text.strip()],
)


def blocks(text: str) -> list[Block]:
    """A page that says one thing everywhere."""
    items = (Item(text), Item(text, code=True), Item(text, code=True, page="host_pid.md"))
    return [
        Heading(text, 1),
        Text(text),
        Facts((("a", items), ("b", items))),
        Table(("x", "y"), ((items, items),)),
        Listing(f"{text}\n{text}", "yaml"),
        Links(("https://example.test/",)),
        Text(f"1. {text}"),
    ]


def parsed(text: str) -> list[Token]:
    """Every token of the page, those within lines too."""
    found = PARSER.parse("\n".join(lines(blocks(text))))
    return [one for token in found for one in (token, *(token.children or ()))]


def shape(tokens: list[Token]) -> list[tuple[str, object]]:
    """What the tokens are, and where links lead; pieces of text are no parts."""
    return [(one.type, one.attrs.get("href")) for one in tokens if not one.type.startswith("text")]


@every_text
def test_whatever_the_text_the_page_has_the_same_parts(text: str) -> None:
    assert shape(parsed(text)) == shape(parsed(HARMLESS))


@every_text
def test_every_word_arrives(text: str) -> None:
    shown = visible(text)
    tokens = parsed(text)
    [fence] = [one for one in tokens if one.type == "fence"]
    # a line break in the middle of a listing is one; elsewhere it is spelled out
    listed = [visible(line) for line in f"{text}\n{text}".rstrip("\n").split("\n")]
    assert fence.content == "\n".join(listed) + "\n"
    assert [one.content.strip() for one in tokens if one.type == "code_inline"] == [shown.strip()] * 8
    paragraph = next(one for one in tokens if one.type == "inline" and one.map == [2, 3])
    read = "".join(one.content for one in paragraph.children or ())
    assert read.split() == shown.split()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.test/> x", "//evil.example"])
def test_only_addresses_of_the_web_are_links(address: str) -> None:
    tokens = PARSER.parse("\n".join(lines([Links((address, "https://b.test/"))])))
    inner = [one for token in tokens for one in token.children or ()]
    assert [one.attrs["href"] for one in inner if one.type == "link_open"] == ["https://b.test/"]
    assert address in [one.content for one in inner if one.type == "code_inline"]


def test_an_underscore_within_a_word_stays_as_it_is() -> None:
    assert list(lines([Text("run_as_user and _x_")])) == ["run_as_user and \\_x\\_"]

"""The hostile corpus, in every string of a record, through every renderer."""

from __future__ import annotations

import unicodedata
from functools import cache
from html.parser import HTMLParser
from itertools import product

import pytest

from auditor.report.html import HtmlRenderer
from auditor.report.json import JsonRenderer, load
from auditor.report.page import width as cells_of
from auditor.report.text import visible
from tests.report.hostile import CORPUS, HARMLESS, free_strings, poisoned
from tests.report.records import audit, clean_audit, cluster
from tests.report.screens import OURS, rendered, screen, shown_lines, table

RECORDS = (audit(), cluster(audit()), clean_audit())

every_text = pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())


def test_poison_reaches_every_free_string() -> None:
    assert {"DaemonSet", "shop/web.yaml", "apps/v1", "pss_baseline/privileged"} <= free_strings(audit())
    for record in RECORDS:
        assert free_strings(poisoned(record, HARMLESS)) == {HARMLESS}


@every_text
def test_terminal_gets_no_control_but_ours(text: str) -> None:
    for record, width, color, ascii_only in product(RECORDS, (0, 30, 80, 200), (False, True), (False, True)):
        written = table(
            poisoned(record, text), tty=width > 0, color=color, ascii_only=ascii_only, width=width
        )
        plain = OURS.sub("", written) if color else written
        assert written.encode("ascii" if ascii_only else "utf-8")
        assert plain.endswith("\n")
        for line in plain.removesuffix("\n").split("\n"):
            cells = [line] if width else line.split("\t")
            assert all(visible(cell, ascii_only) == cell for cell in cells)
            assert not width or cells_of(line) <= width


@every_text
@pytest.mark.parametrize("width", [80, 200])
def test_screen_shows_exactly_the_lines_written(text: str, width: int) -> None:
    for record in RECORDS:
        written = table(poisoned(record, text), color=True, width=width)
        shown = screen(written, width)
        assert (shown.title, shown.icon_name) == ("", "")
        assert (shown.cursor.x, shown.cursor.y) == (0, written.count("\n"))
        plain = "\n".join(line.rstrip() for line in OURS.sub("", written).split("\n"))
        # pyte composes a mark with the letter before it.
        composed = unicodedata.normalize("NFC", plain.rstrip("\n"))
        assert unicodedata.normalize("NFC", "\n".join(shown_lines(shown))) == composed


@every_text
def test_pipe_has_the_same_lines_and_columns_as_with_harmless_text(text: str) -> None:
    def shape(written: str) -> list[tuple[str, int]]:
        return [(line.split("\t")[0], line.count("\t")) for line in written.split("\n")]

    for record in RECORDS:
        hostile = table(poisoned(record, text), tty=False)
        assert shape(hostile) == shape(table(poisoned(record, HARMLESS), tty=False))
        assert visible(text) in hostile


@every_text
def test_json_comes_back_whole(text: str) -> None:
    mended = "".join(visible(c) if "\ud800" <= c <= "\udfff" else c for c in text)
    for record in RECORDS:
        back = load(rendered(JsonRenderer(), poisoned(record, text)).encode("utf-8"))
        assert back == load(rendered(JsonRenderer(), poisoned(record, mended)).encode("utf-8"))
        assert free_strings(back) == {mended}


class Structure(HTMLParser):
    """What a browser makes of a page: tags and attributes on one side, text on the other."""

    def __init__(self, page: str) -> None:
        """Parse a whole page."""
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.values: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes; values that hold text of the record only by their names."""
        free = {"id", "href", "datetime", *(name for name, _ in attrs if name.startswith("data-"))}
        named = (name if name in free else f"{name}={value}" for name, value in attrs)
        self.tags.append((tag, *named))
        self.values.extend(value or "" for name, value in attrs if name in free)
        self.addresses.extend(value or "" for name, value in attrs if name == "href")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an element."""
        self.tags.append(("/" + tag,))

    def handle_comment(self, data: str) -> None:
        """Note a comment: we write none."""
        self.tags.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        """Note the doctype."""
        self.tags.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        """Note CDATA: we write none."""
        self.tags.append(("cdata", data))

    def handle_pi(self, data: str) -> None:
        """Note a processing instruction: we write none."""
        self.tags.append(("instruction", data))

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text.append(data)


@cache
def harmless_page(number: int) -> Structure:
    """Return the structure that the page of a record has when nothing in it is hostile."""
    return Structure(rendered(HtmlRenderer(), poisoned(RECORDS[number], HARMLESS)))


@every_text
def test_html_has_the_same_structure_as_with_harmless_text(text: str) -> None:
    for number, record in enumerate(RECORDS):
        written = rendered(HtmlRenderer(), poisoned(record, text))
        hostile = Structure(written)
        assert written.encode("utf-8")
        assert hostile.tags == harmless_page(number).tags
        for value in [*hostile.values, *hostile.text]:
            assert all(visible(line) == line for line in value.split("\n"))
        assert all(address.startswith(("#", "data:,")) for address in hostile.addresses)
        assert visible(text) in "".join(hostile.text)

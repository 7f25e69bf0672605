"""What is hostile becomes visible, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.report.text import lines, shorten, visible
from tests.report.hostile import CORPUS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Deployment shop/web", "Deployment shop/web"),
        ("größe 漢字 👍", "größe 漢字 👍"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd", r"a\x0ab\x09c\x0dd"),
        ("\x9b\x85", r"\x9b\x85"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\u2028\u2029\xa0", r"\u2028\u2029\xa0"),
        ("\u3164\ufe0f", r"\u3164\ufe0f"),
        ("\udcff", r"\udcff"),
        ("\U000e0061", r"\U000e0061"),
        ("[red]x[/]", "[red]x[/]"),
    ],
)
def test_visible_spells_out_what_cannot_be_seen(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_visible_spells_out_all_but_ascii_where_only_ascii_can_be_written() -> None:
    assert visible("größe 漢 👍", ascii_only=True) == r"gr\xf6\xdfe \u6f22 \U0001f44d"


@settings(deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_visible_is_printable_and_stable_whatever_comes(text: str) -> None:
    for ascii_only in (False, True):
        shown = visible(text, ascii_only)
        assert shown.isprintable()
        assert shown.encode("ascii" if ascii_only else "utf-8")[:0] == b""
        assert visible(shown, ascii_only) == shown


@settings(deadline=None)
@given(st.text(st.characters(codec=None, exclude_characters="\\")))
def test_visible_loses_nothing(text: str) -> None:
    back = visible(text, ascii_only=True).encode("ascii").decode("unicode_escape")
    assert back == text


def test_lines_keeps_the_lines_of_a_text_and_nothing_else() -> None:
    assert lines("one\ntwo\x1b\n\n") == ["one", r"two\x1b"]


def test_shorten_says_how_much_is_missing() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcdef", 3) == "abc [3 more characters]"


def test_corpus_is_hostile() -> None:
    assert sum(visible(text) != text for text in CORPUS.values()) > len(CORPUS) / 2

"""Patterns of waivers: anchored, two wildcards, and nothing of regular expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.patterns import is_exact, is_open, matcher

# few letters, so that they often match; and what regular expressions and shells would make something of
ALPHABET = "ab*?.[]\\^$+(){}|-/\n"
patterns, texts = st.text(ALPHABET, max_size=12), st.text(ALPHABET, max_size=16)


def slow(pattern: str, text: str) -> bool:
    """The definition, word for word."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return slow(pattern[1:], text) or (text != "" and slow(pattern, text[1:]))
    return text != "" and pattern[0] in ("?", text[0]) and slow(pattern[1:], text[1:])


@given(patterns, texts)
def test_it_is_the_definition(pattern: str, text: str) -> None:
    assert matcher(pattern)(text) is (slow(pattern, text) if pattern else True)


@given(texts)
def test_a_text_matches_itself_and_nothing_longer(text: str) -> None:
    assert matcher(text)(text)
    if text and is_exact(text):
        assert not matcher(text)(text + "x")
        assert not matcher(text)("x" + text)
        assert not matcher(text)(text + "\n")


@given(texts, texts, texts)
def test_a_star_is_any_run(before: str, run: str, after: str) -> None:
    assert matcher(f"{before}*{after}")(before + run + after)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("web", "web", True),
        ("web", "web-2", False),
        ("web", "my-web", False),
        ("web", "Web", False),
        ("web-*", "web-", True),
        ("web-?", "web-", False),
        ("web-?", "web-12", False),
        ("*-web", "a\nb-web", True),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("[!a]", "b", False),
        ("a.c", "abc", False),
        ("^a$", "a", False),
        ("a|b", "a", False),
        ("(a+)+", "aaa", False),
        (r"\d", "1", False),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "axcxb", False),
        ("aa*aa", "aaa", False),
        ("*a?b*b", "xaabb", True),
        ("", "anything", True),
        ("**", "", True),
    ],
)
def test_examples(pattern: str, text: str, fits: bool) -> None:
    assert matcher(pattern)(text) is fits


def test_a_hostile_pattern_ends() -> None:
    """Each star of a backtracking matcher would multiply what it tries by the length of the text."""
    assert not matcher("*a" * 60 + "b")("a" * 5000)
    assert matcher("*a" * 60 + "*")("a" * 5000)


@pytest.mark.parametrize("pattern", ["*", "**", "?*", "*_*", "???"])
def test_what_says_nothing(pattern: str) -> None:
    assert is_open(pattern)
    assert not is_exact(pattern)


@pytest.mark.parametrize("pattern", ["", "a*", "*a", "a"])
def test_what_says_something_or_is_not_there(pattern: str) -> None:
    assert not is_open(pattern)

"""Colour and ASCII are decided by tables."""

from __future__ import annotations

import pytest

from auditor.report.terminal import ColorFlag, use_ascii, use_color


@pytest.mark.parametrize(
    ("flag", "environ", "isatty", "expected"),
    [
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "3", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "0"}, True, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_use_color(flag: ColorFlag, environ: dict[str, str], isatty: bool, expected: bool) -> None:
    assert use_color(flag, environ, isatty) is expected


@pytest.mark.parametrize(
    ("encoding", "environ", "expected"),
    [
        ("utf-8", {"LANG": "de_DE.UTF-8"}, False),
        ("UTF8", {"LC_CTYPE": "UTF-8"}, False),
        ("utf_8", {"LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8"}, False),
        ("iso8859-1", {"LANG": "de_DE.UTF-8"}, True),
        ("ascii", {}, True),
        (None, {"LANG": "C.UTF-8"}, True),
        ("utf-8", {"LC_ALL": "C"}, True),
        ("utf-8", {"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, True),
        ("utf-8", {"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ("utf-8", {"LANG": "C"}, True),
        ("utf-8", {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ("utf-8", {"LC_CTYPE": "C.UTF-8"}, True),
        ("utf-8", {"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, False),
        ("utf-8", {}, True),
    ],
)
def test_use_ascii(encoding: str | None, environ: dict[str, str], expected: bool) -> None:
    assert use_ascii(encoding, environ) is expected

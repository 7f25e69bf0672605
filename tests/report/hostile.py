"""The hostile corpus: what a cluster or a manifest may say, and a record that says it everywhere.

Every renderer, present and future, runs through it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, get_type_hints

import msgspec

from auditor.record import Audit

CORPUS = {
    "all of C0": "".join(map(chr, range(0x20))) + "\x7f",
    "all of C1": "".join(map(chr, range(0x80, 0xA0))),
    "colour": "\x1b[31mred\x1b[0m",
    "clear the screen": "\x1b[2J\x1b[H\x1b[3J",
    "cursor up, overwrite": "fail\x1b[1A\x1b[2Kpass",
    "C1 form of an escape": "\x9b31mred\x9b0m",
    "window title": "\x1b]0;owned\x07",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "device control": "\x1bP$q\x1b\\ \x1b^pm\x1b\\ \x1b_apc\x1b\\",
    "alternate character set": "\x1b(0qqq\x0eqqq\x0f",
    "half an escape": "end\x1b[",
    "carriage return": "high\rpass",
    "newline": "one\ntwo\r\nthree\vfour\ffive\x85six\u2028seven\u2029eight",
    "a line of our own": "web\nhigh\tforged\tDeployment a/b\t/\tforged\t-",
    "backspace": "fail\b\b\b\bpass",
    "NUL": "before\x00after",
    "right to left override": "safe\u202egpj.exe\u202c",
    "isolates and marks": "\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c\u202a\u202b\u202d",
    "zero width": "a\u200bd\u200cm\u200di\u2060n\ufeff\u00ad\u180e",
    "invisible letters": "\u3164\u115f\u1160\uffa0\u034f\u2800\u17b4\ufe0f\U000e0100",
    "tag characters": "x\U000e0061\U000e0062\U000e007f",
    "exotic spaces": "a\u00a0b\u2003c\u3000d",
    "rich markup": "[red]x[/red] [/] [bold [link=https://evil.example]y[/link] :skull: [@click=app.bell]z",
    "percent and braces": "%s %(x)s {0} {x} {{7*7}} ${7*7} #{7*7}",
    "Jinja": "{{ 7*7 }}{% raw %}{% endraw %}{# #}{{ ''.__class__ }}{% include '/etc/passwd' %}",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "end of everything": "</code></pre></td></table></style></script></title></textarea>--><!--]]><h1>x",
    "attribute": '" onmouseover="alert(1)" x=\'y\' autofocus onfocus=alert(1) `',
    "address": "javascript:alert(1) data:text/html,<b>x</b> //evil.example/x https://evil.example",
    "entities": "&lt;b&gt; &#60;b&#62; &amp;amp; &nbsp;",
    "CSS": "}*{display:none} @import url(//evil.example) </style> expression(alert(1)) \\3c",
    "CSV formula": "=cmd|' /C calc'!A0",
    "Markdown": "# x **b** [a](javascript:alert(1)) ![](//evil.example) | c | \n```\n<details>",
    "workflow command": "::error file=x::y%0A::set-output name=z::1",
    "JSON": '"}],"findings":[],"x":{"\\u0000":"',
    "one long word": "x" * 5000,
    "a long text": "word " * 2000,
    "many combining marks": "e" + "\u0301" * 300,
    "lone surrogates": "high \ud83d low \udc00 undecodable \udcff",
    "emoji": "\U0001f468\u200d\U0001f469 \u26a0\ufe0f \U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "wide": "\u6f22\u5b57\u30c6\u30b9\u30c8\ud55c\uae00" * 20,
    "not a character": "\ufffe\uffff\U0010ffff\ue000",
    "spaces": "   ",
}
"""By name, so that a failing test says what got through."""

HARMLESS = "harmless"
"""What a poisoned record is compared with."""


def poisoned(audit: Audit, text: str) -> Audit:
    """Return the record with `text` in every string that is free: names, messages, keys, all of it."""
    return msgspec.convert(_poison(audit, text), Audit)


def free_strings(audit: Audit) -> set[str]:
    """Return every free string of a record: what `poisoned` would replace, keys of mappings too."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, msgspec.Struct):
            for name in _free_fields(value):
                collect(getattr(value, name))
        elif isinstance(value, dict):
            collect([item for key, item in value.items() if key != "kind"])
        elif isinstance(value, list | tuple):
            for item in value:
                collect(item)
        elif isinstance(value, str) and not isinstance(value, StrEnum):
            found.add(value)

    collect(audit)
    return found


def _poison(value: Any, text: str) -> Any:
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return fields | {name: _poison(fields[name], text) for name in _free_fields(value)}
    if isinstance(value, dict):
        return _poison_mapping(value, text)
    if isinstance(value, list | tuple):
        return [_poison(item, text) for item in value]
    return text if isinstance(value, str) and not isinstance(value, StrEnum) else value


def _poison_mapping(value: dict[str, Any], text: str) -> dict[str, Any]:
    if "kind" in value and "version" in value:
        # The source: its keys and its kind are ours.
        return {key: item if key == "kind" else _poison(item, text) for key, item in value.items()}
    if value and all(isinstance(item, float | int | None) for item in value.values()):
        # Scores and counts: the keys are what comes from outside.
        return {text: next(iter(value.values()))}
    return {key: _poison(item, text) for key, item in value.items()} | {text: text}


def _free_fields(value: msgspec.Struct) -> list[str]:
    hints = get_type_hints(type(value))
    return [name for name in value.__struct_fields__ if "Literal" not in str(hints[name])]

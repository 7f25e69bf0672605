"""Makes mutants of a Rego module: copies with one small fault each, for the tests to find.

Every place comes from the syntax tree (`opa parse` with locations), every edit is one of the text,
so that the rest of the module stays as it is. What does not compile is sorted out by who runs them.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLIPPED = {
    "==": ("!=",),
    "!=": ("==",),
    "<": (">=", "<="),
    "<=": (">", "<"),
    ">": ("<=", ">="),
    ">=": ("<", ">"),
}
"""Each comparison with its negation, and with its boundary shifted."""

EMPTY = {"set": "set()", "array": "[]", "object": "{}"}


@dataclass(frozen=True)
class Mutant:
    """One faulty copy of a module."""

    line: int
    """Where the fault is, counted from 1."""
    what: str
    """What was done, with the words it was done to."""
    source: str
    """The whole module with the fault."""


@dataclass(frozen=True)
class _Span:
    """A stretch of the module's text."""

    start: int
    end: int


def mutants(opa: Path, path: Path) -> list[Mutant]:
    """Return the mutants of a module, in the order of its lines; each differs from every other."""
    command: list[str | Path] = [
        opa,
        "parse",
        "--format",
        "json",
        "--json-include",
        "locations,-comments",
        path,
    ]
    tree = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    text = path.read_text(encoding="utf-8")
    found = {mutant.source: mutant for mutant in _Forge(text).all(tree["rules"]) if mutant.source != text}
    return sorted(found.values(), key=lambda mutant: mutant.line)


class _Forge:
    """Edits one module's text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def all(self, rules: Iterable[dict[str, Any]]) -> Iterator[Mutant]:
        for rule in rules:
            yield self._edit(self._span(rule), "", "remove rule")
            for node in _nodes(rule):
                if "else" in node:
                    yield self._edit(self._span(node["else"]), "", "remove")
                for expression in _body(node):
                    yield from self._expression(expression)
                if node.get("type") in EMPTY:
                    yield from self._elements(node)
                yield from self._token(node)

    def _expression(self, expression: dict[str, Any]) -> Iterator[Mutant]:
        span = self._span(expression)
        words = self._words(span)
        terms = expression["terms"]
        if isinstance(terms, dict) and terms.get("value") is True and words != "true":
            return  # what has no body is given `true` as one
        for modifier in expression.get("with", ()):
            yield self._edit(self._span(modifier), "", "remove")
        if _binds(expression):
            return  # what it binds is used, or the strict compiler would not have let it pass
        yield self._edit(span, "true", "remove")
        if expression.get("negated"):
            yield self._edit(_Span(span.start, span.start + len("not ")), "", "negate", words)
        else:
            yield self._edit(_Span(span.start, span.start), "not ", "negate", words)

    def _elements(self, node: dict[str, Any]) -> Iterator[Mutant]:
        """Remove one entry of a set, an array or an object at a time."""
        pairs = [item if isinstance(item, list) else [item, item] for item in node["value"]]
        spans = sorted(
            (_Span(self._span(first).start, self._span(last).end) for first, last in pairs),
            key=lambda span: span.start,
        )
        if len(spans) == 1:
            yield self._edit(self._span(node), EMPTY[node["type"]], "empty")
            return
        for span in spans:
            comma = re.compile(r"\s*,").match(self._text, span.end)
            start = span.start if comma else self._text.rindex(",", 0, span.start)
            yield self._edit(_Span(start, comma.end() if comma else span.end), "", "remove entry")

    def _token(self, node: dict[str, Any]) -> Iterator[Mutant]:
        """Change an operator, a number, a truth value or a text."""
        if "location" not in node or "type" not in node:
            return
        span = self._span(node)
        words = self._text[span.start : span.end]
        others: Sequence[str] = ()
        match node["type"]:
            case "ref":
                others = FLIPPED.get(words, ())
            case "number" if words.isdigit():
                # no number of ours is negative: indices, ports, versions, user ids
                others = tuple(str(other) for other in (int(words) - 1, int(words) + 1) if other >= 0)
            case "boolean" if words in ("true", "false"):
                others = ("false" if words == "true" else "true",)
            case "string" if words[:1] in ('"', "`"):
                others = (words[:-1] + "~" + words[-1],)
        for other in others:
            yield self._edit(span, other, f"change to {other}")

    def _edit(self, span: _Span, replacement: str, what: str, words: str = "") -> Mutant:
        text = self._text
        line = text.count("\n", 0, span.start) + 1
        words = words or self._words(span)
        return Mutant(line, f"{what}: {words}", text[: span.start] + replacement + text[span.end :])

    def _words(self, span: _Span) -> str:
        words = " ".join(self._text[span.start : span.end].split())
        return words if len(words) <= 70 else words[:67] + "..."

    def _span(self, node: dict[str, Any]) -> _Span:
        location = node["location"]
        start = self._starts[location["row"] - 1] + location["col"] - 1
        return _Span(start, start + len(base64.b64decode(location.get("text", "")).decode()))


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Walk the tree; the key of an object's pair and what a `with` replaces stay as they are."""
    if isinstance(node, dict):
        yield node
        if node.get("type") == "object":
            yield from _nodes([value for _, value in node["value"]])
            return
        for name, value in node.items():
            if name not in ("location", "target", "ref", "args"):
                yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def _body(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The expressions of a rule, an else, a comprehension or an every."""
    body = node.get("body")
    return body if isinstance(body, list) else []


def _binds(expression: dict[str, Any]) -> bool:
    """Whether the expression declares or assigns, so that its removal or negation means nothing."""
    terms = expression["terms"]
    if isinstance(terms, dict):
        return "symbols" in terms or "domain" in terms
    operator: str = terms[0]["value"][0]["value"]
    return operator in ("assign", "eq")

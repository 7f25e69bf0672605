"""YAML as kustomize prints it, byte for byte.

kustomize prints through sigs.k8s.io/yaml, and that through a port of libyaml to Go. PyYAML has the
original, so that only two things are left to be said: the order of keys, and what is quoted.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode
from yaml.resolver import BaseResolver

from auditor.stack.patches import Object

_WORDS = {
    *("", "~", "null", "Null", "NULL"),
    *(form for word in ("y", "n", "yes", "no", "true", "false", "on", "off") for form in
      (word, word.capitalize(), word.upper())),
    *(f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")),
    *(".nan", ".NaN", ".NAN"),
}  # fmt: skip
_NUMBER = re.compile(
    r"""[-+]?(?: (?:0|[1-9][0-9_]*) | 0_?[0-7_]+ | 0[oO][0-7_]+ | 0[xX][0-9a-fA-F_]+ | 0[bB][01_]+
        | (?:\.[0-9_]+ | [0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?
        | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)? )""",
    re.VERBOSE,
)
"""Whole numbers, numbers with a point or an exponent, and those of base 60 that YAML 1.1 had."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9:]+(?:\.[0-9]+)?(?:Z|[-+][0-9:]+)?)?")


class _Dumper(yaml.CSafeDumper):
    """Decides what is quoted; libyaml does the rest."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML names it
        """Print everything in full."""
        return True

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> str:
        """Take for text what is text to Go, and so stands without quotation marks."""
        if kind is ScalarNode and is_text(value):
            return str(BaseResolver.DEFAULT_SCALAR_TAG)
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]


def _represent_text(dumper: yaml.CSafeDumper, text: str) -> ScalarNode:
    style = "|" if "\n" in text else None if is_text(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def is_text(value: str) -> bool:
    """Tell whether a text stays a text where it stands without quotation marks."""
    return value not in _WORDS and not _NUMBER.fullmatch(value) and not _TIME.fullmatch(value)


def printed(objects: Iterable[Object]) -> str:
    """Return the objects as one YAML stream."""
    documents = (
        yaml.dump(
            _sorted(one),
            Dumper=_Dumper,
            default_flow_style=False,
            sort_keys=False,
            allow_unicode=True,
        )
        for one in objects
    )
    return "---\n".join(documents)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=functools.cmp_to_key(_compare))}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _compare(one: str, other: str) -> int:
    """Compare two keys where they first differ: letters last, and figures as the numbers they begin.

    That is no order where figures are followed by letters (a1b < a2 < a10 < a1b): of such keys in one
    mapping kustomize itself prints now the one first and now the other.
    """
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left == right:
            continue
        if left.isalpha() or right.isalpha():
            return _order((left.isalpha(), left), (right.isalpha(), right))
        return _order(_number(one, at, other), _number(other, at, one))
    return len(one) - len(other)


def _number(key: str, at: int, other: str) -> tuple[int, int, str]:
    """Return the number that begins at a place of a key, its length, and the character itself."""
    digits = re.match("[0-9]*", key[at:])
    figures = digits[0] if digits else ""
    within = "0" in (key[at], other[at]) and re.search("[1-9][0-9]*$", key[:at]) is not None
    return int(f"{int(within)}{figures}" if figures or within else 0), len(figures), key[at]


def _order(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)

"""The settings that are in force, as text: a file that says the same, with the origin of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from auditor.collect.compose import YamlError
from auditor.collect.yaml import documents
from auditor.config.effective import Effective, Keys, leaves
from auditor.report.text import visible

_PLAIN = re.compile(r"[A-Za-z0-9_./:=*?@+-]+")


def as_yaml(found: Effective) -> Iterator[str]:
    """Yield the lines of an auditor.yaml that says all that is in force, each with its origin.

    They are ASCII without control characters: what cannot be shown is escaped, as YAML does.
    """
    above: Keys = ()
    for keys, value in leaves(found.settings):
        shared = _shared(above, keys)
        for depth in range(shared, len(keys) - 1):
            yield f"{'  ' * depth}{_inline(keys[depth])}:"
        line = f"{'  ' * (len(keys) - 1)}{_inline(keys[-1])}: {_inline(msgspec.to_builtins(value))}"
        yield f"{line}  # {visible(found.origin(*keys), ascii_only=True)}"
        above = keys


def as_data(found: Effective) -> dict[str, Any]:
    """Return the same for programs: the settings, and the origins by key, joined with dots."""
    return {
        "settings": msgspec.to_builtins(found.settings),
        "origins": {".".join(keys): found.origin(*keys) for keys, _ in leaves(found.settings)},
    }


def _shared(above: Keys, keys: Keys) -> int:
    """How many mappings around a setting are those around the one before."""
    inner = min(len(above), len(keys)) - 1
    return next((depth for depth in range(max(inner, 0)) if above[depth] != keys[depth]), max(inner, 0))


def _inline(value: Any) -> str:
    """A value on one line."""
    match value:
        case dict():
            return f"{{{', '.join(f'{_text(str(key))}: {_inline(below)}' for key, below in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(_inline, value))}]"
        case str():
            return _text(value)
    return msgspec.json.encode(value).decode()


def _text(text: str) -> str:
    """A text as people write it, if it is read so, in a list too; else in quotation marks.

    https://yaml.org/spec/1.2.2/#57-escaped-characters
    """
    if _PLAIN.fullmatch(text) and _values(f"a: {text}\nb: [{text}]") == [{"a": text, "b": [text]}]:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return f"\\{character}" if character in '"\\' else character
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _values(text: str) -> list[Any]:
    return [one.value for one in documents(text.encode()) if not isinstance(one, YamlError)]

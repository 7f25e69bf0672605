"""One YAML file that a person wrote, as a type: whatever does not fit is told with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from auditor.collect.compose import YamlDocument, YamlError
from auditor.collect.yaml import documents
from auditor.errors import ConfigError, did_you_mean

T = TypeVar("T")

MAX_BYTES = 4 * 1024 * 1024
"""Of a file that people write by hand; thousands of waivers are less."""

_WORDS = {
    "array": "a list",
    "object": "a mapping",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "empty",
}
_QUOTED = frozenset(_WORDS[name] for name in ("int", "float", "bool"))
"""What YAML takes a text for that stands without quotation marks: 1.30, no, y."""

_WRONG_TYPE = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_NO_CHOICE = re.compile(r"Invalid enum value '?([^']+)'?")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_LIMIT = re.compile(r"Expected `(?:int|float)` (>=|<=) ([0-9]+)")
_AT = {">=": "at least", "<=": "at most"}


class YamlFile(msgspec.Struct, frozen=True):
    """The one document of a file."""

    path: str
    """As the user named it."""
    content: bytes
    document: YamlDocument | None
    """None if the file is empty."""

    def convert(self, kind: type[T]) -> T:
        """Return the document as this type; an empty file is an empty mapping.

        Raises `ConfigError` for the deepest part that does not fit.
        """
        value = self.document.value if self.document else {}
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            keys, message = _deepest(value, kind, ())
            raise self.fault(message, *keys) from None

    def fault(self, message: str, *keys: str | int, hint: str = "") -> ConfigError:
        """Say what is wrong at these keys."""
        name = ".".join(str(key) for key in keys) or "the file"
        return ConfigError(f"{self.path}:{self.line(*keys)}: {name}: {message}", hint)

    def line(self, *keys: str | int) -> int:
        """Return the line, counted from 1, of what stands at these keys, or of what would hold it."""
        pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)
        return self.document.lines.line(pointer) if self.document else 1


def read_yaml(path: Path) -> YamlFile:
    """Read a file of at most one document.

    Raises `ConfigError` if it cannot be read, is no YAML, or holds a key twice or a second document.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES // 1024**2} MiB")
    single = []
    for document in documents(content):
        if isinstance(document, YamlError):
            raise ConfigError(f"{path}:{document.line}: not valid YAML: {document}")
        if document.duplicates:
            raise ConfigError(f"{path}:{document.duplicates[0]}: the key stands twice in its mapping")
        single.append(document)
    if len(single) > 1:
        raise ConfigError(f"{path}:{single[1].lines.first}: a second document; all must stand in one")
    return YamlFile(str(path), content, single[0] if single else None)


def _deepest(value: Any, kind: Any, keys: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], str]:
    """Return where the part stands that fits none of its own parts' faults, and what is wrong with it.

    msgspec names the way to a fault, but not the keys of free mappings on it.
    """
    for key, part, wanted in _parts(value, kind):
        try:
            msgspec.convert(part, wanted)
        except msgspec.ValidationError:
            return _deepest(part, wanted, (*keys, key))
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        if found := _UNKNOWN.match(message):
            return (*keys, found[1]), f"unknown key{did_you_mean(found[1], _fields(kind))}"
        if found := _MISSING.match(message):
            return keys, f"the key {found[1]} is missing"
        if found := _NO_CHOICE.match(message):
            near = did_you_mean(found[1], _choices(value, kind))
            return _odd_one(value, found[1], keys), f"unknown word {found[1]!r}{near}"
        if found := _LIMIT.match(message):
            return keys, f"must be {_AT[found[1]]} {found[2]}"
        if found := _WRONG_TYPE.match(message):
            wanted, given = " or ".join(_words(found[1])), _WORDS.get(found[2], found[2])
            quotes = "; put it in quotation marks" if wanted == "text" and given in _QUOTED else ""
            return keys, f"must be {wanted}, not {given}{quotes}"
        return keys, message.split(" - at ", maxsplit=1)[0]
    return keys, "does not fit"


def _odd_one(value: Any, word: str, keys: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A word that is none of a set: the value itself, or a key of it."""
    return (*keys, word) if isinstance(value, dict) else keys


def _choices(value: Any, kind: Any) -> Collection[str]:
    """The words of a set, or those that a mapping may have as keys."""
    kind = _meant(value, kind)
    if isinstance(value, dict) and (arguments := get_args(kind)):
        kind = arguments[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(one.value) for one in kind]
    parts = get_args(kind)
    return [str(one) for one in parts] if get_origin(kind) is Literal else _union_choices(parts)


def _union_choices(kinds: Collection[Any]) -> Collection[str]:
    return [word for kind in kinds if kind is not type(None) for word in _choices(None, kind)]


def _words(names: str) -> Iterator[str]:
    for name in names.split(" | "):
        if name != "null":
            yield _WORDS.get(name, name)


def _parts(value: Any, kind: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """Every part of a value with its key and the type that it must have."""
    kind = _meant(value, kind)
    arguments = get_args(kind)
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        names = {field.encode_name: hints[field.name] for field in msgspec.structs.fields(kind)}
        yield from ((key, part, names[key]) for key, part in value.items() if key in names)
    elif isinstance(value, dict) and len(arguments) == 2 and _is_mapping(kind):
        yield from ((key, part, arguments[1]) for key, part in value.items())
    elif isinstance(value, list) and arguments and not _is_mapping(kind):
        yield from ((number, part, arguments[0]) for number, part in enumerate(value))


def _meant(value: Any, kind: Any) -> Any:
    """Of a union, the member that a value of this form must be; of an annotated type, the type."""
    if hasattr(kind, "__metadata__"):
        return _meant(value, kind.__origin__)
    for member in get_args(kind) if get_origin(kind) in (Union, UnionType) else ():
        structured = isinstance(member, type) and issubclass(member, msgspec.Struct)
        if isinstance(value, dict) and (structured or _is_mapping(member)):
            return member
        if isinstance(value, list) and get_origin(member) in (list, tuple):
            return member
    return kind


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _fields(kind: Any) -> Collection[str]:
    kind = _meant({}, kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [field.encode_name for field in msgspec.structs.fields(kind)]
    return ()

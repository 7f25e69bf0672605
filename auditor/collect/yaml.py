"""YAML documents as kubectl reads them, with the line of every part.

libyaml, through PyYAML, makes the events; values, anchors, merge keys and limits are ours, since a
verdict must rest on the very object that `kubectl apply` would send, and since manifests are
untrusted input. JSON takes the same way. The differences from kubectl that are known, none of which
changes a value in silence in a manifest that people write, are pinned down in
tests/collect/test_yaml_oracle.py.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import Event
from yaml.reader import ReaderError

from auditor.collect.compose import Composer, YamlDocument, YamlError

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read; 70,000 Deployments of 30 lines are as much."""

MAX_BROKEN = 100
"""Documents of one file that may be broken before it is given up."""

_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
# libyaml ends a line at each of these; editors and we only at LF.
_ODD_BREAK = re.compile(rb"\r(?!\n)|\xc2\x85|\xe2\x80[\xa8\xa9]")
_BREAK = re.compile(rb"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    rb"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u(d[89a-f][0-9a-f]{2})|.)",
    re.DOTALL | re.IGNORECASE,
)
_JSON = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def documents(data: bytes) -> Iterator[YamlDocument | YamlError]:
    """Yield each document of a file that is not empty, or why it cannot be read.

    A broken document does not take the next ones with it: reading goes on at the next `---` line.
    """
    if len(data) > MAX_BYTES:
        yield YamlError(1, f"larger than {MAX_BYTES // 1024**2} MiB; split it")
        return
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            yield YamlError(1, "not valid UTF-16; save the file as UTF-8")
            return
    composer = Composer()
    broken = 0
    for chunk, first in _chunks(data.removeprefix(codecs.BOM_UTF8)):
        if broken == MAX_BROKEN:
            yield YamlError(first, f"{MAX_BROKEN} documents above are broken; from here on nothing is read")
            return
        lines = _line_numbers(chunk, first)
        try:
            yield from composer.compose(_events(chunk, lines), lines)
        except YamlError as error:
            broken += 1
            yield error


def only_value(text: str) -> Any:
    """Return what a text holds that is one YAML document, None if it is empty.

    Raises `ValueError` with the line and the cause, which quotes nothing of the text.
    """
    value = None
    for number, one in enumerate(documents(text.encode(errors="replace"))):
        if isinstance(one, YamlError):
            raise ValueError(f"line {one.line}: {one}")
        if number:
            raise ValueError(f"line {one.lines.first}: a second document begins")
        if one.duplicates:
            raise ValueError(f"line {one.duplicates[0]}: the key stands twice in its mapping")
        value = one.value
    return value


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Cut before each separator; yield the pieces, each with the number of its first line."""
    starts = [
        0,
        *(match.start() for match in _SEPARATOR.finditer(data) if match.start()),
    ]
    line = 1
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        chunk = data[start:end]
        if chunk.strip() not in (b"", b"---"):
            yield from _json_objects(chunk, line)
        line += chunk.count(b"\n")


def _json_objects(chunk: bytes, line: int) -> Iterator[tuple[bytes, int]]:
    """Cut JSON objects that follow each other without a separator, as kubectl does."""
    if not chunk.lstrip().startswith(b"{"):
        yield chunk, line
        return
    # Bytes that are no UTF-8 come out as they were, for libyaml to complain of.
    text = chunk.decode(errors="surrogateescape")
    start, opening = 0, text.index("{")
    try:
        while True:
            _, end = _JSON.raw_decode(text, opening)
            opening = _SPACE.match(text, end).end()  # type: ignore[union-attr]  # matches always
            if not text.startswith("{", opening):
                break
            yield text[start:opening].encode(errors="surrogateescape"), line
            line += text.count("\n", start, opening)
            start = opening
    except (ValueError, RecursionError):
        pass  # no JSON: YAML in braces, or broken, and then the composer says where
    yield text[start:].encode(errors="surrogateescape"), line


def _line_numbers(chunk: bytes, first: int) -> Sequence[int]:
    """Return the line in the file for each line as libyaml counts them, and one beyond the end."""
    if not _ODD_BREAK.search(chunk):
        return range(first, first + chunk.count(b"\n") + 2)
    numbers = [first]
    for match in _BREAK.finditer(chunk):
        first += match.group().endswith(b"\n")
        numbers.append(first)
    return [*numbers, first + 1]


def _events(chunk: bytes, lines: Sequence[int]) -> Iterator[Event]:
    """Yield the events of libyaml; raise `YamlError` where it stops."""
    if chunk.lstrip().startswith((b"{", b"[")) and _SURROGATE.search(chunk):
        chunk = _ESCAPE.sub(_join_surrogates, chunk)
    parser = CParser(chunk)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except ReaderError as error:
        line = lines[0] + chunk.count(b"\n", 0, error.position)
        raise YamlError(line, f"not valid text in UTF-8: {error.reason}") from None
    except MarkedYAMLError as error:
        raise _syntax_error(error, chunk, lines) from None


def _join_surrogates(match: re.Match[bytes]) -> bytes:
    """Write a character that JSON escapes as two UTF-16 halves as it is; libyaml refuses those."""
    high, low, lone = match.groups()
    if lone:
        return "\ufffd".encode()
    if not high:
        return match.group()
    return bytes.fromhex(f"{high.decode()}{low.decode()}").decode("utf-16-be").encode()


def _syntax_error(error: MarkedYAMLError, chunk: bytes, lines: Sequence[int]) -> YamlError:
    """Say where and why; libyaml's messages are fixed texts and quote nothing."""
    text = chunk.decode(errors="replace")
    cause = error.problem or "not valid YAML"
    begin = lines[error.context_mark.line] if error.context_mark else 0
    mark = error.problem_mark
    if not mark:
        return YamlError(begin or lines[0], cause)
    if mark.index < len(content := text.rstrip()):
        if text[mark.index] == "\t":
            cause = "a tab stands where only spaces may"
        return YamlError(lines[mark.line], cause, begin)
    # What is never closed is noticed at the very end only: say where it was opened.
    return YamlError(min(begin or lines[0], lines[0] + content.count("\n")), cause)

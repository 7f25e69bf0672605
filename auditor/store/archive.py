"""A history as a file: lines of JSON, for backup, for moving it, and for who wants to read it.

A header; each record, with its audit as far as it is kept; the rows of findings; and a last line that
says how many there were, so that a file that was cut off is noticed. What is hashed stands in it byte
for byte: a line that was written anew by another program is no longer the one that was recorded.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal, cast

import msgspec

from auditor import __version__
from auditor.errors import StoreError, UsageError
from auditor.history import Verification
from auditor.store import chain, findings
from auditor.store.canonical import pack, unpack
from auditor.store.findings import FindingRow
from auditor.store.times import CHANGED
from auditor.store.verify import verify

SCHEMA: Literal["auditor/history/v1"] = "auditor/history/v1"

MAX_LINE = 512 * 1024 * 1024
"""Of an audit in an export, in bytes; the file may come from anybody."""

_GZIP = b"\x1f\x8b"


class _Header(msgspec.Struct):
    schema: Literal["auditor/history/v1"]
    auditor_version: str


class _RecordLine(msgspec.Struct, tag_field="line", tag="record", omit_defaults=True):
    hash: str
    record: msgspec.Raw
    audit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """Missing if it was deleted."""


class _FindingLine(msgspec.Struct, tag_field="line", tag="finding"):
    finding: FindingRow


class _EndLine(msgspec.Struct, tag_field="line", tag="end"):
    records: int
    findings: int
    head: str


_decode = msgspec.json.Decoder(_RecordLine | _FindingLine | _EndLine).decode


def export(db: sqlite3.Connection, out: IO[bytes]) -> None:
    """Write the whole history; the same history is the same bytes.

    Raises `StoreError` if something in it is not even text.
    """
    encode = msgspec.json.encode
    end = _EndLine(0, 0, "")
    out.write(encode(_Header(SCHEMA, __version__)) + b"\n")
    query = "SELECT record, hash, packed FROM records LEFT JOIN audits USING (seq) ORDER BY records.seq"
    try:
        for text, head, packed in db.execute(query):
            audit = msgspec.UNSET if packed is None else msgspec.Raw(unpack(packed) or b"null")
            out.write(encode(_RecordLine(head, msgspec.Raw(text.encode()), audit)) + b"\n")
            end.records, end.head = end.records + 1, head
        for row in findings.rows(db):
            out.write(encode(_FindingLine(row)) + b"\n")
            end.findings += 1
    except (AttributeError, TypeError, msgspec.ValidationError):
        raise StoreError("the history was changed: what is in it cannot be written", CHANGED) from None
    out.write(encode(end) + b"\n")


def restore(db: sqlite3.Connection, path: Path, file: io.BufferedReader, name: str) -> Verification:
    """Fill an empty store from an export, and return what the check of it said.

    Raises `UsageError` if the store is not empty, or the file is no export, cut off, damaged, or of a
    history that is broken; the caller rolls back.
    """
    if db.execute("SELECT 1 FROM records UNION ALL SELECT 1 FROM findings LIMIT 1").fetchone():
        raise UsageError(
            f"{path} has a history already, and two cannot be joined", "import into a new one: --store PATH"
        )
    try:
        _fill(db, _lines(file))
    except _BadFileError as error:
        raise _refused(name, str(error)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _refused(name, f"it cannot be read: {error}") from None
    checked = verify(db)
    if checked.faults:
        raise _refused(name, f"the history in it is broken: {checked.faults[0].message}")
    return checked


class _BadFileError(Exception):
    """What is wrong with the file, in our words."""


def _refused(name: str, what: str) -> UsageError:
    return UsageError(
        f"{name}: not imported: {what}", "import what auditor history export wrote, as it wrote it"
    )


def _lines(file: io.BufferedReader) -> Iterator[bytes]:
    packed = file.peek(2)[:2] == _GZIP
    source = cast("IO[bytes]", gzip.GzipFile(fileobj=file) if packed else file)
    while line := source.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise _BadFileError(f"a line of it has more than {MAX_LINE // 1024**2} MiB")
        if not line.endswith(b"\n"):
            raise _BadFileError("it is cut off")
        yield line


def _check_header(line: bytes) -> None:
    try:
        schema = msgspec.json.decode(line, type=dict[str, Any]).get("schema")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise _BadFileError("it is no export of a history") from None
    if schema != SCHEMA:
        raise _BadFileError(f"its schema is {schema!r}, this auditor reads {SCHEMA!r}")


def _fill(db: sqlite3.Connection, lines: Iterator[bytes]) -> None:
    """Write every line into the store, and see that the last one agrees with what there was."""
    _check_header(next(lines, b""))
    end, found = None, _EndLine(0, 0, "")
    for number, text in enumerate(lines, start=2):
        if end is not None:
            raise _BadFileError("something follows after its last line")
        try:
            end = _take(db, _decode(text), found)
        except (msgspec.MsgspecError, UnicodeError, OverflowError, sqlite3.IntegrityError) as error:
            raise _BadFileError(f"line {number}: {error}") from None
    if end != found:
        raise _BadFileError("it is cut off, or lines of it are missing")


def _take(
    db: sqlite3.Connection, line: _RecordLine | _FindingLine | _EndLine, found: _EndLine
) -> _EndLine | None:
    """Write one line into the store and count it; the last one is returned."""
    match line:
        case _RecordLine():
            text = bytes(line.record)
            packed = None if line.audit is msgspec.UNSET else pack(bytes(line.audit))
            chain.insert(db, chain.decoded(text), text.decode(), line.hash, packed)
            found.records, found.head = found.records + 1, line.hash
        case _FindingLine():
            findings.insert(db, line.finding)
            found.findings += 1
        case _EndLine():
            return line
    return None

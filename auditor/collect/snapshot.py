"""Snapshots: all that an audit read of a cluster, in one file, to be judged again without the cluster.

A snapshot is what an audit keeps: rows, and contents without credentials. Judged by the same
policies it gives the record of the live run, byte for byte but for id and times. The file is gzip
around lines of JSON: a header, the contents, the rows.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from auditor import __version__
from auditor.collect.lists import effect
from auditor.document.keep import restore
from auditor.document.kinds import KINDS
from auditor.errors import SourceError, UsageError
from auditor.model import (
    Content,
    Gap,
    Manager,
    Observation,
    Owner,
    Resource,
    ResourceRef,
    Snapshot,
    SourceFacts,
)

SCHEMA: Literal["auditor/snapshot/v1"] = "auditor/snapshot/v1"

MAX_BYTES = 2 * 1024**3
"""What a snapshot may unpack to; 100,000 pods are a twentieth of it. It may come from anybody."""


class _Header(msgspec.Struct, omit_defaults=True):
    schema: Literal["auditor/snapshot/v1"]
    auditor_version: str
    facts: SourceFacts
    kinds: list[str]
    contents: int
    resources: int
    status: bool = False
    gaps: list[Gap] = []
    owners: list[Owner] = []
    observations: list[Observation] = []


class _Manager(msgspec.Struct, array_like=True):
    manager: str
    operation: str
    time: str
    subresource: str
    fields: msgspec.Raw


class _Content(msgspec.Struct, omit_defaults=True):
    body: msgspec.Raw = msgspec.Raw(b"{}")
    refused: str = ""
    managers: list[_Manager] = []


class _Row(msgspec.Struct, array_like=True):
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    owner: int | None
    """Position among the owners of the header."""
    content: int
    """Position among the contents."""
    finished: bool
    labels: dict[str, Any] | None = None


def dump_snapshot(snapshot: Snapshot, out: IO[bytes]) -> None:
    """Write a snapshot of a cluster; the same snapshot is the same bytes."""
    owners = {one.owner: None for one in snapshot.resources if one.owner}
    contents = {id(one.content): one.content for one in snapshot.resources}
    place = {key: number for number, key in enumerate(contents)}
    number = {owner: position for position, owner in enumerate(owners)}
    header = _Header(
        schema=SCHEMA,
        auditor_version=__version__,
        facts=snapshot.facts,
        kinds=sorted(snapshot.kinds),
        contents=len(contents),
        resources=len(snapshot.resources),
        status=snapshot.status,
        gaps=list(snapshot.gaps),
        owners=list(owners),
        observations=list(snapshot.observations),
    )
    encode = msgspec.json.encode
    # no file name and no time: the same snapshot is the same file
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.write(encode(header) + b"\n")
        for content in contents.values():
            packed.write(encode(_kept(content)) + b"\n")
        for one in snapshot.resources:
            ref, owner = one.ref, number[one.owner] if one.owner else None
            row = _Row(
                ref.api_version,
                ref.kind,
                ref.namespace,
                ref.name,
                one.uid,
                owner,
                place[id(one.content)],
                one.finished,
                dict(one.labels) if one.labels is not None else None,
            )
            packed.write(encode(row) + b"\n")


def _kept(content: Content) -> _Content:
    managers = [
        _Manager(one.manager, one.operation, one.time, one.subresource, msgspec.Raw(one.fields))
        for one in content.managers
    ]
    return _Content(msgspec.Raw(content.json), content.refused, managers)


class SnapshotSource:
    """The ports `Source` and `Runtime` over the file of a snapshot."""

    def __init__(self, path: str) -> None:
        """Raises `UsageError` if there is no such file; nothing is read yet."""
        if not Path(path).is_file():
            raise UsageError(f"--snapshot {path}: no such file")
        self._path = path
        self._header: _Header | None = None
        self._resources: list[Resource] = []

    def facts(self) -> SourceFacts:
        """Say of which cluster it is; raises `SourceError` for a file that is no snapshot, or damaged."""
        return self._load().facts

    def read(self, kinds: frozenset[str], *, status: bool = False) -> Iterator[Resource | Gap]:
        """Yield what the snapshot has of these kinds, and a gap for each that it does not have."""
        header = self._load()
        for name in sorted(kinds - set(header.kinds)):
            yield self._gap(name, f"was taken without {name} objects")
        if status and not header.status:
            yield self._gap("Pod", "was taken without the status of pods, which a selected policy reads")
        yield from (gap for gap in header.gaps if gap.kind is None or gap.kind in kinds)
        yield from (one for one in self._resources if one.ref.kind in kinds)

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:  # noqa: ARG002
        """Yield nothing: what was not there had been asked for when the snapshot was taken."""
        yield from ()

    def observe(self) -> tuple[Observation, ...]:
        """Return what running programs said when the snapshot was taken."""
        return tuple(self._load().observations)

    def _gap(self, kind: str, what: str) -> Gap:
        reason = f"the snapshot {what}; take one with the policies that you want to judge it by"
        return Gap(kind, reason, effect(kind))

    def _load(self) -> _Header:
        if self._header is None:
            try:
                with gzip.open(self._path) as packed:
                    self._header, self._resources = _read(_lines(packed))
            except (
                EOFError,
                zlib.error,
                gzip.BadGzipFile,
                msgspec.MsgspecError,
                RecursionError,
                _DamageError,
            ) as error:
                raise self._damaged(error) from None
            except OSError as error:
                raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from None
        return self._header

    def _damaged(self, error: Exception) -> SourceError:
        what = str(error) if isinstance(error, _DamageError) else "it is damaged, or no snapshot"
        return SourceError(
            f"{self._path}: no snapshot that can be judged: {what}", "take a new one: --save-snapshot"
        )


class _DamageError(Exception):
    """What is wrong with the file, in our words."""


def _lines(packed: gzip.GzipFile) -> Iterator[bytes]:
    size = 0
    while line := packed.readline(MAX_BYTES - size + 1):
        size += len(line)
        if size > MAX_BYTES:
            raise _DamageError(f"it unpacks to more than {MAX_BYTES // 1024**3} GiB")
        if not line.endswith(b"\n"):
            raise _DamageError("it is cut off")
        yield line


def _read(lines: Iterator[bytes]) -> tuple[_Header, list[Resource]]:
    head = next(lines, b"")
    schema = msgspec.json.decode(head, type=dict[str, Any]).get("schema")
    if schema != SCHEMA:
        raise _DamageError(f"its schema is {schema!r}, this auditor reads {SCHEMA!r}")
    header = msgspec.json.decode(head, type=_Header)
    contents = [_content(line) for _, line in zip(range(header.contents), lines, strict=False)]
    decode, rows = msgspec.json.Decoder(_Row).decode, _Rows(header, contents)
    resources = [rows.resource(decode(line)) for _, line in zip(range(header.resources), lines, strict=False)]
    if (len(contents), len(resources)) != (header.contents, header.resources):
        raise _DamageError("it is cut off")
    return header, resources


def _content(line: bytes) -> _Content:
    return msgspec.json.decode(line, type=_Content)


def _managers(kept: Iterable[_Manager]) -> tuple[Manager, ...]:
    return tuple(
        Manager(one.manager, one.operation, one.time, one.subresource, bytes(one.fields)) for one in kept
    )


class _Rows:
    """Joins rows with contents, each of which is restored once."""

    def __init__(self, header: _Header, contents: Sequence[_Content]) -> None:
        self._owners = header.owners
        self._contents = contents
        self._restored: dict[tuple[str, int], Content] = {}

    def resource(self, row: _Row) -> Resource:
        """Return the resource of a row; raises `_DamageError` if there can be none like it."""
        known = KINDS.get(row.kind)
        if not known or row.api_version != known.api_version or not 0 <= row.content < len(self._contents):
            raise _DamageError("a row of it names what no snapshot holds")
        if row.owner is not None and not 0 <= row.owner < len(self._owners):
            raise _DamageError("a row of it names what no snapshot holds")
        return Resource(
            ref=ResourceRef(row.api_version, row.kind, row.name, row.namespace),
            content=self._content(row),
            uid=row.uid,
            owner=None if row.owner is None else self._owners[row.owner],
            finished=row.finished,
            labels=row.labels,
        )

    def _content(self, row: _Row) -> Content:
        key = (row.kind, row.content)
        if key not in self._restored:
            found = self._contents[row.content]
            if row.finished or found.refused:
                self._restored[key] = Content(b"{}", found.refused)
            else:
                try:
                    self._restored[key] = restore(row.kind, bytes(found.body), _managers(found.managers))
                except ValueError:
                    raise _DamageError(f"a content of it is no {row.kind}") from None
        return self._restored[key]

"""The manifests source: files, folders and standard input.

Every document ends as an object, as a gap with file, line and cause, or as a skipped file with the
reason; none is passed over silently, except empty ones and kinds that no selected policy asks for.
No message quotes a file: it may hold secrets.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import IO, Any

from auditor.collect.compose import YamlError
from auditor.collect.files import STDIN, ManifestFile, check_paths, manifest_files, read_file
from auditor.collect.lines import LineTree
from auditor.collect.yaml import documents, only_value
from auditor.document.keep import keep
from auditor.document.kinds import KINDS, known_as, same_group
from auditor.model import Body, Gap, Origin, Resource, ResourceRef, SkippedFile, SourceFacts
from auditor.network.engines import ENGINES

_HELM = "Helm template source; render it first with helm template"
_KUSTOMIZE = "Kustomize file; render it first with kubectl kustomize"

"""Annotations in which tools keep the whole object, a Secret's data too."""

_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'|#.*")
_TYPES = {dict: "a mapping", list: "a list", str: "text", bool: "a boolean", type(None): "empty"}


class ManifestSource:
    """Reads manifests: the `Source` of `auditor audit -f`."""

    def __init__(
        self,
        paths: Sequence[str],
        stdin: IO[bytes],
        kube_version: str = "",
        namespaces: Sequence[str] = (),
    ) -> None:
        """Take the paths of `-f`: files, folders, or `-` for `stdin`.

        `namespaces` limits the audit to objects in them, none is `default`; empty takes all.
        `kube_version`, as `v1.36.3`, is the cluster that the manifests are meant for; "" is unknown.
        Raises `UsageError` if a path does not exist.
        """
        check_paths(paths)
        self._paths = tuple(paths)
        self._stdin = stdin
        self._piped: bytes | Gap | None = None
        self._kube_version = kube_version
        self._namespaces = tuple(dict.fromkeys(namespaces))
        self.warnings: list[str] = []
        """Filled by `read`: keys that stand twice in a mapping, with file and line."""

    def facts(self) -> SourceFacts:
        """Say what is read."""
        return SourceFacts(
            kind="manifests", paths=self._paths, version=self._kube_version, namespaces=self._namespaces
        )

    def read(
        self,
        kinds: frozenset[str],
        *,
        status: bool = False,  # noqa: ARG002 - manifests have none that counts
    ) -> Iterator[Resource | Gap | SkippedFile]:
        """Yield the objects of these kinds, file by file, with the gaps and what was skipped."""
        self.warnings.clear()
        for file in manifest_files(self._paths):
            if not isinstance(file, ManifestFile):
                yield file
                continue
            data = self._bytes(file)
            if isinstance(data, Gap):
                yield data
            else:
                for item in _Reader(file.shown, data, kinds, self.warnings).read():
                    if not isinstance(item, Resource) or self._is_wanted(item.ref):
                        yield item

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:  # noqa: ARG002
        """Yield nothing: what manifests do not hold may well exist elsewhere."""
        yield from ()

    def _is_wanted(self, ref: ResourceRef) -> bool:
        """Tell whether the object lies in the namespaces that the audit is limited to, or is one."""
        if not self._namespaces:
            return True
        if ref.kind == "Namespace":
            return ref.name in self._namespaces
        return (ref.namespace or "default") in self._namespaces

    def _bytes(self, file: ManifestFile) -> bytes | Gap:
        if file.path != STDIN:
            return read_file(file, self._stdin)
        if self._piped is None:
            self._piped = read_file(file, self._stdin)
        return self._piped


class _Reader:
    """Turns the documents of one file into objects."""

    def __init__(self, path: str, data: bytes, kinds: frozenset[str], warnings: list[str]) -> None:
        self._path = path
        self._data = data
        self._kinds = kinds
        self._warnings = warnings
        self._template_listed = False
        self._foreign_listed: set[tuple[str, str]] = set()
        self._position = 0

    def read(self) -> Iterator[Resource | Gap | SkippedFile]:
        """Yield what the file holds, in its order."""
        for position, document in enumerate(documents(self._data), start=1):
            self._position = position
            if isinstance(document, YamlError):
                if self._is_template(document):
                    yield from self._template(document.line)
                else:
                    yield self._gap(None, document.line, str(document))
                continue
            self._warnings += [
                f"{self._path}:{line}: the key stands twice in its mapping; the last one counts"
                for line in document.duplicates
            ]
            yield from self._object(document.value, document.lines)

    def _object(self, body: Any, lines: LineTree) -> Iterator[Resource | Gap | SkippedFile]:
        """Yield one object, or what a list of objects holds."""
        if not isinstance(body, dict):
            yield self._skipped(f"not an object but {_type(body)}", lines.first)
            return
        missing = [field for field in ("apiVersion", "kind") if field not in body]
        named = body.get("kind") if isinstance(body.get("kind"), str) else None
        if missing and named not in self._kinds:
            yield self._skipped(f"no {' and '.join(missing)}", lines.first)
            return
        try:
            api_version, kind = _text(body, "apiVersion"), _text(body, "kind")
            items = _items(body, kind)
        except _FieldError as error:
            yield self._gap(named, lines.line(error.pointer), str(error))
            return
        if items is not None:
            yield from self._list(api_version, kind, items, lines)
        elif "{{" in api_version + kind:
            yield from self._template(lines.first)
        else:
            yield from self._single(api_version, kind, body, lines)

    def _list(
        self, api_version: str, kind: str, items: list[Any], lines: LineTree
    ) -> Iterator[Resource | Gap | SkippedFile]:
        """Unfold `List` and the typed lists, whose entries may leave out what the list says."""
        implied = {} if kind == "List" else {"apiVersion": api_version, "kind": kind.removesuffix("List")}
        for index, item in enumerate(items):
            place = lines.item(index)
            if isinstance(item, dict):
                yield from self._object({**implied, **item}, place)
            else:
                yield self._gap(None, place.first, f"an entry of items is {_type(item)}, not an object")

    def _single(
        self, api_version: str, kind: str, body: Body, lines: LineTree
    ) -> Iterator[Resource | Gap | SkippedFile]:
        kind = known_as(api_version, kind)
        if not self._is_asked_for(api_version, kind):
            # Configuration files of tools look like objects, but none is ever applied.
            if not isinstance(body.get("metadata"), dict):
                yield self._skipped(_KUSTOMIZE if "kustomize" in api_version else "no metadata", lines.first)
            else:
                yield from self._foreign(api_version, kind, lines.first)
            return
        try:
            ref = _ref(api_version, kind, body)
        except _FieldError as error:
            yield self._gap(kind, lines.line(error.pointer), str(error))
            return
        if "{{" in ref.name:
            yield from self._template(lines.first)
            return
        yield keep(ref, body, Origin(self._path, self._position, lines.first), lines, only_value)

    def _foreign(self, api_version: str, kind: str, line: int) -> Iterator[Gap | SkippedFile]:
        """List a kind that no policy can judge, once for each file; a misspelt one is a gap."""
        judged = kind in KINDS and kind not in ENGINES
        if (judged and same_group(api_version, kind)) or (api_version, kind) in self._foreign_listed:
            return
        self._foreign_listed.add((api_version, kind))
        for near in difflib.get_close_matches(kind, KINDS, cutoff=0.8):
            if kind not in KINDS and same_group(api_version, near):
                yield self._gap(None, line, f"unknown kind {kind!r}; did you mean {near!r}?")
                return
        yield self._skipped(f"no policy judges the kind {kind} ({api_version})", line)

    def _is_asked_for(self, api_version: str, kind: str) -> bool:
        return kind in self._kinds and same_group(api_version, kind)

    def _is_template(self, error: YamlError) -> bool:
        """Tell whether the parser stopped at `{{` outside of quotes."""
        return any(
            b"{{" in _QUOTED.sub(b"", self._rows[line - 1])
            for line in (error.line, error.context)
            if 0 < line <= len(self._rows)
        )

    @cached_property
    def _rows(self) -> list[bytes]:
        return self._data.split(b"\n")

    def _template(self, line: int) -> Iterator[SkippedFile]:
        """List the file once, however many of its documents are templates."""
        if not self._template_listed:
            self._template_listed = True
            yield self._skipped(_HELM, line)

    def _gap(self, kind: str | None, line: int, cause: str) -> Gap:
        return Gap(
            kind=kind,
            reason=f"{self._path}:{line}: {cause}",
            effect="what this document holds is not judged",
            origin=Origin(self._path, self._position, line),
        )

    def _skipped(self, reason: str, line: int) -> SkippedFile:
        return SkippedFile(self._path, reason, line)


class _FieldError(Exception):
    """A field that keeps the object from being read."""

    def __init__(self, pointer: str, cause: str) -> None:
        """`cause` is said of the field's name as people write it, `metadata.name`."""
        super().__init__(f"{pointer[1:].replace('/', '.')} {cause}")
        self.pointer = pointer


def _ref(api_version: str, kind: str, body: Body) -> ResourceRef:
    """Name the object; raise `_FieldError` if its metadata does not."""
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise _FieldError("/metadata", f"is {_type(metadata)}, and must be a mapping")
    given = [field for field in ("name", "generateName") if metadata.get(field) not in (None, "")]
    if not given:
        raise _FieldError("/metadata/name", "is missing")
    # A name that the API server will complete is shown as it stands, with its trailing dash.
    name = _text(metadata, given[0], "/metadata")
    namespace = "" if metadata.get("namespace") is None else _text(metadata, "namespace", "/metadata")
    return ResourceRef(api_version, kind, name, namespace)


def _items(body: Body, kind: str) -> list[Any] | None:
    """Return the entries of a list of objects, None for any other object; raise `_FieldError`."""
    items = body.get("items")
    if kind == "List" and not isinstance(items, list | None):
        raise _FieldError("/items", f"is {_type(items)}, and must be a list")
    if kind == "List":
        return items or []
    return items if kind.endswith("List") and isinstance(items, list) else None


def _text(body: Body, field: str, parent: str = "") -> str:
    if field not in body:
        raise _FieldError(f"{parent}/{field}", "is missing")
    value = body[field]
    if not isinstance(value, str):
        raise _FieldError(f"{parent}/{field}", f"is {_type(value)}, and must be text")
    return value


def _type(value: Any) -> str:
    return _TYPES.get(type(value), "a number")

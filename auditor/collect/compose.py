"""Builds the object of one YAML document from libyaml's events, and remembers the lines.

Iterative and bounded: manifests are untrusted input, and libyaml itself limits neither depth nor
what aliases expand to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from auditor.collect import scalars
from auditor.collect.lines import LineTree, Place

MAX_DEPTH = 100
"""Levels of nesting, so that recursive code after us stays far below Python's limit."""
MAX_NODES = 3_000_000
"""Keys and values in one document: some 24 MiB of dense YAML."""
MAX_ALIASED = 400_000
"""Values that the aliases of one file may expand to, about what kubectl's parser allows.

A text counts once more for each 100 characters.
"""


class YamlError(Exception):
    """A document that cannot be read. `str(error)` is the cause and quotes nothing of the file."""

    def __init__(self, line: int, cause: str, context: int = 0) -> None:
        """Keep the line, counted from 1, and that where the construct around it begins (0 if unknown)."""
        super().__init__(cause)
        self.line = line
        self.context = context


@dataclass(frozen=True, eq=False, slots=True)
class YamlDocument:
    """One document: plain dict, list, str, int, float, bool; never None."""

    value: Any
    lines: LineTree
    duplicates: tuple[int, ...] = ()
    """Lines of keys that their mapping had already; the last one counts, as for kubectl."""


class _OpenList:
    """A list that is being read."""

    __slots__ = ("anchor", "places", "tree", "value")

    def __init__(self, line: int, anchor: str | None) -> None:
        self.value: list[Any] = []
        self.places: list[Place] = []
        self.tree = LineTree(line, self.places)
        self.anchor = anchor

    def add(self, raw: Any, place: Place, line: int, *, alias: bool) -> None:  # noqa: ARG002
        """Append an entry; raises `ValueError` if it has no JSON form."""
        self.value.append(scalars.json_value(raw))
        self.places.append(_moved(place, line))


def _moved(place: Place, line: int) -> Place:
    """Give a value the line it is written on: that of its key, or of the alias."""
    return line if isinstance(place, int) else LineTree(line, place.members)


class _OpenMapping:
    """A mapping that is being read: a key, its value, the next key ..."""

    __slots__ = (
        "anchor",
        "duplicates",
        "key",
        "key_line",
        "merged",
        "merging",
        "places",
        "tree",
        "value",
    )

    def __init__(self, line: int, anchor: str | None, duplicates: list[int]) -> None:
        self.value: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.tree = LineTree(line, self.places)
        self.anchor = anchor
        self.duplicates = duplicates
        self.key: str | None = None
        self.key_line = 0
        self.merging = False
        """The value of a merge key comes next."""
        self.merged: set[str] = set()

    @property
    def at_key(self) -> bool:
        """A key comes next."""
        return self.key is None and not self.merging

    def add(self, raw: Any, place: Place, line: int, *, alias: bool) -> None:
        """Take a key, or the value of the last key; raises `ValueError` with the cause."""
        if self.merging:
            self._merge(raw, place, alias=alias)
            self.merging = False
        elif self.key is None:
            if isinstance(raw, dict | list):
                raise ValueError("the key of a mapping is itself a mapping or a list")
            self.key, self.key_line = scalars.key_text(raw), line
        else:
            if self.key in self.value and self.key not in self.merged:
                self.duplicates.append(self.key_line)
            self.value[self.key] = scalars.json_value(raw)
            self.places[self.key] = _moved(place, self.key_line)
            self.key = None

    def _merge(self, raw: Any, place: Place, *, alias: bool) -> None:
        """Merge in the order of the file: kubectl's parser lets a later merge win over a key."""
        members = place.members if isinstance(place, LineTree) else {}
        sources: list[tuple[Any, Any]] = [(raw, place)]
        if isinstance(raw, list) and isinstance(members, list) and not alias:
            sources = list(zip(raw, members, strict=True))[::-1]
        if not all(isinstance(value, dict) for value, _ in sources):
            raise ValueError("a merge key (<<) needs a mapping or a list of mappings")
        for value, tree in sources:
            self.merged.update(value.keys() - self.value.keys())
            self.value.update(value)
            self.places.update(tree.members)


class Composer:
    """Composes the documents of one file; the alias limit holds for all of them together."""

    def __init__(self) -> None:
        """Start with nothing expanded."""
        self._aliased = 0
        self._reset()

    def _reset(self) -> None:
        self._anchors: dict[str, tuple[Any, Place] | None] = {}
        """What each anchor names; None while that is being read."""
        self._stack: list[_OpenList | _OpenMapping] = []
        self._duplicates: list[int] = []
        self._nodes = 0
        self._root: tuple[Any, Place] = (None, 0)

    def compose(self, events: Iterable[Event], lines: Sequence[int]) -> Iterator[YamlDocument]:
        """Yield the documents that are not empty.

        `lines` gives the line in the file for each line of the event marks. Raises `YamlError`.
        """
        for event in events:
            line = lines[event.start_mark.line]  # type: ignore[union-attr]  # libyaml sets it always
            try:
                self._take(event, line)
            except ValueError as error:
                raise YamlError(line, str(error)) from None
            if isinstance(event, DocumentEndEvent):
                value, place = self._root
                if value is not None:
                    tree = LineTree(place, {}) if isinstance(place, int) else place
                    yield YamlDocument(value, tree, tuple(self._duplicates))

    def _take(self, event: Event, line: int) -> None:
        """Take one event into the document; raises `ValueError` with the cause."""
        match event:
            case ScalarEvent():
                self._scalar(event, line)
            case MappingStartEvent():
                self._open(_OpenMapping(line, event.anchor, self._duplicates))
            case SequenceStartEvent():
                self._open(_OpenList(line, event.anchor))
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case AliasEvent():
                self._alias(event, line)
            case DocumentStartEvent():
                self._reset()

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        self._count()
        bare, tag = event.implicit[0], event.tag
        if event.value == "<<" and (bare or tag == scalars.MERGE_TAG) and self._merge_here():
            return
        raw: scalars.Raw = event.value
        if tag is not None:
            raw = scalars.tagged(tag, event.value)
        elif bare:
            raw = scalars.plain(event.value)
        if event.anchor:
            self._anchors[event.anchor] = (raw, line)
        self._add(raw, line, line)

    def _merge_here(self) -> bool:
        """Tell whether a key comes next; if so it is the merge key."""
        top = self._stack[-1] if self._stack else None
        if isinstance(top, _OpenMapping) and top.at_key:
            top.merging = True
            return True
        return False

    def _open(self, container: _OpenList | _OpenMapping) -> None:
        self._count()
        if len(self._stack) >= MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
        if container.anchor:
            self._anchors[container.anchor] = None
        self._stack.append(container)

    def _close(self) -> None:
        done = self._stack.pop()
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.tree)
        self._add(done.value, done.tree, done.tree.first)

    def _alias(self, event: AliasEvent, line: int) -> None:
        name = str(event.anchor)
        if name not in self._anchors:
            raise ValueError("an alias names an anchor that is not defined before it")
        target = self._anchors[name]
        if target is None:
            raise ValueError("an alias stands inside the very value it refers to")
        value, place = target
        self._add(self._copy(value, len(self._stack)), place, line, alias=True)

    def _copy(self, value: Any, depth: int) -> Any:
        """Copy what an alias refers to, so that every object stays a tree of its own."""
        self._aliased += 1 + (len(value) // 100 if isinstance(value, str) else 0)
        if self._aliased > MAX_ALIASED:
            raise ValueError(f"aliases expand to more than {MAX_ALIASED:,} values")
        if isinstance(value, dict | list) and depth >= MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(value, dict):
            self._aliased += sum(len(key) // 100 for key in value)
            return {key: self._copy(member, depth + 1) for key, member in value.items()}
        if isinstance(value, list):
            return [self._copy(member, depth + 1) for member in value]
        return value

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ValueError(f"more than {MAX_NODES:,} values in one document")

    def _add(self, raw: Any, place: Place, line: int, *, alias: bool = False) -> None:
        """Put a finished value where it belongs; `line` is where it is written."""
        if self._stack:
            self._stack[-1].add(raw, place, line, alias=alias)
        else:
            self._root = (scalars.json_value(raw), place)

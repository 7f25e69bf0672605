"""What is in force: the flags before the file, the file before the defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.config.file import ConfigFile
from auditor.config.settings import Settings, Source

Keys = tuple[str, ...]

DEFAULT = "default"
"""Where a setting comes from that nobody has made."""

CLUSTER = frozenset({"context", "kubeconfig"})
"""The keys of `source` that choose a cluster."""


class Flag(msgspec.Struct, frozen=True):
    """A setting that the command line makes."""

    keys: Keys
    name: str
    """As people write it, for messages."""
    value: Any


class Effective(msgspec.Struct, frozen=True, eq=False):
    """The settings of one run, and where they come from."""

    settings: Settings
    config: ConfigFile | None = None
    flags: Mapping[Keys, str] = {}
    """The settings that flags made, with the flags."""

    def from_file(self, *keys: str) -> bool:
        """Tell whether the file says what is in force at these keys."""
        if self.config is None or keys in self.flags or not self.config.says(*keys):
            return False
        # a source that a flag has put aside is in the file all the same
        return bool(_at(self.settings, keys) == _at(self.config.settings, keys))

    def origin(self, *keys: str) -> str:
        """Say where a setting comes from: a flag, a line of the file, or the defaults."""
        if keys in self.flags:
            return self.flags[keys]
        return self.config.place(*keys) if self.config and self.from_file(*keys) else DEFAULT


def resolve(config: ConfigFile | None, flags: Mapping[Keys, Flag]) -> Effective:
    """Put the settings of a run together.

    A source that a flag names stands in for the one of the file: with manifests or a snapshot on the
    command line, its cluster does not count, and the other way round.
    """
    settings = config.settings if config else Settings()
    named = {flag.keys[1] for flag in flags.values() if flag.keys[0] == "source"}
    settings = msgspec.structs.replace(settings, source=_apart(settings.source, named))
    for flag in flags.values():
        settings = _with(settings, flag.keys, flag.value)
    return Effective(settings, config, {flag.keys: flag.name for flag in flags.values()})


def leaves(settings: Settings) -> Iterator[tuple[Keys, Any]]:
    """Yield every setting with its keys; of the parts of mappings, those that are there."""
    yield from _leaves(settings, ())


def _leaves(value: Any, keys: Keys) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            below = getattr(value, field.name)
            if below is not None or keys[:1] != ("policies",):  # of a policy, only what is changed
                yield from _leaves(below, (*keys, field.encode_name))
    elif isinstance(value, Mapping) and value and keys in _OPEN:
        for key, below in value.items():
            yield from _leaves(below, (*keys, key))
    elif not (keys[:1] == ("policies",) and keys[1:] and value == {}):
        yield keys, value


_OPEN: tuple[Keys, ...] = (("policies",), ("parameters",), ("namespaces", "parameters"))
"""Mappings whose entries come from different places of a file, and are shown one by one."""


def _apart(source: Source, named: set[str]) -> Source:
    """The source of the file without what flags put aside."""
    aside: set[str] = set()
    if named & {"manifests", "snapshot"}:
        aside |= {"manifests", "snapshot", *CLUSTER}
    if "snapshot" in named:
        aside.add("namespaces")
    if named & CLUSTER:
        aside |= {"manifests", "snapshot"}
    empty = Source()
    return msgspec.structs.replace(source, **{key: getattr(empty, key) for key in aside})


def _with(value: Any, keys: Keys, new: Any) -> Any:
    key, *rest = keys
    below = _with(getattr(value, key), tuple(rest), new) if rest else new
    return msgspec.structs.replace(value, **{key: below})


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else getattr(value, key)
    return value

"""Reads auditor.yaml, and says with file, line and key what is wrong with it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from auditor.collect.runtime.endpoint import FILES, Endpoint, faults
from auditor.config.settings import NONE, NamespaceSettings, Settings, Source
from auditor.config.strict import YamlFile, read_yaml
from auditor.errors import ConfigError
from auditor.evaluate.overrides import ALL, Overrides
from auditor.waiver import LONGEST_DAYS

HINT = "every key: docs/configuration.md"

LAST = "last"
"""The baseline that is the latest audit of the store."""

Keys = tuple[str | int, ...]

_NAMESPACE = re.compile(r"[a-z0-9*?]([a-z0-9*?-]{0,61}[a-z0-9*?])?")
"""A name, or a pattern of names. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"""

_LABEL = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
"""https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"""

_WRITERS = ("-", "/dev/", "/proc/")
"""Beginnings of paths that are streams, or absolute."""


class ConfigFile(msgspec.Struct, frozen=True, eq=False):
    """An auditor.yaml that holds nothing but what may stand in it."""

    file: YamlFile
    settings: Settings
    """As it is written, but every path as it leads there from the working directory."""

    @property
    def path(self) -> str:
        """The file, as the user named it."""
        return self.file.path

    @property
    def digest(self) -> str:
        """`sha256:` and the hexadecimal digest of the file."""
        return f"sha256:{hashlib.sha256(self.file.content).hexdigest()}"

    def says(self, *keys: str) -> bool:
        """Tell whether anything stands at these keys."""
        here = self.file.document.value if self.file.document else None
        for key in keys:
            here = here.get(key) if isinstance(here, dict) else None
        return here is not None

    def place(self, *keys: str) -> str:
        """Return file and line of what stands at these keys."""
        return f"{self.path}:{self.file.line(*keys)}"

    def fault(self, message: str, *keys: str | int, hint: str = HINT) -> ConfigError:
        """Say what is wrong at these keys."""
        return self.file.fault(message, *keys, hint=hint)


def read_config(path: Path) -> ConfigFile:
    """Read the file.

    Raises `ConfigError` naming the file, the line and the key. Whether policies, frameworks, parameters
    and formats exist is checked by those who know them.
    """
    file = read_yaml(path)
    if document := file.document:
        value = {} if document.value is None else _given(document.value)
        file = msgspec.structs.replace(file, document=dataclasses.replace(document, value=value))
    try:
        settings = file.convert(Settings)
    except ConfigError as error:
        raise ConfigError(str(error), HINT) from None
    config = ConfigFile(file, _located(settings, path.parent))
    for message, keys in _faults(settings):
        raise config.fault(message, *keys)
    return config


def overrides(config: ConfigFile | None) -> Overrides:
    """Return what the file changes in the policies; nothing, without a file."""
    if config is None:
        return Overrides()
    policies = config.settings.policies
    values = {name: one.parameters for name, one in policies.items()}
    return Overrides(
        enabled={name: one.enabled for name, one in policies.items() if one.enabled is not None},
        severity={name: one.severity for name, one in policies.items() if one.severity},
        parameters={ALL: config.settings.parameters, **values},
        namespaces=config.settings.namespaces.parameters,
        origin=config.path,
        lines=config.file.document.lines if config.file.document else None,
    )


def _given(value: Any, keys: tuple[str, ...] = ()) -> Any:
    """Leave out what is empty: a key without a value is one that is not there.

    Parameters may have the value null. A namespace without changes is one that has the usual ones.
    """
    if not isinstance(value, dict) or _holds_values(keys):
        return value
    if keys == ("namespaces", "parameters"):
        value = {key: {} if below is None else below for key, below in value.items()}
    return {key: _given(below, (*keys, key)) for key, below in value.items() if below is not None}


def _holds_values(keys: tuple[str, ...]) -> bool:
    """Whether what stands at these keys are the values of parameters."""
    if keys[:2] == ("namespaces", "parameters"):
        return len(keys) == 4
    return keys[-1:] == ("parameters",) and keys[:1] in (("parameters",), ("policies",))


def _located(settings: Settings, folder: Path) -> Settings:
    """The settings, complete, with paths that lead from the working directory to what the file names."""

    def beside(path: str | None) -> str | None:
        return None if path is None else _beside(folder, path)

    def all_beside(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_beside(folder, path) for path in paths)

    replace: Callable[..., Any] = msgspec.structs.replace

    def endpoint_beside(one: Endpoint) -> Endpoint:
        located: Endpoint = replace(one, **{key: beside(getattr(one, key)) for key in FILES})
        return located

    located: Settings = replace(
        settings,
        source=replace(
            settings.source,
            manifests=all_beside(settings.source.manifests),
            snapshot=beside(settings.source.snapshot),
            kubeconfig=beside(settings.source.kubeconfig),
        ),
        runtime=replace(
            settings.runtime,
            **{name: tuple(map(endpoint_beside, listed)) for name, listed in _endpoints(settings)},
        ),
        audit_logs=all_beside(settings.audit_logs),
        save_snapshot=beside(settings.save_snapshot),
        policy_folders=all_beside(settings.policy_folders),
        output=tuple(_output(folder, one) for one in settings.output),
        baseline=settings.baseline if settings.baseline in (NONE, LAST) else beside(settings.baseline),
        waivers=replace(
            settings.waivers,
            paths=all_beside(settings.waivers.paths),
            max_days={**LONGEST_DAYS, **settings.waivers.max_days},
        ),
        store=settings.store if settings.store == NONE else beside(settings.store),
        opa=beside(settings.opa),
    )
    return located


def _output(folder: Path, text: str) -> str:
    name, separator, path = text.partition("=")
    return f"{name}={_beside(folder, path)}" if separator else text


def _beside(folder: Path, path: str) -> str:
    """A path as the file means it, without detours: reports show it, and what they show should be short."""
    if not path or path.startswith(_WRITERS):
        return path
    whole = os.path.join(folder, os.path.expanduser(path))
    short = os.path.normpath(whole)
    # behind a link, `..` leads elsewhere
    return short if os.path.realpath(short) == os.path.realpath(whole) else whole


def _faults(settings: Settings) -> Iterator[tuple[str, Keys]]:
    """What is wrong with values that have the right type."""
    yield from _empty_texts(msgspec.to_builtins(settings), ())
    yield from _two_sources(settings.source)
    for program, listed in _endpoints(settings):
        for number, one in enumerate(listed):
            yield from ((reason, ("runtime", program, number, key)) for key, reason in faults(one))
            if one.address in (other.address for other in listed[:number]):
                yield "stands there twice", ("runtime", program, number)
    for pattern, keys in _patterns(settings.namespaces):
        if not _NAMESPACE.fullmatch(pattern):
            yield f"{pattern!r} matches no name of a namespace", ("namespaces", *keys)
    if settings.owner_label and not _LABEL.fullmatch(settings.owner_label):
        yield f"{settings.owner_label!r} is no name of a label", ("owner_label",)
    try:
        re.compile(settings.waivers.ticket)
    except (re.error, OverflowError) as error:
        yield f"is no regular expression: {error}", ("waivers", "ticket")


def _endpoints(settings: Settings) -> Iterator[tuple[str, tuple[Endpoint, ...]]]:
    runtime = settings.runtime
    yield from (("prometheus", runtime.prometheus), ("alertmanager", runtime.alertmanager))


def _patterns(namespaces: NamespaceSettings) -> Iterator[tuple[str, Keys]]:
    for key, patterns in (("include", namespaces.include), ("exclude", namespaces.exclude)):
        yield from ((pattern, (key, number)) for number, pattern in enumerate(patterns))
    yield from ((pattern, ("parameters", pattern)) for pattern in namespaces.parameters)


def _two_sources(source: Source) -> Iterator[tuple[str, Keys]]:
    for key in ("snapshot", "context", "kubeconfig"):
        if source.manifests and getattr(source, key):
            yield "cannot be combined with source.manifests: an audit has one source", ("source", key)
    for key in ("context", "kubeconfig", "namespaces"):
        if source.snapshot and getattr(source, key):
            reason = "cannot be combined with source.snapshot: it is what was read, where and how"
            yield reason, ("source", key)


def _empty_texts(value: Any, keys: Keys) -> Iterator[tuple[str, Keys]]:
    """A text without a character names no file, no policy and no label."""
    if value == "" and keys:
        yield "is empty", keys
    elif isinstance(value, dict) and not _holds_values(tuple(map(str, keys))):
        for key, below in value.items():
            yield from _empty_texts(below, (*keys, key))
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from _empty_texts(below, (*keys, number))

"""What a module depends on, from `opa deps`, remembered: OPA is asked once for each module.

Of the same module with the same library the same OPA says the same, whatever else is in the bundle: who
changes one policy, or a parameter, does not wait for two hundred answers again. What our OPA
says of the shipped policies ships too (`policies/reads.json`, by tools/reads.py), so that nobody's first
audit waits for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from auditor.evaluate.cache import keep, recall
from auditor.evaluate.command import run_opa
from auditor.evaluate.find import opa_identity
from auditor.evaluate.stage import Module

FORM = 1
"""Of what is kept; another number makes old entries unknown."""

MAX_KEPT = 2000
"""Modules that are kept on disk; with more, those of the present bundle alone."""


class Dependencies(msgspec.Struct, frozen=True):
    """References as names, each up to its first variable: `["input", "pod", "spec"]`; sorted, each once."""

    base: tuple[tuple[str, ...], ...] = ()
    """Documents: input, parameters."""
    virtual: tuple[tuple[str, ...], ...] = ()
    """Rules, its own and those of the library, up to their names: `["data", "k8s", "host_pid", "fail"]`."""


class Shipped(msgspec.Struct, frozen=True):
    """What one OPA said of all shipped policies."""

    opa: str
    """Its version."""
    library: str
    """Digest of the library (`library_digest`)."""
    modules: dict[str, Dependencies]
    """By digest of the module (`module_digest`)."""


KNOWN: dict[str, dict[str, Dependencies]] = {}
"""What this process knows already, by OPA and library, then by module."""


class Memory:
    """What one OPA has said of modules beside one library."""

    def __init__(
        self,
        opa: Path,
        library: Mapping[str, bytes],
        cache: Path | None = None,
        *,
        version: str = "",
        shipped: bytes = b"",
    ) -> None:
        """Recall what was kept in a folder (`cache_folder`), if there is one.

        `shipped` is the content of `policies/reads.json`; it counts for an OPA of the version that said it.
        """
        self._opa = opa
        self._folder = cache / "reads" if cache else None
        identity = opa_identity(opa)
        digest = library_digest(library)
        self._key = _digest([FORM, identity, digest]) if identity else ""
        self._known = KNOWN.setdefault(self._key, {}) if self._key else {}
        self._used: dict[str, Dependencies] = {}
        self._kept: dict[str, Dependencies] = {}
        self._shipped = _read(shipped, version, digest)
        if self._folder and self._key and (entry := recall(self._folder, self._key)):
            with suppress(msgspec.MsgspecError, ValueError):
                self._kept = msgspec.json.decode(entry, type=dict[str, Dependencies])

    def ask(self, module: Module, sources: Iterable[Path]) -> Dependencies:
        """Return what a module depends on; `sources` are where it and the library lie.

        With fewer modules to load than the archive has, OPA answers three times as fast. Raises
        `BundleError` for a module that does not compile.
        """
        digest = module_digest(module)
        found = self._shipped.get(digest)
        if found:
            return found
        found = self._known.get(digest) or self._kept.get(digest)
        if found is None:
            command = ["deps", "--format", "json", *(f"--data={path}" for path in sources)]
            answer = msgspec.json.decode(run_opa(self._opa, [*command, f"data.k8s.{module.id}"]))
            found = Dependencies(_references(answer, "base"), _references(answer, "virtual", 4))
        self._known[digest] = self._used[digest] = found
        return found

    def keep(self) -> None:
        """Write what is new to the folder; without one, or where OPA cannot be told from others, nothing."""
        if self._folder and self._key and not self._used.keys() <= self._kept.keys():
            whole = self._kept | self._used
            entry = whole if len(whole) <= MAX_KEPT else self._used
            keep(self._folder, self._key, msgspec.json.encode(entry, order="sorted"))


def library_digest(library: Mapping[str, bytes]) -> str:
    """Return what tells one library from any other."""
    return _digest(sorted((name, hashlib.sha256(source).hexdigest()) for name, source in library.items()))


def module_digest(module: Module) -> str:
    """Return what tells one policy from any other."""
    return _digest([module.id, hashlib.sha256(module.source).hexdigest()])


def _read(shipped: bytes, version: str, library: str) -> dict[str, Dependencies]:
    if not shipped:
        return {}
    found = msgspec.json.decode(shipped, type=Shipped)
    return found.modules if (found.opa, found.library) == (version, library) else {}


def _references(
    answer: Mapping[str, Any], which: str, names: int | None = None
) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted({_names(reference)[:names] for reference in answer.get(which) or ()}))


def _names(reference: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ground beginning of a reference: it ends at the first variable."""
    names: list[str] = []
    for number, term in enumerate(reference):
        if number and term["type"] != "string":
            break
        names.append(str(term["value"]))
    return tuple(names)


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()

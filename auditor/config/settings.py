"""The configuration file, auditor.yaml: which policies are on, and with which parameters."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from auditor.collect.compose import YamlDocument, YamlError
from auditor.collect.yaml import documents
from auditor.errors import ConfigError, did_you_mean
from auditor.evaluate.bundle import Overrides

HINT = "known keys: policies.<id>.enabled, policies.<id>.parameters, parameters"


def load_config(path: Path | None) -> Overrides:
    """Read the file; without one, nothing is overridden.

    Raises `ConfigError` naming the file, the line and the key. Whether the policies and parameters
    exist, and what a parameter may be, is checked when the bundle is built.
    """
    if path is None:
        return Overrides()
    file = _File(path, _document(path))
    file.mapping(known=("policies", "parameters"))
    enabled: dict[str, bool] = {}
    # `*` is every policy that declares a parameter of that name
    parameters = {"*": file.mapping("parameters")}
    for name in file.mapping("policies"):
        entry = file.mapping("policies", name, known=("enabled", "parameters"))
        parameters[name] = file.mapping("policies", name, "parameters")
        match entry.get("enabled"):
            case bool(wanted):
                enabled[name] = wanted
            case None:
                pass
            case _:
                raise file.fault("must be true or false", "policies", name, "enabled")
    return Overrides(enabled=enabled, parameters=parameters, origin=str(path))


class _File(msgspec.Struct, frozen=True):
    """The one document of the file."""

    path: Path
    document: YamlDocument | None
    """None if the file is empty."""

    def mapping(self, *keys: str, known: Collection[str] | None = None) -> dict[str, Any]:
        """Return the mapping at these keys, empty if there is nothing."""
        found: Any = self.document.value if self.document else None
        for key in keys:
            found = (found or {}).get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.fault("must be a mapping", *keys)
        for key in found:
            if known is not None and key not in known:
                raise self.fault(f"unknown key{did_you_mean(key, known)}", *keys, key)
        return found

    def fault(self, message: str, *keys: str) -> ConfigError:
        """Say what is wrong at these keys."""
        pointer = "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)
        line = self.document.lines.line(pointer) if self.document else 1
        name = ".".join(keys) or "the file"
        return ConfigError(f"{self.path}:{line}: {name}: {message}", HINT)


def _document(path: Path) -> YamlDocument | None:
    try:
        found = list(documents(path.read_bytes()))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    for document in found:
        if isinstance(document, YamlError):
            raise ConfigError(f"{path}:{document.line}: not valid YAML: {document}")
        if document.duplicates:
            raise ConfigError(f"{path}:{document.duplicates[0]}: the key stands twice in its mapping")
    single = [document for document in found if isinstance(document, YamlDocument)]
    if len(single) > 1:
        raise ConfigError(f"{path}:{single[1].lines.first}: a second document; all must stand in one")
    return single[0] if single else None

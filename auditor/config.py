"""The configuration file, auditor.yaml: which policies are on, and with which parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from auditor.errors import ConfigError
from auditor.evaluate.bundle import Overrides


class _PolicyEntry(msgspec.Struct, forbid_unknown_fields=True):
    enabled: bool | None = None
    parameters: dict[str, Any] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    policies: dict[str, _PolicyEntry] = {}
    parameters: dict[str, Any] = {}
    """For every policy that declares a parameter of that name."""


def load_config(path: Path | None) -> Overrides:
    """Read the file; without one, nothing is overridden.

    Raises `ConfigError` naming the file and the key. Whether the policies and parameters exist is
    checked when the bundle is built.
    """
    if path is None:
        return Overrides()
    try:
        found = msgspec.convert(yaml.safe_load(path.read_bytes()) or {}, _File)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(
            f"{where}: no YAML: {getattr(error, 'problem', None) or 'cannot be read'}"
        ) from None
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{path}: {error}", "known keys: policies.<id>.enabled, .parameters; parameters"
        ) from None
    return Overrides(
        enabled={name: one.enabled for name, one in found.policies.items() if one.enabled is not None},
        parameters={
            **{name: one.parameters for name, one in found.policies.items()},
            "*": found.parameters,
        },
        origin=str(path),
    )

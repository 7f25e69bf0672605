"""Reads the frameworks that ship: controls, and the policies that answer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import yaml

from auditor.errors import BundleError, did_you_mean
from auditor.rules import Control, Framework


class _Control(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    policies: list[str] = []
    partial: bool = False


class _Framework(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    version: str
    controls: list[_Control]
    references: list[str] = []


def framework_files(folder: Path) -> dict[Path, bytes]:
    """Return the framework files of the shipped folder, and what they hold."""
    return {path: path.read_bytes() for path in sorted(folder.glob("frameworks/*.yaml"))}


def read_frameworks(files: Mapping[Path, bytes], policies: Iterable[str]) -> dict[str, Framework]:
    """Return the frameworks by id; `policies` are the ids that a control may name.

    Raises `BundleError` naming file and fault.
    """
    known = dict.fromkeys(policies)
    frameworks: dict[str, Framework] = {}
    for path, text in files.items():
        try:
            found = msgspec.convert(yaml.safe_load(text), _Framework)
        except (msgspec.ValidationError, yaml.YAMLError) as error:
            raise BundleError(f"{path}: {error}") from None
        for control in found.controls:
            for name in control.policies:
                if name not in known:
                    hint = did_you_mean(name, known)
                    raise BundleError(f"{path}: control {control.id}: unknown policy {name!r}{hint}")
        if found.id != path.stem:
            raise BundleError(f"{path}: the id {found.id!r} is not the file's name")
        frameworks[found.id] = Framework(
            id=found.id,
            title=found.title,
            version=found.version,
            references=tuple(found.references),
            controls=tuple(
                Control(control.id, control.title, tuple(control.policies), control.partial)
                for control in found.controls
            ),
        )
    return frameworks

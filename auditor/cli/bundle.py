"""The bundle that a command asks about: what ships, with what the flags and auditor.yaml add and change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from auditor.config.file import overrides, read_config
from auditor.config.settings import Settings
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.find import find_opa
from auditor.rules import Bundle


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A bundle and what it was made with."""

    opa: Path
    bundle: Bundle
    folders: tuple[Path, ...]
    """Those with policies of the user's own."""
    settings: Settings
    """What auditor.yaml says, or the defaults."""


@contextmanager
def asked_bundle(folders: list[Path] | None, config: Path | None, opa: str | None) -> Iterator[Asked]:
    """Yield the bundle of these flags; raises as `read_config`, `find_opa` and `load_bundle` do."""
    file = read_config(config) if config else None
    said = file.settings if file else Settings()
    own = folders or [Path(one) for one in said.policy_folders]
    binary = find_opa(opa or said.opa, os.environ)
    with load_bundle(binary, own, overrides(file), cache=cache_folder(os.environ)) as bundle:
        yield Asked(binary, bundle, tuple(own), said)

"""Which deploy/ something was rendered of. Standard library only: the build of the wheel asks too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

PARTS = ("base", "components", "overlays", "components.yaml", "alerts.yaml")
"""What decides what is rendered; the rest of deploy/ is tests, waivers and words."""


def sources(deploy: Path) -> Iterator[Path]:
    """Yield every file of deploy/ that decides what is rendered, in a fixed order.

    No README does, nor what Python makes beside a program when the wheel is installed.
    """
    for name in PARTS:
        part = deploy / name
        found = sorted(part.rglob("*")) if part.is_dir() else [part]
        yield from (path for path in found if path.is_file() and path.suffix not in (".md", ".pyc"))


def digest(deploy: Path) -> str:
    """Return the sha256 over names and contents of the sources."""
    whole = hashlib.sha256()
    for path in sources(deploy):
        whole.update(f"{path.relative_to(deploy).as_posix()}\0{path.stat().st_size}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()

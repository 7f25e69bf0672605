"""Paths of manifests as other programs want them: relative to the repository that they lie in."""

from __future__ import annotations

import os
from pathlib import PurePosixPath


def inside(path: str, root: str) -> str:
    """Return the path of a file relative to a folder; "" for the folder leaves it as it is.

    One outside of the folder keeps its last names, as no such program can follow it there. Standard input is
    called so.
    """
    if path == "-":
        return "stdin"
    relative = os.path.relpath(path, root) if root else os.path.normpath(path)
    return "/".join(one for one in PurePosixPath(relative).parts if one not in ("..", "/")) or "unknown"

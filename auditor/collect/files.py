"""Which files `-f` means, and their bytes.

Nothing in a folder is passed over without a word, except files with another ending.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from auditor.collect.yaml import MAX_BYTES
from auditor.errors import UsageError
from auditor.model import Gap, SkippedFile

STDIN = "-"
"""The path that means standard input."""
_ENDINGS = (".yaml", ".yml", ".json")
_EFFECT = "nothing of it is judged"


class ManifestFile(NamedTuple):
    """A file to read."""

    path: str
    shown: str
    """The path as text: a name that is no UTF-8 gets replacement characters."""


def check_paths(paths: Sequence[str]) -> None:
    """Raise `UsageError` for the first path that does not exist."""
    for path in paths:
        try:
            if path != STDIN:
                os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            message = f"{_shown(path)}: no such file or folder"
            raise UsageError(message, hint="check the path given with -f") from None
        except OSError:
            pass  # it is there; that it cannot be read becomes a gap


def manifest_files(paths: Sequence[str]) -> Iterator[ManifestFile | Gap | SkippedFile]:
    """Yield each file once: folders sorted by name, with all that is below them, links followed."""
    seen: set[tuple[int, int]] = set()
    for path in dict.fromkeys(paths):
        if path == STDIN:
            yield ManifestFile(STDIN, STDIN)
        else:
            yield from _walk(path, seen)


def read_file(file: ManifestFile, stdin: IO[bytes]) -> bytes | Gap:
    """Return the bytes of a file, one more than `MAX_BYTES` at most."""
    try:
        if file.path == STDIN:
            return stdin.read(MAX_BYTES + 1)
        with open(file.path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(file.shown, error)


def _walk(top: str, seen: set[tuple[int, int]]) -> Iterator[ManifestFile | Gap | SkippedFile]:
    pending, nothing = [top], True
    while pending:
        path = pending.pop()
        try:
            info = os.stat(path)
            # Named twice, or a link that leads back to a folder above it.
            if (info.st_dev, info.st_ino) in seen:
                nothing = nothing and stat.S_ISDIR(info.st_mode) and path != top
                continue
            seen.add((info.st_dev, info.st_ino))
            names = sorted(os.listdir(path)) if stat.S_ISDIR(info.st_mode) else None
        except OSError as error:
            nothing = False
            yield _unreadable(_shown(path), error)
            continue
        if names is not None:
            inside = [os.path.join(path, name) for name in names]
            yield from (_hidden(child) for child in inside if _is_hidden_folder(child))
            pending += [child for child in reversed(inside) if _is_wanted(child)]
        elif path == top or stat.S_ISREG(info.st_mode):
            # A pipe that the user names is meant, as in `-f <(helm template .)`; one in a folder is not.
            nothing = False
            yield ManifestFile(path, _shown(path))
        else:
            yield SkippedFile(_shown(path), "neither a regular file nor a folder")
    if nothing:
        yield Gap(None, f"{_shown(top)}: holds no .yaml, .yml or .json file", _EFFECT)


def _is_wanted(path: str) -> bool:
    return path.lower().endswith(_ENDINGS) or (os.path.isdir(path) and not _is_hidden_folder(path))


def _is_hidden_folder(path: str) -> bool:
    """Tell whether it is one of .git, .venv and the like; a mounted ConfigMap has `..data`."""
    return os.path.basename(path).startswith(".") and os.path.isdir(path)


def _hidden(path: str) -> SkippedFile:
    return SkippedFile(_shown(path), "hidden folder; name it with -f to have it read")


def _unreadable(shown: str, error: OSError) -> Gap:
    return Gap(None, f"{shown}: cannot be read: {error.strerror or type(error).__name__}", _EFFECT)


def _shown(path: str) -> str:
    return os.fsencode(path).decode(errors="replace")

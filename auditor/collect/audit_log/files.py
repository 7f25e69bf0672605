"""The lines of what `--audit-log` means: a file, or a folder of them, as they are or packed by gzip.

An API server goes on in another file when one is long enough, and packs the old ones.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator

from auditor.errors import UsageError

LONGEST_LINE = 32 * 1024**2
"""Bytes of an event that is read."""

_BUFFER = 1024**2

_GZIP = b"\x1f\x8b"


class _Unpacked(gzip.GzipFile):
    """For a buffer whose lines are faster: it hands on what it has, and not only when that is enough."""

    readinto = gzip.GzipFile.readinto1


class CutOffError(Exception):
    """A packed file breaks off, or is damaged: what came before it did counts."""


def log_files(path: str) -> list[str]:
    """Return the file, or those that lie in the folder, sorted by name, hidden ones left out.

    Raises `UsageError` if there is none.
    """
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return [path]
        inside = [os.path.join(path, name) for name in sorted(os.listdir(path)) if not name.startswith(".")]
    except OSError as error:
        raise unreadable(path, error) from None
    found = [one for one in inside if os.path.isfile(one)]
    if not found:
        raise UsageError(f"--audit-log {path}: there is no file in this folder")
    return found


def log_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is longer than `LONGEST_LINE`, pieces that are no events.

    Raises `UsageError` if it cannot be read, and `CutOffError` if it breaks off.
    """
    try:
        with io.BufferedReader(io.FileIO(path), _BUFFER) as file:
            packed = file.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
            lines = io.BufferedReader(_Unpacked(fileobj=file), _BUFFER) if packed else file
            while line := lines.readline(LONGEST_LINE):
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise CutOffError from None
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: OSError) -> UsageError:
    """Return the error for what cannot be read: a part of a log would make used rights look unused."""
    return UsageError(f"--audit-log {path}: cannot be read: {error.strerror or type(error).__name__}")

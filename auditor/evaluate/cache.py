"""Remembers built bundles on disk, so that unchanged policies cost no start of OPA.

What comes back is what was kept under that key, or nothing: every entry carries a sha256 over its
key and itself. The folder is one that only this user can reach; any other is left alone, for who can
write into it could say what policies find. Whatever goes wrong here costs time and is no error.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

KEPT = 20
"""Entries that are kept, those of the latest use; one has some 2 KB for each policy."""

SEAL = hashlib.sha256().digest_size
"""Bytes at the beginning of an entry."""


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Return the folder of all that auditor keeps for later, None for a user without a home.

    The one of tools/build.py: AUDITOR_CACHE, else `auditor` in XDG_CACHE_HOME or in ~/.cache.
    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if own := environ.get("AUDITOR_CACHE"):
        return Path(own)
    try:
        home = Path(environ.get("HOME") or "~").expanduser()
    except RuntimeError:
        return None
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "auditor"


def recall(folder: Path, key: str) -> bytes | None:
    """Return what was kept under this key; None if that is nothing, damaged, or of others."""
    with suppress(OSError), _opened(folder) as place:
        with open(key, "rb", opener=lambda name, flags: _open(name, flags, place)) as file:
            seal, entry = file.read(SEAL), file.read()
        if seal == _seal(key, entry):
            with suppress(OSError):  # a file system that is read-only remembers no use
                os.utime(key, dir_fd=place)
            return entry
    return None


def keep(folder: Path, key: str, entry: bytes) -> None:
    """Keep an entry under a key of hexadecimal digits, in place of the former one, and forget old ones.

    The folder is made if it is missing. A reader finds the former entry or this one, whole.
    """
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        with _opened(folder) as place:
            _write(place, key, _seal(key, entry) + entry)
            _forget(place)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """The folder as a descriptor: the one that was checked is the one that is used.

    Raises `OSError` if it is missing, a link, or open to others.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(place)
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PermissionError(f"{folder} is open to others")
        yield place
    finally:
        os.close(place)


def _open(name: str, flags: int, place: int) -> int:
    """Open a file in the folder for reading; a pipe of that name does not hold us up."""
    return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)


def _write(place: int, name: str, content: bytes) -> None:
    partial = f"{name}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with open(os.open(partial, flags, 0o600, dir_fd=place), "wb") as file:
            file.write(content)
        os.replace(partial, name, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:  # Ctrl-C leaves nothing half done
        with suppress(OSError):
            os.unlink(partial, dir_fd=place)
        raise


def _forget(place: int) -> None:
    """Remove all but the latest; what a killed process left half written grows old like an entry."""
    ages = []
    for name in os.listdir(place):
        with suppress(FileNotFoundError):  # another process forgets too
            ages.append((os.stat(name, dir_fd=place, follow_symlinks=False).st_mtime_ns, name))
    for _, name in sorted(ages)[:-KEPT]:
        with suppress(OSError):
            os.unlink(name, dir_fd=place)


def _seal(key: str, entry: bytes) -> bytes:
    """What tells this entry under this key from any other; the key has always the same length."""
    return hashlib.sha256(key.encode() + entry).digest()

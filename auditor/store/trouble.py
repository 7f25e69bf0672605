"""What SQLite says when it fails, as one clear message with what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from auditor.errors import StoreError

_DAMAGED = "keep the file, and restore the last export: auditor history import FILE --store NEW"
_NO_RIGHTS = "name a file that you may write, in a folder that you may write to: --store PATH"
_NO_LOCKS = "keep the store on a local disk: network file systems do not lock reliably"
_ROOM = "free some space, or keep the store elsewhere: --store PATH"

_TROUBLES = {
    sqlite3.SQLITE_NOTADB: (
        "it is no store: not an SQLite database",
        "name another file: --store PATH, or --store none to keep nothing",
    ),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", _DAMAGED),
    sqlite3.SQLITE_READONLY: ("it is read-only, or its folder is", _NO_RIGHTS),
    sqlite3.SQLITE_PERM: ("no right to use it", _NO_RIGHTS),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened: no right to the file or to its folder", _NO_RIGHTS),
    sqlite3.SQLITE_FULL: ("the disk is full; nothing was kept", _ROOM),
    sqlite3.SQLITE_PROTOCOL: ("its file system does not lock files", _NO_LOCKS),
    sqlite3.SQLITE_NOLFS: ("its file system allows no file of this size", _ROOM),
    sqlite3.SQLITE_NOMEM: ("not enough memory", ""),
}
"""By primary result code: https://www.sqlite.org/rescode.html"""

_WRITING = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_LOCKING = {
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMOPEN,
}


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether another process holds the lock, so that it may be tried again."""
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def explained(path: Path, error: sqlite3.Error, patience: float) -> StoreError:
    """Return the error of the store at `path`, on whose lock we waited `patience` seconds at most."""
    if is_busy(error):
        return StoreError(
            f"another audit writes to {path} and was not done within {patience:g} s",
            "try again when it has ended, or keep this one elsewhere: --store PATH",
        )
    code = getattr(error, "sqlite_errorcode", None)
    if code in _WRITING:
        what = "it cannot be written: the disk is full, over its quota or failing; nothing was kept"
        return StoreError(f"{path}: {what}", _ROOM)
    if code in _LOCKING:
        return StoreError(f"{path}: its file system does not lock files", _NO_LOCKS)
    what, hint = _TROUBLES.get(_primary(error), (str(error), ""))
    if _primary(error) == sqlite3.SQLITE_CORRUPT:
        what = f"{what}: {error}"
    return StoreError(f"{path}: {what}", hint)


def _primary(error: sqlite3.Error) -> int:
    """The lowest byte says what sort of error it is; errors of Python's own module have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF

"""One transaction over the file of the store: opened, checked, brought up to date, committed or undone."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from auditor.errors import StoreError
from auditor.store import migrations
from auditor.store.trouble import explained, is_busy

PATIENCE = 30.0
"""Seconds that we wait for another process to end its transaction; one takes well under a second."""

_TURN = 0.1
"""Seconds that SQLite waits by itself: while it does, Ctrl-C is not heard."""

T = TypeVar("T")


@contextmanager
def reading(path: Path, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """Give the store as it is at this moment, whatever others write meanwhile.

    Raises `StoreError` if there is none, or it cannot be read.
    """
    if not path.exists():
        raise StoreError(
            f"there is no store at {path}", "auditor audit makes one; name another: --store PATH"
        )
    with _opened(path, patience) as db:
        db.execute("BEGIN")
        try:
            # a transaction sees the store as it is when it first reads
            _patiently(lambda: db.execute("SELECT 1 FROM sqlite_master").fetchone(), patience)
            yield db
        finally:
            _undo(db)


@contextmanager
def writing(path: Path, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """Give the store with the lock on it; what is done is kept as a whole, or not at all after an exception.

    A store that is missing is made, readable for its owner only, and so is its folder. Raises
    `StoreError` if it cannot be written.
    """
    _make(path)
    with _opened(path, patience) as db:
        _patiently(lambda: db.execute("BEGIN IMMEDIATE"), patience)
        try:
            yield db
            _patiently(lambda: db.execute("COMMIT"), patience)
        except BaseException:  # Ctrl-C too leaves nothing half done
            _undo(db)
            raise


@contextmanager
def _opened(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """An open store of our version. What SQLite raises, in here or in the caller, becomes `StoreError`."""
    _check(path)
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=_TURN, isolation_level=None)
        with closing(connection) as db:
            _prepare(db, path, patience)
            yield db
    except sqlite3.Error as error:
        raise explained(path, error, patience) from error


def _check(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _unusable(path, error) from None
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise StoreError(
            f"{path}: it is {what}", "name a file: --store PATH, or --store none to keep nothing"
        )


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            # SQLite gives the files that it makes beside it the same mode
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> StoreError:
    hint = "name a file in a folder that you may write to: --store PATH, or --store none to keep nothing"
    return StoreError(f"{path}: the store cannot be used: {error.strerror}", hint)


def _prepare(db: sqlite3.Connection, path: Path, patience: float) -> None:
    """Set how it is written, and make or bring up its tables."""
    # what was reported as kept survives a power failure
    _patiently(lambda: db.execute("PRAGMA synchronous = FULL"), patience)
    # a deleted audit is gone, not only unlisted
    _patiently(lambda: db.execute("PRAGMA secure_delete = ON"), patience)
    if _patiently(lambda: _is_current(db, path), patience):
        return
    _patiently(lambda: db.execute("BEGIN IMMEDIATE"), patience)
    try:
        if not _is_current(db, path):  # another process may have been faster
            migrations.migrate(db, migrations.MIGRATIONS)
        _patiently(lambda: db.execute("COMMIT"), patience)
    except BaseException:
        _undo(db)
        raise
    try:
        # readers then do not wait for writers; the store remembers it
        db.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        if not is_busy(error):  # in use: it works without too, and the next one to find it free sets it
            raise


def _is_current(db: sqlite3.Connection, path: Path) -> bool:
    """Say whether its tables are those that we know; raises `StoreError` if they can never be."""
    found, newest = migrations.version(db), len(migrations.MIGRATIONS)
    ours = db.execute("PRAGMA application_id").fetchone()[0] == migrations.APPLICATION_ID
    empty = not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    if not ours and not (empty and found == 0):
        raise StoreError(f"{path}: it is a database of another program", "name another file: --store PATH")
    if found > newest:
        raise StoreError(
            f"{path}: it is a store of version {found}, and this auditor knows up to {newest}",
            "use the auditor that wrote it, or a newer one",
        )
    return found == newest


def _patiently(action: Callable[[], T], patience: float) -> T:
    """Try again while another process holds the lock; raises its `sqlite3.Error` when patience ends."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return action()
        except sqlite3.Error as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
        time.sleep(_TURN / 10)  # not every lock is one that SQLite waits for


def _undo(db: sqlite3.Connection) -> None:
    if db.in_transaction:  # a full disk has ended it already
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")

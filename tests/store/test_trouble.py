"""A store that cannot be used: one clear message that says why and what to do, and nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import StoreError
from auditor.store.trouble import explained
from tests.cli.program import ROOT, powerless
from tests.store.audits import START, Journal, audit, counted, remembering

CHILD = """
import sys
from pathlib import Path
from auditor.errors import StoreError
from tests.store.audits import Journal, finding
import hashlib

journal = Journal(Path(sys.argv[1]))
try:
    while True:
        journal.number = len(journal.store.entries()) if journal.path.exists() else 0
        large = hashlib.shake_256(str(journal.number).encode()).hexdigest(30000)
        journal.add(["a", finding("b", message=large)])
        print(journal.number, flush=True)
        if len(sys.argv) > 2:
            break
except StoreError as error:
    sys.exit(f"{error}|{error.hint}")
"""
"""Adds audits that do not compress, until it cannot, or just one; says what happened last."""


def child(path: Path, *more: str, before: Sequence[str] = (), limit: int = 0) -> tuple[int, str]:
    """Return how many audits it could add, and its error."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ended = subprocess.run(
        [*before, sys.executable, "-c", CHILD, path, *more],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        preexec_fn=limited if limit else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return len(ended.stdout.splitlines()), ended.stderr.strip()


def refused(journal: Journal, says: str) -> StoreError:
    """Writing fails with this message."""
    with pytest.raises(StoreError, match=says) as error:
        journal.add("a")
    assert str(journal.path) in str(error.value)
    assert error.value.hint
    return error.value


# --- what stands there is no store ----------------------------------------------------------------


def test_text(journal: Journal) -> None:
    journal.path.parent.mkdir()
    journal.path.write_text("apiVersion: v1\n" * 100)
    refused(journal, r"history\.db: it is no store: not an SQLite database")
    assert journal.path.read_text().startswith("apiVersion")


def test_a_folder(journal: Journal) -> None:
    journal.path.mkdir(parents=True)
    refused(journal, "it is a folder")


def test_a_device(tmp_path: Path) -> None:
    """SQLite would write into it, and all would be gone."""
    journal = Journal(tmp_path / "link")
    journal.path.symlink_to("/dev/null")
    refused(journal, "it is no regular file")


def test_a_pipe(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "pipe")
    os.mkfifo(journal.path)
    refused(journal, "it is no regular file")


def test_a_link_to_nowhere(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "link")
    journal.path.symlink_to(tmp_path / "nowhere" / "history.db")
    refused(journal, "the store cannot be used: No such file or directory")


def test_a_file_where_its_folder_must_be(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused(Journal(tmp_path / "data" / "history.db"), "the store cannot be used: ")


def test_a_name_with_all_that_addresses_have_a_meaning_for(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a ?mode=memory#x%20&.db")
    journal.add("a")
    assert journal.path.stat().st_size
    assert len(journal.store.entries()) == 1


def test_there_is_none(journal: Journal) -> None:
    """Reading makes none."""
    with pytest.raises(StoreError, match=r"there is no store at .*history\.db") as error:
        journal.store.entries()
    assert "auditor audit" in error.value.hint
    assert not journal.path.parent.exists()


# --- damaged --------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", ["all but the first page", "cut in half"])
def test_damaged(journal: Journal, spoil: str) -> None:
    for _ in range(30):
        journal.add("abcdef")
    content = bytearray(journal.path.read_bytes())
    if spoil == "all but the first page":
        content[4096:] = b"\xa5" * (len(content) - 4096)
    else:
        del content[len(content) // 2 :]
    journal.path.write_bytes(content)
    error = refused(journal, "it is damaged")
    assert "import" in error.hint
    with pytest.raises(StoreError, match="it is damaged"):
        journal.store.verify()


# --- rights ---------------------------------------------------------------------------------------


def test_read_only_file(journal: Journal) -> None:
    journal.add("a")
    journal.path.chmod(0o400)
    done, says = child(journal.path, "one", before=powerless())
    assert done == 0
    assert f"{journal.path}: it is read-only, or its folder is|name a file that you may write" in says
    assert len(journal.store.entries()) == 1


def test_read_only_folder(journal: Journal) -> None:
    journal.add("a")
    journal.path.parent.chmod(0o500)
    try:
        done, says = child(journal.path, "one", before=powerless())
        assert done == 0
        assert f"{journal.path}: it is read-only, or its folder is|name a file" in says
    finally:
        journal.path.parent.chmod(0o700)
    assert len(journal.store.entries()) == 1


def test_no_right_to_make_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        done, says = child(tmp_path / "data" / "history.db", "one", before=powerless())
    finally:
        tmp_path.chmod(0o700)
    assert done == 0
    assert "data/history.db: the store cannot be used: Permission denied|name a file in a folder" in says


# --- no room --------------------------------------------------------------------------------------


def test_full_disk(tmp_path: Path) -> None:
    """A file system of 600 KiB: the audits that fitted are there, and nothing of the one that did not."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip(f"no small file system may be mounted: {mount.stderr.decode().strip()}")
    try:
        done, says = child(disk / "history.db")
        assert 0 < done < 100
        assert says == (
            f"{disk}/history.db: the disk is full; nothing was kept"
            "|free some space, or keep the store elsewhere: --store PATH"
        )
        shutil.copytree(disk, tmp_path / "copy")
    finally:
        subprocess.run(["umount", disk], check=True)
    whole(Journal(tmp_path / "copy" / "history.db"), done)


def test_file_size_limit(journal: Journal) -> None:
    """What ulimit -f does."""
    done, says = child(journal.path, limit=600_000)
    assert 0 < done < 100
    assert "it cannot be written: the disk is full, over its quota or failing; nothing was kept" in says
    whole(journal, done)


def whole(journal: Journal, audits: int) -> None:
    """All that was reported as kept is there, nothing else, and it goes on from there."""
    found = journal.store.verify()
    assert (found.faults, found.audits, found.kept) == ((), audits, audits)
    journal.number = audits
    journal.add("a")
    assert not journal.store.verify().faults


def test_a_limit_of_pages(journal: Journal) -> None:
    """The one way to a full disk in this process: the same message as from the file system."""
    journal.add("a")
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(sqlite3.Error) as error:
            db.execute("INSERT INTO audits VALUES (7, zeroblob(100000))")
    assert "the disk is full" in str(explained(journal.path, error.value, 30))


# --- locked ---------------------------------------------------------------------------------------


def test_locked(journal: Journal) -> None:
    journal.add("a")
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        error = refused(journal, r"another audit writes to .*history\.db and was not done within 0\.2 s")
        assert "--store" in error.hint
        assert len(journal.store.entries()) == 1  # reading goes on
        other.execute("ROLLBACK")
    journal.add("b")
    assert counted(journal.path, "records") == 2


def test_locked_while_it_is_made(journal: Journal) -> None:
    """A new store in the hands of a process that has not yet got to its tables."""
    journal.path.parent.mkdir()
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(journal, "another audit writes")
        other.execute("ROLLBACK")
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master").fetchall()
        refused(journal, "another audit writes")  # who reads a store without WAL keeps writers out
    journal.add("b")
    assert not journal.store.verify().faults


def test_a_reader_does_not_keep_writers_out(journal: Journal) -> None:
    journal.add("a")
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM records").fetchone() == (1,)
        journal.add("b")
        assert other.execute("SELECT count(*) FROM records").fetchone() == (1,)


@pytest.mark.parametrize("action", [lambda j: j.store.entries(), lambda j: j.store.verify()])
def test_what_reads_sees_one_moment(journal: Journal, action: Callable[[Journal], object]) -> None:
    journal.add("a")
    one = remembering(audit("b", at=START, number=99))

    def look(past: object) -> object:
        action(journal)  # while we hold the lock
        return one(past)  # type: ignore[arg-type]

    journal.store.append("shop", look)  # type: ignore[arg-type]
    assert len(journal.store.entries()) == 2


# --- network file systems -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR_SHMMAP]
)
def test_no_locks(code: int, tmp_path: Path) -> None:
    """None can be mounted in a test: what SQLite says of one, by its documentation."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    told = explained(tmp_path / "history.db", error, 30)
    assert str(told) == f"{tmp_path}/history.db: its file system does not lock files"
    assert "local disk" in told.hint

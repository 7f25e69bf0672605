"""Stores of other versions: older ones are brought up to date, newer ones are left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import StoreError
from auditor.store import migrations
from auditor.store.migrations import APPLICATION_ID, MIGRATIONS, migrate, version
from tests.store.audits import Journal

NEXT = (
    "ALTER TABLE findings ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX noted ON findings (note)",
)
"""A step that a later version may make."""


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "hand-made.db", isolation_level=None)) as opened:
        yield opened


def tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_from_nothing(db: sqlite3.Connection) -> None:
    migrate(db, MIGRATIONS)
    assert version(db) == len(MIGRATIONS)
    assert tables(db) == {"records", "audits", "findings"}
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_only_the_missing_steps_are_done(db: sqlite3.Connection) -> None:
    migrate(db, MIGRATIONS)
    migrate(db, (*MIGRATIONS, NEXT))
    migrate(db, (*MIGRATIONS, NEXT))
    assert version(db) == len(MIGRATIONS) + 1


@pytest.mark.parametrize("content", ["missing", "empty file", "version 0"])
def test_an_unused_store_becomes_one(journal: Journal, content: str) -> None:
    """What a process leaves that dies while it makes the store: a file without tables."""
    journal.path.parent.mkdir()
    if content == "empty file":
        journal.path.touch()
    elif content == "version 0":
        with closing(sqlite3.connect(journal.path)) as db:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.commit()
    journal.add("a")
    assert not journal.store.verify().faults


def test_an_older_store_keeps_all_it_has(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    first = journal.add("a")
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
    assert journal.store.audit("last") == first  # reading brings it up to date too
    with closing(sqlite3.connect(journal.path)) as db:
        assert version(db) == len(MIGRATIONS) + 1
        assert db.execute("SELECT note FROM findings").fetchall() == [("",)]


def test_a_step_that_fails_changes_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    first = journal.add("a")
    broken = (*NEXT, "INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(StoreError, match="no such table: nowhere"):
        journal.store.entries()
    monkeypatch.undo()
    assert journal.store.audit("last") == first
    with closing(sqlite3.connect(journal.path)) as db:
        assert version(db) == len(MIGRATIONS)
        assert "note" not in {row[1] for row in db.execute("PRAGMA table_info(findings)")}


def test_a_newer_store_is_left_alone(journal: Journal) -> None:
    journal.add("a")
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute("PRAGMA user_version = 7")
    before = journal.path.read_bytes()
    says = rf"history\.db: it is a store of version 7, and this auditor knows up to {len(MIGRATIONS)}"
    with pytest.raises(StoreError, match=says) as error:
        journal.add("b")
    assert "newer" in error.value.hint
    with pytest.raises(StoreError, match=says):
        journal.store.entries()
    assert journal.path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(journal: Journal) -> None:
    journal.path.parent.mkdir()
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute("CREATE TABLE records (a)")
    before = journal.path.read_bytes()
    with pytest.raises(StoreError, match="it is a database of another program"):
        journal.add("a")
    assert journal.path.read_bytes() == before

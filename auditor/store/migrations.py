"""The tables of the store, version by version.

The triggers are hygiene: they stop a slip of the hand, and a bug of ours. Whoever may write the file
can drop them; what shows that is the hash chain (`verify.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x61756474
"""`audt`: tells the store from other databases, also to file(1). https://www.sqlite.org/fileformat.html"""

TRIGGERS = (
    "records_stay",
    "records_are_not_edited",
    "audits_are_not_edited",
    "findings_stay",
    "resolved_stays",
)

_VERSION_1 = (
    """
    CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        cluster TEXT NOT NULL,
        audit TEXT UNIQUE,
        recorded_at TEXT NOT NULL,
        record TEXT NOT NULL,
        hash TEXT NOT NULL
    )
    """,
    "CREATE INDEX records_by_cluster ON records (cluster, kind, seq)",
    # apart from the records, which stay: an audit is some hundred times as large
    "CREATE TABLE audits (seq INTEGER PRIMARY KEY REFERENCES records, packed BLOB NOT NULL)",
    """
    CREATE TABLE findings (
        cluster TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        policy TEXT NOT NULL,
        severity TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        first_seen_cause TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seen_at TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        resolved_at TEXT,
        resolved_seq INTEGER,
        entry TEXT NOT NULL,
        PRIMARY KEY (cluster, fingerprint, first_seq)
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX standing ON findings (cluster, fingerprint) WHERE resolved_seq IS NULL",
    """
    CREATE TRIGGER records_stay BEFORE DELETE ON records
    BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END
    """,
    """
    CREATE TRIGGER records_are_not_edited BEFORE UPDATE ON records
    BEGIN SELECT RAISE(ABORT, 'records are never changed'); END
    """,
    """
    CREATE TRIGGER audits_are_not_edited BEFORE UPDATE ON audits
    BEGIN SELECT RAISE(ABORT, 'audits are never changed'); END
    """,
    """
    CREATE TRIGGER findings_stay BEFORE DELETE ON findings
    BEGIN SELECT RAISE(ABORT, 'findings are never deleted'); END
    """,
    """
    CREATE TRIGGER resolved_stays BEFORE UPDATE ON findings WHEN OLD.resolved_seq IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'resolved findings are never changed'); END
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1,)
"""The statements that lead from each version to the next; a store without tables is version 0."""


def version(db: sqlite3.Connection) -> int:
    """Return the version of an open store."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection, steps: Sequence[Sequence[str]]) -> None:
    """Bring a store up to the last of these versions, inside the transaction that the caller has begun.

    Raises `sqlite3.Error` if a statement fails; the caller rolls back.
    """
    for step in steps[version(db) :]:
        for statement in step:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(steps)}")

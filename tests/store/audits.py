"""Audits one after the other, as a store gets them, and stores full of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from auditor.past import Against, Delta, FirstSeen, UnknownFinding
from auditor.ports import Past, Remembered
from auditor.record import Audit, Counts, Finding
from auditor.rules import Severity
from auditor.store.migrations import TRIGGERS
from auditor.store.retention import Retention
from auditor.store.sqlite import SqliteStore
from auditor.store.times import written
from tests.report import records

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SEVERITIES = {"a": "critical", "b": "high", "c": "low"}
"""Of the findings that tests name by a letter; others are medium."""


def name(letter: str) -> str:
    """The fingerprint of the finding that a test calls by this letter."""
    return letter.encode().hex().ljust(64, "0")


def finding(letter: str, **fields: object) -> Finding:
    values = {"fingerprint": name(letter), "severity": Severity(SEVERITIES.get(letter, "medium")), **fields}
    return msgspec.structs.replace(records.finding("host_network"), **values)


def audit(letters: Iterable[str | Finding] = "", *, at: datetime = START, number: int = 1) -> Audit:
    """An audit that began then and has these findings."""
    found = tuple(one if isinstance(one, Finding) else finding(one) for one in letters)
    clean = records.clean_audit()
    run = msgspec.structs.replace(
        clean.audit,
        id=f"{number:08x}-aaaa-4bbb-8ccc-dddddddddddd",
        started_at=written(at),
        finished_at=written(at + timedelta(seconds=2)),
        snapshot="sha256:" + "5" * 64,
    )
    open_ones = [one for one in found if one.status != "waived"]
    by_severity = {one.value: sum(f.severity is one for f in open_ones) for one in Severity}
    counts = Counts(**by_severity, waived=len(found) - len(open_ones))
    summary = msgspec.structs.replace(clean.summary, findings=counts)
    return msgspec.structs.replace(clean, audit=run, summary=summary, findings=found)


def remembering(one: Audit, unseen: Iterable[str] = ()) -> Callable[[Past], Remembered]:
    """What judges against the past: all that is not there is resolved, but for what was not looked at."""

    def remember(past: Past) -> Remembered:
        latest = next(iter(past.audits()), None)
        new = FirstSeen(one.audit.started_at, "cluster_changed")
        first = {key: known.first_seen or new for key, known in past.standing.items()}
        found = tuple(
            msgspec.structs.replace(f, first_seen=first.get(f.fingerprint, new)) for f in one.findings
        )
        here, missed = {f.fingerprint for f in found}, set(map(name, unseen))
        gone = {key: known for key, known in past.standing.items() if key not in here}
        delta = (
            Delta(
                against=Against("history", latest.audit.id, latest.audit.started_at),
                new=tuple(sorted(here - first.keys())),
                unchanged=len(here & first.keys()),
                resolved=tuple(known for key, known in gone.items() if key not in missed),
                unknown=tuple(UnknownFinding(gone[key], "not read") for key in sorted(missed & gone.keys())),
            )
            if latest
            else None
        )
        audit = msgspec.structs.replace(one, findings=found, delta=delta, trend=past.trend)
        return Remembered(audit, tuple(known.fingerprint for known in (delta.resolved if delta else ())))

    return remember


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Journal:
    """A store and the audits that a test puts into it, an hour apart."""

    def __init__(self, path: Path, retention: Retention | None = None, at: datetime = START) -> None:
        self.path = path
        self.clock = Clock(at)
        self.store = SqliteStore(path, retention or Retention(), self.clock, patience=0.2)
        self.number = 0

    def add(
        self,
        letters: Sequence[str | Finding] = "",
        *,
        cluster: str = "shop",
        after: timedelta = HOUR,
        unseen: str = "",
    ) -> Audit:
        """Keep one more audit."""
        self.number += 1
        self.clock.at += after
        one = audit(letters, at=self.clock.at, number=self.number)
        return self.store.append(cluster, remembering(one, unseen))

    @contextmanager
    def hand(self) -> Iterator[sqlite3.Connection]:
        """The file as somebody else opens it who means to change it: without the triggers."""
        with closing(sqlite3.connect(self.path)) as db, db:
            for trigger in TRIGGERS:
                db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            yield db


def counted(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

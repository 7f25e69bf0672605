"""The store: one SQLite file with every audit, chained to all before it.

Everything that an audit adds is one transaction: it is in the store whole, or not at all. Nobody
else writes between the reading of the past and the end of that transaction.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from auditor import __version__
from auditor.history import AuditRecord, DeletionRecord, Entry, TimeToFix, Verification
from auditor.judge.delta import known
from auditor.past import HistoryEntry, KnownFinding, TrendPoint
from auditor.ports import Past, Remembered
from auditor.record import Audit
from auditor.rules import Severity
from auditor.store import archive, chain, findings, lookup, verify
from auditor.store.connection import PATIENCE, reading, writing
from auditor.store.retention import Retention, outdated
from auditor.store.times import moment, written
from auditor.surrogates import mended

TREND = 60
"""Audits that a trend goes back: two months of daily ones; a record of each new audit has them all."""


class SqliteStore:
    """The `Store` port over a file, and all that is asked of a history.

    The file is made by the first audit. Every method raises `StoreError` if the store cannot be used;
    those that read do so too if there is none.
    """

    def __init__(
        self, path: Path, retention: Retention, now: Callable[[], datetime], *, patience: float = PATIENCE
    ) -> None:
        """Open nothing yet; `patience` is how many seconds to wait for another audit that writes."""
        self.path = path
        self._retention = retention
        self._now = now
        self._patience = patience

    def append(self, cluster: str, remember: Callable[[Past], Remembered]) -> Audit:
        """Keep one audit of a cluster and return it with its place in history.

        What has become too old is deleted by the way, which is a record of its own, before that of the
        audit: the head that a report shows covers it.
        """
        cluster = mended(cluster)
        with self._writing() as db:
            past = Past(
                findings.standing(db, cluster), lambda: chain.audits(db, cluster), _trend(db, cluster)
            )
            remembered = remember(past)
            audit = msgspec.structs.replace(remembered.audit, history=None)
            self._delete_outdated(db, cluster, audit)
            record, head = self._add(db, cluster, audit)
            findings.remember(db, record, known(audit), remembered.resolved)
            return msgspec.structs.replace(audit, history=HistoryEntry(record.seq, head, record.previous))

    def entries(self, cluster: str | None = None) -> list[Entry]:
        """Return the audits of a cluster, or of all, oldest first; deleted ones are among them."""
        with self._reading() as db:
            return chain.entries(db, mended(cluster))

    def entry(self, reference: str, cluster: str | None = None) -> Entry:
        """Return the audit that is meant by `last`, `last~N`, a number, an id or the beginning of one.

        Raises `UsageError` if it is none, or more than one.
        """
        with self._reading() as db:
            return lookup.find(db, self.path, mended(reference), mended(cluster))

    def audit(self, reference: str, cluster: str | None = None) -> Audit:
        """Return an audit as it was kept, with its place in history.

        Raises `UsageError` as `entry` does, or if it was deleted, and `StoreError` if it was changed.
        """
        with self._reading() as db:
            found = lookup.find(db, self.path, mended(reference), mended(cluster))
            audit = chain.audit(db, found.record.seq)
        if audit is None:
            raise lookup.deleted(found)
        return audit

    def standing(self, cluster: str) -> Mapping[str, KnownFinding]:
        """Return the findings of a cluster that no audit has seen resolved, by fingerprint."""
        with self._reading() as db:
            return findings.standing(db, mended(cluster))

    def times_to_fix(self, cluster: str | None = None) -> Mapping[Severity, TimeToFix]:
        """Return how long findings lasted until they were resolved, by severity."""
        with self._reading() as db:
            return findings.times_to_fix(db, mended(cluster))

    def verify(self, heads: Sequence[str] = ()) -> Verification:
        """Check the whole history, and that each of these heads of reports is in it."""
        with self._reading() as db:
            return verify.verify(db, heads)

    def export(self, out: IO[bytes]) -> Verification:
        """Write all there is, and return what a check of it found: a broken history is written too."""
        with self._reading() as db:
            archive.export(db, out)
            return verify.verify(db)

    def restore(self, file: io.BufferedReader, name: str) -> Verification:
        """Take over an export, whole or not at all; `name` is what messages call it.

        Raises `UsageError` if it is none, is cut off or its history is broken, or if this store already
        has one.
        """
        with self._writing() as db:
            return archive.restore(db, self.path, file, name)

    def _delete_outdated(self, db: sqlite3.Connection, cluster: str, audit: Audit) -> None:
        """Delete what is too old once this audit is there, and record it."""
        seq, previous = chain.last(db)
        query = "SELECT record FROM records JOIN audits USING (seq) WHERE cluster = ? AND kind = 'audit'"
        kept = [chain.read(text) for (text,) in db.execute(query, (cluster,))]
        times = [(one.seq, moment(one.started_at)) for one in kept if isinstance(one, AuditRecord)]
        times.append((seq + 1, moment(audit.audit.started_at)))
        old = outdated(times, self._retention, self._settled(db))
        if old:
            chain.delete(db, old)
            record = DeletionRecord(
                seq=seq + 1,
                cluster=cluster,
                recorded_at=written(self._now()),
                auditor_version=__version__,
                deleted=tuple(old),
                previous=previous,
            )
            chain.add(db, record)

    def _settled(self, db: sqlite3.Connection) -> datetime:
        """The present, but not later than the last record.

        A clock that is wrong once, and years ahead, must not delete the evidence of these years.
        """
        row = db.execute("SELECT recorded_at FROM records ORDER BY seq DESC LIMIT 1").fetchone()
        return min(self._now(), moment(row[0])) if row else self._now()

    def _add(self, db: sqlite3.Connection, cluster: str, audit: Audit) -> tuple[AuditRecord, str]:
        run, (seq, previous) = audit.audit, chain.last(db)
        result, packed = chain.packed(audit)
        record = AuditRecord(
            seq=seq + 1,
            cluster=cluster,
            audit=run.id,
            started_at=run.started_at,
            finished_at=run.finished_at,
            recorded_at=written(self._now()),
            auditor_version=run.auditor_version,
            bundle=run.bundle.digest,
            config=run.config,
            waivers=run.waivers,
            snapshot=run.snapshot,
            result=result,
            coverage=repr(audit.summary.coverage),
            findings=audit.summary.findings,
            previous=previous,
        )
        return record, chain.add(db, record, packed)

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        return reading(self.path, self._patience)

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return writing(self.path, self._patience)


def _trend(db: sqlite3.Connection, cluster: str) -> tuple[TrendPoint, ...]:
    return tuple(
        TrendPoint(one.started_at, msgspec.structs.asdict(one.findings), float(one.coverage), one.bundle)
        for one in chain.latest(db, cluster, TREND)
    )

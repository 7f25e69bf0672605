"""The records: each holds the hash of the one before, so that none can be changed unnoticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from auditor.errors import StoreError
from auditor.history import AuditRecord, DeletionRecord, Entry, Record
from auditor.past import HistoryEntry
from auditor.record import Audit
from auditor.store.canonical import canonical, digest, pack, unpack
from auditor.store.times import CHANGED

_records: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
_audits = msgspec.json.Decoder(Audit)


def last(db: sqlite3.Connection) -> tuple[int, str]:
    """Return the number and the hash of the last record; 0 and "" before the first one."""
    row = db.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    return row or (0, "")


def add(db: sqlite3.Connection, record: Record, packed: bytes | None = None) -> str:
    """Append a record, with its audit if it is one of an audit, and return its hash."""
    content = canonical(record)
    head = digest(content)
    insert(db, decoded(content), content.decode(), head, packed)  # the columns say what is hashed
    return head


def insert(db: sqlite3.Connection, record: Record, text: str, head: str, packed: bytes | None) -> None:
    """Write a record as it is; that it is where it belongs is for the caller to know."""
    audit = record.audit if isinstance(record, AuditRecord) else None
    row = (record.seq, kind(record), record.cluster, audit, record.recorded_at, text, head)
    db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    if packed is not None:
        db.execute("INSERT INTO audits VALUES (?, ?)", (record.seq, packed))


def packed(audit: Audit) -> tuple[str, bytes]:
    """Return the digest of an audit, which says nothing of its place in history, and what is kept of it."""
    content = canonical(audit)
    return digest(content), pack(content)


def kind(record: Record) -> str:
    """Return `audit` or `deletion`."""
    return str(type(record).__struct_config__.tag)


def decoded(text: str | bytes) -> Record:
    """Read a record; raises `msgspec.MsgspecError` if it is none."""
    return _records.decode(text)


def read(text: str) -> Record:
    """Read a record of the store; raises `StoreError` if it is none."""
    try:
        record = decoded(text)
        if isinstance(record, AuditRecord):
            float(record.coverage)
        return record
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise StoreError(f"a record in the store cannot be read: {error}", CHANGED) from None


def entries(db: sqlite3.Connection, cluster: str | None = None) -> list[Entry]:
    """Return the audits of a cluster, or of all, in the order in which they were recorded."""
    deletions: dict[int, DeletionRecord] = {}
    found: list[tuple[AuditRecord, str, bool]] = []
    query = (
        "SELECT record, hash, seq IN (SELECT seq FROM audits) FROM records"
        " WHERE ?1 IS NULL OR cluster = ?1 ORDER BY seq"
    )
    for text, head, kept in db.execute(query, (cluster,)):
        record = read(text)
        if isinstance(record, DeletionRecord):
            deletions.update(dict.fromkeys(record.deleted, record))
        else:
            found.append((record, head, bool(kept)))
    return [Entry(record, head, kept, deletions.get(record.seq)) for record, head, kept in found]


def entry(db: sqlite3.Connection, seq: int) -> Entry | None:
    """Return the audit at this place, None if there is none."""
    query = "SELECT record, hash, seq IN (SELECT seq FROM audits), cluster FROM records WHERE seq = ?"
    row = db.execute(query, (seq,)).fetchone()
    record = read(row[0]) if row else None
    if not isinstance(record, AuditRecord):
        return None
    _, head, kept, cluster = row
    return Entry(record, head, bool(kept), None if kept else _deletion(db, cluster, seq))


def audit(db: sqlite3.Connection, seq: int) -> Audit | None:
    """Return the audit that is kept at this place, None if it was deleted.

    Raises `StoreError` if it is not the one that was recorded: nothing may be built on it.
    """
    query = "SELECT record, hash, packed FROM records JOIN audits USING (seq) WHERE seq = ?"
    row = db.execute(query, (seq,)).fetchone()
    if row is None:
        return None
    record, content = read(row[0]), unpack(row[2])
    if not isinstance(record, AuditRecord) or content is None or digest(content) != record.result:
        raise StoreError(f"the audit of record {seq} in the store was changed or is damaged", CHANGED)
    place = HistoryEntry(record.seq, row[1], record.previous)
    return msgspec.structs.replace(opened(content), history=place)


def opened(content: bytes) -> Audit:
    """Read an audit as it is kept; raises `StoreError` if it is none that this auditor can read."""
    try:
        return _audits.decode(content)
    except msgspec.MsgspecError as error:
        raise StoreError(f"an audit in the store cannot be read: {error}", CHANGED) from None


def latest(db: sqlite3.Connection, cluster: str, number: int) -> list[AuditRecord]:
    """Return the records of the last audits of a cluster, oldest first, whether these are kept or not."""
    query = "SELECT record FROM records WHERE cluster = ? AND kind = 'audit' ORDER BY seq DESC LIMIT ?"
    found = [read(text) for (text,) in db.execute(query, (cluster, number))]
    return [one for one in reversed(found) if isinstance(one, AuditRecord)]


def audits(db: sqlite3.Connection, cluster: str) -> Iterator[Audit]:
    """Yield the audits of a cluster that are kept, the latest first, each read when it is taken."""
    query = (
        "SELECT seq FROM records JOIN audits USING (seq) WHERE cluster = ? AND kind = 'audit'"
        " ORDER BY seq DESC"
    )
    for (seq,) in db.execute(query, (cluster,)).fetchall():
        if (found := audit(db, seq)) is not None:
            yield found


def delete(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Delete audits; their records stay."""
    db.executemany("DELETE FROM audits WHERE seq = ?", [(seq,) for seq in seqs])


def _deletion(db: sqlite3.Connection, cluster: str, seq: int) -> DeletionRecord | None:
    query = "SELECT record FROM records WHERE cluster = ? AND kind = 'deletion' AND seq > ? ORDER BY seq"
    for (text,) in db.execute(query, (cluster, seq)):
        record = read(text)
        if isinstance(record, DeletionRecord) and seq in record.deleted:
            return record
    return None

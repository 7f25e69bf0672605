"""Checks a history from its first record to its last, and says where it breaks.

A chain shows that nothing in it was changed. That its end was cut off, or all of it written anew, it
cannot show: that takes a head from outside, as every report has one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from auditor.errors import StoreError
from auditor.history import AuditRecord, DeletionRecord, Fault, FaultKind, Record, Verification
from auditor.record import Audit
from auditor.store import chain, crosscheck, findings
from auditor.store.canonical import canonical, digest, unpack
from auditor.store.migrations import TRIGGERS
from auditor.store.times import moment
from auditor.surrogates import mended

_LATEST_KNOWN = """
    SELECT max(seq) FROM (
        SELECT seq FROM audits UNION ALL SELECT first_seq FROM findings
        UNION ALL SELECT last_seq FROM findings UNION ALL SELECT resolved_seq FROM findings
    ) WHERE typeof(seq) = 'integer'
"""


def verify(db: sqlite3.Connection, heads: Sequence[str] = ()) -> Verification:
    """Check all that is in an open store; `heads` are those of reports, which must be in the chain."""
    db.text_factory = _text
    try:
        links = _Links()
        for row in db.execute(
            "SELECT seq, kind, cluster, audit, recorded_at, record, hash FROM records ORDER BY seq"
        ):
            links.take(*row)
        broken = [*_damage(db), *links.faults, *_cut_off(db, links)]
        kept = {seq for (seq,) in db.execute("SELECT seq FROM audits")}
        faults = [*_deletions(links.records, links.missing), *_presence(links.records, kept), *_nobody_s(db)]
        for cluster in _clusters(db, links.records):
            faults += _cluster(db, cluster, links)
        (rows,) = db.execute("SELECT count(*) FROM findings").fetchone()
    finally:
        db.text_factory = str
    faults += [
        Fault(
            None,
            "unknown_head",
            f"no record has the hash {head}: the history was cut off before it, or written anew, or the"
            " report is of another store",
        )
        for head in heads
        if head not in links.hashes
    ]
    return Verification(
        records=links.total,
        audits=sum(isinstance(one, AuditRecord) for one in links.records.values()),
        kept=len(kept),
        findings=rows,
        head=links.head,
        # what is wrong with audits and findings may only follow from where the chain breaks
        faults=(*sorted(broken, key=_place), *sorted(faults, key=_place)),
        remarks=(*links.remarks, *_triggers(db)),
        anchored=tuple(sorted(links.hashes[head] for head in heads if head in links.hashes)),
    )


class _Links:
    """The chain, record by record."""

    def __init__(self) -> None:
        self.total = 0
        self.head = ""
        self.records: dict[int, Record] = {}
        """Those that can be read and stand at their place."""
        self.hashes: dict[str, int] = {}
        """Of what is really there, not what the store says of it."""
        self.missing: set[int] = set()
        self.last = 0
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        self._before: str | None = ""
        """The hash that the next record must name; None after a fault that has broken the link already."""
        self._time = ""

    def take(self, seq: int, *row: Any) -> None:
        """Check the next record of the table."""
        kind, cluster, audit, recorded_at, text, head = row
        self._close_up(seq)
        self.total += 1
        content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text or b"")
        before, self._before, self.head = self._before, str(head), str(head)
        record = _decoded(content)
        if digest(content) != head:
            self._fault(seq, "edited_record", "its content does not give its hash")
        else:
            self.hashes[head] = seq
        if record is None:
            self._fault(seq, "unreadable", "it is no record")
            return
        if record.seq != seq:
            self._fault(seq, "reordered_record", f"at its place stands record {record.seq}")
            self._before = None
            return
        self.records[seq] = record
        named = record.audit if isinstance(record, AuditRecord) else None
        columns = (chain.kind(record), record.cluster, named, record.recorded_at)
        if columns != (kind, cluster, audit, recorded_at):
            self._fault(seq, "edited_record", "the columns of the table differ from it")
        if before is not None and record.previous != before:
            self._fault(
                seq,
                "broken_link",
                "it names another hash than that of the record before: one of them was replaced",
            )
        self._clock(record)

    def _close_up(self, seq: int) -> None:
        """Tell of records that are not there before this one."""
        if seq > self.last + 1:
            gone = range(self.last + 1, seq)
            what = f"record {gone[0]} is" if len(gone) == 1 else f"records {gone[0]} to {gone[-1]} are"
            self.faults.append(Fault(gone[0], "missing_record", f"{what} missing"))
            self.missing.update(gone)
            self._before = None
        self.last = seq

    def _clock(self, record: Record) -> None:
        try:
            moment(record.recorded_at)
            if isinstance(record, AuditRecord):
                moment(record.started_at)
                moment(record.finished_at)
                float(record.coverage)
        except (StoreError, ValueError):
            self._fault(record.seq, "unreadable", "a time or figure of it is none")
            return
        if record.recorded_at < self._time:
            self.remarks.append(
                f"the clock went back before record {record.seq}: it was written at {record.recorded_at},"
                f" the one before at {self._time}"
            )
        if isinstance(record, AuditRecord) and record.finished_at < record.started_at:
            self.remarks.append(
                f"the clock went back during the audit of record {record.seq}: it began at"
                f" {record.started_at} and ended at {record.finished_at}"
            )
        self._time = record.recorded_at

    def _fault(self, seq: int, kind: FaultKind, what: str) -> None:
        self.faults.append(Fault(seq, kind, f"record {seq}: {what}"))


def _decoded(content: bytes) -> Record | None:
    """Read a record in its canonical form."""
    try:
        record = chain.decoded(content)
        return record if canonical(msgspec.json.decode(content)) == content else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _damage(db: sqlite3.Connection) -> Iterator[Fault]:
    (found,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        yield Fault(0, "damaged", f"the database is damaged: {found}")


def _deletions(records: dict[int, Record], missing: set[int]) -> Iterator[Fault]:
    """Deletions of what was no audit of that cluster, or was deleted before."""
    gone: set[int] = set()
    for one in records.values():
        for seq in one.deleted if isinstance(one, DeletionRecord) else ():
            audit = records.get(seq)
            right = isinstance(audit, AuditRecord) and audit.cluster == one.cluster
            if seq not in missing and (not right or seq >= one.seq or seq in gone):
                what = f"record {one.seq}: it deletes {seq}, which was no audit of its cluster then"
                yield Fault(one.seq, "false_deletion", what)
            gone.add(seq)


def _presence(records: dict[int, Record], kept: set[int]) -> Iterator[Fault]:
    """Audits that are gone and should not be, and those that are there and should not be."""
    deleted = {seq for one in records.values() if isinstance(one, DeletionRecord) for seq in one.deleted}
    for seq, record in records.items():
        if not isinstance(record, AuditRecord):
            if seq in kept:
                yield Fault(seq, "edited_audit", f"record {seq}: it is no audit, and one is kept for it")
        elif seq in deleted and seq in kept:
            what = f"record {seq}: its audit is still there, though a later record says that it was deleted"
            yield Fault(seq, "false_deletion", what)
        elif seq not in deleted and seq not in kept:
            what = f"record {seq}: its audit is gone, and no record says that it was deleted"
            yield Fault(seq, "missing_audit", what)


def _cut_off(db: sqlite3.Connection, links: _Links) -> Iterator[Fault]:
    """What the end of the history has left behind: who cuts it off must think of all tables."""
    (known,) = db.execute(_LATEST_KNOWN).fetchone()
    if known and known > links.last:
        what = f"the history was cut off after record {links.last}: the store still knows of record {known}"
        yield Fault(links.last + 1, "truncated", what)


def _place(fault: Fault) -> tuple[bool, int]:
    return (fault.record is None, fault.record or 0)


def _clusters(db: sqlite3.Connection, records: dict[int, Record]) -> list[str]:
    """Every cluster of a record or of a row."""
    named = {cluster for (cluster,) in db.execute("SELECT DISTINCT cluster FROM findings")}
    return sorted({one.cluster for one in records.values()} | {one for one in named if _is_text(one)})


def _nobody_s(db: sqlite3.Connection) -> Iterator[Fault]:
    """Rows whose cluster is not even text."""
    for (cluster,) in db.execute("SELECT DISTINCT cluster FROM findings"):
        if not _is_text(cluster):
            yield Fault(None, "edited_finding", "there are rows of findings without a cluster")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value == mended(value)


def _cluster(db: sqlite3.Connection, cluster: str, links: _Links) -> Iterator[Fault]:
    """Every audit of a cluster that is kept, and its rows of findings, which must tell the same."""
    own = {
        seq: one
        for seq, one in links.records.items()
        if isinstance(one, AuditRecord) and one.cluster == cluster
    }
    check = crosscheck.Rows(cluster, own, links.last, links.missing)
    for values in findings.values(db, cluster):
        yield from check.take(values)
    yield from check.overlapping()
    for seq, record in own.items():
        row = db.execute("SELECT packed FROM audits WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            continue
        audit = _audit(record, row[0])
        if isinstance(audit, Fault):
            yield audit
        else:
            yield from check.compare(seq, audit)


def _audit(record: AuditRecord, packed: Any) -> Audit | Fault:
    content = unpack(packed)
    if content is None or digest(content) != record.result:
        what = f"record {record.seq}: its audit was changed: it does not give the digest in the record"
        return Fault(record.seq, "edited_audit", what)
    try:
        return chain.opened(content)
    except StoreError as error:
        return Fault(record.seq, "unreadable", f"record {record.seq}: {error}")


def _triggers(db: sqlite3.Connection) -> Iterator[str]:
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    if gone := sorted(set(TRIGGERS) - there):
        yield f"somebody removed what guards the tables against changes: {', '.join(gone)}"


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")

"""The rows of findings: one for each time that a finding came, until it was resolved.

`last_seen_at` and `resolved_at` are when those audits began, but never before the finding was first
seen, or last seen: a clock may have been set back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditor.errors import StoreError
from auditor.history import AuditRecord, TimeToFix
from auditor.past import FirstSeen, KnownFinding
from auditor.rules import Severity
from auditor.store.canonical import canonical
from auditor.store.times import CHANGED, moment

_entries = msgspec.json.Decoder(KnownFinding)


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row, as it is in the table and in an export."""

    cluster: str
    fingerprint: str
    policy: str
    severity: str
    first_seen_at: str
    first_seen_cause: str
    first_seq: int
    """The record of the audit that saw it first."""
    last_seen_at: str
    last_seq: int
    resolved_at: str | None = None
    resolved_seq: int | None = None
    """The record of the audit that looked for it and did not find it."""
    entry: msgspec.Raw
    """The `KnownFinding` as the last audit saw it, without `first_seen`."""


_COLUMNS = FindingRow.__struct_fields__

_SELECT = """
    SELECT cluster, fingerprint, policy, severity, first_seen_at, first_seen_cause, first_seq,
        last_seen_at, last_seq, resolved_at, resolved_seq, entry
    FROM findings WHERE ?1 IS NULL OR cluster = ?1 ORDER BY cluster, fingerprint, first_seq
"""
_INSERT = """
    INSERT INTO findings VALUES (:cluster, :fingerprint, :policy, :severity, :first_seen_at,
        :first_seen_cause, :first_seq, :last_seen_at, :last_seq, :resolved_at, :resolved_seq, :entry)
"""
_SEE_AGAIN = """
    UPDATE findings SET policy = :policy, severity = :severity, first_seen_at = :first_seen_at,
        first_seen_cause = :first_seen_cause, last_seen_at = :last_seen_at, last_seq = :last_seq,
        entry = :entry
    WHERE cluster = :cluster AND fingerprint = :fingerprint AND resolved_seq IS NULL
"""
_RESOLVE = """
    UPDATE findings SET resolved_at = max(?, last_seen_at), resolved_seq = ?
    WHERE cluster = ? AND fingerprint = ? AND resolved_seq IS NULL
"""


def standing(db: sqlite3.Connection, cluster: str) -> dict[str, KnownFinding]:
    """Return the findings of a cluster that no audit has seen resolved, by fingerprint."""
    query = (
        "SELECT fingerprint, first_seen_at, first_seen_cause, entry FROM findings"
        " WHERE cluster = ? AND resolved_seq IS NULL ORDER BY fingerprint"
    )
    return {
        fingerprint: msgspec.structs.replace(_decoded(entry), first_seen=FirstSeen(at, cause))
        for fingerprint, at, cause, entry in db.execute(query, (cluster,))
    }


def remember(
    db: sqlite3.Connection, record: AuditRecord, found: Mapping[str, KnownFinding], resolved: Iterable[str]
) -> None:
    """Write what an audit saw: new rows for new findings, resolved ones closed, the others as seen again.

    Standing findings that are in neither were not looked at; their rows stay as they are.
    """
    before = _first_seen(db, record.cluster)
    again: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for fingerprint, one in found.items():
        row = _row(record, one, before.get(fingerprint))
        (again if fingerprint in before else new).append(_named(row))
    db.executemany(_INSERT, new)
    db.executemany(_SEE_AGAIN, again)
    gone = set(resolved) - set(found)
    db.executemany(_RESOLVE, [(record.started_at, record.seq, record.cluster, one) for one in gone])


def rows(db: sqlite3.Connection, cluster: str | None = None) -> Iterator[FindingRow]:
    """Yield the rows of a cluster, or of all, always in the same order."""
    return map(row, values(db, cluster))


def values(db: sqlite3.Connection, cluster: str | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as the table has them, by cluster, fingerprint and `first_seq`."""
    yield from db.execute(_SELECT, (cluster,))


def row(found: tuple[Any, ...]) -> FindingRow:
    """Return a row of the table; raises `msgspec.ValidationError` or `AttributeError` if it is none."""
    fields = dict(zip(_COLUMNS, found, strict=True))
    return msgspec.convert({**fields, "entry": msgspec.Raw(found[-1].encode())}, FindingRow)


def entry(row: FindingRow) -> KnownFinding:
    """Return the entry of a row; raises `msgspec.MsgspecError` if it is none."""
    return _entries.decode(row.entry)


def insert(db: sqlite3.Connection, row: FindingRow) -> None:
    """Write a row as it is."""
    db.execute(_INSERT, _named(row))


def times_to_fix(db: sqlite3.Connection, cluster: str | None = None) -> dict[Severity, TimeToFix]:
    """Return how long resolved findings lasted, by severity, worst first; those without any are left out.

    Counted are the findings that the summary of an audit counts: not waived when they were last seen,
    not superseded, outside system namespaces.
    """
    lasted: dict[Severity, list[float]] = {severity: [] for severity in Severity}
    query = (
        "SELECT first_seen_at, resolved_at, entry FROM findings"
        " WHERE resolved_seq IS NOT NULL AND (?1 IS NULL OR cluster = ?1)"
    )
    for first, resolved, text in db.execute(query, (cluster,)):
        entry = _decoded(text)
        if entry.status != "waived" and not entry.superseded and not entry.system:
            lasted[entry.severity].append((moment(resolved) - moment(first)).total_seconds())
    return {
        severity: TimeToFix(len(some), round(sum(some) / len(some)))
        for severity, some in lasted.items()
        if some
    }


def _first_seen(db: sqlite3.Connection, cluster: str) -> dict[str, FirstSeen]:
    query = (
        "SELECT fingerprint, first_seen_at, first_seen_cause FROM findings"
        " WHERE cluster = ? AND resolved_seq IS NULL"
    )
    return {fingerprint: FirstSeen(at, cause) for fingerprint, at, cause in db.execute(query, (cluster,))}


def _row(record: AuditRecord, finding: KnownFinding, before: FirstSeen | None) -> FindingRow:
    """The row of a finding as this audit saw it; one that does not say since when keeps what is known."""
    first = finding.first_seen or before or FirstSeen(record.started_at, "first_looked_at")
    return FindingRow(
        cluster=record.cluster,
        fingerprint=finding.fingerprint,
        policy=finding.policy,
        severity=finding.severity.value,
        first_seen_at=first.at,
        first_seen_cause=first.cause,
        first_seq=record.seq,
        last_seen_at=max(record.started_at, first.at),
        last_seq=record.seq,
        entry=msgspec.Raw(canonical(msgspec.structs.replace(finding, first_seen=None))),
    )


def _named(row: FindingRow) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "entry": bytes(row.entry).decode()}


def _decoded(text: str) -> KnownFinding:
    try:
        return _entries.decode(text)
    except (msgspec.MsgspecError, TypeError) as error:
        raise StoreError(f"a finding in the store cannot be read: {error}", CHANGED) from None

"""Which audit is meant: `last`, `last~2`, the number of its record, its id or the beginning of it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from auditor.errors import StoreError, UsageError
from auditor.history import Entry
from auditor.store import chain
from auditor.store.times import CHANGED

_LAST = re.compile(r"last(?:~(\d{1,9}))?")
_SEQ = re.compile(r"\d{1,9}")

SHORTEST = 4
"""Characters of an id that are enough, if no other begins like it."""

_LIST = "auditor history list shows what there is"

_COUNT = "SELECT count(*) FROM records WHERE kind = 'audit' AND (?1 IS NULL OR cluster = ?1)"
_AUDITS = """
    SELECT seq FROM records
    WHERE kind = 'audit' AND (?1 IS NULL OR cluster = ?1)
    AND (?2 IS NULL OR seq = ?2) AND (?3 IS NULL OR substr(audit, 1, length(?3)) = ?3)
    ORDER BY seq DESC LIMIT 2 OFFSET ?4
"""


def find(db: sqlite3.Connection, path: Path, reference: str, cluster: str | None) -> Entry:
    """Return the audit that `reference` means, among those of a cluster, or of all.

    Raises `UsageError`, which says what there is, if it means none or several.
    """
    (total,) = db.execute(_COUNT, (cluster,)).fetchone()
    where = f"{path}{f' of the cluster {cluster}' if cluster is not None else ''}"
    if not total:
        raise UsageError(f"no audit is kept in {where}", "auditor audit keeps one")
    if back := _LAST.fullmatch(reference):
        seqs = _seqs(db, cluster, skip=int(back[1] or 0))[:1]
        if not seqs:
            raise UsageError(f"{reference}: there are only {total} audits in {where}", _LIST)
    else:
        number = int(reference) if _SEQ.fullmatch(reference) else None
        seqs = _seqs(db, cluster, seq=number) if number is not None else []
        if not seqs and len(reference) >= SHORTEST:
            seqs = _seqs(db, cluster, begins=reference)
    if not seqs:
        raise UsageError(f"there is no audit {reference!r} in {where}", f"{_LIST}; last is the latest")
    if len(seqs) > 1:
        raise UsageError(f"{reference}: the ids of several audits in {where} begin like this", _LIST)
    if (found := chain.entry(db, seqs[0])) is None:
        raise StoreError(f"the record {seqs[0]} in the store was changed", CHANGED)
    return found


def deleted(entry: Entry) -> UsageError:
    """Say that of an audit only the record is left."""
    record, by = entry.record, entry.deleted_by
    when = f" on {by.recorded_at[:10]} (record {by.seq})" if by else ""
    return UsageError(
        f"the audit {record.audit} (record {record.seq}) of {record.started_at} was deleted{when}:"
        " only its record is kept",
        "auditor history list marks which audits are still there",
    )


def _seqs(
    db: sqlite3.Connection,
    cluster: str | None,
    *,
    seq: int | None = None,
    begins: str | None = None,
    skip: int = 0,
) -> list[int]:
    """The latest two that fit, after so many: ids have one length, so none begins like another whole one."""
    return [found for (found,) in db.execute(_AUDITS, (cluster, seq, begins, skip))]

"""A history that somebody changed: what is wrong is found, and told by its name.

Every change is made as its author would: with another program, in the file, without the triggers.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from auditor.history import Fault, Verification
from auditor.store.canonical import canonical, digest
from tests.store.audits import DAY, HOUR, Journal, name


@pytest.fixture
def story(journal: Journal) -> Journal:
    """Seven records: audits 1 to 5, the first two of which record 6 deletes, and audit 7; 5 is of another."""
    journal.add("ab")
    journal.add("abc")
    journal.add("ac")
    journal.add("acd", after=9 * DAY, unseen="")
    journal.add("ad", cluster="other")
    journal.add("ad", unseen="c")
    assert [entry.kept for entry in journal.store.entries()] == [False, False, True, True, True, True]
    deletion = journal.store.entries()[0].deleted_by
    assert deletion is not None
    assert (deletion.seq, deletion.deleted) == (6, (1, 2))
    intact(journal)
    return journal


def intact(journal: Journal) -> Verification:
    found = journal.store.verify()
    assert (found.faults, found.remarks) == ((), ())
    return found


def broken(journal: Journal) -> Fault:
    """The first fault, after which the rest of the story is told."""
    found = journal.store.verify()
    assert found.faults
    return found.faults[0]


def kinds(journal: Journal) -> set[str]:
    return {fault.kind for fault in journal.store.verify().faults}


def record(db: sqlite3.Connection, seq: int) -> dict[str, Any]:
    (text,) = db.execute("SELECT record FROM records WHERE seq = ?", (seq,)).fetchone()
    return dict(json.loads(text))


def forge(db: sqlite3.Connection, place: int, **changes: Any) -> str:
    """Change a record and its hash, so that it is right by itself."""
    content = canonical({**record(db, place), **changes})
    db.execute(
        "UPDATE records SET record = ?, hash = ? WHERE seq = ?", (content.decode(), digest(content), place)
    )
    return digest(content)


def forge_audit(db: sqlite3.Connection, seq: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change an audit, its digest in the record, the record's hash, and every link after it."""
    (packed,) = db.execute("SELECT packed FROM audits WHERE seq = ?", (seq,)).fetchone()
    audit = msgspec.json.decode(zlib.decompress(packed))
    change(audit)
    content = canonical(audit)
    db.execute("UPDATE audits SET packed = ? WHERE seq = ?", (zlib.compress(content), seq))
    rewrite(db, seq, result=digest(content))


def rewrite(db: sqlite3.Connection, seq: int, **changes: Any) -> None:
    """Change a record and make all hashes from there on anew."""
    head = forge(db, seq, **changes)
    for (later,) in db.execute("SELECT seq FROM records WHERE seq > ? ORDER BY seq", (seq,)).fetchall():
        head = forge(db, later, previous=head)


def test_an_empty_store(journal: Journal) -> None:
    with journal.store._writing():
        pass
    found = intact(journal)
    assert (found.records, found.head) == (0, "")


def test_intact(story: Journal) -> None:
    found = intact(story)
    assert (found.records, found.audits, found.kept, found.findings) == (7, 6, 4, 6)
    assert found.head == story.store.entries()[-1].head


# --- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", range(1, 8))
def test_edited_record(story: Journal, seq: int) -> None:
    with story.hand() as db:
        text = canonical({**record(db, seq), "auditor_version": "9.9"}).decode()
        db.execute("UPDATE records SET record = ? WHERE seq = ?", (text, seq))
    fault = broken(story)
    assert (fault.record, fault.kind) == (seq, "edited_record")
    assert fault.message == f"record {seq}: its content does not give its hash"
    assert len(story.store.verify().faults) == 1  # the others are as they were


@pytest.mark.parametrize("seq", [2, 6])
def test_edited_hash(story: Journal, seq: int) -> None:
    with story.hand() as db:
        db.execute("UPDATE records SET hash = ? WHERE seq = ?", (digest(b""), seq))
    assert (broken(story).record, broken(story).kind) == (seq, "edited_record")


@pytest.mark.parametrize("seq", [2, 4, 6])
def test_edited_record_with_a_new_hash(story: Journal, seq: int) -> None:
    """The next record names the former hash."""
    with story.hand() as db:
        forge(db, seq, auditor_version="9.9")
    fault = broken(story)
    assert (fault.record, fault.kind) == (seq + 1, "broken_link")
    assert "one of them was replaced" in fault.message


@pytest.mark.parametrize("column", ["kind", "cluster", "audit", "recorded_at"])
def test_edited_column(story: Journal, column: str) -> None:
    """What the store looks records up by is not hashed; it must be what the record says."""
    with story.hand() as db:
        db.execute(f"UPDATE records SET {column} = 'x' WHERE seq = 3")
    fault = broken(story)
    assert (fault.record, fault.kind) == (3, "edited_record")


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '{"kind":"audit"}', "\x00", b"\xff\xfe", b"{", 7, "[" * 100_000]
)
def test_a_record_that_is_none(story: Journal, text: object) -> None:
    with story.hand() as db:
        db.execute(
            "UPDATE records SET record = ?, hash = ? WHERE seq = 3", (text, digest(str(text).encode()))
        )
    found = {fault.kind for fault in story.store.verify().faults if fault.record == 3}
    assert "unreadable" in found


def test_text_that_is_not_utf8(story: Journal) -> None:
    with story.hand() as db:
        db.execute(
            "UPDATE records SET record = CAST(x'ff7b7d' AS TEXT), cluster = CAST(x'fffe' AS TEXT)"
            " WHERE seq = 3"
        )
    assert broken(story).record == 3


def test_a_record_in_another_form(story: Journal) -> None:
    """The same JSON with a space: only one form of a record has a hash."""
    with story.hand() as db:
        text = json.dumps(record(db, 7), sort_keys=True)
        db.execute("UPDATE records SET record = ?, hash = ? WHERE seq = 7", (text, digest(text.encode())))
    assert (broken(story).record, broken(story).kind) == (7, "unreadable")


def test_a_time_that_is_none(story: Journal) -> None:
    with story.hand() as db:
        rewrite(db, 3, started_at="yesterday")
    assert (broken(story).record, broken(story).kind) == (3, "unreadable")


# --- dropped, re-ordered, cut off -----------------------------------------------------------------


@pytest.mark.parametrize("seq", range(1, 7))
def test_dropped_record(story: Journal, seq: int) -> None:
    with story.hand() as db:
        db.execute("DELETE FROM records WHERE seq = ?", (seq,))
    fault = broken(story)
    assert (fault.record, fault.kind, fault.message) == (seq, "missing_record", f"record {seq} is missing")
    # that it is gone is told once; 6 said which audits were deleted
    assert kinds(story) == {"missing_record", *(["missing_audit"] if seq == 6 else [])}


def test_dropped_records(story: Journal) -> None:
    with story.hand() as db:
        db.execute("DELETE FROM records WHERE seq IN (2, 3, 4)")
    assert broken(story).message == "records 2 to 4 are missing"


def test_dropped_record_and_the_others_moved_up(story: Journal) -> None:
    with story.hand() as db:
        db.execute("DELETE FROM records WHERE seq = 3")
        db.execute("UPDATE records SET seq = seq - 1 WHERE seq > 3")
    assert (broken(story).record, broken(story).kind) == (3, "reordered_record")
    assert broken(story).message == "record 3: at its place stands record 4"


def test_dropped_record_and_the_others_numbered_anew(story: Journal) -> None:
    with story.hand() as db:
        db.execute("DELETE FROM records WHERE seq = 3")
        for seq in range(4, 8):
            forge(db, seq, seq=seq - 1)
            db.execute("UPDATE records SET seq = ? WHERE seq = ?", (seq - 1, seq))
    assert (3, "broken_link") in {(fault.record, fault.kind) for fault in story.store.verify().faults}


def test_reordered_records(story: Journal) -> None:
    with story.hand() as db:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            db.execute("UPDATE records SET seq = ? WHERE seq = ?", (new, old))
    fault = broken(story)
    assert (fault.record, fault.kind) == (2, "reordered_record")
    assert fault.message == "record 2: at its place stands record 3"


def test_reordered_records_with_new_numbers(story: Journal) -> None:
    """Whoever rewrites the numbers too has to rewrite the links."""
    with story.hand() as db:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            forge(db, old, seq=new)
            db.execute("UPDATE records SET seq = ? WHERE seq = ?", (new, old))
    assert (2, "broken_link") in {(fault.record, fault.kind) for fault in story.store.verify().faults}


def test_inserted_record(story: Journal) -> None:
    with story.hand() as db:
        text = canonical({**record(db, 7), "seq": 8, "audit": "invented"})
        row = (8, "audit", "shop", "invented", record(db, 7)["recorded_at"], text.decode(), digest(text))
        db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    assert (broken(story).record, broken(story).kind) == (8, "broken_link")


@pytest.mark.parametrize("last", [6, 4, 0])
def test_cut_off_at_the_end(story: Journal, last: int) -> None:
    """Audits and findings of the records that were cut off are still there."""
    with story.hand() as db:
        db.execute("DELETE FROM records WHERE seq > ?", (last,))
    faults = [fault for fault in story.store.verify().faults if fault.kind == "truncated"]
    assert [fault.record for fault in faults] == [last + 1]
    assert (
        faults[0].message == f"the history was cut off after record {last}: the store still knows of record 7"
    )


def cut_off(db: sqlite3.Connection, last: int) -> None:
    """As who knows every table of it: what was true after that record."""
    db.execute("DELETE FROM records WHERE seq > ?", (last,))
    db.execute("DELETE FROM audits WHERE seq > ?", (last,))
    db.execute("DELETE FROM findings WHERE first_seq > ?", (last,))
    db.execute("UPDATE findings SET resolved_at = NULL, resolved_seq = NULL WHERE resolved_seq > ?", (last,))
    query = "SELECT seq, record ->> 'started_at' FROM records WHERE cluster = 'shop' AND kind = 'audit'"
    seq, at = db.execute(f"{query} ORDER BY seq DESC").fetchone()
    db.execute("UPDATE findings SET last_seq = ?, last_seen_at = ? WHERE last_seq > ?", (seq, at, last))


def test_cut_off_with_care_shows_only_against_a_head(story: Journal) -> None:
    heads = {entry.record.seq: entry.head for entry in story.store.entries()}
    with story.hand() as db:
        cut_off(db, 6)
    assert not story.store.verify().faults
    assert story.store.verify([heads[5]]).anchored == (5,)
    (fault,) = story.store.verify([heads[5], heads[7]]).faults
    assert (fault.record, fault.kind) == (None, "unknown_head")
    assert heads[7] in fault.message
    assert "cut off before it, or written anew" in fault.message


def test_written_anew_shows_only_against_a_head(story: Journal) -> None:
    head = story.store.entries()[-1].head
    early = story.store.entries()[0].head
    with story.hand() as db:
        rewrite(db, 2, auditor_version="9.9")
    assert not story.store.verify().faults
    assert story.store.verify([early]).anchored == (1,)  # what was before is as it was
    assert [fault.kind for fault in story.store.verify([head]).faults] == ["unknown_head"]


def test_a_head_is_what_is_there_not_what_the_store_says(story: Journal) -> None:
    """A hash that was left as it was, beside a record that was edited, is no anchor."""
    head = story.store.entries()[-1].head
    with story.hand() as db:
        text = canonical({**record(db, 7), "auditor_version": "9.9"}).decode()
        db.execute("UPDATE records SET record = ? WHERE seq = 7", (text,))
    found = story.store.verify([head])
    assert {fault.kind for fault in found.faults} == {"edited_record", "unknown_head"}
    assert found.anchored == ()


# --- audits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [zlib.compress(b"{}"), b"", b"\x00", "text", zlib.compress(b"{}")[:-3]])
def test_edited_audit(story: Journal, packed: object) -> None:
    with story.hand() as db:
        db.execute("UPDATE audits SET packed = ? WHERE seq = 5", (packed,))
    fault = broken(story)
    assert (fault.record, fault.kind) == (5, "edited_audit")
    assert "does not give the digest in the record" in fault.message


def test_swapped_audits(story: Journal) -> None:
    with story.hand() as db:
        for old, new in ((5, 99), (7, 5), (99, 7)):
            db.execute("UPDATE audits SET seq = ? WHERE seq = ?", (new, old))
    assert [(fault.record, fault.kind) for fault in story.store.verify().faults[:1]] == [(5, "edited_audit")]


def test_missing_audit(story: Journal) -> None:
    with story.hand() as db:
        db.execute("DELETE FROM audits WHERE seq = 5")
    fault = broken(story)
    assert (fault.record, fault.kind) == (5, "missing_audit")
    assert fault.message == "record 5: its audit is gone, and no record says that it was deleted"


def test_an_audit_that_is_back(story: Journal) -> None:
    with story.hand() as db:
        db.execute("INSERT INTO audits SELECT 1, packed FROM audits WHERE seq = 3")
    assert {(1, "false_deletion"), (1, "edited_audit")} <= {
        (fault.record, fault.kind) for fault in story.store.verify().faults
    }


def test_an_audit_for_a_record_of_a_deletion(story: Journal) -> None:
    with story.hand() as db:
        db.execute("INSERT INTO audits SELECT 6, packed FROM audits WHERE seq = 3")
    assert (broken(story).record, broken(story).kind) == (6, "edited_audit")


@pytest.mark.parametrize("deleted", [[1, 2, 5], [1, 2, 6], [1, 2, 99], [1, 2, 2], [1, 2, 7]])
def test_a_deletion_of_what_was_not_there(story: Journal, deleted: list[int]) -> None:
    with story.hand() as db:
        rewrite(db, 6, deleted=deleted)
    assert (6, "false_deletion") in {(fault.record, fault.kind) for fault in story.store.verify().faults}


def test_an_audit_that_no_auditor_reads(story: Journal) -> None:
    with story.hand() as db:
        forge_audit(db, 5, lambda audit: audit.pop("summary"))
    assert (broken(story).record, broken(story).kind) == (5, "unreadable")


# --- findings -------------------------------------------------------------------------------------


FORGED = {
    "first seen later": "UPDATE findings SET first_seen_at = '2026-11-10T13:00:00Z' WHERE fingerprint = :d",
    "for another cause": "UPDATE findings SET first_seen_cause = 'baseline' WHERE fingerprint = :d",
    "last seen later": "UPDATE findings SET last_seen_at = '2026-12-10T12:00:00Z' WHERE fingerprint = :c",
    "resolved": "UPDATE findings SET resolved_seq = 7, resolved_at = last_seen_at WHERE fingerprint = :c",
    "resolved when it was there": (
        "UPDATE findings SET resolved_seq = 5, resolved_at = '2026-11-10T11:00:00Z', last_seq = 3,"
        " last_seen_at = '2026-11-01T11:00:00Z' WHERE fingerprint = :c"
    ),
    "not resolved": "UPDATE findings SET resolved_seq = NULL, resolved_at = NULL WHERE fingerprint = :b",
    "half resolved": "UPDATE findings SET resolved_at = last_seen_at WHERE fingerprint = :a",
    "resolved sooner": "UPDATE findings SET resolved_at = last_seen_at WHERE fingerprint = :b",
    "resolved by another": "UPDATE findings SET resolved_seq = 6 WHERE fingerprint = :b",
    "of another severity": (
        "UPDATE findings SET severity = 'low', entry = replace(entry, '\"medium\"', '\"low\"')"
        " WHERE fingerprint = :d AND cluster = 'shop'"
    ),
    "waived": (
        'UPDATE findings SET entry = replace(entry, \'"path"\', \'"status":"waived","path"\')'
        " WHERE fingerprint = :d"
    ),
    "of another policy": "UPDATE findings SET policy = 'other' WHERE fingerprint = :a",
    "of another cluster": "UPDATE findings SET cluster = 'x' WHERE cluster = 'other' AND fingerprint = :d",
    "of a cluster that is no text": (
        "INSERT INTO findings SELECT x'00', fingerprint, policy, severity, first_seen_at, first_seen_cause,"
        " first_seq, last_seen_at, last_seq, resolved_at, resolved_seq, entry FROM findings"
    ),
    "of one that is not UTF-8": (
        "INSERT INTO findings SELECT CAST(x'ff' AS TEXT), fingerprint, policy, severity, first_seen_at,"
        " first_seen_cause, first_seq, last_seen_at, last_seq, resolved_at, resolved_seq, entry FROM findings"
    ),
    "of another fingerprint": "UPDATE findings SET fingerprint = 'f00' WHERE fingerprint = :c",
    "seen by no audit": "UPDATE findings SET last_seq = 6 WHERE fingerprint = :c",
    "the wrong way round": (
        "UPDATE findings SET first_seq = 7, last_seq = 4 WHERE fingerprint = :d AND cluster = 'shop'"
    ),
    "the wrong way round, long ago": (
        "UPDATE findings SET first_seq = 2, last_seq = 1, last_seen_at = first_seen_at WHERE fingerprint = :b"
    ),
    "standing twice": (
        "INSERT INTO findings SELECT cluster, fingerprint, policy, severity, first_seen_at,"
        " first_seen_cause, 2, last_seen_at, last_seq, NULL, NULL, entry"
        " FROM findings WHERE fingerprint = :a AND cluster = 'shop'"
    ),
    "invented long ago": (
        "INSERT INTO findings SELECT cluster, 'f00', policy, severity, first_seen_at, first_seen_cause,"
        " 1, '2026-11-01T11:00:00Z', 3, NULL, NULL, replace(entry, fingerprint, 'f00')"
        " FROM findings WHERE fingerprint = :b"
    ),
    "gone": "DELETE FROM findings WHERE fingerprint = :c",
    "gone after it was resolved": "DELETE FROM findings WHERE fingerprint = :b",
    "no entry": "UPDATE findings SET entry = '{}' WHERE fingerprint = :c",
    "entry that is no text": "UPDATE findings SET entry = x'00' WHERE fingerprint = :c",
    "number that is none": "UPDATE findings SET last_seq = 'x' WHERE fingerprint = :c",
    "invented": (
        "INSERT INTO findings SELECT cluster, 'f00', policy, severity, first_seen_at, first_seen_cause,"
        " 4, last_seen_at, last_seq, NULL, NULL, replace(entry, fingerprint, 'f00')"
        " FROM findings WHERE fingerprint = :d AND cluster = 'shop'"
    ),
    "there twice": (
        "INSERT INTO findings SELECT cluster, fingerprint, policy, severity, first_seen_at,"
        " first_seen_cause, 3, last_seen_at, 4, last_seen_at, 7, entry"
        " FROM findings WHERE fingerprint = :d AND cluster = 'shop'"
    ),
}


@pytest.mark.parametrize("statement", FORGED.values(), ids=FORGED.keys())
def test_edited_finding(story: Journal, statement: str) -> None:
    with story.hand() as db:
        db.execute("DROP INDEX standing")
        done = db.execute(statement, {letter: name(letter) for letter in "abcd"})
        assert done.rowcount > 0
    found = story.store.verify().faults
    assert found
    assert {fault.kind for fault in found} == {"edited_finding"}


def test_what_no_kept_audit_tells_of_is_not_proven(journal: Journal) -> None:
    """The limit: came and went between audits that were deleted. docs/history.md says so."""
    journal.add("a")
    journal.add("ab")
    journal.add("a")
    journal.add("a")
    journal.add("a", after=9 * DAY)
    journal.add("a")
    intact(journal)
    with journal.hand() as db:
        db.execute("DELETE FROM findings WHERE fingerprint = ?", (name("b"),))
    assert not journal.store.verify().faults


# --- what is odd ----------------------------------------------------------------------------------


def test_clocks_that_go_back_are_remarked(story: Journal) -> None:
    story.add("ad", after=-30 * HOUR)
    found = story.store.verify()
    assert not found.faults
    assert found.remarks == (
        "the clock went back before record 8: it was written at 2026-11-09T07:00:00Z, the one before at"
        " 2026-11-10T13:00:00Z",
    )


def test_a_clock_that_goes_back_during_an_audit(story: Journal) -> None:
    with story.hand() as db:
        rewrite(db, 7, finished_at="2026-11-10T12:59:59Z")
    assert any(
        "the clock went back during the audit of record 7" in text for text in story.store.verify().remarks
    )


def test_triggers_that_are_gone_are_remarked(story: Journal) -> None:
    with story.hand():
        pass
    found = story.store.verify()
    assert not found.faults
    assert found.remarks == (
        "somebody removed what guards the tables against changes: audits_are_not_edited, findings_stay,"
        " records_are_not_edited, records_stay, resolved_stays",
    )


def test_what_the_tables_forbid_is_damage(story: Journal) -> None:
    """A record without a hash, in a table that allows none."""
    for old, new in (("hash TEXT NOT NULL", "hash TEXT"), ("hash TEXT", "hash TEXT NOT NULL")):
        with story.hand() as db:
            if new.endswith("NULL"):
                db.execute("UPDATE records SET hash = NULL WHERE seq = 3")
            db.execute("PRAGMA writable_schema = ON")
            db.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'records'", (old, new))
    assert (broken(story).record, broken(story).kind) == (0, "damaged")
    assert "NULL value in records.hash" in broken(story).message

"""What an audit leaves in the store: its record in the chain, itself, the rows of its findings."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import stat
import zlib
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.errors import StoreError
from auditor.history import AuditRecord
from auditor.judge.remember import remember
from auditor.objects import Place
from auditor.past import FirstSeen
from auditor.ports import Past, Remembered
from auditor.record import Audit
from auditor.report.json import JsonRenderer, load
from auditor.rules import Severity
from auditor.store.canonical import canonical
from auditor.store.retention import Retention
from tests.report import records
from tests.store.audits import DAY, HOUR, START, Journal, audit, counted, finding, name, remembering


def table(journal: Journal, query: str) -> list[Any]:
    with closing(sqlite3.connect(journal.path)) as db:
        return db.execute(query).fetchall()


def rows(journal: Journal) -> list[Any]:
    """Letter, first seen at, its cause, last seen at, resolved at, the record that saw it last."""
    query = (
        "SELECT fingerprint, first_seen_at, first_seen_cause, last_seen_at, resolved_at, last_seq"
        " FROM findings ORDER BY fingerprint, first_seq"
    )
    return [(bytes.fromhex(one[:2]).decode(), *rest) for one, *rest in table(journal, query)]


def at(hour: int) -> str:
    return f"2026-11-01T{8 + hour:02}:00:00Z"


# --- the chain ------------------------------------------------------------------------------------


def test_the_first_audit_makes_the_store_for_its_owner_only(journal: Journal) -> None:
    first = journal.add("a")
    assert first.history is not None
    assert (first.history.seq, first.history.previous) == (1, "")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert [one.name for one in journal.path.parent.iterdir()] == ["history.db"]


def test_each_audit_is_chained_to_the_one_before(journal: Journal) -> None:
    audits = [journal.add("a"), journal.add("b", cluster="other"), journal.add()]
    places = [one.history for one in audits if one.history]
    assert [one.seq for one in places] == [1, 2, 3]
    assert [one.previous for one in places] == ["", places[0].head, places[1].head]


def test_anybody_can_make_the_hash_of_a_record_again(journal: Journal) -> None:
    """RFC 8785: the record has no number but whole ones, so Python's own JSON is canonical too."""
    kept = journal.add(
        [finding("a", severity=Severity.HIGH)], cluster="p\u00e4ckchen \u202e\x7f\x01\U0001f600"
    )
    ((text, head),) = table(journal, "SELECT record, hash FROM records")
    plain = json.loads(text, parse_float=pytest.fail)
    again = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert text == again
    assert "sha256:" + hashlib.sha256(again.encode()).hexdigest() == head
    assert kept.history is not None
    assert head == kept.history.head


def test_an_audit_knows_the_figures_of_those_before_it(journal: Journal) -> None:
    audits = [journal.add("a"), journal.add("b", cluster="other"), journal.add("ab"), journal.add()]
    assert [len(one.trend) for one in audits] == [0, 0, 1, 2]
    assert [point.at for point in audits[3].trend] == [audits[0].audit.started_at, audits[2].audit.started_at]
    assert [point.findings["high"] for point in audits[3].trend] == [
        audits[0].summary.findings.high,
        audits[2].summary.findings.high,
    ]
    assert journal.store.audit("last") == audits[3]


def test_the_record_says_what_was_audited_by_what(journal: Journal) -> None:
    kept = journal.add("ab")
    (entry,) = journal.store.entries()
    run, record = kept.audit, entry.record
    assert (record.audit, record.started_at, record.finished_at) == (run.id, run.started_at, run.finished_at)
    assert (record.bundle, record.snapshot) == (run.bundle.digest, run.snapshot)
    assert (record.findings.critical, record.findings.high, record.coverage) == (1, 1, "1.0")


def test_the_coverage_is_kept_with_all_digits(journal: Journal) -> None:
    one = audit()
    exact = 0.1 + 0.2
    summary = msgspec.structs.replace(one.summary, coverage=exact)
    journal.store.append("shop", remembering(msgspec.structs.replace(one, summary=summary)))
    (entry,) = journal.store.entries()
    assert float(entry.record.coverage) == exact


def test_the_digest_in_the_record_is_that_of_the_report(journal: Journal) -> None:
    """Whoever has the JSON report can prove that it is the audit of that record."""
    kept = journal.store.append("shop", remembering(records.audit()))
    report = io.StringIO()
    JsonRenderer().render(kept, report)
    plain = {**json.loads(report.getvalue()), "history": None}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    (entry,) = journal.store.entries()
    assert entry.record.result == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_what_is_kept_is_what_is_returned(journal: Journal) -> None:
    kept = journal.store.append("shop", remembering(records.cluster(records.audit())))
    assert journal.store.audit("last") == kept


def test_names_that_no_encoding_has_are_spelled_out(journal: Journal) -> None:
    place = Place("shop/\udcff.yaml", 1, 1)
    odd = msgspec.structs.replace(records.WEB, name="w\ud800", source=place)
    kept = journal.add([finding("a", resource=odd)], cluster="manifests \udcfe")
    report = io.StringIO()
    JsonRenderer().render(kept, report)
    assert journal.store.audit("last", "manifests \udcfe") == load(report.getvalue().encode())
    assert journal.store.standing("manifests \udcfe")[name("a")].resource.name == r"w\ud800"
    assert not journal.store.verify().faults


def test_the_same_audit_twice_is_refused(journal: Journal) -> None:
    journal.store.append("shop", remembering(audit()))
    with pytest.raises(StoreError, match=r"history\.db: .*records\.audit"):
        journal.store.append("shop", remembering(audit()))
    assert len(journal.store.entries()) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt], ids=["bug", "Ctrl-C"])
def test_what_goes_wrong_on_the_way_leaves_nothing(journal: Journal, error: type[BaseException]) -> None:
    journal.add("a")
    before = table(journal, "SELECT * FROM findings") + table(journal, "SELECT * FROM records")

    def fails(_: Past) -> Remembered:
        raise error

    with pytest.raises(error):
        journal.store.append("shop", fails)
    assert table(journal, "SELECT * FROM findings") + table(journal, "SELECT * FROM records") == before
    later = journal.add("a")
    assert later.history is not None
    assert later.history.seq == 2


# --- the past -------------------------------------------------------------------------------------


def test_the_past_is_that_of_the_cluster(journal: Journal) -> None:
    first = journal.add("ab")
    second = journal.add("a", unseen="b")
    journal.add("c", cluster="other")
    seen: list[Past] = []
    taken: list[Audit] = []

    def look(past: Past) -> Remembered:
        seen.append(past)
        taken.extend(past.audits())
        return Remembered(audit(at=START + 9 * HOUR, number=9))

    journal.store.append("shop", look)
    assert taken == [second, first]
    assert {key: one.first_seen for key, one in seen[0].standing.items()} == {
        name("a"): FirstSeen(at(1), "cluster_changed"),
        name("b"): FirstSeen(at(1), "cluster_changed"),
    }


@pytest.mark.parametrize(
    "packed", [b"\x00", zlib.compress(canonical(audit("a")))], ids=["damaged", "another"]
)
def test_an_edited_audit_is_nothing_to_build_on(journal: Journal, packed: bytes) -> None:
    journal.add("ab")
    with journal.hand() as db:
        db.execute("UPDATE audits SET packed = ?", (packed,))
    with pytest.raises(StoreError, match="the audit of record 1 in the store was changed"):
        journal.store.audit("last")
    with pytest.raises(StoreError, match="the audit of record 1 in the store was changed") as error:
        journal.store.append("shop", lambda past: Remembered(next(iter(past.audits()))))
    assert "history verify" in error.value.hint


def test_an_edited_record_or_finding_is_nothing_to_build_on(journal: Journal) -> None:
    """One clear error, wherever it is met."""
    journal.add("ab")
    journal.add("a")
    with journal.hand() as db:
        db.execute("UPDATE findings SET entry = '{}'")
    refused = partial(pytest.raises, StoreError)
    with refused(match="a finding in the store cannot be read"):
        journal.add("a")
    with refused(match="a finding in the store cannot be read"):
        journal.store.times_to_fix()
    with refused(match="a finding in the store cannot be read"):
        journal.store.standing("shop")
    with journal.hand() as db:
        db.execute("DELETE FROM findings")
        db.execute("UPDATE records SET record = replace(record, '\"1.0\"', '\"all\"')")
    with refused(match="a record in the store cannot be read"):
        journal.add("a")
    with refused(match="a record in the store cannot be read"):
        journal.store.entries()
    with refused(match="a record in the store cannot be read"):
        journal.store.entry("last")
    with journal.hand() as db:
        db.execute("UPDATE records SET record = replace(record, '2026-', 'x'), recorded_at = 'x'")
        db.execute("UPDATE records SET record = replace(record, '\"all\"', '\"1.0\"')")
    with refused(match="where a time must be"):
        journal.store.append("shop", lambda past: Remembered(audit("a", number=9)))


# --- findings -------------------------------------------------------------------------------------


def test_a_finding_through_its_life(journal: Journal) -> None:
    journal.add("ab")
    journal.add("a", unseen="b")
    journal.add("a")
    journal.add("ab")
    assert rows(journal) == [
        ("a", at(1), "cluster_changed", at(4), None, 4),
        ("b", at(1), "cluster_changed", at(1), at(3), 1),  # unknown in 2, resolved in 3
        ("b", at(4), "cluster_changed", at(4), None, 4),  # it came back: a new row
    ]
    assert set(journal.store.standing("shop")) == {name("a"), name("b")}
    assert not journal.store.verify().faults


def test_what_the_judge_says_of_the_past_is_what_is_kept(journal: Journal) -> None:
    """`judge.remember` and the store agree on what is new and what is resolved, with a baseline too."""
    first = journal.store.append("shop", partial(remember, records.audit()))
    second = msgspec.structs.replace(
        first,
        audit=msgspec.structs.replace(first.audit, id="second", started_at="2026-11-24T09:43:11Z"),
        findings=(*first.findings[3:], finding("n")),
        not_evaluated=(),
        gaps=(),
        out_of_reach=(),
        skipped_files=(),
    )
    kept = journal.store.append("shop", partial(remember, second))
    third = msgspec.structs.replace(
        second, audit=msgspec.structs.replace(second.audit, id="third"), findings=first.findings[:4]
    )
    journal.store.append("shop", partial(remember, third, baseline=first))
    assert kept.delta is not None
    assert kept.delta.new == (name("n"),)
    assert kept.delta.resolved
    assert not journal.store.verify().faults
    assert {one for one, *_ in rows(journal)} >= {"n"}


def test_clusters_have_findings_of_their_own(journal: Journal) -> None:
    journal.add("a")
    journal.add("a", cluster="other")
    journal.add("")
    assert set(journal.store.standing("shop")) == set()
    assert set(journal.store.standing("other")) == {name("a")}


def test_the_last_audit_says_how_a_finding_is(journal: Journal) -> None:
    journal.add("a")
    expired = FirstSeen("2026-11-01T10:00:00Z", "waiver_expired")
    worse = finding("a", severity=Severity.LOW, status="expired_waiver", waiver="w-1", first_seen=expired)
    one = audit([worse], at=START + 2 * HOUR, number=2)
    journal.store.append("shop", lambda _: Remembered(one))
    (known,) = journal.store.standing("shop").values()
    assert (known.severity, known.status, known.first_seen) == (Severity.LOW, "expired_waiver", expired)
    assert not journal.store.verify().faults


def test_an_audit_that_contradicts_itself_resolves_nothing(journal: Journal) -> None:
    journal.add("a")
    one = audit("a", at=START + 2 * HOUR, number=2)
    journal.store.append("shop", lambda _: Remembered(one, (name("a"), name("z"))))
    assert rows(journal) == [("a", at(1), "cluster_changed", at(2), None, 2)]


def test_the_time_to_fix(journal: Journal) -> None:
    """Mean of resolved - first seen; only of findings that count."""
    hidden = (
        finding("w", severity=Severity.HIGH, status="waived", waiver="w-1"),
        finding("s", severity=Severity.HIGH, superseded_by="privileged"),
        finding("k", severity=Severity.HIGH, system=True),
    )
    journal.add(["a", "b", finding("d", severity=Severity.HIGH), *hidden])
    journal.add(["a", "b"], after=DAY)
    journal.add("a", after=2 * DAY)
    journal.add("a", cluster="other")
    journal.add("", cluster="other")
    assert list(journal.store.times_to_fix()) == [Severity.CRITICAL, Severity.HIGH]
    found = journal.store.times_to_fix("shop")
    assert {key: (one.fixed, timedelta(seconds=one.mean_seconds)) for key, one in found.items()} == {
        Severity.HIGH: (2, 2 * DAY)
    }


# --- a clock that is wrong ------------------------------------------------------------------------


def test_a_clock_that_was_set_back(journal: Journal) -> None:
    """Recorded all the same; a finding is never gone before it was there."""
    journal.add("ab", after=5 * HOUR)
    journal.add("a", after=-3 * HOUR)
    assert rows(journal) == [
        ("a", at(5), "cluster_changed", at(5), None, 2),
        ("b", at(5), "cluster_changed", at(5), at(5), 1),
    ]
    (time,) = journal.store.times_to_fix().values()
    assert time.mean_seconds == 0
    found = journal.store.verify()
    assert not found.faults
    assert len(found.remarks) == 1
    assert "the clock went back before record 2" in found.remarks[0]


def test_a_clock_that_is_ahead_once_deletes_nothing(journal: Journal) -> None:
    for _ in range(3):
        journal.add("a", after=DAY)
    journal.add("a", after=20 * 365 * DAY)
    journal.add("a", after=-20 * 365 * DAY)
    assert all(entry.kept for entry in journal.store.entries())


# --- retention ------------------------------------------------------------------------------------


def test_deletion_is_a_record_before_that_of_the_audit(journal: Journal) -> None:
    """So the head in the report covers it, and nothing but that audit's own record comes after."""
    for _ in range(3):
        journal.add("a")
    journal.add("a", after=9 * DAY)
    last = journal.add("a")
    assert last.history is not None
    found = journal.store.verify([last.history.head])
    assert (found.faults, found.head, found.anchored) == ((), last.history.head, (6,))
    entries = journal.store.entries()
    assert [(one.record.seq, one.kept) for one in entries] == [
        (1, False),
        (2, False),
        (3, True),  # the last one of its day
        (4, True),
        (6, True),
    ]
    assert [one.deleted_by.deleted if one.deleted_by else () for one in entries[:3]] == [(1, 2), (1, 2), ()]
    assert counted(journal.path, "audits") == 3


def test_a_deleted_audit_is_gone_from_the_file(journal: Journal) -> None:
    """Not only unlisted: nothing of it is left in pages that are free."""
    incompressible = hashlib.shake_256(b"").hexdigest(20000)
    journal.add([finding("a", message=incompressible)])
    ((packed,),) = table(journal, "SELECT packed FROM audits")
    pieces = [packed[start : start + 200] for start in range(0, len(packed), 200)]

    def left() -> int:
        assert [one.name for one in journal.path.parent.iterdir()] == ["history.db"]
        content = journal.path.read_bytes()
        return sum(piece in content for piece in pieces)

    journal.add("a")
    assert left() > len(pieces) / 2  # but for those that end on another page
    journal.add("a", after=9 * DAY)
    journal.add("a")
    assert [one.kept for one in journal.store.entries()] == [False, True, True, True]
    assert left() == 0


def test_clusters_are_kept_apart(journal: Journal) -> None:
    journal.add("a", cluster="forgotten")
    for _ in range(3):
        journal.add("a", after=300 * DAY)
    kept = {(one.record.cluster, one.record.seq) for one in journal.store.entries() if one.kept}
    assert ("forgotten", 1) in kept  # the latest of its cluster
    for _ in range(5):
        journal.add("a", after=300 * DAY)
    journal.add("a", cluster="forgotten")
    assert not journal.store.entry("1").kept  # now it is not


def test_hold_deletes_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "history.db", Retention(hold=True))
    for _ in range(4):
        journal.add("a", after=600 * DAY)
    assert all(entry.kept for entry in journal.store.entries())
    assert all(isinstance(entry.record, AuditRecord) for entry in journal.store.entries())


# --- hygiene --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE records SET record = '{}'", "records are never changed"),
        ("DELETE FROM records", "records are never deleted"),
        ("UPDATE audits SET packed = x'00'", "audits are never changed"),
        ("DELETE FROM findings", "findings are never deleted"),
        (
            "UPDATE findings SET resolved_seq = NULL WHERE resolved_seq = 2",
            "resolved findings are never changed",
        ),
    ],
)
def test_a_slip_of_the_hand_is_stopped(journal: Journal, statement: str, says: str) -> None:
    journal.add("ab")
    journal.add("a")
    with closing(sqlite3.connect(journal.path)) as db, pytest.raises(sqlite3.IntegrityError, match=says):
        db.execute(statement)

"""Backup and restore: what is exported is what is imported, whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.history import Verification
from auditor.store.archive import MAX_LINE
from tests.store.audits import DAY, HOUR, Journal, finding, name


def exported(journal: Journal) -> bytes:
    out = io.BytesIO()
    journal.store.export(out)
    return out.getvalue()


def restored(journal: Journal, content: bytes) -> Verification:
    file: io.BufferedReader = io.BufferedReader(cast("io.RawIOBase", io.BytesIO(content)))
    return journal.store.restore(file, "backup.jsonl")


@pytest.fixture
def story(journal: Journal) -> Journal:
    journal.add(["a", finding("b", message="caf\u00e9 \u202e\x00\x1b[0m")])
    journal.add("ac")
    journal.add("x", cluster="other")
    journal.add("a", after=9 * DAY, unseen="c")
    journal.add("ab")
    return journal


def test_drill(story: Journal, tmp_path: Path) -> None:
    """Export, lose the store, import: the same list, nothing broken, and the next audit goes on."""
    before = (
        story.store.entries(),
        story.store.verify(),
        story.store.standing("shop"),
        story.store.times_to_fix(),
    )
    last = story.store.audit("last")
    backup = exported(story)
    story.path.unlink()
    assert restored(story, backup) == before[1]
    again = (
        story.store.entries(),
        story.store.verify(),
        story.store.standing("shop"),
        story.store.times_to_fix(),
    )
    assert again == before
    assert story.store.audit("last") == last
    assert story.path.stat().st_mode & 0o777 == 0o600
    later = story.add("b")
    assert last.history is not None
    assert later.history is not None
    assert (later.history.seq, later.history.previous) == (last.history.seq + 1, last.history.head)
    assert later.findings[0].first_seen == story.store.standing("shop")[name("b")].first_seen
    assert not story.store.verify([last.history.head, later.history.head]).faults


def test_the_same_history_is_the_same_file(story: Journal, tmp_path: Path) -> None:
    backup = exported(story)
    other = Journal(tmp_path / "other.db")
    restored(other, backup)
    assert exported(other) == exported(story) == backup


def test_a_packed_one(story: Journal, tmp_path: Path) -> None:
    """By its content, not by its name."""
    other = Journal(tmp_path / "other.db")
    restored(other, gzip.compress(exported(story)))
    assert other.store.entries() == story.store.entries()


def test_an_empty_history(journal: Journal, tmp_path: Path) -> None:
    with journal.store._writing():
        pass
    other = Journal(tmp_path / "other.db")
    assert restored(other, exported(journal)).records == 0
    restored(other, exported(journal))  # still empty: it may be filled
    other.add("a")


def test_while_another_one_writes(story: Journal) -> None:
    """One moment of the history, though an audit is added between its first line and its last."""

    class Slow(io.BytesIO):
        added = False

        def write(self, data: object, /) -> int:
            if not self.added:
                self.added = True
                story.add("a")
            return super().write(data)  # type: ignore[arg-type]

    out = Slow()
    found = story.store.export(out)
    assert out.added
    end = json.loads(out.getvalue().splitlines()[-1])
    assert (end["records"], end["head"]) == (found.records, found.head) == (6, found.head)
    assert story.store.verify().records == 7


def test_what_is_in_it(story: Journal) -> None:
    header, *lines, end = (json.loads(line) for line in exported(story).splitlines())
    assert header["schema"] == "auditor/history/v1"
    records = [line for line in lines if line["line"] == "record"]
    assert [("audit" in line, line["record"]["kind"]) for line in records] == [
        (False, "audit"),
        (True, "audit"),
        (True, "audit"),
        (True, "audit"),
        (False, "deletion"),
        (True, "audit"),
    ]
    assert records[1]["audit"]["schema"] == "auditor/v1"
    assert end == {"line": "end", "records": 6, "findings": len(lines) - 6, "head": records[-1]["hash"]}


letters = st.text("abcdef", max_size=5)
steps = st.lists(
    st.tuples(
        letters, st.sampled_from(["one", "two"]), st.integers(-30, 24 * 60), st.text("abcdef", max_size=2)
    ),
    min_size=1,
    max_size=12,
)


@given(steps)
@settings(max_examples=25)
def test_whatever_happened_comes_back(steps: list[tuple[str, str, int, str]]) -> None:
    """Findings that come and go, clocks that are set back, months in between; and it is never broken."""
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "history.db")
        heads = []
        for found, cluster, hours, unseen in steps:
            kept = journal.add(sorted(set(found)), cluster=cluster, after=hours * HOUR, unseen=unseen)
            heads.append(kept.history.head if kept.history else "")
        checked = journal.store.verify(heads)
        assert checked.faults == ()
        assert len(checked.anchored) == len(heads)
        backup = exported(journal)
        other = Journal(Path(folder) / "other.db")
        assert restored(other, backup) == journal.store.verify()
        assert exported(other) == backup
        assert other.store.times_to_fix() == journal.store.times_to_fix()
        for cluster in ("one", "two"):
            assert other.store.standing(cluster) == journal.store.standing(cluster)


# --- refused --------------------------------------------------------------------------------------


def refused(journal: Journal, content: bytes, says: str) -> None:
    """Nothing of it is taken over."""
    with pytest.raises(UsageError, match=says):
        restored(journal, content)
    assert journal.store.verify().records == 0
    assert journal.store.verify().findings == 0


def edit(content: bytes, number: int, change: Callable[[str], str]) -> bytes:
    lines = content.decode().splitlines(keepends=True)
    lines[number] = change(lines[number])
    return "".join(lines).encode()


def test_into_a_store_with_a_history(story: Journal) -> None:
    before = story.store.entries()
    with pytest.raises(
        UsageError, match=r"history\.db has a history already, and two cannot be joined"
    ) as error:
        restored(story, exported(story))
    assert "--store PATH" in error.value.hint
    assert story.store.entries() == before


def test_cut_off(story: Journal, tmp_path: Path) -> None:
    """Wherever it ends: in a line, between two, before the last."""
    backup, other = exported(story), Journal(tmp_path / "other.db")
    for end in (len(backup) - 1, len(backup) // 2, len(backup) // 3):
        refused(other, backup[:end], r"backup\.jsonl: not imported: it is cut off")
    lines = backup.splitlines(keepends=True)
    for number in range(1, len(lines)):
        refused(other, b"".join(lines[:number]), "it is cut off, or lines of it are missing")


def test_a_line_is_missing(story: Journal, tmp_path: Path) -> None:
    backup, other = exported(story), Journal(tmp_path / "other.db")
    lines = backup.splitlines(keepends=True)
    for number in range(1, len(lines) - 1):
        refused(
            other, b"".join(lines[:number] + lines[number + 1 :]), "it is cut off, or lines of it are missing"
        )


@pytest.mark.parametrize(
    ("number", "change", "says"),
    [
        (
            1,
            lambda line: line.replace("0.1.0", "0.1.1", 1),
            "broken: record 1: its content does not give its hash",
        ),
        (2, lambda line: line.replace('"title"', '"title" ', 1), "broken: record 2: its audit was changed"),
        (2, lambda line: line.replace("sha256:", "sha256:0", 1), "broken: record 2: its content"),
        (8, lambda line: line.replace("cluster_changed", "baseline", 1), "broken: record 6: finding 6100"),
        (1, lambda line: line.replace('"line":"record"', '"line":"other"', 1), "line 2: "),
        (1, lambda line: "[]\n", "line 2: "),
        (1, lambda line: "\n", "line 2: "),
        (2, lambda line: line.replace('"seq":2', '"seq":1'), "line 3: UNIQUE constraint failed"),
        (2, lambda line: line.replace('"seq":2', f'"seq":{10**30}'), "line 3: "),
        (1, lambda line: line.replace('"kind":"audit"', '"kind":"x"'), "line 2: "),
        (
            0,
            lambda line: line.replace("v1", "v2", 1),
            "its schema is 'auditor/history/v2', this auditor reads",
        ),
        (0, lambda line: "{}\n", "its schema is None"),
        (0, lambda line: "apiVersion: v1\n", "it is no export of a history"),
        (0, lambda line: "[" * 100_000 + "\n", "it is no export of a history"),
    ],
)
def test_edited(story: Journal, tmp_path: Path, number: int, change: Callable[[str], str], says: str) -> None:
    backup = exported(story)
    edited = edit(backup, number, change)
    assert edited != backup
    refused(Journal(tmp_path / "other.db"), edited, says)


def test_something_after_its_end(story: Journal, tmp_path: Path) -> None:
    backup = exported(story)
    refused(Journal(tmp_path / "other.db"), backup + backup, "something follows after its last line")


def test_swapped_lines(story: Journal, tmp_path: Path) -> None:
    """The order of lines is no matter: each says where it belongs."""
    lines = exported(story).splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    other = Journal(tmp_path / "other.db")
    restored(other, b"".join(lines))
    assert exported(other) == exported(story)


def test_damaged_archives(story: Journal, tmp_path: Path) -> None:
    packed, other = gzip.compress(exported(story)), Journal(tmp_path / "other.db")
    refused(other, packed[: len(packed) // 2], "it cannot be read: ")
    refused(other, packed[:100] + b"\x00" * 50 + packed[150:], "it cannot be read: ")
    refused(other, packed[:-8] + b"\x00" * 8, "it cannot be read: ")
    refused(other, b"", "it is no export")


def test_a_line_without_end(story: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive may unpack to anything; a line of it may not."""
    assert MAX_LINE >= 2**29
    monkeypatch.setattr("auditor.store.archive.MAX_LINE", 1000)
    refused(Journal(tmp_path / "other.db"), exported(story), "a line of it has more than")


def test_a_broken_history_is_exported_too(story: Journal, tmp_path: Path) -> None:
    """For who must look into it; it cannot come back as if nothing were wrong."""
    with story.hand() as db:
        db.execute("UPDATE records SET record = replace(record, '0.1.0', '6.6.6') WHERE seq = 3")
    out = io.BytesIO()
    assert story.store.export(out).faults[0].record == 3
    refused(
        Journal(tmp_path / "other.db"), out.getvalue(), "the history in it is broken: record 3: its content"
    )

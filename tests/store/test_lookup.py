"""Which audit is meant by what a user writes."""

from __future__ import annotations

import pytest

from auditor.errors import UsageError
from tests.store.audits import DAY, Journal


@pytest.fixture
def story(journal: Journal) -> Journal:
    """Audits 1, 2, 4 and 6 of `shop`, 3 of `other`; 5 deletes 1."""
    journal.add("a")
    journal.add("ab")
    journal.add("", cluster="other")
    journal.add("a", after=9 * DAY)
    journal.add("a")
    return journal


@pytest.mark.parametrize(
    ("reference", "cluster", "seq"),
    [
        ("last", None, 6),
        ("last~0", None, 6),
        ("last~1", None, 4),
        ("last~4", None, 1),
        ("last", "other", 3),
        ("last~2", "shop", 2),
        ("3", None, 3),
        ("1", "shop", 1),
        ("00000002", None, 2),
        ("00000002-aaaa-4bbb-8ccc-dddddddddddd", None, 2),
        ("00000003-aa", "other", 3),
    ],
)
def test_found(story: Journal, reference: str, cluster: str | None, seq: int) -> None:
    assert story.store.entry(reference, cluster).record.seq == seq


@pytest.mark.parametrize(
    ("reference", "cluster", "says"),
    [
        ("last~5", None, r"last~5: there are only 5 audits in .*history\.db$"),
        ("last~1", "other", r"there are only 1 audits in .*history\.db of the cluster other$"),
        ("3", "shop", r"there is no audit '3' in .*history\.db of the cluster shop$"),
        ("5", None, "there is no audit '5'"),  # the record of a deletion
        ("0", None, "there is no audit '0'"),
        ("7", None, "there is no audit '7'"),
        ("999999999999999999999", None, "there is no audit '9999"),
        ("0000", None, "0000: the ids of several audits in .* begin like this"),
        ("000", None, "there is no audit '000'"),  # too short to mean anything
        ("%", None, "there is no audit '%'"),
        ("____", None, "there is no audit '____'"),
        ("", None, "there is no audit ''"),
        ("\udcff", None, "there is no audit "),
        ("last", "third", "no audit is kept in .* of the cluster third"),
    ],
)
def test_not_found(story: Journal, reference: str, cluster: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        story.store.entry(reference, cluster)
    assert error.value.hint


def test_deleted(story: Journal) -> None:
    """Its record is still found, the audit itself is told to be gone, and when."""
    assert not story.store.entry("1").kept
    says = r"\(record 1\) of 2026-11-01T09:00:00Z was deleted on 2026-11-10 \(record 5\): only its record"
    with pytest.raises(UsageError, match=says) as error:
        story.store.audit("1")
    assert "history list" in error.value.hint


def test_entries_of_one_cluster(story: Journal) -> None:
    assert [entry.record.seq for entry in story.store.entries("other")] == [3]
    assert [entry.record.seq for entry in story.store.entries()] == [1, 2, 3, 4, 6]
    assert story.store.entries("third") == []

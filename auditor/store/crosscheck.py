"""Holds the rows of findings against the audits that they were written from, and against themselves.

The rows are not in the chain: they change with every audit. What keeps them honest is that the
audits say the same, as far as they are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from auditor.history import AuditRecord, Fault
from auditor.judge.delta import known
from auditor.past import Delta, KnownFinding
from auditor.record import Audit
from auditor.store import findings
from auditor.store.findings import FindingRow

_COMPARED = ("policy", "title", "severity", "resource", "path", "status", "superseded", "system", "first_id")
"""By name: rows of an older auditor have no other fields."""


class Rows:
    """The rows of one cluster."""

    def __init__(
        self, cluster: str, records: Mapping[int, AuditRecord], last: int, missing: set[int]
    ) -> None:
        """`records` are those of its audits, `last` is the last of the store, `missing` are told already."""
        self._cluster = cluster
        self._records = records
        self._told = missing
        self._last = last
        self._entries: dict[tuple[str, int], KnownFinding] = {}
        self._rows: dict[str, list[FindingRow]] = defaultdict(list)
        self._ends: dict[int, list[FindingRow]] = defaultdict(list)
        """Rows by the audits that they name."""

    def take(self, values: tuple[Any, ...]) -> Iterator[Fault]:
        """Check one row by itself; they must come by fingerprint and `first_seq`."""
        try:
            row = findings.row(values)
            entry = findings.entry(row)
        except (msgspec.MsgspecError, AttributeError, UnicodeEncodeError):
            yield Fault(None, "edited_finding", f"a row of the cluster {self._cluster} is no finding")
            return
        self._entries[row.fingerprint, row.first_seq] = entry
        self._rows[row.fingerprint].append(row)
        for seq in {row.first_seq, row.last_seq, row.resolved_seq or row.last_seq}:
            self._ends[seq].append(row)
        if what := self._contradiction(row, entry):
            yield self._fault(row, row.last_seq, what)

    def overlapping(self) -> Iterator[Fault]:
        """Tell of findings that came again before they were resolved."""
        for some in self._rows.values():
            for before, after in pairwise(some):
                if before.resolved_seq is None or before.resolved_seq >= after.first_seq:
                    yield self._fault(after, after.first_seq, "it came again before it was resolved")

    def compare(self, seq: int, audit: Audit) -> Iterator[Fault]:
        """Hold the rows against an audit that is kept."""
        seen = known(audit)
        for fingerprint, finding in seen.items():
            row = self._row_at(fingerprint, seq)
            if row is None:
                what = f"record {seq}: its finding {fingerprint[:12]} has no row"
                yield Fault(seq, "edited_finding", what)
            elif row.last_seq == seq and (what := self._difference(row, finding)):
                yield self._fault(row, seq, what)
        for row in self._ends.get(seq, ()):
            if (row.fingerprint in seen) is (seq == row.resolved_seq):
                says = "was resolved then" if seq == row.resolved_seq else "was seen then"
                yield self._fault(row, seq, f"it {says}, says its row; the audit says otherwise")
        if audit.delta and audit.delta.against.kind == "history":
            yield from self._compare_delta(seq, audit.delta)

    def _compare_delta(self, seq: int, delta: Delta) -> Iterator[Fault]:
        """What the audit told as new and as resolved are the rows that begin and end with it."""
        rows = self._ends.get(seq, ())
        began = {row.fingerprint for row in rows if row.first_seq == seq}
        ended = {row.fingerprint for row in rows if row.resolved_seq == seq}
        resolved = {one.fingerprint for one in delta.resolved}
        for told, found, what in ((set(delta.new), began, "new"), (resolved, ended, "resolved")):
            for fingerprint in sorted(told ^ found):
                by = "only in the audit" if fingerprint in told else "only by its row"
                message = f"record {seq}: finding {fingerprint[:12]}: it was {what} then {by}"
                yield Fault(seq, "edited_finding", message)

    def _contradiction(self, row: FindingRow, entry: KnownFinding) -> str:
        """What is wrong with a row by itself, or against the records that it names."""
        if (entry.fingerprint, entry.policy, entry.severity) != (row.fingerprint, row.policy, row.severity):
            return "its columns differ from its entry"
        if (row.resolved_seq is None) is not (row.resolved_at is None):
            return "it is half resolved"
        named = [row.first_seq, row.last_seq, *([] if row.resolved_seq is None else [row.resolved_seq])]
        if named[0] > named[1] or named[1:] != sorted(set(named[1:])):
            return "the order of its audits is impossible"
        for seq in named:
            if seq not in self._records and seq not in self._told and seq <= self._last:
                return f"it names record {seq}, which is no audit of its cluster"
        return self._wrong_time(row)

    def _wrong_time(self, row: FindingRow) -> str:
        last, resolved = self._records.get(row.last_seq), self._records.get(row.resolved_seq or 0)
        if last and row.last_seen_at != max(last.started_at, row.first_seen_at):
            return "it was last seen at another time than its audit"
        if resolved and row.resolved_at != max(resolved.started_at, row.last_seen_at):
            return "it was resolved at another time than its audit"
        return ""

    def _row_at(self, fingerprint: str, seq: int) -> FindingRow | None:
        """The row that says that the finding was there at that time."""
        some = self._rows.get(fingerprint, [])
        place = bisect_right(some, seq, key=lambda row: row.first_seq) - 1
        return some[place] if place >= 0 and seq <= some[place].last_seq else None

    def _difference(self, row: FindingRow, finding: KnownFinding) -> str:
        told = self._entries[row.fingerprint, row.first_seq]
        for name in _COMPARED:
            if getattr(told, name) != getattr(finding, name):
                return f"its {name} differs from that in the audit"
        first = finding.first_seen
        if first and (first.at, first.cause) != (row.first_seen_at, row.first_seen_cause):
            return "it was first seen at another time, or for another cause, says the audit"
        return ""

    def _fault(self, row: FindingRow, seq: int, what: str) -> Fault:
        message = f"record {seq}: finding {row.fingerprint[:12]} of {row.policy}: {what}"
        return Fault(seq, "edited_finding", message)

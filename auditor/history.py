"""The nouns of the store: the records of its hash chain, the audits in it, what a verification says.

Data only, frozen. `store/` keeps and checks them, `report/history.py` shows them. A record holds
nothing but strings, whole numbers and mappings and lists of them, so that compact JSON with sorted
keys is its canonical form (RFC 8785): the bytes that are hashed can be made again anywhere.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from auditor.record import Counts


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="audit"):
    """One audit in the chain: what it was, by digests. Kept for ever, about a kilobyte."""

    seq: int
    """Counted from 1, without a hole, over all clusters of the store."""
    cluster: str
    audit: str
    """Its id."""
    started_at: str
    """RFC 3339, UTC; so are the other times."""
    finished_at: str
    recorded_at: str
    """When it was written, with nobody else writing: from record to record this goes forward."""
    auditor_version: str
    bundle: str
    """Digests, each `sha256:` and the hexadecimal figure, empty where there was nothing to digest."""
    config: str
    waivers: str
    snapshot: str
    result: str
    """Of the audit as it is kept: canonical JSON, without its own place in history."""
    coverage: str
    """0 to 1, with all digits: a floating-point number has no canonical form that everybody agrees on."""
    findings: Counts
    previous: str
    """The hash of the record before; empty in the first one."""


class DeletionRecord(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="deletion"):
    """That audits of a cluster were deleted because of their age; their records stay."""

    seq: int
    cluster: str
    recorded_at: str
    auditor_version: str
    deleted: tuple[int, ...]
    """The records whose audits were deleted, ascending."""
    previous: str


Record = AuditRecord | DeletionRecord


class Entry(msgspec.Struct, frozen=True):
    """One audit of the history."""

    record: AuditRecord
    head: str
    """The hash of its record."""
    kept: bool
    """Whether the audit is still there, not only its record."""
    deleted_by: DeletionRecord | None = None


class TimeToFix(msgspec.Struct, frozen=True):
    """How long findings of one severity lasted, from first seen to resolved."""

    fixed: int
    """Findings that were resolved; waived, superseded and system ones are not counted."""
    mean_seconds: int


FaultKind = Literal[
    "damaged",
    "unreadable",
    "missing_record",
    "reordered_record",
    "edited_record",
    "broken_link",
    "edited_audit",
    "missing_audit",
    "false_deletion",
    "edited_finding",
    "truncated",
    "unknown_head",
]
"""What can be wrong with a history; docs/history.md says what each means."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a history."""

    record: int | None
    """Its place in the chain, None for the history as a whole."""
    kind: FaultKind
    message: str


class Verification(msgspec.Struct, frozen=True):
    """What a check of the whole history found."""

    records: int
    audits: int
    """Records of audits among them."""
    kept: int
    """Audits that are still there themselves."""
    findings: int
    """Rows of findings."""
    head: str
    """The hash of the last record; empty in an empty history."""
    faults: tuple[Fault, ...] = ()
    """First where the chain breaks, by record; then what is wrong with audits and findings, by record."""
    remarks: tuple[str, ...] = ()
    """What is odd and no proof of a change."""
    anchored: tuple[int, ...] = ()
    """The records whose hashes are the heads that were given to compare with."""

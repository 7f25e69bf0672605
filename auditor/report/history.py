"""What `auditor history` prints: the list of audits, one audit, and what a verification found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from auditor.history import DeletionRecord, Entry, TimeToFix, Verification
from auditor.record import Audit
from auditor.report.text import shorten, visible
from auditor.report.view import counts, facts, percent, plural
from auditor.rules import Severity

ID_LENGTH = 8
"""Characters of an id that the list shows; any that are enough to tell it apart are accepted."""

MAX_FAULTS = 20
"""Faults, and remarks, that are shown; JSON has them all."""

_CLUSTER_LENGTH = 40
_HEADINGS = ("SEQ", "AUDIT", "STARTED", *(name.upper() for name in Severity), "WAIVED", "COVERAGE", "CLUSTER")

UNANCHORED = (
    "No head of a report was given. That the end of the history was cut off, or all of it written anew,"
    " shows only against one: auditor history verify --head sha256:..."
)


def listed(
    entries: Sequence[Entry], times: Mapping[Severity, TimeToFix], ascii_only: bool = False
) -> Iterator[str]:
    """Yield the lines of the list: one for each audit, the oldest first, and how fast findings are fixed."""
    rows = [_HEADINGS, *(_row(entry, ascii_only) for entry in entries)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    for row in rows:
        cells = [
            text.ljust(width) if name in ("AUDIT", "STARTED", "CLUSTER") else text.rjust(width)
            for name, text, width in zip(_HEADINGS, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()
    yield ""
    if not all(entry.kept for entry in entries):
        yield "* deleted because of its age: only its record is kept"
    if not times:
        yield "No finding was fixed yet."
    for severity, time in times.items():
        fixed = plural(time.fixed, "finding")
        yield f"Mean time to fix, {severity}: {_duration(time.mean_seconds)} ({fixed})"


def listed_json(entries: Sequence[Entry], times: Mapping[Severity, TimeToFix]) -> dict[str, Any]:
    """Return the list as `history list -o json` has it."""
    return {"audits": [_entry(entry) for entry in entries], "time_to_fix": msgspec.to_builtins(times)}


def shown(entry: Entry, audit: Audit | None, ascii_only: bool = False) -> Iterator[str]:
    """Yield the lines that tell one audit; None for an audit that was deleted."""
    record = entry.record
    lines = {
        "audit": record.audit,
        "record": str(record.seq),
        "cluster": record.cluster,
        "source": _source(audit) if audit else "",
        "started": record.started_at,
        "finished": record.finished_at,
        "recorded": record.recorded_at,
        "auditor": record.auditor_version,
        "findings": counts(record.findings)
        + (f", {record.findings.waived} waived" * bool(record.findings.waived)),
        "coverage": percent(float(record.coverage)),
        "changes": _changes(audit) if audit else "",
        "bundle": record.bundle,
        "config": record.config,
        "waivers": record.waivers,
        "snapshot": record.snapshot,
        "result": record.result,
        "previous": record.previous,
        "head": entry.head,
        "kept": "yes" if entry.kept else _deleted(entry.deleted_by),
    }
    for name, text in lines.items():
        if text:
            yield f"{name + ':':<11}{visible(text, ascii_only)}"


def shown_json(entry: Entry, audit: Audit | None) -> dict[str, Any]:
    """Return one audit as `history show -o json` has it."""
    summary = msgspec.to_builtins(audit.summary) if audit else None
    return {**_entry(entry), "record": msgspec.to_builtins(entry.record), "summary": summary}


def verified(found: Verification, ascii_only: bool = False) -> Iterator[str]:
    """Yield the lines that tell what a verification found: first of all where the history breaks."""
    if found.faults:
        yield f"broken: {visible(found.faults[0].message, ascii_only)}"
        yield from _some([f"also: {fault.message}" for fault in found.faults[1:]], ascii_only)
    total = f"{plural(found.records, 'record')}, {plural(found.audits, 'audit')}"
    figures = f"{total}, {found.kept} of them kept, {plural(found.findings, 'row')} of findings"
    yield figures if found.faults else f"intact: {figures}"
    if found.head:
        yield f"head: {visible(found.head, ascii_only)}"
    yield from (
        f"anchored: record {seq} and all before it are as when its head was reported"
        for seq in found.anchored
    )
    yield from _some([f"remark: {text}" for text in found.remarks], ascii_only)
    if not found.anchored and not any(fault.kind == "unknown_head" for fault in found.faults):
        yield UNANCHORED


def verified_json(found: Verification) -> dict[str, Any]:
    """Return what a verification found as `history verify -o json` has it."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    return {"intact": not found.faults, **fields}


def _row(entry: Entry, ascii_only: bool) -> tuple[str, ...]:
    record = entry.record
    figures = (str(getattr(record.findings, name)) for name in (*Severity, "waived"))
    return (
        str(record.seq),
        visible(record.audit[:ID_LENGTH], ascii_only) + ("" if entry.kept else "*"),
        visible(record.started_at, ascii_only),
        *figures,
        percent(float(record.coverage)),
        shorten(visible(record.cluster, ascii_only), _CLUSTER_LENGTH),
    )


def _entry(entry: Entry) -> dict[str, Any]:
    record = entry.record
    return {
        "seq": record.seq,
        "id": record.audit,
        "cluster": record.cluster,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "findings": msgspec.to_builtins(record.findings),
        "coverage": float(record.coverage),
        "head": entry.head,
        "kept": entry.kept,
        "deleted_at": entry.deleted_by.recorded_at if entry.deleted_by else None,
    }


def _source(audit: Audit) -> str:
    found = facts(audit)
    return f"cluster {found.name}" if found.kind == "cluster" else f"manifests {', '.join(found.paths)}"


def _changes(audit: Audit) -> str:
    """How it differs from what was known before."""
    if not (delta := audit.delta):
        return ""
    return (
        f"{len(delta.new)} new, {len(delta.resolved)} resolved, {delta.unchanged} unchanged,"
        f" {len(delta.unknown)} not looked at"
    )


def _deleted(by: DeletionRecord | None) -> str:
    return f"no, deleted at {by.recorded_at} (record {by.seq})" if by else "no"


def _some(texts: Sequence[str], ascii_only: bool) -> Iterator[str]:
    for text in texts[:MAX_FAULTS]:
        yield visible(text, ascii_only)
    if len(texts) > MAX_FAULTS:
        yield f"and {len(texts) - MAX_FAULTS} more: -o json"


def _duration(seconds: int) -> str:
    """Write a duration in its two largest units."""
    left = timedelta(seconds=max(seconds, 0))
    parts: list[tuple[int, str]] = []
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        number, left = divmod(left, unit)
        parts.append((number, f"{number} {name}"))
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts))
    return " ".join(text for number, text in parts[first : first + 2] if number) or "less than a minute"

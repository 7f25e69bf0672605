"""The audit for pipes, files and logs: one fact per line, tab-separated, names whole, no layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from auditor.judge.outcome import Outcome
from auditor.model import SourceFacts
from auditor.objects import ResourceEntry
from auditor.record import Audit, Finding, GapEntry
from auditor.report import delta, view
from auditor.report.palette import paint
from auditor.report.text import visible


def write(audit: Audit, outcome: Outcome, out: IO[str], color: bool, ascii_only: bool) -> None:
    """Write one line for each fact; its first column says what the line is.

    A finding has severity, policy, object, path, message and source, and where that is known, who set
    it and when; one that does not count, as it sits in a system namespace, starts with `system:`.
    Everything else starts with a word of its own.
    """
    for cells in _rows(audit, outcome):
        first, *rest = (visible(cell, ascii_only) or "-" for cell in cells)
        out.write("\t".join((paint(first, cells[0], color), *rest)) + "\n")


def _rows(audit: Audit, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    yield from _head(audit)
    for group in view.grouped(view.shown(audit)):
        yield from (_finding(finding, finding.severity.value) for finding in group.findings)
    for group in view.grouped(view.system(audit)):
        yield from (_finding(finding, f"system:{finding.severity.value}") for finding in group.findings)
    yield from delta.rows(audit)
    for entry in audit.not_evaluated:
        what = str(entry.resource) if entry.resource else f"every {entry.kind}" if entry.kind else ""
        yield ("not_evaluated", entry.policy, what, entry.reason)
    yield from (_gap("gap", entry) for entry in audit.gaps)
    yield from (_gap("out_of_reach", entry) for entry in audit.out_of_reach)
    for skipped in audit.skipped_files:
        yield ("skipped", f"{skipped.path}:{skipped.line}" if skipped.line else skipped.path, skipped.reason)
    for remark in audit.remarks:
        yield ("remark", str(remark.resource), remark.text)
    for score in view.frameworks(audit):
        others = ", ".join(f"{number} {status}" for status, number in score.others.items())
        yield ("framework", score.id, f"{score.passed}/{score.decided}", others)
    yield from _end(audit, outcome)


def _head(audit: Audit) -> Iterator[tuple[str, ...]]:
    source = view.facts(audit)
    yield ("source", source.kind, *_identity(source))
    yield ("versions", f"Kubernetes {source.version or 'unknown'}", f"auditor {audit.audit.auditor_version}")
    yield ("bundle", audit.audit.bundle.digest, view.plural(len(audit.audit.bundle.policies), "policy"))
    if audit.cut:
        yield ("limited", view.limited(audit.cut))
    if audit.history:
        yield ("history", f"record {audit.history.seq}", audit.history.head)


def _identity(source: SourceFacts) -> tuple[str, ...]:
    if source.kind == "cluster":
        limited = f"namespaces {', '.join(source.namespaces)}" if source.namespaces else "all namespaces"
        groups = f" ({', '.join(source.groups)})" if source.groups else ""
        marks = (
            *((view.UNVERIFIED,) if source.insecure else ()),
            f"read {source.read_at or 'at no known time'}",
        )
        return (source.name, source.server, f"as {source.user or 'unknown'}{groups}", limited, *marks)
    return source.paths


def _finding(finding: Finding, first: str) -> tuple[str, ...]:
    return (
        first,
        finding.policy,
        str(finding.resource),
        finding.path,
        finding.message,
        _source(finding.resource),
        *((f"{finding.set_by.manager} {finding.set_by.time}".rstrip(),) if finding.set_by else ()),
    )


def _source(resource: ResourceEntry) -> str:
    return f"{resource.source.path}:{resource.source.line}" if resource.source else ""


def _gap(first: str, entry: GapEntry) -> tuple[str, ...]:
    place = f"{entry.source.path}:{entry.source.line}" if entry.source else entry.namespace or ""
    return (first, entry.kind or "", place, entry.reason, entry.effect)


def _end(audit: Audit, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    verdict = view.verdict(audit)
    if superseded := len(view.superseded(audit)):
        yield ("superseded", str(superseded))
    yield ("verdict", verdict.state, verdict.headline, *verdict.reasons)
    yield (
        "summary",
        view.counts(audit.summary.findings),
        f"coverage {view.percent(audit.summary.coverage)}",
        f"exit {outcome.code}: {outcome.reason}",
    )

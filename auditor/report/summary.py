"""The audit as a page of Markdown: a comment on a pull request, or the summary of a job.

Both have a limit, so that what does not fit is counted, worst first.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import msgspec

from auditor.record import Audit, Finding
from auditor.report import delta_view, view
from auditor.report.markdown import code, escape
from auditor.report.text import shorten, visible

COMMENT = 65_536
"""Characters of a comment."""

SUMMARY = 1_000_000
"""Bytes of a job summary are 1 MiB; every character may take several."""

_END = 600
"""Characters that are kept free for the last lines."""

_MAX_TEXT = 300
"""Characters of one text, so that no message fills the page alone."""


class SummaryRenderer(msgspec.Struct, frozen=True):
    """Writes an audit as Markdown that is no longer than `limit` bytes."""

    limit: int = COMMENT

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the verdict, what limits it, what changed, and as many findings as fit."""
        head = "\n".join(_head(audit)) + "\n"
        found = view.shown(audit)
        room = self.limit - _END - len(head.encode("utf-8", "surrogatepass"))
        rows = list(_fitting(map(_row, _worst_first(audit, found)), room))
        out.write(head)
        if rows:
            out.write("\n| severity | object | policy | what |\n|---|---|---|---|\n")
            out.writelines(rows)
        if left := len(found) - len(rows):
            out.write(f"\n{view.plural(left, 'more finding')}, none worse: see the JSON or HTML report.\n")


def _head(audit: Audit) -> Iterator[str]:
    verdict = view.verdict(audit)
    mark = {view.State.FAILURES: "❌", view.State.INCONCLUSIVE: "⚠️", view.State.CLEAN: "✅"}[verdict.state]
    yield f"## {mark} {_line(verdict.headline)}"
    yield ""
    yield _line(f"{view.counts(audit.summary.findings)}; coverage {view.percent(audit.summary.coverage)}.")
    if audit.delta:
        since = delta_view.since(audit.delta.against)
        yield _line(f"Since {since}: {delta_view.sentence(audit.delta)}.")
    if verdict.reasons:
        yield ""
        yield from (f"- {_line(reason)}" for reason in verdict.reasons)
    blind = [f"{gap.kind or 'unknown'} not read: {gap.reason}" for gap in audit.gaps]
    yield from (f"- {_line(text)}" for text in blind[:10])
    if len(blind) > 10:
        yield f"- and {view.plural(len(blind) - 10, 'more gap')}"


def _worst_first(audit: Audit, found: Sequence[Finding]) -> list[Finding]:
    """New ones before those that stood before, each worst first."""
    new = frozenset(audit.delta.new if audit.delta else ())
    return sorted(
        found, key=lambda one: (one.severity.rank, one.fingerprint not in new, one.policy, one.fingerprint)
    )


def _row(finding: Finding) -> str:
    source = finding.resource.source
    place = f"<br>{code(shorten(f'{source.path}:{source.line}', _MAX_TEXT))}" if source else ""
    cells = (
        finding.severity.value,
        f"{_line(str(finding.resource))}{place}",
        code(shorten(finding.policy, _MAX_TEXT)),
        _line(finding.message),
    )
    return f"| {' | '.join(cells)} |\n"


def _fitting(rows: Iterable[str], room: int) -> Iterator[str]:
    for row in rows:
        room -= len(row.encode("utf-8", "surrogatepass"))
        if room < 0:
            return
        yield row


def _line(text: str) -> str:
    # blanks at the start of a line would make it code
    return escape(shorten(visible(text).strip(), _MAX_TEXT))

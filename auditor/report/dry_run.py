"""The dry run as text: a screen for people, and one fact per line for everything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import IO

import msgspec

from auditor.judge.dry_run import DryRun, RightEntry, Rule
from auditor.judge.outcome import Outcome
from auditor.model import SourceFacts
from auditor.report import dry_run_screen
from auditor.report.page import Page
from auditor.report.palette import paint
from auditor.report.text import visible
from auditor.report.view import plural


class DryRunTable(msgspec.Struct, frozen=True):
    """Writes a dry run as text; what the stream can show is decided outside, as for `TableRenderer`."""

    outcome: Outcome
    tty: bool
    """A person reads it on a terminal: grouped and wrapped. Otherwise one fact per line."""
    color: bool = False
    ascii: bool = False
    width: int | None = None
    """In cells; None asks the terminal, and takes 80 where there is none."""

    def render(self, record: DryRun, out: IO[str]) -> None:
        """Write the whole dry run to `out`; its last line tells how it ends."""
        if self.tty:
            width = self.width or shutil.get_terminal_size().columns
            dry_run_screen.write(record, self.outcome, Page(out, width, self.color, self.ascii))
            return
        for cells in _rows(record, self.outcome):
            first, *rest = (visible(cell, self.ascii) or "-" for cell in cells)
            style = dry_run_screen.STYLES.get(cells[0], "")
            out.write("\t".join((paint(first, style, self.color), *rest)) + "\n")


def _rows(record: DryRun, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    yield from _head(record)
    yield from (_right(entry) for entry in record.kinds)
    for blind in record.blind:
        where = blind.namespace or dry_run_screen.EVERYWHERE
        yield ("blind", blind.kind, where, blind.effect, blind.reason, ", ".join(blind.not_evaluated))
    for rule in record.missing_rules:
        where = f"Role in {rule.namespace}" if rule.namespace else "ClusterRole"
        yield ("rule", where, _one_line(rule))
    yield ("requests", str(record.requests))
    yield ("summary", f"exit {outcome.code}: {outcome.reason}")


def _head(record: DryRun) -> Iterator[tuple[str, ...]]:
    source = msgspec.convert(record.source, SourceFacts, strict=False)
    groups = f" ({', '.join(source.groups)})" if source.groups else ""
    limited = f"namespaces {', '.join(source.namespaces)}" if source.namespaces else "all namespaces"
    user = f"as {source.user or 'unknown'}{groups}"
    yield ("source", source.kind, source.name, source.server, user, limited)
    yield ("versions", f"Kubernetes {source.version or 'unknown'}", f"auditor {record.auditor_version}")
    yield ("bundle", record.bundle.digest, plural(len(record.bundle.policies), "policy"))


def _right(entry: RightEntry) -> tuple[str, ...]:
    return (
        entry.state,
        f"{entry.verb} to confirm" if entry.confirms else entry.verb,
        entry.kind,
        dry_run_screen.api_version(entry),
        entry.namespace or dry_run_screen.EVERYWHERE,
        entry.reason,
        ", ".join((*entry.policies, *entry.wanted_by, *entry.excuses)),
    )


def _one_line(rule: Rule) -> str:
    """The rule as JSON, which is YAML too."""
    fields = {"apiGroups": rule.apiGroups, "resources": rule.resources, "verbs": rule.verbs}
    return msgspec.json.encode(fields).decode()

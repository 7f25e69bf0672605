"""CSV for spreadsheets: one line for each finding, whatever its status.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), with plain line breaks. A spreadsheet takes a cell
that begins as a formula for one, so that such cells begin with an apostrophe:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import IO

from auditor.record import Audit, Finding
from auditor.report.text import lines, visible

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet computes."""

COLUMNS: Mapping[str, Callable[[Finding], object]] = {
    "fingerprint": lambda one: one.fingerprint,
    "severity": lambda one: one.severity.value,
    "status": lambda one: one.status,
    "policy": lambda one: one.policy,
    "title": lambda one: one.title,
    "category": lambda one: one.category,
    "apiVersion": lambda one: one.resource.apiVersion,
    "kind": lambda one: one.resource.kind,
    "namespace": lambda one: one.resource.namespace,
    "name": lambda one: one.resource.name,
    "path": lambda one: one.path,
    "message": lambda one: one.message,
    "remediation": lambda one: " ".join(lines(one.remediation)),
    "controls": lambda one: " ".join(one.controls),
    "file": lambda one: one.resource.source.path if one.resource.source else "",
    "line": lambda one: one.resource.source.line if one.resource.source else "",
    "owner": lambda one: one.owner,
    "first_seen": lambda one: one.first_seen.at if one.first_seen else "",
    "cause": lambda one: one.first_seen.cause if one.first_seen else "",
    "waiver": lambda one: one.waiver or "",
    "superseded_by": lambda one: one.superseded_by or "",
    "system": lambda one: "yes" if one.system else "",
    "set_by": lambda one: one.set_by.manager if one.set_by else "",
    "pods_affected": lambda one: one.pods.affected if one.pods else "",
    "pods_total": lambda one: one.pods.total if one.pods else "",
}
"""What each column says of a finding; columns are only ever added, at the end."""


class CsvRenderer:
    """Writes the findings of an audit."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write a head and one line for each finding, in the order of the record."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for finding in audit.findings:
            writer.writerow(_cell(str(column(finding))) for column in COLUMNS.values())


def _cell(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown

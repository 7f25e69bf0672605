"""Whether a report is what an audit renders to, byte for byte: nobody changed it since.

Rendering is a function of the record alone, so that a record which a history vouches for
(store/verify.py) vouches for its reports.
"""

from __future__ import annotations

import io
from itertools import zip_longest

import msgspec

from auditor.ports import Renderer
from auditor.record import Audit
from auditor.report.csv import COLUMNS


class Difference(msgspec.Struct, frozen=True):
    """Where a report is not what the audit renders to."""

    line: int
    """Counted from 1."""
    column: int


def format_of(report: bytes) -> str:
    """Tell the format of a report by how it begins: json, html or csv; "" for any other."""
    start = report[:200].lstrip().lower()
    if start.startswith(b"{"):
        return "json"
    if start.startswith(b"<!doctype html"):
        return "html"
    return "csv" if report.startswith(",".join(COLUMNS).encode()) else ""


def difference(report: bytes, audit: Audit, renderer: Renderer) -> Difference | None:
    """Return the first place where a report differs from the audit as it renders now; None if nowhere."""
    out = io.StringIO()
    renderer.render(audit, out)
    expected = out.getvalue().encode()
    if report == expected:
        return None
    pairs = zip_longest(report.split(b"\n"), expected.split(b"\n"), fillvalue=None)
    line, (found, meant) = next(
        (number, pair) for number, pair in enumerate(pairs, start=1) if pair[0] != pair[1]
    )
    before, after = found or b"", meant or b""
    same = 0
    while before[same : same + 1] == after[same : same + 1] != b"":
        same += 1
    return Difference(line, same + 1)

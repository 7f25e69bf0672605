"""Deltas on screens of several widths, in a pipe, and with hostile text in them; nothing hidden uncounted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec
import pytest

from auditor.judge.delta import between
from auditor.judge.diff import Diff, diff
from auditor.judge.outcome import Outcome
from auditor.past import Against
from auditor.record import Audit, NotEvaluated
from auditor.report import delta as report
from auditor.report.delta import DiffTable
from auditor.report.delta_screen import section
from auditor.report.json import JsonRenderer
from auditor.report.page import Page
from auditor.report.page import width as cells_of
from auditor.report.text import visible
from auditor.rules import Severity
from tests.judge.audits import audit, bundle, entry, finding, gap, manifests, rule
from tests.report import records
from tests.report.hostile import CORPUS, HARMLESS, poisoned
from tests.report.screens import OURS, screen, shown_lines

FAILED = Outcome(1, "2 new findings at or above high")
WIDTHS = (20, 40, 80, 132)

BEFORE = audit(
    finding("same", severity=Severity.LOW),
    finding("gone", severity=Severity.CRITICAL),
    finding("gone", policy="changed"),
    finding("gone-waived", status="waived"),
    finding("dim", policy="off", severity=Severity.MEDIUM),
    finding("dim", policy="off", key="a"),
    finding("dim", policy="off", key="b"),
    finding("blur", policy="q"),
    day=1,
    by=bundle("p", "q", "changed", "off", "old"),
)
AFTER = audit(
    finding("same", severity=Severity.LOW),
    finding("new", severity=Severity.CRITICAL, resource=entry("new")),
    finding("new-waived", status="waived"),
    finding("new-hidden", superseded_by="q"),
    finding("new-system", system=True),
    finding("new-expired", status="expired_waiver"),
    not_evaluated=[NotEvaluated("q", "timed out", entry("blur"))],
    by=bundle(
        "p",
        "q",
        rule("changed", "e"),
        "off",
        "fresh",
        selected=["p", "q", "changed", "fresh"],
        digest="sha256:e",
    ),
)


def table(
    record: Diff, *, tty: bool = True, color: bool = False, ascii_only: bool = False, width: int = 80
) -> str:
    out = io.StringIO()
    DiffTable(FAILED, tty, color, ascii_only, width).render(record, out)
    return out.getvalue()


def part(record: Audit, *, color: bool = False, ascii_only: bool = False, width: int = 80) -> str:
    """The section of an audit."""
    out = io.StringIO()
    section(record, Page(out, width, color, ascii_only))
    return out.getvalue()


def held(after: Audit = AFTER, before: Audit = BEFORE) -> Audit:
    """The later audit with its delta."""
    return msgspec.structs.replace(after, delta=between(before, after, "baseline"))


# --- two audits side by side ----------------------------------------------------------------------

SCREEN = """\
A cluster test at https://test
  2026-11-01T08:00:00Z, 8 findings, coverage 100%, audit audit-1
B cluster test at https://test
  2026-11-02T08:00:00Z, 6 findings, coverage 100%, audit audit-2

New in B
  critical p on Deployment shop/new
           /spec
  high     p on Deployment shop/new-system, system namespace
           /spec
  high     p on Deployment shop/new-expired, its waiver has expired
           /spec
  and 2 findings waived or superseded by another

Resolved in B
  critical p on Deployment shop/gone
           /spec
  high     changed on Deployment shop/gone, its policy changed
           /spec
  and 1 finding waived or superseded by another

Unknown: B did not look at them
  2 high, 1 medium: its policy was not selected
      off on Deployment shop/dim (3)
  1 high: timed out
      q on Deployment shop/blur

Changes of the rules, not of what was judged
  1 policy added to the bundle: fresh
  1 policy removed from the bundle: old
  1 policy changed: changed
  1 policy judged before, and not now: off
  bundle sha256:d became sha256:e

5 new, 3 resolved, 4 unknown, 1 unchanged. Unchanged: 1 low.
exit 1: 2 new findings at or above high
"""


def test_the_screen() -> None:
    assert table(diff(BEFORE, AFTER)) == SCREEN


def test_warnings_stand_before_all_that_they_are_about() -> None:
    shown = table(diff(BEFORE, audit(source=manifests("k8s"))))
    assert shown.index("mind: A is an audit of a cluster") < shown.index("Unknown")
    assert "B manifests k8s\n" in shown


def test_nothing_changed() -> None:
    lines = table(diff(BEFORE, msgspec.structs.replace(BEFORE, audit=AFTER.audit)), width=120).splitlines()
    assert (
        lines[-2]
        == "0 new, 0 resolved, 0 unknown, 8 unchanged. Unchanged: 1 critical, 5 high, 1 medium, 1 low."
    )


def test_every_finding_that_is_not_listed_is_counted() -> None:
    many = [finding(f"web-{number:03}") for number in range(300)]
    shown = table(diff(audit(*many[:100], day=1), audit(*many[100:])))
    assert sum(line.startswith("  high ") for line in shown.splitlines()) == 300
    blind = table(diff(audit(*many, day=1), audit(gaps=[gap("Pod")])))
    assert "300 high: Pod could not be read: 403: forbidden" in blind
    assert " and 295 more" in " ".join(blind.split())


@pytest.mark.parametrize(
    ("width", "color", "ascii_only"), list(product(WIDTHS, (False, True), (False, True)))
)
def test_it_fits_every_screen(width: int, color: bool, ascii_only: bool) -> None:
    text = table(diff(BEFORE, AFTER), width=width, color=color, ascii_only=ascii_only)
    plain = OURS.sub("", text)
    assert ("\x1b" in text) is color
    assert "\x1b" not in plain
    assert plain == table(diff(BEFORE, AFTER), width=width, ascii_only=ascii_only)
    assert all(cells_of(line) <= width for line in plain.splitlines())
    assert shown_lines(screen(text, width)) == plain.rstrip("\n").split("\n")


def test_in_a_pipe_every_finding_is_a_line() -> None:
    lines = [line.split("\t") for line in table(diff(BEFORE, AFTER), tty=False).splitlines()]
    assert [line[0] for line in lines] == [
        "a",
        "b",
        *["new"] * 5,
        *["resolved"] * 3,
        *["unknown"] * 4,
        *["rules"] * 4,
        "change",
        "unchanged",
        "summary",
    ]
    assert lines[2] == ["new", "critical", "p", "Deployment shop/new", "/spec", "-", "-"]
    assert [line[-1] for line in lines[3:7]] == [
        "waived",
        "superseded",
        "system namespace",
        "its waiver has expired",
    ]
    assert lines[10] == [
        "unknown",
        "high",
        "off",
        "Deployment shop/dim",
        "/spec/a",
        "-",
        "-",
        "its policy was not selected",
    ]
    assert ["rules", "changed", "changed"] in lines
    assert lines[-2:] == [
        ["unchanged", "1", "1 low"],
        ["summary", "5 new, 3 resolved, 4 unknown, 1 unchanged", f"exit 1: {FAILED.reason}"],
    ]


# --- the section of an audit ----------------------------------------------------------------------

SECTION = """\

Since the baseline of 2026-11-01T08:00:00Z: 5 new, 3 resolved, 4 unknown, 1
  unchanged
  new: critical p on Deployment shop/new
  new: high p on Deployment shop/new-system (system namespace)
  new: high p on Deployment shop/new-expired (its waiver has expired)
  new: 2 more
  resolved: critical p on Deployment shop/gone
  resolved: high changed on Deployment shop/gone (its policy changed)
  resolved: 1 more
  unknown: 3 findings: its policy was not selected
  unknown: 1 finding: timed out
  rules: 1 policy added to the bundle: fresh
  rules: 1 policy removed from the bundle: old
  rules: 1 policy changed: changed
  rules: 1 policy judged before, and not now: off
"""


def test_the_section_of_an_audit() -> None:
    assert part(held()) == SECTION


def test_an_audit_without_a_delta_has_no_section() -> None:
    assert part(AFTER) == ""
    assert list(report.rows(AFTER)) == []


def test_a_long_section_ends_with_counts() -> None:
    many = [finding(f"web-{number:03}") for number in range(40)]
    lines = part(held(audit(*many[:20]), audit(*many[20:], day=1))).splitlines()
    assert [line for line in lines if line.startswith("  new: ")][-1] == "  new: 15 more"
    assert [line for line in lines if line.startswith("  resolved: ")][-1] == "  resolved: 15 more"
    waived = [finding(status="waived")]
    assert "  new: 1, waived or superseded by another" in part(held(audit(*waived), audit(day=1)))


@pytest.mark.parametrize(
    ("against", "text"),
    [
        (Against("history", "a", "2026-11-01T08:00:00Z"), "Since the last audit of 2026-11-01T08:00:00Z: "),
        (Against("baseline", "a", "2026-11-01T08:00:00Z"), "Since the baseline of 2026-11-01T08:00:00Z: "),
        (Against("history", "", ""), "Since the last audit: 0 new"),
    ],
)
def test_what_it_is_since(against: Against, text: str) -> None:
    delta = msgspec.structs.replace(between(audit(day=1), audit()), against=against)
    assert part(msgspec.structs.replace(audit(), delta=delta)).startswith(f"\n{text}")


def test_the_rows_of_an_audit() -> None:
    rows = list(report.rows(held()))
    assert rows[0] == (
        "delta",
        "the baseline of 2026-11-01T08:00:00Z",
        "5 new, 3 resolved, 4 unknown, 1 unchanged",
    )
    assert [row[0] for row in rows[1:]] == ["new"] * 5 + ["resolved"] * 3 + ["unknown"] * 4 + ["rules"] * 4


# --- hostile text ---------------------------------------------------------------------------------


def renamed(record: Audit, start: str, **fields: Any) -> Audit:
    """The record with fingerprints of its own."""
    findings = (
        msgspec.structs.replace(one, fingerprint=f"{start}{number}")
        for number, one in enumerate(record.findings)
    )
    return msgspec.structs.replace(record, findings=tuple(findings), **fields)


def pairs(text: str) -> Iterator[tuple[Audit, Audit]]:
    """Two audits with a text in every place that comes from outside: all is resolved, or all unknown."""
    spoiled = poisoned(records.audit(), text)
    seeing: dict[str, Any] = dict.fromkeys(("not_evaluated", "gaps", "out_of_reach", "skipped_files"), ())
    yield renamed(spoiled, "a"), renamed(spoiled, "b", **seeing)
    yield renamed(spoiled, "a"), renamed(spoiled, "b")


def written(text: str) -> Iterator[str]:
    """Everything that is made of the two."""
    for before, after in pairs(text):
        found = diff(before, after)
        yield from (
            table(found, tty=tty, color=color) for tty, color in product((False, True), (False, True))
        )
        yield part(held(after, before))
        yield table(found, tty=False, ascii_only=True)


def test_hostile_text_reaches_every_list() -> None:
    clear, dim = (diff(*both).delta for both in pairs(HARMLESS))
    assert (len(clear.new), len(clear.resolved), len(clear.unknown)) == (7, 6, 1)
    assert (len(dim.new), len(dim.resolved), len(dim.unknown)) == (7, 0, 7)


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_hostile_text(text: str) -> None:
    for bad, good in zip(written(text), written(HARMLESS), strict=True):
        plain = OURS.sub("", bad)
        assert all(visible(line) == line for line in plain.replace("\t", "").split("\n"))
        if "\t" in good:
            assert plain.count("\n") == good.count("\n")
            assert plain.count("\t") == good.count("\t")
        plain.encode("utf-8")
    for before, after in pairs(text):
        out = io.StringIO()
        JsonRenderer().render(diff(before, after), out)
        out.getvalue().encode("utf-8")

"""The table: on screens of several widths, in a pipe, in colour and without, in ASCII."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pexpect
import pytest

from auditor.judge.outcome import Outcome
from auditor.record import GapEntry, Remark
from auditor.report import view
from tests.report.records import CLEAN, WEB, audit, clean_audit, cluster, finding
from tests.report.screens import OURS, screen, shown_lines, table

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, sys
from auditor.report.table import TableRenderer
from auditor.report.terminal import use_ascii, use_color
from auditor.report.write import write
from tests.report.records import FAILED, audit, finding
import msgspec
named = msgspec.structs.replace(audit(), findings=(finding(message="container größe 漢字 👍 fails"),))
tty = sys.stdout.isatty()
color, ascii = use_color("auto", os.environ, tty), use_ascii(sys.stdout.encoding, os.environ)
write(named, TableRenderer(FAILED, tty, color, ascii), "-")
"""


@pytest.mark.parametrize("width", [80, 200])
def test_screen_begins_with_which_cluster_and_as_whom(width: int) -> None:
    lines = shown_lines(screen(table(cluster(audit()), width=width), width))
    assert lines[0] == "Cluster kwok-demo at https://127.0.0.1:6443"
    assert lines[1] == "as kubernetes-admin (system:masters, system:authenticated), all namespaces"
    assert lines[2] == "Kubernetes v1.36.3, auditor 0.1.0, bundle sha256:9f2c41ab03de"
    assert lines[3] == "4 policies, 3 resources, 11 evaluations, 2026-11-24T08:43:11Z"


def test_screen_of_manifests_begins_with_their_paths() -> None:
    assert shown_lines(screen(table(audit()), 80))[0] == "Manifests shop"


@pytest.mark.parametrize("width", [80, 200])
def test_screen_ends_with_counts_coverage_and_outcome(width: int) -> None:
    lines = shown_lines(screen(table(audit(), width=width), width))
    ending = (
        "1 critical, 1 high, 1 medium, 1 info; coverage 91.6%; exit 1: 2 findings at or above high;"
        " incomplete too: coverage below 100%"
    )
    if width == 200:
        assert lines[-1] == ending
    assert " ".join(line.strip() for line in lines[-2:]).endswith(ending)


def test_screen_at_80_columns_groups_findings_and_says_what_to_do() -> None:
    lines = shown_lines(screen(table(audit()), 80))
    start = lines.index("Deployment shop/web" + "shop/web.yaml:3".rjust(80 - len("Deployment shop/web")))
    assert lines[start + 1 : start + 8] == [
        "  critical privileged, in 3 of 20 live pods",
        "           container nginx runs privileged: it has every right of the node it",
        "           runs on",
        "           /spec/template/spec/containers/0/securityContext/privileged",
        "           Fix: Remove securityContext.privileged, or set it to false. If the",
        "                container needs a single right of the node, add that capability",
        "                instead.",
    ]


def test_screen_says_what_was_not_looked_at() -> None:
    text = "\n".join(shown_lines(screen(table(audit(), width=200), 200)))
    for said in (
        "gap: document: shop/broken.yaml:7: line 7: mapping values are not allowed here",
        "gap: NetworkPolicy in shop: 403 Forbidden",
        "not evaluated: 2 results: the namespace shop is not among the manifests",
        "host_network (1), privileged (1)",
        "on Deployment shop/web, every CronJob",
        "out of reach: Pod: manifests have no live status",
        "skipped: shop/values.yaml: not a Kubernetes manifest",
        "System namespaces (not counted)",
        "Not shown: 1 finding with the same root cause",
        "pss_baseline    █████░░░░░  1/2, 1 incomplete",
        "cis_2_0_1       ░░░░░░░░░░  none decided, 1 manual",
        "high     host_network, its waiver has expired",
    ):
        assert said in text
    assert text.count("capabilities_not_dropped") == 1


def test_screen_gives_the_same_advice_once_per_object() -> None:
    twins = tuple(finding(path=f"/spec/containers/{number}") for number in range(3))
    text = table(msgspec.structs.replace(audit(), findings=twins, delta=None))
    assert (text.count("critical privileged"), text.count("Fix:")) == (3, 1)


def test_screen_shows_each_line_where_findings_of_an_object_differ_in_it() -> None:
    assert WEB.source
    places = [msgspec.structs.replace(WEB.source, line=line) for line in (7, 9)]
    found = tuple(finding(resource=msgspec.structs.replace(WEB, source=place)) for place in places)
    text = table(msgspec.structs.replace(audit(), findings=found))
    assert "critical privileged, line 7" in text
    assert "critical privileged, line 9" in text
    assert re.search(r"^Deployment shop/web +shop/web\.yaml$", text, re.MULTILINE)


def test_clean_audit_takes_few_lines() -> None:
    lines = shown_lines(screen(table(clean_audit(), outcome=CLEAN), 80))
    assert len(lines) <= 10
    assert "No failure found; all that is within reach was looked at." in lines
    assert lines[-1] == "no findings; coverage 100%; exit 0: no finding at or above high"


@pytest.mark.parametrize("tty", [True, False])
@pytest.mark.parametrize("what", ["coverage", "evaluations", "gap"])
def test_no_findings_do_not_look_clean_if_not_all_was_looked_at(tty: bool, what: str) -> None:
    record = clean_audit()
    if what == "gap":
        record = msgspec.structs.replace(record, gaps=(GapEntry(kind="Pod", reason="403", effect="blind"),))
    else:
        summary = msgspec.structs.replace(record.summary, **{what: 0})
        record = msgspec.structs.replace(record, summary=summary)
    text = table(record, outcome=Outcome(3, "incomplete"), tty=tty, color=tty)
    assert view.verdict(clean_audit()).headline not in text
    assert "\x1b[1;32m" not in text
    assert re.search(r"incomplete|Nothing was evaluated", text.split("exit 3")[0])


def test_colour_carries_no_meaning_of_its_own() -> None:
    for record in (audit(), cluster(audit()), clean_audit()):
        for tty in (True, False):
            coloured = table(record, tty=tty, color=True)
            assert "\x1b[" in coloured or not (tty or record.findings)
            assert OURS.sub("", coloured) == table(record, tty=tty)


def test_red_is_for_failures_only() -> None:
    red = set(re.findall("\x1b\\[(?:1;)?31m(.*?)\x1b", table(audit(), color=True)))
    assert red == {"critical", "high", "4 findings on 2 objects."}
    assert "31m" not in table(clean_audit(), color=True)


def test_pipe_has_one_finding_per_line_with_whole_names() -> None:
    name = "x" * 253
    long = finding(resource=msgspec.structs.replace(WEB, name=name), message="m" * 3000)
    record = msgspec.structs.replace(audit(), findings=(*audit().findings, long))
    rows = [line.split("\t") for line in table(record, tty=False).splitlines()]
    assert [row for row in rows if row[0] == "critical"] == [
        ["critical", "privileged", f"Deployment shop/{who}", long.path, message, "shop/web.yaml:3"]
        for who, message in (("web", finding().message), (name, "m" * 3000))
    ]
    assert [row[:3] for row in rows if row[0] == "system:critical"] == [
        ["system:critical", "privileged", "DaemonSet kube-system/kube-proxy"]
    ]
    assert rows[0] == ["source", "manifests", "shop"]
    assert rows[-1][:3] == ["summary", "1 critical, 1 high, 1 medium, 1 info", "coverage 91.6%"]
    assert rows[-1][3].startswith("exit 1: ")


def test_what_else_must_be_known_of_a_cluster_and_of_an_owner() -> None:
    record = cluster(audit())
    source = {**record.audit.source, "insecure": True, "read_at": "2026-03-01T00:00:00Z"}
    remark = Remark(WEB, "its 60 live pods come in 57 variants; all of them were judged")
    run = msgspec.structs.replace(record.audit, source=source)
    record = msgspec.structs.replace(record, audit=run, remarks=(remark,))
    for tty in (True, False):
        text = " ".join(table(record, tty=tty).split())
        for told in ("was not verified", "2026-03-01T00:00:00Z", "its 60 live pods come in 57 variants"):
            assert told in text


def test_pipe_names_the_cluster_and_as_whom_first() -> None:
    first = table(cluster(audit()), tty=False).split("\n")[0].split("\t")
    user = "as kubernetes-admin (system:masters, system:authenticated)"
    assert first == [
        "source",
        "cluster",
        "kwok-demo",
        "https://127.0.0.1:6443",
        user,
        "all namespaces",
        "read 2026-11-24T08:43:11Z",
    ]


def environment(**rest: str) -> dict[str, str]:
    """Return an environment of which only what a test gives says anything about the terminal."""
    told = ("LANG", "LC_", "TERM", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING", "PYTHONUTF8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    return {**kept, "PYTHONPATH": str(ROOT), **rest}


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LANG": "C"}, True),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX"}, True),
        ({}, True),
        ({"LANG": "C.UTF-8", "PYTHONIOENCODING": "latin-1"}, True),
        ({"LANG": "C.UTF-8"}, False),
    ],
)
def test_output_is_ascii_where_the_locale_is_not_utf_8(environ: dict[str, str], ascii_only: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(**environ),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == b""
    assert done.stdout.isascii() is ascii_only
    name = r"gr\xf6\xdfe \u6f22\u5b57 \U0001f44d" if ascii_only else "größe 漢字 👍"
    assert f"container {name} fails" in done.stdout.decode()
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("environ", "color"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_narrow_terminal_shows_whole_lines(environ: dict[str, str], color: bool) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM],
        env=environment(LANG="C.UTF-8", **environ),
        dimensions=(24, 30),
        timeout=60,
        encoding="utf-8",
    )
    written = str(child.read()).replace("\r\n", "\n")
    child.close()
    assert child.exitstatus == 0
    assert ("\x1b[1;31mcritical" in written) is color
    shown = screen(written, 30)
    assert shown.cursor.y == written.count("\n")
    text = "".join(line.strip() for line in shown_lines(shown))
    assert "/spec/template/spec/containers/0/securityContext/privileged" in text


def test_long_path_breaks_at_a_slash() -> None:
    path = "/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation"
    lines = shown_lines(screen(table(msgspec.structs.replace(audit(), findings=(finding(path=path),))), 80))
    at = lines.index("           /spec/template/spec/containers/0/securityContext")
    assert lines[at + 1] == "           /allowPrivilegeEscalation"

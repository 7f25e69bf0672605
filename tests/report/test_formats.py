"""What other programs read: SARIF, JUnit, CSV, workflow commands and Markdown hold all that they promise."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt

from auditor.past import Delta
from auditor.record import Audit, Finding
from auditor.report import view
from auditor.report.csv import COLUMNS, FORMULA, CsvRenderer
from auditor.report.github import GithubRenderer
from auditor.report.junit import JunitRenderer
from auditor.report.repository import inside
from auditor.report.sarif import MAX_RESULTS, MAX_TEXT, SarifRenderer
from auditor.report.summary import COMMENT, SummaryRenderer
from auditor.report.text import visible
from tests.report.hostile import CORPUS, HARMLESS, poisoned
from tests.report.records import audit, clean_audit, cluster, finding
from tests.report.screens import rendered

RECORDS = (audit(), cluster(audit()), clean_audit())

every_text = pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
every_record = pytest.mark.parametrize("record", RECORDS, ids=("manifests", "cluster", "clean"))


def many(number: int, **fields: Any) -> Audit:
    """An audit of many findings that count, every tenth of them new and every hundredth critical."""
    found = tuple(
        finding(
            severity="critical" if one % 100 == 0 else "medium" if one % 2 else "high",
            fingerprint=f"{one:064x}",
            **fields,
        )
        for one in range(number)
    )
    delta = msgspec.structs.replace(_delta(), new=tuple(one.fingerprint for one in found[::10]))
    return msgspec.structs.replace(audit(), findings=found, delta=delta)


def _delta() -> Delta:
    delta = audit().delta
    assert delta
    return delta


def sarif(record: Audit, root: str = "") -> dict[str, Any]:
    log: dict[str, Any] = json.loads(rendered(SarifRenderer(root), record))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run: dict[str, Any] = log["runs"][0]
    return run


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@every_record
def test_sarif_has_every_finding(record: Audit) -> None:
    results = sarif(record)["results"]
    assert {one["partialFingerprints"]["primaryLocationLineHash"] for one in results} == {
        one.fingerprint for one in record.findings
    }
    open_ones = {f.fingerprint for f in record.findings if f.status != "waived" and not f.superseded_by}
    assert {
        one["partialFingerprints"]["primaryLocationLineHash"] for one in results if "suppressions" not in one
    } == open_ones


@every_record
def test_sarif_has_every_rule_of_its_results_once(record: Audit) -> None:
    run = sarif(record)
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == sorted({one.policy for one in record.findings})
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    worst = {one["id"]: one["properties"]["security-severity"] for one in rules}
    for one in record.findings:
        assert float(worst[one.policy]) >= {"critical": 9.5, "high": 8.0, "medium": 5.5}.get(one.severity, 0)


@every_record
def test_sarif_tells_what_was_not_looked_at(record: Audit) -> None:
    [invocation] = sarif(record)["invocations"]
    told = " ".join(one["message"]["text"] for one in invocation["toolExecutionNotifications"])
    assert invocation["executionSuccessful"] is not bool(record.gaps or record.not_evaluated)
    for reason in (*(one.reason for one in record.gaps), *(one.reason for one in record.not_evaluated)):
        assert reason in told


def test_sarif_of_a_cluster_points_at_files_that_could_be() -> None:
    run = sarif(cluster(msgspec.structs.replace(audit(), findings=(finding(resource=ROLE),))))
    [location] = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == (
        "clusters/kwok-demo/_cluster/ClusterRole.rbac.authorization.k8s.io/system%3Anode%2Fx.yaml"
    )
    assert run["automationDetails"]["id"] == "auditor/kwok-demo/"


ROLE = msgspec.convert(
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "namespace": "",
        "name": "system:node/x",
    },
    type(audit().findings[0].resource),
)


@every_text
def test_sarif_survives_hostile_text(text: str) -> None:
    for record in RECORDS:
        run = sarif(poisoned(record, text), root="/repository")
        usual = sarif(poisoned(record, HARMLESS), root="/repository")
        assert len(run["results"]) == len(usual["results"])
        assert all(visible(one) == one for one in strings(run))
        for result in run["results"]:
            [location] = result["locations"]
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri
            assert not uri.startswith("/")
            assert (urlsplit(uri).scheme, urlsplit(uri).netloc) == ("", "")
            plain = result["message"]["text"].replace("\\\\", "").replace("\\[", "").replace("\\]", "")
            assert not {"[", "]", "\\"} & set(plain)
        for rule in run["tool"]["driver"]["rules"]:
            for name in ("shortDescription", "fullDescription", "help"):
                assert 0 < len(rule[name]["text"]) <= MAX_TEXT


def test_sarif_keeps_the_worst_and_says_how_many_went() -> None:
    run = sarif(many(MAX_RESULTS + 200))
    assert len(run["results"]) == MAX_RESULTS
    assert sum(one["properties"]["severity"] == "critical" for one in run["results"]) == 52
    last = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert last["message"]["text"].startswith("200 more findings")


@pytest.mark.parametrize(
    ("path", "root", "relative"),
    [
        ("deploy/web.yaml", "", "deploy/web.yaml"),
        ("/repo/deploy/web.yaml", "/repo", "deploy/web.yaml"),
        ("/elsewhere/web.yaml", "/repo", "elsewhere/web.yaml"),
        ("../web.yaml", "", "web.yaml"),
        ("./a/../web.yaml", "", "web.yaml"),
        ("-", "/repo", "stdin"),
        ("..", "", "unknown"),
    ],
)
def test_a_path_lies_in_the_repository(path: str, root: str, relative: str) -> None:
    assert inside(path, root) == relative


def suites(record: Audit) -> list[ElementTree.Element]:
    text = rendered(JunitRenderer(), record)
    root = ElementTree.fromstring(text.encode("utf-8"))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        for suite in (root, *root):
            assert suite.get(name) == str(len(suite.findall(f".//{tag}")))
            assert suite.get("tests") == str(len(suite.findall(".//testcase")))
    return list(root)


@every_record
def test_junit_has_a_case_for_everything(record: Audit) -> None:
    found = suites(record)
    cases = [case for suite in found for case in suite]
    passed = [case for case in cases if len(case) == 0]
    told = len(record.findings) + len(record.not_evaluated) + len(record.gaps)
    assert len(cases) - len(passed) == told
    assert len(suites(record)) >= len(record.audit.bundle.policies)
    failures = [case for case in cases if case.find("failure") is not None]
    assert len(failures) == len(view.shown(record))
    spoken = {one.policy for one in record.findings} | {one.policy for one in record.not_evaluated}
    silent = set(record.audit.bundle.policies) - spoken
    assert len(passed) == len(silent)


@every_text
def test_junit_survives_hostile_text(text: str) -> None:
    for record in RECORDS:
        found = suites(poisoned(record, text))
        assert len(found) == len(suites(poisoned(record, HARMLESS)))
        for suite in found:
            names = [case.get("name") for case in suite]
            assert len(set(names)) == len(names)


def rows(record: Audit) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered(CsvRenderer(), record), newline="")))


@every_record
def test_csv_has_a_line_for_every_finding(record: Audit) -> None:
    found = rows(record)
    assert [one["fingerprint"] for one in found] == [one.fingerprint for one in record.findings]
    assert [one["status"] for one in found] == [one.status for one in record.findings]


@every_text
def test_csv_holds_no_formula(text: str) -> None:
    for record in RECORDS:
        found = rows(poisoned(record, text))
        assert len(found) == len(record.findings)
        for row in found:
            assert row.keys() == COLUMNS.keys()
            assert not any(cell.startswith(FORMULA) for cell in row.values())
            assert row["message"].removeprefix("'") == visible(text)


def commands(record: Audit) -> list[tuple[str, str]]:
    lines = rendered(GithubRenderer(), record).removesuffix("\n").split("\n")
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    return [(line[2:].split(" ")[0], line) for line in lines]


def test_github_shows_ten_of_each_new_and_worst_first() -> None:
    found = commands(many(5000))
    sorts = [name for name, _ in found]
    assert sorts == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert all("(critical)" in line for name, line in found if name == "error")
    assert "20 of 5000 are annotated" in found[-1][1]


def test_github_puts_what_is_new_before_what_is_worse() -> None:
    old = finding(severity="critical", fingerprint="a" * 64)
    new = finding(severity="high", fingerprint="b" * 64)
    delta = msgspec.structs.replace(_delta(), new=("b" * 64,))
    record = msgspec.structs.replace(audit(), findings=(old, new), delta=delta)
    assert ["(high)" in line for _, line in commands(record)][:2] == [True, False]


@every_text
def test_github_takes_no_command_from_a_text(text: str) -> None:
    for record in RECORDS:
        found = commands(poisoned(record, text))
        assert [name for name, _ in found] == [name for name, _ in commands(poisoned(record, HARMLESS))]
        for _, line in found:
            properties, _, message = line[2:].partition("::")
            assert properties.count(",") <= 2
            assert ":" not in properties
            assert "%" not in message.replace("%25", "")


def comment(record: Audit, limit: int = COMMENT) -> str:
    return rendered(SummaryRenderer(limit), record)


def shape(text: str) -> list[str]:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [child.type for token in tokens for child in token.children or []]
    return [token.type for token in tokens] + [one for one in inline if one != "text_special"]


@every_text
def test_markdown_has_the_same_parts_as_with_harmless_text(text: str) -> None:
    for record in RECORDS:
        usual = [one for one in shape(comment(poisoned(record, HARMLESS))) if one != "text"]
        assert [one for one in shape(comment(poisoned(record, text))) if one != "text"] == usual


@every_record
def test_markdown_has_every_finding_that_counts(record: Audit) -> None:
    found: list[Finding] = view.shown(record)
    assert comment(record).count("\n| ") == (len(found) + 1 if found else 0)
    assert comment(record).startswith(
        {"failures": "## ❌", "inconclusive": "## ⚠️", "clean": "## ✅"}[view.verdict(record).state]
    )


def test_markdown_fits_and_counts_the_rest() -> None:
    text = comment(many(5000, message="漢" * 300))
    assert len(text.encode()) <= COMMENT
    shown = text.count("\n| ") - 1
    assert f"{5000 - shown} more findings" in text.splitlines()[-1]
    assert text.count("| medium |") == 0

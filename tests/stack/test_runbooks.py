"""The runbooks: a page for each alert, with commands and queries that parse."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.stack import rules
from tests.stack.rules import ALERT_NAMES, ROOT, RUNBOOKS
from tools.build import tool_bin

HEADINGS = ["What it means", "How to look", "How to mend", "How to silence"]
LONGEST = 70
"""Lines of a page: it is read at night."""

PAGES = sorted(path for path in RUNBOOKS.glob("*.md") if path.name != "README.md")
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def section(page: Path, heading: str) -> str:
    """Return the text below one heading."""
    return re.split(r"^## .*$", page.read_text(), flags=re.MULTILINE)[1 + HEADINGS.index(heading)]


def queries(page: Path) -> list[str]:
    """Every query of a page: one a line."""
    return [line for block in rules.fenced(page.read_text(), "promql") for line in block.splitlines()]


def test_one_page_for_each_alert() -> None:
    assert [page.stem for page in PAGES] == ALERT_NAMES


@by_page
def test_headings(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) <= LONGEST
    for heading in HEADINGS:
        assert len(section(page, heading).split()) >= 5, f"{heading}: says nothing"


@by_page
def test_says_how_to_look(page: Path) -> None:
    look = section(page, "How to look")
    assert rules.fenced(look, "sh") or rules.fenced(look, "promql")


@by_page
def test_silences_this_alert(page: Path) -> None:
    if page.stem == "Watchdog":
        return
    [command] = rules.fenced(section(page, "How to silence"), "sh")
    assert re.match(rf"amtool silence add alertname={page.stem}( \S+)* --duration=\w+ --comment=", command)


@by_page
def test_silences_match_labels_that_the_alert_has(page: Path) -> None:
    """A silence on a label that the alert does not carry silences nothing."""
    labels = {"alertname"}
    for path in rules.UNIT_TEST_FILES:
        for one in rules.load(path)["tests"]:
            for case in one["alert_rule_test"]:
                if case["alertname"] == page.stem:
                    labels |= {label for wanted in case["exp_alerts"] for label in wanted["exp_labels"]}
    for command in re.findall(r"amtool silence add (.*?) --duration", page.read_text()):
        assert {re.split("[=~!]", word.strip("'"))[0] for word in command.split()} <= labels


@by_page
def test_shell_parses(page: Path) -> None:
    for block in rules.fenced(page.read_text(), "sh"):
        run = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr


def test_queries_parse(tmp_path: Path) -> None:
    """All at once, as records of one rule file: promtool names the one that does not parse."""
    records = [
        {"record": f"runbook:{page.stem}:query{n}", "expr": query}
        for page in PAGES
        for n, query in enumerate(queries(page))
    ]
    assert len(records) > len(PAGES)
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": records}]}))
    promtool = tool_bin("prometheus") / "promtool"
    run = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_commands_of_the_auditor_exist() -> None:
    known = set(re.findall(r"^## auditor (.+)$", (ROOT / "docs" / "cli.md").read_text(), re.MULTILINE))
    for page in PAGES:
        for words in re.findall(r"(?:^|[`|(] ?)auditor ([a-z]+(?: [a-z]+)?)", page.read_text(), re.MULTILINE):
            assert words in known or words.split()[0] in known, f"{page.stem}: auditor {words}"


def test_options_of_the_auditor_exist() -> None:
    known = set(re.findall(r"--[a-z][a-z-]+", (ROOT / "docs" / "cli.md").read_text()))
    for page in PAGES:
        for command in re.findall(r"(?:^|`)(auditor [^`\n]*)", page.read_text(), re.MULTILINE):
            assert set(re.findall(r"--[a-z][a-z-]+", command)) <= known, f"{page.stem}: {command}"


@pytest.mark.parametrize("page", [*PAGES, RUNBOOKS / "README.md", rules.METRICS], ids=lambda page: page.stem)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target

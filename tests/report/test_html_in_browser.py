"""The page in a real browser: what a reader sees, hears, filters, prints and takes along."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from auditor.objects import ResourceEntry
from auditor.record import Audit, Finding
from auditor.report.html_findings import MOST
from tests.report.browser import Opened, chromium
from tests.report.hostile import CORPUS, poisoned
from tests.report.records import audit, clean_audit, cluster, finding

Opens = Callable[..., Opened]

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def opens(browser: Browser, tmp_path: Path) -> Iterator[Opens]:
    opened: list[Opened] = []

    def opens(record: Audit, **context: Any) -> Opened:
        opened.append(Opened(browser, tmp_path / f"{len(opened)}.html", record, **context))
        return opened[-1]

    yield opens
    for one in opened:
        one.close()


def name(one: Finding) -> str:
    return f"finding-{one.fingerprint}"


def many(number: int) -> Audit:
    """An audit with so many findings, the worst of which come last in the record."""
    record = audit()
    found = []
    for place in range(number):
        severity = "critical" if place >= number - 10 else ("high", "medium", "low")[place % 3]
        resource = ResourceEntry("apps/v1", "Deployment", f"team-{place % 50}", f"web-{place}")
        print_ = hashlib.sha256(str(place).encode()).hexdigest()
        owner = f"owner {place % 4}"
        found.append(finding(f"policy_{place % 30}", severity, resource, fingerprint=print_, owner=owner))
    return msgspec.structs.replace(record, findings=tuple(found), delta=None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing(opens: Opens, scheme: str, width: int) -> None:
    size = {"width": width, "height": 900}
    for record in (audit(), cluster(audit()), clean_audit()):
        opened = opens(record, color_scheme=scheme, viewport=size, bypass_csp=True)
        found = Axe().run(opened.page, options={"runOnly": {"type": "tag", "values": STANDARDS}})
        told = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]
        assert told == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width


def test_page_breaks_no_rule_of_its_own_and_asks_for_nothing(opens: Opens) -> None:
    opened = opens(cluster(audit()))
    opened.page.fill("#filter-text", "web")
    opened.page.select_option("#group", "namespace")
    assert opened.said == []
    assert {url for url in opened.asked if not url.startswith(("about:", "data:"))} == {opened.address}


def test_all_is_there_without_script(opens: Opens) -> None:
    record = many(300)
    silent = opens(record, java_script_enabled=False)
    text = silent.page.content()
    assert all(name(one) in text and one.message in text for one in record.findings)
    # a browser unfolds by itself
    row = silent.page.locator(f"#{name(record.findings[-1])}")
    row.locator("summary").click()
    assert row.locator("pre").first.is_visible()
    assert not silent.page.locator("form.filter").is_visible()


def test_every_control_is_reached_by_the_keyboard(opens: Opens) -> None:
    page = opens(audit()).page
    stops = []
    for _ in range(400):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "(({ tagName, id, className, textContent }) => [tagName, id, className, textContent.trim()])"
                "(document.activeElement)"
            )
        )
        if stops[-1][0] == "BODY":
            break
    assert stops[0][3] == "Skip to the report"
    assert {"filter-text", "group", "sort", "fold", "export"} <= {stop[1] for stop in stops}
    assert sum(stop[0] == "SUMMARY" for stop in stops) >= len(audit().findings)
    page.locator(f"#{name(audit().findings[0])} summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(f"#{name(audit().findings[0])}").get_attribute("open") is None


def test_filter_says_what_it_hides_and_prints_it(opens: Opens) -> None:
    record = audit()
    opened = opens(record)
    assert len(opened.shown()) == len(record.findings)
    opened.page.fill("#filter-text", "postgres IMAGE")
    assert opened.shown() == [name(one) for one in record.findings if "postgres" in one.message]
    opened.page.fill("#filter-text", "")
    opened.page.uncheck("input[value=critical]")
    expected = {name(one) for one in record.findings if one.severity != "critical"}
    assert set(opened.shown()) == expected
    told = f"{len(expected)} of {len(record.findings)} findings shown"
    opened.page.emulate_media(media="print")
    state = opened.page.locator("#filter-state")
    assert state.is_visible()
    assert "severity high, medium, low, info" in state.inner_text()
    assert told in state.inner_text()


def test_groups_and_order_change_and_come_back(opens: Opens) -> None:
    record = many(40)
    opened = opens(record)
    before = opened.shown()
    for key, count in (("owner", 4), ("namespace", 40), ("object", 40)):
        opened.page.select_option("#group", key)
        assert opened.page.locator("#regrouped .group").count() == count
        assert sorted(opened.shown()) == sorted(before)
    opened.page.select_option("#group", "policy")
    assert opened.shown() == before
    opened.page.select_option("#group", "owner")
    opened.page.select_option("#sort", "object")
    rows = opened.page.locator("#regrouped .list").first.locator(".object").all_inner_texts()
    assert rows == sorted(rows)
    assert opened.said == []


def test_address_of_a_finding_opens_it_whatever_hides_it(opens: Opens) -> None:
    record = many(100)
    opened = opens(record)
    wanted = name(record.findings[17])
    assert opened.page.locator(f"#{wanted}").get_attribute("open") is None
    opened.open(wanted)
    assert opened.page.locator(f"#{wanted} pre").first.is_visible()
    opened.page.fill("#filter-text", "no such text")
    assert opened.shown() == []
    opened.page.evaluate(f"location.hash = '#{name(record.findings[18])}'")
    opened.page.wait_for_function("document.querySelectorAll('.finding[hidden]').length === 0")
    assert opened.page.locator(f"#{name(record.findings[18])} pre").first.is_visible()


def test_what_is_shown_is_saved_as_csv(opens: Opens) -> None:
    poison = finding("formula", "high", message="=cmd|' /C calc'!A0, \"quoted\"")
    record = msgspec.structs.replace(audit(), findings=(*audit().findings, poison))
    opened = opens(record)
    opened.page.uncheck("input[value=critical]")
    with opened.page.expect_download() as waiting:
        opened.page.click("#export")
    assert waiting.value.suggested_filename == "findings.csv"
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    expected = {one.fingerprint: one for one in record.findings if one.severity != "critical"}
    assert {row["fingerprint"] for row in rows} == expected.keys()
    for row in rows:
        one = expected[row["fingerprint"]]
        assert (row["policy"], row["severity"]) == (one.policy, one.severity)
        assert row["message"] == one.message.replace("=cmd", "'=cmd", 1)
        assert one.path in row["where"]
    assert opened.said == []


def test_page_of_very_many_findings_has_the_worst_and_true_totals(opens: Opens) -> None:
    record = many(MOST + 500)
    opened = opens(record)
    assert len(opened.shown()) == MOST
    assert Path(opened.address.removeprefix("file://")).stat().st_size < 10_000_000
    worst = {name(one) for one in record.findings if one.severity == "critical"}
    assert worst <= set(opened.shown())
    assert f"the worst {MOST} of {MOST + 500} findings" in opened.page.locator(".cut").inner_text()
    assert opened.page.locator("#findings > h2").inner_text() == f"Findings {MOST + 500}"
    opened.page.fill("#filter-text", "web-5499")
    assert len(opened.shown()) == 1
    assert opened.said == []


def test_hostile_text_does_nothing_in_a_browser(opens: Opens) -> None:
    for text in (CORPUS["script"], CORPUS["end of everything"], CORPUS["attribute"], CORPUS["CSS"]):
        opened = opens(poisoned(cluster(audit()), text))
        opened.page.select_option("#group", "owner")
        opened.page.fill("#filter-text", "x")
        assert opened.page.locator("img, iframe, object, embed, [onload], [onerror]").count() == 0
        assert opened.page.locator("script").count() == opened.page.locator("style").count() == 1
        assert opened.page.locator("h1").count() == 1
        assert opened.dialogs == []
        assert opened.said == []
        assert {url for url in opened.asked if url.startswith("http")} == set()


def test_prints_to_paper_with_what_is_folded(opens: Opens) -> None:
    record = many(60)
    opened = opens(record)
    row = opened.page.locator(f"#{name(record.findings[0])}")
    assert row.get_attribute("open") is None
    opened.page.emulate_media(media="print")
    assert row.locator("pre").first.evaluate("one => one.getBoundingClientRect().height") > 0
    assert row.locator("pre").first.evaluate("one => one.checkVisibility({ contentVisibilityAuto: true })")
    printed = opened.page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    pages = printed.count(b"/Type /Page\n") or printed.count(b"/Type /Page")
    assert pages >= 8
    # A4 in points
    assert b"594.95" in printed or b"595" in printed

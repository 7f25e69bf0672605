"""The page: everything in it, nothing from elsewhere, and never greener than it may be."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest

from auditor.objects import ResourceEntry
from auditor.record import Audit, GapEntry
from auditor.report.html import HtmlRenderer
from auditor.report.html_facts import LONGEST
from tests.report.hostile import free_strings
from tests.report.records import audit, clean_audit, cluster, finding
from tests.report.screens import rendered

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, record: Audit) -> None:
        """Render a record and parse it, checking that every element is closed."""
        super().__init__(convert_charrefs=True)
        self.source = rendered(HtmlRenderer(), record)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(self.source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that elements are closed in order."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what a reader sees, not style and script."""
        if not self._open or self._open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of one name."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("record", [audit(), cluster(audit()), clean_audit()])
def test_page_holds_every_string_of_the_record(record: Audit) -> None:
    page = Page(record)
    missing = {s for s in free_strings(record) if s not in page.text and s.replace("_", " ") not in page.text}
    gone = (*record.delta.resolved, *(one.finding for one in record.delta.unknown)) if record.delta else ()
    # apiVersion is the one thing a person does not need beside the kind; of what is gone, the policy says it
    assert missing <= {"apps/v1", *(text for one in gone for text in (one.fingerprint, one.title))}


def ids(page: Page) -> list[str]:
    return [str(one["id"]) for one in page.all("details") if one.get("id")]


def test_page_holds_every_finding_once() -> None:
    record = audit()
    assert sorted(ids(Page(record))) == sorted(f"finding-{one.fingerprint}" for one in record.findings)


def test_page_asks_for_nothing_from_anywhere() -> None:
    page = Page(cluster(audit()))
    for _, attributes in page.elements:
        assert not attributes.keys() & {"src", "srcset", "action", "style", "poster", "data"}
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    assert not re.search(r"url\(|@import", page.source)


def test_policy_of_the_page_allows_its_own_style_and_script_and_no_other() -> None:
    page = Page(audit())
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert directives[f"{tag}-src"] == f"'sha256-{digest}'"


def test_page_can_be_read_without_seeing_it() -> None:
    page = Page(audit())
    assert page.all("html") == [{"lang": "en"}]
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    targets = {a["id"] for _, a in page.elements if "id" in a}
    assert {str(a["href"])[1:] for a in page.all("a")} <= targets


def test_page_is_complete_without_its_script() -> None:
    assert all("open" in attributes for attributes in Page(audit()).all("details"))


def test_what_was_not_looked_at_stands_before_the_findings() -> None:
    sections = [str(one["id"]) for one in Page(audit()).all("section") if one.get("id")]
    first = ["blind", "provenance", "pictures", "findings"]
    assert [one for one in sections if one in first] == first


def test_a_finding_of_a_cluster_tells_how_to_see_it() -> None:
    live = ResourceEntry("apps/v1", "Deployment", "shop", "web")
    path = "/spec/template/spec/hostNetwork"
    record = msgspec.structs.replace(cluster(audit()), findings=(finding(resource=live, path=path),))
    command = "kubectl get Deployment.v1.apps/web --namespace shop --output 'jsonpath={.spec.template.spec."
    assert f"{command}hostNetwork}}'" in Page(record).text
    assert "kubectl get Deployment" not in Page(audit()).text


def test_a_way_is_told_step_by_step() -> None:
    steps = [
        {"from": "workload shop/web", "how": "its pods mount a token", "to": "account shop/web", "edge": "e"},
        {"from": "account shop/web", "how": "may list", "to": "all Secrets", "edge": "f"},
    ]
    for path, count in ((steps, 1), ([{"from": "x"}], 0), ([], 0), ("/a/b", 0), (5, 0)):
        record = msgspec.structs.replace(audit(), findings=(finding(evidence={"path": path}),))
        assert len(Page(record).all("ol")) == count


def test_each_control_tells_what_a_person_does_and_who_did_it() -> None:
    record = audit()
    page = Page(record)
    assert "auditor waivers new cis_2_0_1/5.1.1" in page.text
    ids = {one.get("id") for one in page.all("tr")}
    assert {f"control-{one.framework}-{one.control}" for one in record.controls} <= ids
    answer = msgspec.structs.replace(
        record.waivers[0], id="a-1", kind="attestation", policy="", control="cis_2_0_1/5.1.1"
    )
    attested = msgspec.structs.replace(record, waivers=(answer,))
    assert "#waiver-a-1" in {one.get("href") for one in Page(attested).all("a")}


def test_a_population_that_does_not_add_up_says_so() -> None:
    record = audit()
    assert "The table adds up" in Page(record).text
    wrong = msgspec.structs.replace(record.population[1], judged=0)
    page = Page(msgspec.structs.replace(record, population=(wrong,)))
    assert "does not add up" in page.text
    older = msgspec.structs.replace(record, population=(), inventory=(), policies=(), frameworks=(), trend=())
    assert "does not say how many objects" in Page(older).text


def test_long_lists_end_with_their_total() -> None:
    gaps = tuple(GapEntry(kind="Pod", reason=f"r{number}", effect="x") for number in range(LONGEST + 7))
    page = Page(msgspec.structs.replace(audit(), gaps=gaps))
    assert f"The first {LONGEST} of {LONGEST + 7} gaps stand here." in page.text


BLIND = GapEntry(kind="Pod", reason="403 Forbidden", effect="no pod was judged")


@pytest.mark.parametrize(
    ("record", "banner"),
    [
        (audit(), "failures"),
        (clean_audit(), "clean"),
        (msgspec.structs.replace(clean_audit(), gaps=(BLIND,)), "inconclusive"),
    ],
)
def test_banner_has_three_states(record: Audit, banner: str) -> None:
    page = Page(record)
    classes = [str(a.get("class")) for a in page.all("section") if "banner" in str(a.get("class"))]
    assert classes == [f"banner {banner}"]
    assert ("all that is within reach was looked at" in page.text) is (banner == "clean")


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (None, "did not tell its time"),
        (0, "agreed, within a second"),
        (61, "was 61 seconds ahead: ages"),
        (-1, "was 1 second behind: ages"),
    ],
)
def test_page_says_how_far_the_clocks_were_apart(skew: int | None, told: str) -> None:
    record = cluster(audit())
    source = {**record.audit.source, "clock_skew": skew}
    record = msgspec.structs.replace(record, audit=msgspec.structs.replace(record.audit, source=source))
    assert told in Page(record).text

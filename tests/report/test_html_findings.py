"""Which findings a page holds, and what its pictures say: the figures behind the templates."""

from __future__ import annotations

import msgspec

from auditor.objects import ResourceEntry
from auditor.record import Audit, Finding
from auditor.report.anchors import anchor
from auditor.report.html_facts import population, waivers
from auditor.report.html_findings import listing
from auditor.report.html_pictures import WIDTH, bar, by_framework, by_namespace, difference, trend
from tests.report.records import audit, clean_audit, finding


def record(*findings: Finding) -> Audit:
    return msgspec.structs.replace(audit(), findings=findings)


def one(number: int, severity: str, policy: str = "privileged", **rest: object) -> Finding:
    resource = ResourceEntry("apps/v1", "Deployment", "shop", f"web-{number}")
    return finding(policy, severity, resource, **rest)


def test_the_worst_that_count_are_held_first() -> None:
    found = record(
        one(1, "critical", status="waived"),
        one(2, "low"),
        one(3, "critical", system=True),
        one(4, "high"),
        one(5, "low", "host_network"),
    )
    held = listing(found, most=3)
    assert (held.shown, held.total) == (3, 5)
    assert [(section.id, section.total) for section in held.sections] == [
        ("findings", 3),
        ("system", 1),
        ("waived", 1),
        ("superseded", 0),
    ]
    groups = held.sections[0].groups
    assert [[each.severity for each in group.findings] for group in groups] == [["high", "low"], ["low"]]
    assert [len(section.groups) for section in held.sections] == [2, 0, 0, 0]


def test_a_page_that_is_full_picks_no_smaller_one_out_of_the_rest() -> None:
    large = one(1, "critical", evidence={"text": "<" * 4000})
    assert listing(record(large, one(2, "low")), budget=3000).shown == 0
    assert listing(record(large, one(2, "low")), budget=30_000).shown == 2


def test_the_text_of_a_policy_stands_once() -> None:
    held = listing(record(one(1, "high"), one(2, "high", status="waived")))
    told = [group.told for section in held.sections for group in section.groups]
    assert told == [True, False]


def test_a_policy_without_a_text_is_told_by_its_finding() -> None:
    ((group,), *_) = [section.groups for section in listing(record(one(1, "high", "unheard_of"))).sections]
    assert (group.text.title, group.text.remediation) == (finding().title, finding().remediation)


def test_pieces_of_a_bar_leave_no_hole() -> None:
    figures = {"a": 1, "b": 1, "c": 1}
    parts = bar("x", figures, "abc", 3).parts
    assert [part.start for part in parts[1:]] == [part.start + part.length for part in parts[:-1]]
    assert parts[-1].start + parts[-1].length == WIDTH
    half = bar("x", figures, "abc", 6).parts[-1]
    assert half.start + half.length == WIDTH // 2


def test_pictures_count_what_the_record_counts() -> None:
    found = audit()
    bars, more = by_namespace(found)
    assert more == 0
    assert sum(each.total for each in bars) == 4
    controls = by_framework(found)
    assert sum(each.total for each in controls.values()) == len(found.controls)
    since = difference(found)
    assert since
    assert {part.name: part.number for part in since.parts} == {
        "new": 1,
        "unknown": 1,
        "unchanged": 4,
        "resolved": 1,
    }
    assert difference(clean_audit()) is None


def test_trend_ends_with_this_audit_and_marks_other_rules() -> None:
    columns = trend(audit())
    assert [column.at for column in columns][-1] == audit().audit.started_at
    assert [column.total for column in columns] == [3, 3, 4]
    assert [column.other_rules for column in columns] == [False, False, True]
    assert columns[-1].start + columns[-1].length <= WIDTH
    assert trend(clean_audit()) == ()


def test_a_population_that_does_not_add_up_is_told() -> None:
    entries = audit().population
    assert population(entries).adds_up
    assert population(entries).sums["listed"] == 27
    wrong = msgspec.structs.replace(entries[1], judged=0)
    assert not population((wrong,)).adds_up
    assert population(entries).empty == ("CronJob",)


def test_expired_waivers_come_first() -> None:
    active, expired = audit().waivers
    ends_first = msgspec.structs.replace(active, expires="2026-01-01")
    found = waivers(msgspec.structs.replace(audit(), waivers=(ends_first, expired)))
    assert [each.state for each in found] == ["expired", "active"]


def test_no_two_things_have_one_address() -> None:
    assert anchor("control", "cis_2_0_1", "5.1.1") == "control-cis_2_0_1-5.1.1"
    hostile = ["a b", 'a"b', "", "javascript:alert(1)", "\ud800"]
    assert len({anchor("policy", each) for each in hostile}) == len(hostile)
    assert all(anchor("policy", each).removeprefix("policy-").isalnum() for each in hostile)

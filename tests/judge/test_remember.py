"""Since when a finding is known, and why it is new: every cause, through the life of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

from auditor.judge.delta import known
from auditor.judge.remember import remember
from auditor.objects import ObjectRef, ResourceEntry
from auditor.past import Against, FirstSeen, KnownFinding, TrendPoint
from auditor.ports import Past, Remembered
from auditor.record import Audit, BundleEntry, Finding, NotEvaluated
from auditor.rules import Severity
from tests.judge.audits import audit, bundle, entry, finding, gap, rule

WEB = finding()


class Memory:
    """What a store does with what it is told, in memory."""

    def __init__(self) -> None:
        self.standing: dict[str, KnownFinding] = {}
        self.audits: list[Audit] = []

    @property
    def past(self) -> Past:
        return Past(self.standing, lambda: reversed(self.audits))

    def keep(self, *audits: Audit, baseline: Audit | None = None) -> Remembered:
        """Remember these, one after the other, and return what came of the last one."""
        for one in audits:
            remembered = remember(one, self.past, baseline=baseline)
            self.standing = {
                name: old for name, old in self.standing.items() if name not in remembered.resolved
            } | known(remembered.audit)
            self.audits.append(remembered.audit)
        return remembered


def since(*audits: Audit, one: Finding = WEB, baseline: Audit | None = None) -> tuple[str, str]:
    """Day and cause of a finding in the last of these audits."""
    [found] = [
        other
        for other in Memory().keep(*audits, baseline=baseline).audit.findings
        if other.fingerprint == one.fingerprint
    ]
    assert found.first_seen
    return found.first_seen.at[8:10], found.first_seen.cause


def days(*audits: dict[str, Any]) -> list[Audit]:
    """Audits of the days from the first of the month on."""
    return [made(day, **one) for day, one in enumerate(audits, start=1)]


def made(day: int, *, findings: Iterable[Finding] = (), **rest: Any) -> Audit:
    return audit(*findings, day=day, **rest)


def blind(*findings: Finding) -> dict[str, Any]:
    return {"findings": findings, "gaps": [gap("Deployment")]}


SEES: dict[str, Any] = {"findings": [WEB]}
UNJUDGED: dict[str, Any] = {"not_evaluated": [NotEvaluated("p", "timed out", entry())]}


def by(*rules: Any, **options: Any) -> dict[str, Any]:
    return {"by": bundle(*rules, **options)}


CAUSES: dict[str, tuple[list[dict[str, Any]], tuple[str, str]]] = {
    "first audit ever": ([SEES], ("01", "first_looked_at")),
    "it came": ([{}, SEES], ("02", "cluster_changed")),
    "it stays": ([{}, SEES, SEES, SEES], ("02", "cluster_changed")),
    "it stays unseen": ([{}, SEES, blind(), SEES], ("02", "cluster_changed")),
    "it went and came again": ([SEES, {}, SEES], ("03", "cluster_changed")),
    "nobody could look before": ([blind(), SEES], ("02", "first_looked_at")),
    "nobody could judge it before": ([UNJUDGED, UNJUDGED, SEES], ("03", "first_looked_at")),
    "it came while nobody could look": ([{}, blind(), SEES], ("03", "cluster_changed")),
    "nobody looked in its namespace before": (
        [{"source": {"kind": "cluster", "namespaces": ["other"]}}, SEES],
        ("02", "first_looked_at"),
    ),
    "its policy was never selected": ([by("p", "q", selected=["q"]), SEES], ("02", "first_looked_at")),
    "its policy was switched off for a while": (
        [{}, by("p", "q", selected=["q"]), SEES],
        ("03", "cluster_changed"),
    ),
    "its policy is new": ([by("q"), by("q"), {**SEES, **by("p", "q")}], ("03", "policy_changed")),
    "its policy is new, older record": (
        [{"by": BundleEntry("sha256:c", ("q",))}, SEES],
        ("02", "policy_changed"),
    ),
    "its policy is new and nobody could look": ([{**blind(), **by("q")}, SEES], ("02", "policy_changed")),
    "its policy says more": ([by(rule(digest="c")), SEES], ("02", "policy_changed")),
    "its parameters are others": ([by(rule(parameters={"days": 1})), SEES], ("02", "policy_changed")),
    "parameters of a namespace are others": (
        [by(rule(namespaces={"shop": {"days": 1}})), SEES],
        ("02", "policy_changed"),
    ),
    "its policy judges more kinds": (
        [by(rule(kinds=("Pod",), digest="c")), SEES],
        ("02", "policy_changed"),
    ),
    "only its severity is another": ([by(rule(severity=Severity.LOW)), SEES], ("02", "cluster_changed")),
    "another policy says more": (
        [by("p", rule("q", "c")), {**SEES, **by("p", "q")}],
        ("02", "cluster_changed"),
    ),
    "its policy changed after it came": (
        [{}, SEES, {**SEES, **by(rule(digest="e"))}],
        ("02", "cluster_changed"),
    ),
    "its policy changed in an audit that did not find it": (
        [by(rule(digest="c")), {}, SEES],
        ("03", "cluster_changed"),
    ),
    "its policy was renamed": ([{}, {**SEES, **by(rule("q", first_id="p"))}], ("02", "cluster_changed")),
    "older record, same bundle": ([{"by": BundleEntry("sha256:d", ("p",))}, SEES], ("02", "cluster_changed")),
    "older record, another bundle": (
        [{"by": BundleEntry("sha256:c", ("p",))}, SEES],
        ("02", "cluster_changed"),
    ),
}


@pytest.mark.parametrize(("audits", "expected"), CAUSES.values(), ids=CAUSES)
def test_causes(audits: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    assert since(*days(*audits)) == expected


def test_every_finding_of_a_remembered_audit_says_since_when() -> None:
    some = [
        finding(name, status=status)
        for name, status in zip("abc", ("open", "waived", "expired_waiver"), strict=True)
    ]
    some += [finding("d", superseded_by="q"), finding("e", system=True)]
    remembered = remember(audit(*some), Past())
    assert {one.first_seen for one in remembered.audit.findings} == {
        FirstSeen("2026-11-02T08:00:00Z", "first_looked_at")
    }
    bare = [msgspec.structs.replace(one, first_seen=None) for one in remembered.audit.findings]
    assert bare == some


def test_the_past_is_only_read_as_far_as_it_is_needed() -> None:
    taken: list[int] = []

    def audits() -> Iterator[Audit]:
        for day in (9, 8, 7):
            taken.append(day)
            yield audit(day=day)

    remember(audit(WEB, day=10), Past({}, audits))
    assert taken == [9]
    remember(audit(day=10), Past({}, audits))
    assert taken == [9, 9]


def test_a_standing_finding_without_a_date_gets_one() -> None:
    remembered = remember(audit(WEB), Past(known(audit(WEB, day=1)), lambda: [audit(day=1)]))
    assert remembered.audit.findings[0].first_seen == FirstSeen("2026-11-02T08:00:00Z", "cluster_changed")
    assert remembered.audit.delta
    assert remembered.audit.delta.new == ()


def test_a_pod_is_no_news_because_its_owner_could_not_be_read() -> None:
    by_set = ObjectRef("ReplicaSet", "web-1", "apps/v1", "shop")
    pod = finding(resource=msgspec.structs.replace(entry("web-1-x", "Pod"), managed_by=by_set))
    unread = {"findings": [pod], "gaps": [gap("ReplicaSet")]}
    assert since(*days({}, unread), one=pod) == ("02", "first_looked_at")
    assert since(*days({}, {"findings": [pod]}), one=pod) == ("02", "cluster_changed")
    there = {"findings": [pod], "gaps": [gap("ReplicaSet", "shop")]}
    assert since(*days({}, there), one=pod) == ("02", "first_looked_at")
    elsewhere = {"findings": [pod], "gaps": [gap("ReplicaSet", "other")]}
    assert since(*days({}, elsewhere), one=pod) == ("02", "cluster_changed")
    flow = finding(resource=entry("flow-1", "Pod", by="flow"))
    assert since(*days({}, {"findings": [flow], "gaps": [gap("ReplicaSet")]}), one=flow) == (
        "02",
        "cluster_changed",
    )


# --- waivers --------------------------------------------------------------------------------------


def status(name: str) -> dict[str, Any]:
    return {"findings": [msgspec.structs.replace(WEB, status=name)]}


LIVES: dict[str, tuple[list[dict[str, Any]], tuple[str, str]]] = {
    "waived from the start": ([status("waived")], ("01", "first_looked_at")),
    "waived, still the same finding": ([{}, SEES, status("waived")], ("02", "cluster_changed")),
    "its waiver expires": ([{}, SEES, status("waived"), status("expired_waiver")], ("04", "waiver_expired")),
    "its waiver is deleted": ([status("waived"), SEES], ("02", "waiver_expired")),
    "it stays expired": (
        [status("waived"), status("expired_waiver"), status("expired_waiver"), SEES],
        ("02", "waiver_expired"),
    ),
    "it is waived again": (
        [status("waived"), status("expired_waiver"), status("waived")],
        ("02", "waiver_expired"),
    ),
    "and expires again": (
        [status("waived"), status("expired_waiver"), status("waived"), status("expired_waiver")],
        ("04", "waiver_expired"),
    ),
    "it expires while nobody can look": (
        [status("waived"), blind(), status("expired_waiver")],
        ("03", "waiver_expired"),
    ),
    "expired when it is first seen": ([status("expired_waiver")], ("01", "first_looked_at")),
    "expired when it comes": ([{}, status("expired_waiver")], ("02", "cluster_changed")),
    "fixed, and back without the waiver": ([status("waived"), {}, SEES], ("03", "cluster_changed")),
}


@pytest.mark.parametrize(("audits", "expected"), LIVES.values(), ids=LIVES)
def test_the_life_of_a_waiver(audits: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    assert since(*days(*audits)) == expected


def test_what_is_found_about_waivers() -> None:
    def told(policy: str) -> Finding:
        return finding(policy=policy, resource=ResourceEntry("auditor.dev/v1", "Waiver", "", "w-1"))

    read: dict[str, Any] = {"waivers": "sha256:w"}
    expired, broad = told("waiver_expired"), told("waiver_too_broad")
    some = {"findings": [expired, broad], **read}
    assert since(*days(some), one=expired) == ("01", "first_looked_at")
    assert since(*days({}, some), one=expired) == ("02", "first_looked_at")
    assert since(*days(read, some), one=expired) == ("02", "waiver_expired")
    assert since(*days(read, some), one=broad) == ("02", "cluster_changed")
    assert Memory().keep(*days(some, read)).resolved == (expired.fingerprint, broad.fingerprint)
    assert Memory().keep(*days(some, {})).resolved == ()


# --- baselines ------------------------------------------------------------------------------------

BASE = audit(WEB, day=1)


def test_a_finding_of_the_baseline() -> None:
    assert since(audit(WEB), baseline=BASE) == ("01", "baseline")


def test_what_the_store_knows_counts_more_than_the_baseline() -> None:
    memory = Memory()
    memory.keep(*days({}, {}, {}, {}, {}, SEES))
    assert memory.keep(audit(WEB, day=7), baseline=BASE).audit.findings[0].first_seen == FirstSeen(
        "2026-11-06T08:00:00Z", "cluster_changed"
    )


def test_a_finding_that_the_baseline_did_not_have() -> None:
    assert since(audit(WEB), baseline=audit(day=1)) == ("02", "cluster_changed")
    assert since(audit(WEB), baseline=made(1, **blind())) == ("02", "first_looked_at")
    assert since(audit(WEB), baseline=audit(day=1, **by(rule(digest="c")))) == ("02", "policy_changed")


def test_a_waiver_of_the_baseline_that_is_gone() -> None:
    waived = audit(msgspec.structs.replace(WEB, status="waived"), day=1)
    assert since(audit(WEB), baseline=waived) == ("02", "waiver_expired")
    assert since(audit(*waived.findings), baseline=waived) == ("01", "baseline")
    assert since(*days({}, SEES, SEES), baseline=waived) == ("02", "waiver_expired")


# --- the delta ------------------------------------------------------------------------------------


def test_without_a_past_there_is_no_delta() -> None:
    assert remember(audit(WEB), Past()).audit.delta is None
    assert remember(audit(WEB), Past()).resolved == ()


def test_the_delta_against_the_history() -> None:
    api, cron = finding("api"), finding(resource=entry("export", "CronJob"))
    memory = Memory()
    memory.keep(*days({"findings": [WEB, api]}, {"findings": [WEB, cron], **by("p", "q")}))
    remembered = memory.keep(audit(cron, finding("new"), day=3, **by("p", "q")))
    delta = remembered.audit.delta
    assert delta
    assert delta.against == Against("history", "audit-2", "2026-11-02T08:00:00Z")
    assert (delta.new, delta.unchanged) == (("p Deployment shop/new",), 1)
    assert [one.fingerprint for one in delta.resolved] == [WEB.fingerprint]
    assert remembered.resolved == (WEB.fingerprint,)
    assert not any(getattr(delta.rules, name) for name in delta.rules.__struct_fields__)


def test_the_history_is_all_that_stands_not_only_the_last_audit() -> None:
    memory = Memory()
    memory.keep(*days(SEES, blind()))
    remembered = memory.keep(audit(day=3))
    assert remembered.audit.delta
    assert [one.first_seen for one in remembered.audit.delta.resolved] == [
        FirstSeen("2026-11-01T08:00:00Z", "first_looked_at")
    ]
    assert remembered.resolved == (WEB.fingerprint,)


def test_what_was_not_looked_at_stays() -> None:
    memory = Memory()
    remembered = memory.keep(*days(SEES, blind()))
    assert remembered.resolved == ()
    assert remembered.audit.delta
    assert [one.finding.fingerprint for one in remembered.audit.delta.unknown] == [WEB.fingerprint]
    assert memory.standing.keys() == {WEB.fingerprint}


def test_a_clean_past_is_a_past_too() -> None:
    remembered = Memory().keep(*days({}, SEES))
    assert remembered.audit.delta
    assert remembered.audit.delta.new == (WEB.fingerprint,)
    changed = Memory().keep(*days({}, by("p", "q"))).audit.delta
    assert changed
    assert changed.rules.added == ("q",)


def test_all_earlier_audits_may_be_pruned() -> None:
    remembered = remember(audit(), Past(known(audit(WEB, day=1))))
    assert remembered.resolved == (WEB.fingerprint,)
    assert remembered.audit.delta
    assert remembered.audit.delta.against == Against("history", "", "")


def test_with_a_baseline_the_delta_is_against_it_and_the_history_goes_on() -> None:
    old = finding("old")
    memory = Memory()
    memory.keep(*days({"findings": [WEB, old]}))
    base = audit(old, finding("gone"), day=1, id="base")
    remembered = memory.keep(audit(old, finding("new")), baseline=base)
    delta = remembered.audit.delta
    assert delta
    assert delta.against == Against("baseline", "base", "2026-11-01T08:00:00Z")
    assert (delta.new, delta.unchanged) == (("p Deployment shop/new",), 1)
    assert [one.fingerprint for one in delta.resolved] == ["p Deployment shop/gone"]
    assert remembered.resolved == (WEB.fingerprint,)


def test_remembering_changes_nothing_else() -> None:
    one = audit(WEB, gaps=[gap("Pod")], coverage=0.5)
    kept = remember(one, Past({}, lambda: iterated([audit(day=1)]))).audit
    same = msgspec.structs.replace(kept, delta=None, findings=one.findings)
    assert same == one


def iterated(audits: Iterable[Audit]) -> Iterator[Audit]:
    yield from audits


def test_an_audit_has_the_figures_of_those_before_it() -> None:
    before = (TrendPoint("2026-11-01T08:00:00Z", {"high": 1}, 1.0, "sha256:a"),)
    assert remember(audit(WEB), Past(trend=before)).audit.trend == before

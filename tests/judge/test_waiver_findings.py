"""Waivers that are too broad or have ended are findings themselves."""

from __future__ import annotations

import msgspec
import pytest

from auditor.judge.outcome import outcome
from auditor.judge.waiver_findings import BUILT_IN
from auditor.judge.waivers import apply, reapply
from auditor.objects import Place, ResourceEntry
from auditor.record import WaiverEntry
from auditor.rules import Severity
from auditor.waiver import Match, Terms
from tests.judge.accepting import (
    ALL,
    CRITICAL,
    HIGH,
    TERMS,
    TODAY,
    accepting,
    applied,
    state,
    waiver,
)
from tests.report import records
from tests.report.records import finding

# --- too broad --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "match", "why"),
    [
        ("*", {"namespace": "shop"}, "it is for every policy"),
        ("?*", {"namespace": "shop"}, "it is for every policy"),
        ("privileged", {"namespace": "*"}, "it is for every namespace"),
        ("privileged", {"namespace": "*", "kind": "Deployment"}, "it is for every namespace"),
        ("privileged", {"name": "*"}, "its match fits every object"),
        ("privileged", {"kind": "*", "path": "**"}, "its match fits every object"),
        ("privileged", {"kind": "*", "cluster": "prod"}, "its match fits every object"),
    ],
)
def test_what_limits_nothing_is_too_broad(policy: str, match: dict[str, str], why: str) -> None:
    """It accepts all the same: the finding about it tells, with the severity of the worst of them."""
    looked = msgspec.structs.replace(ALL, clusters=("prod",))
    result = applied(waiver(policy=policy, match=match), findings=(CRITICAL,), looked=looked)
    (entry,), (told,) = result.entries, result.told
    assert (entry.state, entry.message) == ("too_broad", f"ends in 6 days; {why}")
    assert result.findings[0].status == "waived"
    assert (told.policy, told.severity, told.path) == ("waiver_too_broad", "critical", "/match")
    assert told.message == f"Waiver w-1 of shop-team is too broad: {why}."


def test_what_accepts_very_many_is_too_broad() -> None:
    findings = [finding(severity="low", fingerprint=f"{number:064}") for number in range(26)]
    assert state(waiver(), findings=findings[:25]).state == "expiring"
    result = applied(waiver(), findings=findings)
    (entry,), (told,) = result.entries, result.told
    assert (entry.state, entry.matched) == ("too_broad", 26)
    assert told.message == "Waiver w-1 of shop-team is too broad: it accepts 26 findings, more than 25."
    assert told.severity == "medium"
    assert state(waiver(), findings=findings, terms=Terms(broad_matches=26)).state == "expiring"


def test_a_broad_waiver_opens_no_gate() -> None:
    """Whoever accepts everything still fails where one of the findings would have failed."""
    everything = waiver(policy="*", match={"namespace": "*"})
    for severity in Severity:
        result = applied(everything, findings=(finding(severity=severity.value),))
        record = msgspec.structs.replace(records.clean_audit(), findings=(*result.findings, *result.told))
        assert result.findings[0].status == "waived"
        assert outcome(record, fail_on=severity).code == 1


def test_expired_is_told_before_too_broad() -> None:
    entry = state(waiver(policy="*", expires="2026-11-20"), findings=(CRITICAL,))
    assert entry.state == "expired"


# --- findings about waivers -------------------------------------------------------------------------


def test_an_expired_waiver_is_a_finding() -> None:
    place = Place("waivers/shop.yaml", 1, 12)
    one = waiver(expires="2026-11-20", ticket="SEC-12")
    acceptances = msgspec.structs.replace(accepting(one), places={"w-1": place})
    (told,) = apply((CRITICAL, HIGH), acceptances, TERMS, TODAY, ALL).told
    assert told.resource == ResourceEntry("auditor.dev/v1", "Waiver", "", "w-1", source=place)
    assert told.message == "Waiver w-1 of shop-team ended on 2026-11-20: 1 finding is open again."
    assert (told.policy, told.severity, told.category, told.path) == (
        "waiver_expired",
        "medium",
        "waivers",
        "/expires",
    )
    assert (told.status, told.system, told.superseded_by, told.waiver) == ("open", False, None, None)
    assert told.evidence == {
        "owner": "shop-team",
        "approver": "ada",
        "expires": "2026-11-20",
        "ticket": "SEC-12",
        "policy": "privileged",
        "accepts": 1,
    }


def test_findings_about_waivers_keep_their_fingerprint() -> None:
    """It is that of the waiver: not of its file, its owner, its day, or what it accepts."""
    one, other = (
        applied(waiver(owner=owner, expires=day), findings=found).told[0].fingerprint
        for owner, day, found in (("a", "2026-11-20", ()), ("b", "2026-11-21", (CRITICAL,)))
    )
    assert one == other
    ids = {applied(waiver(name, expires="2026-11-20")).told[0].fingerprint for name in ("w-1", "w-2")}
    assert len(ids) == 2


def test_no_waiver_accepts_findings_about_waivers() -> None:
    """Nor those that an earlier application left in the record."""
    ended = waiver(expires="2026-11-20", policy="privileged")
    result = applied(ended, waiver("all", policy="*", match={"kind": "Waiver"}))
    assert {(one.policy, one.status) for one in result.told} >= {("waiver_expired", "open")}
    assert {one.policy for one in result.told} <= set(BUILT_IN)


def test_applied_again_to_a_record() -> None:
    """What earlier waivers made of the findings is undone first."""
    first = applied(waiver(expires="2026-11-20"))
    audit = msgspec.structs.replace(records.audit(), findings=(*first.findings, *first.told))
    again = reapply(audit, accepting(), TERMS, TODAY)
    assert again.findings == (CRITICAL, HIGH)
    assert (again.entries, again.told) == ((), ())
    again = reapply(audit, accepting(waiver()), TERMS, TODAY)
    assert [(one.status, one.waiver) for one in again.findings] == [("waived", "w-1"), ("open", None)]


def test_an_entry_repeats_the_file() -> None:
    one = waiver(
        ticket="SEC-1", evidence="https://x", risk="r", compensating_control="c", expires="2027-01-31"
    )
    assert state(one, findings=(HIGH,)) == WaiverEntry(
        id="w-1",
        kind="waiver",
        state="unused",
        reason=one.reason,
        owner="shop-team",
        approver="ada",
        created="2026-11-01",
        expires="2027-01-31",
        policy="privileged",
        message="fits nothing any more: delete it",
        ticket="SEC-1",
        risk="r",
        compensating_control="c",
        evidence="https://x",
    )


def test_a_match_without_fields_fits_all() -> None:
    """The loader refuses it; whoever builds one gets what it says, and the finding that it is too broad."""
    one = msgspec.structs.replace(waiver(), match=Match())
    assert state(one, findings=(CRITICAL,)).state == "too_broad"

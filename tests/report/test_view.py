"""What is said of an audit as a whole, and in which order its parts come."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.record import Audit, GapEntry, NotEvaluated, Summary
from auditor.report import view
from auditor.report.view import State
from tests.report.records import DATABASE, PROXY, WEB, audit, clean_audit, finding


def changed(record: Audit, summary: dict[str, Any] | None = None, **fields: Any) -> Audit:
    """Return a clean record with something changed."""
    figures: Summary = msgspec.structs.replace(record.summary, **(summary or {}))
    return msgspec.structs.replace(record, summary=figures, **fields)


GAP = GapEntry(kind="Secret", reason="403", effect="blind")


@pytest.mark.parametrize(
    ("record", "state", "headline"),
    [
        (clean_audit(), State.CLEAN, "No failure found; all that is within reach was looked at"),
        (changed(clean_audit(), out_of_reach=(GAP,)), State.CLEAN, None),
        (audit(), State.FAILURES, "4 findings on 2 objects"),
        (
            changed(clean_audit(), findings=(finding(severity="info"),)),
            State.FAILURES,
            "1 finding on 1 object",
        ),
        (changed(clean_audit(), {"coverage": 0.9999999}), State.INCONCLUSIVE, None),
        (changed(clean_audit(), gaps=(GAP,)), State.INCONCLUSIVE, None),
        (changed(clean_audit(), not_evaluated=(NotEvaluated("p", "r"),)), State.INCONCLUSIVE, None),
        (changed(clean_audit(), {"evaluations": 0}), State.INCONCLUSIVE, "Nothing was evaluated"),
        (
            changed(clean_audit(), findings=(finding(resource=PROXY, system=True),)),
            State.INCONCLUSIVE,
            "No failure found that counts",
        ),
        (changed(clean_audit(), findings=(finding(status="waived"),)), State.INCONCLUSIVE, None),
    ],
)
def test_verdict(record: Audit, state: State, headline: str | None) -> None:
    verdict = view.verdict(record)
    assert verdict.state == state
    assert headline in (None, verdict.headline)


def test_verdict_names_what_limits_it() -> None:
    assert view.verdict(audit()).reasons == (
        "coverage 91.6%",
        "2 results without a verdict",
        "2 gaps in what was read",
        "1 finding in system namespaces",
        "1 finding waived",
        "1 kind out of reach",
        "2 policies out of reach",
        "2 files skipped",
    )


def test_every_finding_is_in_exactly_one_list() -> None:
    record = audit()
    lists = (view.shown(record), view.system(record), view.waived(record), view.superseded(record))
    found = [f.fingerprint + f.status for part in lists for f in part]
    assert sorted(found) == sorted(f.fingerprint + f.status for f in record.findings)


def test_grouped_puts_the_worst_object_and_finding_first() -> None:
    low, high = finding(severity="low", resource=WEB), finding("z", "high", WEB)
    critical, info = finding(severity="critical", resource=DATABASE), finding("a", "info", DATABASE)
    groups = view.grouped([info, low, critical, high])
    assert [group.resource for group in groups] == [DATABASE, WEB]
    assert [group.findings for group in groups] == [(critical, info), (high, low)]


def test_unjudged_counts_by_reason_and_policy() -> None:
    entries = [
        NotEvaluated("b", "late", resource=WEB),
        NotEvaluated("a", "late", resource=WEB),
        NotEvaluated("b", "late", kind="Job"),
        NotEvaluated("c", "broken"),
    ]
    first, second = view.unjudged(entries)
    assert (first.reason, first.policies) == ("late", {"a": 1, "b": 2})
    assert first.where == ("Deployment shop/web", "every Job")
    assert (second.reason, second.where) == ("broken", ("the whole audit",))


def test_frameworks_count_what_is_decided() -> None:
    scores = {score.id: score for score in view.frameworks(audit())}
    baseline = scores["pss_baseline"]
    assert (baseline.passed, baseline.decided, baseline.others) == (1, 2, {"incomplete": 1})
    assert scores["cis_2_0_1"].score is None
    assert (scores["cis_2_0_1"].decided, scores["cis_2_0_1"].others) == (0, {"manual": 1})


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.0, "100%"), (0.99999, "99.9%"), (0.0, "0%"), (0.5, "50%"), (0.29, "29%"), (2 / 3, "66.6%")],
)
def test_percent_never_rounds_up(ratio: float, text: str) -> None:
    assert view.percent(ratio) == text


def test_plural() -> None:
    assert [view.plural(n, "policy") for n in (0, 1, 2)] == ["0 policies", "1 policy", "2 policies"]
    assert view.plural(2, "gap") == "2 gaps"

"""The metrics: those of docs/metrics.md, taken by promtool, bounded, and right in what they count."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from auditor.model import Obstacle
from auditor.past import FirstSeen, TrendPoint
from auditor.record import Audit, NotEvaluated
from auditor.report.metrics import MAX_NAMESPACES, OTHER, MetricsRenderer
from tests.report.hostile import CORPUS
from tests.report.records import WEB, audit, clean_audit, finding
from tests.report.screens import rendered
from tests.stack.rules import documented_metrics
from tools.build import tool_bin

NOT_OF_AN_AUDIT = {"auditor_stack_drift_objects", "auditor_backup_drill_timestamp_seconds"}


def samples(record: Audit) -> dict[str, dict[tuple[str, ...], float]]:
    """By metric: the figure by the values of the labels, in the order of their names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(rendered(MetricsRenderer(), record)):
        figures = found.setdefault(family.name, {})
        for sample in family.samples:
            key = tuple(value for _, value in sorted(sample.labels.items()))
            assert key not in figures, f"{family.name}{key} twice"
            figures[key] = sample.value
    return found


def check(text: str) -> str:
    promtool = tool_bin("prometheus") / "promtool"
    ran = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    return f"{ran.returncode} {ran.stdout}{ran.stderr}".strip()


def test_they_are_the_documented_ones() -> None:
    documented = documented_metrics()
    record = msgspec.structs.replace(
        audit(), trend=(TrendPoint("2026-11-23T08:43:11Z", {}, 1.0, "sha256:1"),)
    )
    found = {
        family.name: family for family in text_string_to_metric_families(rendered(MetricsRenderer(), record))
    }
    assert set(found) == set(documented) - NOT_OF_AN_AUDIT
    for name, family in found.items():
        for sample in family.samples:
            assert set(sample.labels) == set(documented[name])
            for label, value in sample.labels.items():
                assert value in (documented[name][label] or (value,)), f"{name}: {label}={value}"


def test_promtool_takes_them() -> None:
    assert check(rendered(MetricsRenderer(), audit())) == "0"
    assert check(rendered(MetricsRenderer(), clean_audit())) == "0"


def test_whatever_names_are_like() -> None:
    found = tuple(
        finding(resource=msgspec.structs.replace(WEB, namespace=text), fingerprint=f"{number:064x}")
        for number, text in enumerate(CORPUS)
    )
    record = msgspec.structs.replace(audit(), findings=found)
    text = rendered(MetricsRenderer(), record)
    assert check(text) == "0"
    assert sum(samples(record)["auditor_namespace_findings"].values()) == len(CORPUS)


def seen(cause: Any, at: str = "2026-11-24T08:43:11Z", **rest: Any) -> Any:
    return finding(first_seen=FirstSeen(at, cause), **rest)


@pytest.mark.parametrize(
    ("cause", "at", "age"),
    [
        ("cluster_changed", "2026-11-24T08:43:11Z", "new"),
        ("waiver_expired", "2026-11-23T08:43:12Z", "new"),
        ("cluster_changed", "2026-11-23T08:43:11Z", "standing"),
        ("policy_changed", "2026-11-24T08:43:11Z", "standing"),
        ("first_looked_at", "2026-11-24T08:43:11Z", "standing"),
        ("baseline", "2026-11-24T08:43:11Z", "standing"),
    ],
)
def test_new_is_what_the_cluster_brought_in_the_last_day(cause: str, at: str, age: str) -> None:
    record = msgspec.structs.replace(audit(), findings=(seen(cause, at),))
    assert samples(record)["auditor_findings"] == {(age, "privileged", "critical", "open"): 1.0}


def test_what_counts() -> None:
    """Not what another finding tells, nor what is in a namespace of Kubernetes; waived ones by status."""
    found = (
        finding(fingerprint="1"),
        finding(fingerprint="2", superseded_by="other"),
        finding(fingerprint="3", system=True),
        finding(fingerprint="4", status="waived", waiver="w"),
        finding(fingerprint="5", status="expired_waiver", waiver="w"),
    )
    figures = samples(msgspec.structs.replace(audit(), findings=found))
    assert figures["auditor_findings"] == {
        ("standing", "privileged", "critical", status): 1.0 for status in ("open", "waived", "expired_waiver")
    }
    assert figures["auditor_namespace_findings"] == {("shop", "critical"): 2.0}


def test_namespaces_are_bounded() -> None:
    found = [
        finding(
            resource=msgspec.structs.replace(WEB, namespace=f"n{number:03}"), fingerprint=f"{number}-{copy}"
        )
        for number in range(MAX_NAMESPACES + 7)
        for copy in range(2 if number else 1)
    ]
    figures = samples(msgspec.structs.replace(audit(), findings=tuple(found)))
    spaces = figures["auditor_namespace_findings"]
    assert len(spaces) == MAX_NAMESPACES + 1
    assert sum(spaces.values()) == len(found)
    assert spaces[OTHER, "critical"] == 13
    assert ("n000", "critical") not in spaces
    assert figures["auditor_series_dropped"] == {(): 7.0}


def test_how_it_ended() -> None:
    figures = samples(clean_audit())
    assert figures["auditor_last_run_result"] == {("complete",): 1.0, ("incomplete",): 0.0, ("failed",): 0.0}
    assert figures["auditor_last_success_timestamp_seconds"] == figures["auditor_last_run_timestamp_seconds"]
    trend = tuple(
        TrendPoint(f"2026-11-2{day}T00:00:00Z", {}, coverage, "sha256:1")
        for day, coverage in ((1, 1.0), (2, 1.0), (3, 0.9))
    )
    figures = samples(msgspec.structs.replace(audit(), trend=trend))
    assert figures["auditor_last_run_result"][("incomplete",)] == 1.0
    assert figures["auditor_last_success_timestamp_seconds"] == {(): 1795305600.0}
    assert figures["auditor_last_run_duration_seconds"][()] >= 0


def test_what_has_no_verdict_by_its_cause() -> None:
    unjudged = tuple(NotEvaluated("p", "why", obstacle=one) for one in (*Obstacle, Obstacle.UNKNOWN))
    figures = samples(msgspec.structs.replace(audit(), not_evaluated=unjudged))
    assert figures["auditor_not_evaluated"] == {("unreadable",): 1, ("unknown",): 2, ("policy_error",): 1}


def test_states_of_waivers_are_all_there() -> None:
    states = samples(audit())["auditor_waivers"]
    assert set(states) == {(one,) for one in documented_metrics()["auditor_waivers"]["state"]}
    expected = Counter((one.state,) for one in audit().waivers if one.kind == "waiver")
    assert {state: count for state, count in states.items() if count} == expected

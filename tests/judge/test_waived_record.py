"""The record of an audit under waivers: findings, counts, controls, scores, and how the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.judge.outcome import outcome
from auditor.judge.recording import Stamp, record
from auditor.model import SourceFacts, Verdict, Violation
from auditor.pipeline import collect, judge
from auditor.record import Audit, Counts
from auditor.rules import Control, Framework, Severity
from auditor.waiver import Acceptances, Terms
from tests import factories as make
from tests.factories import FakeEngine, FakeSource, policy, resource, selection
from tests.judge.accepting import accepting, attestation, waiver

FRAMEWORK = Framework(
    "f",
    "Framework",
    "1",
    (
        Control("1", "By hand"),
        Control("2", "No host PID", ("no_host_pid",)),
        Control("3", "Both", ("no_host_pid", "no_web")),
        Control("4", "Switched off", ("off",)),
    ),
)
CHOSEN = selection(
    policy("no_host_pid", severities=(Severity.CRITICAL,), retired_ids=("host_pid",)),
    policy("no_web", severities=(Severity.LOW,)),
    frameworks=[FRAMEWORK],
    declined=[policy("off")],
)
BAD = make.pod_spec(hostPID=True)
BODIES = (
    make.deployment(BAD),
    make.deployment(name="good"),
    make.deployment(BAD, name="proxy", namespace="kube-system"),
)


def no_host_pid(given: Mapping[str, Any]) -> Verdict:
    path = f"{given['pod']['path']}/hostPID"
    return Verdict((Violation(path, "x"),)) if given["pod"]["spec"].get("hostPID") else Verdict()


def no_web(given: Mapping[str, Any]) -> Verdict:
    return make.fail("/metadata/name") if given["meta"]["name"] == "web" else Verdict()


def audited(
    acceptances: Acceptances, started: str = "2026-11-24T08:00:00Z", terms: Terms | None = None
) -> Audit:
    source = FakeSource(*map(resource, BODIES), facts=SourceFacts("cluster", name="prod", version="v1.36.3"))
    snapshot = collect(source, CHOSEN, now=started)
    documents, results = judge(snapshot, FakeEngine(no_host_pid=no_host_pid, no_web=no_web), CHOSEN)
    stamp = Stamp("sha256:d", (), "id", started, started)
    return record(
        snapshot, documents, results, CHOSEN, stamp, acceptances=acceptances, terms=terms or Terms()
    )


def controls(audit: Audit) -> dict[str, str]:
    return {one.control: one.status for one in audit.controls}


PID = waiver("pid", "no_host_pid", match={"kind": "Deployment", "name": "web", "namespace": "shop"})
WEB = waiver("web", "no_web", expires="2027-01-31")


def test_without_waivers() -> None:
    audit = audited(Acceptances())
    assert (audit.waivers, audit.audit.waivers) == ((), "")
    assert {one.status for one in audit.findings} == {"open"}
    assert audit.summary.findings == Counts(critical=1, low=1)
    assert controls(audit) == {"1": "manual", "2": "fail", "3": "fail", "4": "incomplete"}


def test_waived_findings_stay_and_make_no_control_pass() -> None:
    audit = audited(accepting(PID, WEB))
    assert audit.audit.waivers == "sha256:w"
    assert [(one.policy, one.status, one.waiver, one.system) for one in audit.findings] == [
        ("no_host_pid", "open", None, True),
        ("no_host_pid", "waived", "pid", False),
        ("no_web", "waived", "web", False),
    ]
    assert [(one.id, one.state, one.matched) for one in audit.waivers] == [
        ("pid", "expiring", 1),
        ("web", "active", 1),
    ]
    assert audit.summary.findings == Counts(waived=2)
    assert controls(audit) == {
        "1": "manual",
        "2": "pass_with_waivers",
        "3": "pass_with_waivers",
        "4": "incomplete",
    }
    assert audit.summary.scores == {"f": 0}
    assert outcome(audit, fail_on=Severity.INFO, min_coverage=0).code == 0


def test_one_unwaived_finding_fails_the_control() -> None:
    audit = audited(accepting(PID))
    assert controls(audit)["2"] == "pass_with_waivers"
    assert controls(audit)["3"] == "fail"
    assert [one.failing for one in audit.controls] == [0, 0, 1, 0]


def test_the_day_is_that_on_which_the_audit_began_in_utc() -> None:
    last = audited(accepting(PID), "2026-11-30T23:59:59Z")
    assert [one.status for one in last.findings if one.policy == "no_host_pid"] == ["open", "waived"]
    after = audited(accepting(PID), "2026-12-01T00:00:00Z")
    assert [(one.policy, one.status) for one in after.findings] == [
        ("no_host_pid", "open"),
        ("no_host_pid", "expired_waiver"),
        ("waiver_expired", "open"),
        ("no_web", "open"),
    ]


def test_expired_waivers_count_before_anything_is_counted() -> None:
    """The finding is back at its full severity, and the waiver is one more; worst first, as ever."""
    audit = audited(accepting(PID), "2026-12-01T00:00:00Z")
    assert audit.summary.findings == Counts(critical=1, medium=1, low=1)
    assert [one.severity for one in audit.findings] == ["critical", "critical", "medium", "low"]
    assert controls(audit)["2"] == "fail"
    assert outcome(audit, fail_on=Severity.CRITICAL).code == 1
    kept = audited(accepting(PID, WEB), "2027-01-01T00:00:00Z")
    assert outcome(kept, fail_on=Severity.MEDIUM).reason == "2 findings at or above medium"


def test_a_former_id_of_a_policy_is_known() -> None:
    audit = audited(accepting(waiver("old", "host_pid", match={"namespace": "shop"})))
    assert [one.waiver for one in audit.findings] == [None, "old", None]


def test_a_policy_that_did_not_judge_leaves_its_waiver_alone() -> None:
    nothing = {"match": {"name": "x"}, "expires": "2027-01-31"}
    audit = audited(
        accepting(
            waiver("off", "off", **nothing), waiver("no", "no_*", **nothing), waiver("some", "*o*", **nothing)
        )
    )
    assert {one.id: one.state for one in audit.waivers} == {"off": "active", "no": "unused", "some": "active"}


def test_the_cluster_is_that_of_the_audit() -> None:
    for name, expected in (("prod", "waived"), ("staging", "open")):
        audit = audited(accepting(waiver(policy="no_web", match={"cluster": name, "name": "web"})))
        assert audit.findings[-1].status == expected


def test_an_attestation_answers_a_manual_control_until_it_ends() -> None:
    lasting = attestation(control="f/1")
    audit = audited(accepting(lasting))
    assert controls(audit)["1"] == "attested"
    assert audit.summary.scores == {"f": 1 / 3}
    ended = audited(accepting(lasting), "2027-01-01T00:00:00Z")
    assert controls(ended)["1"] == "manual"
    assert [one.policy for one in ended.findings if one.severity is Severity.MEDIUM] == [
        "attestation_expired"
    ]
    assert ended.summary.findings.medium == 1


def test_an_attestation_hides_no_failure() -> None:
    audit = audited(accepting(attestation(control="f/2"), attestation("a-2", "f/4")))
    assert controls(audit) == {"1": "manual", "2": "fail", "3": "fail", "4": "incomplete"}
    assert [one.state for one in audit.waivers] == ["unused", "unused"]


def test_the_terms_are_those_of_the_caller() -> None:
    audit = audited(accepting(PID), terms=Terms(max_days={Severity.CRITICAL: 10}))
    assert [one.status for one in audit.findings if one.waiver] == ["expired_waiver"]

"""What people read of waivers, and the template that they complete: hostile text breaks out of neither."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.yaml import documents
from auditor.config.waivers import load_waivers
from auditor.errors import ConfigError, UsageError
from auditor.judge.waiver_check import Problem
from auditor.judge.waiver_findings import WAIVER_EXPIRED
from auditor.judge.waivers import apply
from auditor.objects import ObjectRef, Place, ResourceEntry
from auditor.record import Finding, WaiverEntry
from auditor.report.text import visible
from auditor.report.waiver_template import Answers, attestation_template, find, quoted, template
from auditor.report.waivers import check_lines, list_lines
from auditor.rules import ByHand, Control, Framework, Severity
from auditor.waiver import Terms, Waiver
from tests.judge.accepting import REASON, TERMS, TODAY, accepting, attestation, waiver
from tests.report.hostile import CORPUS
from tests.report.records import audit, cluster, finding

every_text = pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())


def value(text: str) -> Any:
    """The only document of a YAML text."""
    (document,) = documents(text.encode())
    assert not isinstance(document, Exception), document
    return document.value


# --- check and list -------------------------------------------------------------------------------


def test_check() -> None:
    entries = accepting(waiver(), waiver("w-2"), attestation())
    assert list(check_lines([], entries)) == ["2 waivers, 1 attestation: no problem"]
    found = [Problem("w-1", "unknown policy 'x'", Place("w.yaml", 1, 3)), Problem("w-2", "expired")]
    assert list(check_lines(found, entries)) == [
        "w.yaml:3: w-1: unknown policy 'x'",
        "w-2: expired",
        "2 waivers, 1 attestation: 2 problems",
    ]


def test_list() -> None:
    entries = apply(
        (finding(),),
        accepting(
            waiver("far", policy="host_*", expires="2027-01-31"),
            waiver("near"),
            waiver("ended", expires="2026-11-20"),
            attestation(),
        ),
        TERMS,
        TODAY,
    ).entries
    assert list(list_lines(entries, judged=True)) == [
        "STATE     ID     FOR         UNTIL       FITS  OWNER      APPROVER",
        "expired   ended  privileged  2026-11-20  1     shop-team  ada",
        "          ended on 2026-11-20",
        "expiring  near   privileged  2026-11-30  1     shop-team  ada",
        "          ends in 6 days",
        "active    a-1    f/1         2026-12-31  -     platform   ada",
        "active    far    host_*      2027-01-31  0     shop-team  ada",
        "3 waivers, 1 attestation",
        "Owner and approver are the text of the files; nobody has verified them.",
    ]
    assert list(list_lines((), judged=False)) == ["0 waivers, 0 attestations"]
    assert (
        next(list_lines(entries[:1], judged=False))
        == "STATE    ID     FOR         UNTIL       FITS  OWNER      APPROVER"
    )


FREE = ("id", "reason", "owner", "approver", "created", "expires", "policy", "control", "message")


def hostile_entries(text: str) -> Iterator[WaiverEntry]:
    for kind, state in product(("waiver", "attestation"), ("active", "expired")):
        yield msgspec.convert({**dict.fromkeys(FREE, text), "kind": kind, "state": state}, WaiverEntry)


@every_text
def test_hostile_text_stays_on_its_line(text: str) -> None:
    written = list(list_lines(hostile_entries(text), judged=True))
    problems = [Problem(text, text, Place(text, 1, 1))]
    assert len(written) == 1 + 2 * 4 + 2
    for line in [*written, *check_lines(problems, accepting())]:
        assert visible(line) == line


# --- the template ---------------------------------------------------------------------------------

FILLED = Answers("shop-team", "ada", 30)


def filled(one: Finding, answers: Answers = FILLED, terms: Terms = TERMS) -> str:
    """The template, with what a person has to write."""
    text = template(one, audit(), terms, TODAY, answers)
    blank = '    reason: ""'
    assert text.count(blank) == 1
    return text.replace(blank, f"    reason: {REASON}")


def test_the_template_of_a_finding() -> None:
    one = finding(waiver_request="needed by the node agent until March")
    assert (
        template(one, cluster(audit()), TERMS, TODAY, Answers())
        == f"""\
# Fill in what is empty, have it approved as any other change, and check it:
#   auditor waivers check FILE
# finding: {one.message}
# object: Deployment shop/web
# path: /spec/template/spec/containers/0/securityContext/privileged
# source: shop/web.yaml:3
# controls: pss_baseline/privileged, pss_restricted/privileged
# what to do instead: {one.remediation}
waivers:
  - id: privileged-{one.fingerprint[:8]}
    policy: "privileged"
    match:
      # cluster: "kwok-demo"  # to accept it in this cluster only
      namespace: "shop"
      kind: "Deployment"
      name: "web"
      fingerprint: "{one.fingerprint}"
    # asked for by the object itself: needed by the node agent until March
    reason: ""  # FILL IN: why it is accepted, in 20 characters or more
    risk: ""  # what can happen because of it
    compensating_control: ""  # what limits that
    owner: ""  # FILL IN: the person or team that answers for it
    approver: ""  # FILL IN: another person or team than the owner
    ticket: ""
    created: 2026-11-24
    # critical findings are accepted for at most 30 days: until 2026-12-24
    expires: ""  # FILL IN: the last day on which it is accepted, in UTC, at most 2026-12-24
"""
    )


def test_the_template_is_refused_until_every_blank_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    text = template(finding(), audit(), TERMS, TODAY, Answers())
    answers = {"reason": REASON, "owner": "shop-team", "approver": "ada", "expires": "2026-12-24"}
    assert text.count("FILL IN") == len(answers)
    for field, answer in answers.items():
        path.write_text(text)
        with pytest.raises(ConfigError, match=f"waivers.0.{field}: "):
            load_waivers([path], TERMS, TODAY)
        text = text.replace(f'    {field}: ""', f"    {field}: {answer}")
    path.write_text(text)
    (one,) = load_waivers([path], TERMS, TODAY).waivers
    assert applied(one, finding()) == ["waived"]


def applied(one: Waiver, *findings: Finding) -> list[str]:
    return [each.status for each in apply(findings, accepting(one), TERMS, TODAY).findings]


def loaded(text: str, folder: Path) -> Waiver:
    (folder / "w.yaml").write_text(text)
    (one,) = load_waivers([folder / "w.yaml"], TERMS, TODAY).waivers
    return one


def test_a_filled_template_accepts_this_finding_alone(tmp_path: Path) -> None:
    one = loaded(filled(finding()), tmp_path)
    other = finding(fingerprint="0" * 64)
    assert applied(one, finding(), other) == ["waived", "open"]
    assert (one.expires, one.owner, one.approver) == ("2026-12-24", "shop-team", "ada")


def test_who_bears_the_finding_is_named(tmp_path: Path) -> None:
    """Pods come and go under names that are made up: their owner's name is the one that stays."""
    owner = ObjectRef("Rollout", "web", "argoproj.io/v1", "shop")
    pods = ResourceEntry("apps/v1", "ReplicaSet", "shop", "web-5d9c", managed_by=owner)
    one = loaded(filled(finding(resource=pods)), tmp_path)
    assert (one.match.namespace, one.match.kind, one.match.name) == ("shop", "Rollout", "web")
    later = msgspec.structs.replace(pods, name="web-77af")
    fingerprint = finding(resource=pods).fingerprint
    assert applied(one, finding(resource=later, fingerprint=fingerprint)) == ["waived"]


def test_what_is_cluster_wide_has_no_namespace(tmp_path: Path) -> None:
    one = finding(resource=ResourceEntry("v1", "Namespace", "", "shop"))
    assert loaded(filled(one), tmp_path).match.namespace == ""


@every_text
def test_hostile_text_does_not_leave_its_place(text: str, tmp_path: Path) -> None:
    """Whatever a cluster says, the file holds the same keys, and the waiver fits what it was made for."""
    resource = ResourceEntry(text, text, text, text, Place(text, 1, 1))
    one = msgspec.structs.replace(
        finding(),
        resource=resource,
        path=text,
        message=text,
        remediation=text,
        controls=(text,),
        waiver_request=text,
        status="waived",
        waiver=text,
    )
    written = filled(one)
    assert all(visible(line) == line for line in written.splitlines())
    harmless = value(filled(finding()))
    assert value(written).keys() == harmless.keys()
    assert value(written)["waivers"][0].keys() == harmless["waivers"][0].keys()
    assert value(written)["waivers"][0]["match"].keys() == harmless["waivers"][0]["match"].keys()
    if len(text) <= 2000:
        assert applied(loaded(written, tmp_path), one) == ["waived"]


@every_text
def test_a_hostile_policy_and_fingerprint_stay_in_their_place(text: str) -> None:
    one = msgspec.structs.replace(finding(), policy=text, fingerprint=text)
    entry = value(filled(one))["waivers"][0]
    assert (
        entry["policy"]
        == entry["match"]["fingerprint"]
        == "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text)
    )
    assert entry["id"].isascii()


@given(st.text(st.characters(codec="utf-8")))
def test_quoting_loses_nothing(text: str) -> None:
    line = quoted(text)
    assert visible(line) == line
    assert value(f"a: {line}\n") == {"a": text}


def test_answers_that_no_waiver_can_have() -> None:
    security = Terms(approvers={Severity.CRITICAL: ("eve", "Security Team")})
    for answers, terms, told in (
        (Answers(days=31), TERMS, "--days 31: critical findings are accepted for at most 30"),
        (Answers("ada", "Ada "), TERMS, "--approver Ada : must be another than the owner"),
        (Answers("x", "ada"), security, "ada may not approve critical findings"),
    ):
        with pytest.raises(UsageError) as error:
            template(finding(), audit(), terms, TODAY, answers)
        assert str(error.value) == told
    assert "# FILL IN: one of: eve, Security Team" in template(finding(), audit(), security, TODAY, Answers())
    assert "expires: 2026-11-25\n" in template(finding(), audit(), TERMS, TODAY, Answers(days=1))
    endless = Terms(max_days={Severity.CRITICAL: 10**9})
    assert "until 9999-12-31" in template(finding(), audit(), endless, TODAY, Answers())


def test_an_attestation_is_complete_but_for_what_people_know() -> None:
    framework = Framework("theirs", "Theirs", "1", ())
    by_hand = ByHand("Look at it.", "The\x1b[2J output.")
    text = attestation_template(
        framework, Control("1.10", "Files", manual=by_hand), TERMS, TODAY, Answers("ops")
    )
    assert "# control: theirs/1.10: Files\n# what to look at: Look at it.\n" in text
    assert "\x1b" not in text
    (entry,) = value(text)["attestations"]
    assert [name for name, answer in entry.items() if answer == ""] == [
        *("reason", "approver", "ticket", "expires", "evidence")
    ]
    assert (entry["framework"], entry["control"], entry["owner"]) == ("theirs", "1.10", "ops")
    named = Terms(approvers={Severity.INFO: ("eve",)})
    with pytest.raises(UsageError) as error:
        attestation_template(framework, Control("1.10", "Files"), named, TODAY, Answers("ops", "ada"))
    assert str(error.value) == "ada may not approve attestations"
    told = attestation_template(framework, Control("1.10", "Files"), named, TODAY, Answers())
    assert "# FILL IN: one of: eve" in told
    assert "what to look at" not in told


def test_what_a_fingerprint_means() -> None:
    one, other = finding(fingerprint="1234567890abcdef"), finding(fingerprint="1234567890abcdee")
    about = finding(WAIVER_EXPIRED.id, fingerprint="a" * 64)
    record = msgspec.structs.replace(audit(), findings=(one, other, about))
    assert find(record, "1234567890abcdef") is one
    for given_, told in (
        ("1234567", "'1234567' is too short: give 8 characters of a fingerprint at least"),
        ("12345678", "2 findings have a fingerprint that begins with 12345678"),
        ("12345679", f"audit {record.audit.id} has no finding 12345679"),
        ("a" * 64, f"{'a' * 64} is a finding about Deployment shop/web, which no waiver accepts"),
    ):
        with pytest.raises(UsageError) as error:
            find(record, given_)
        assert str(error.value) == told
    exact = msgspec.structs.replace(record, findings=(one, finding(fingerprint="1234567890")))
    assert find(exact, "1234567890").fingerprint == "1234567890"


def test_what_accepts_it_now_is_told() -> None:
    accepted = template(finding(status="waived", waiver="w-1"), audit(), TERMS, TODAY, Answers())
    assert "# accepted by: w-1\n" in accepted
    ended = template(finding(status="expired_waiver", waiver="w-1"), audit(), TERMS, TODAY, Answers())
    assert "# until it expired, accepted by: w-1\n" in ended

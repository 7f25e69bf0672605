"""Waiver files: every fault names file, line and key; what is right is read as it is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditor.config.waivers import load_waivers
from auditor.errors import ConfigError
from auditor.objects import Place
from auditor.rules import Severity
from auditor.waiver import Acceptances, Match, Review, Terms
from tests.judge.accepting import TODAY

GOOD = """\
waivers:
  - id: w-1
    policy: host_pid
    match:
      namespace: shop
      kind: DaemonSet
    reason: the node agent has to see the processes of its node
    risk: whoever takes over the agent sees every process
    compensating_control: the agent runs on nodes of its own
    owner: shop-team
    approver: Ada
    ticket: SEC-12
    created: 2026-10-01
    expires: 2026-12-31
    evidence: https://wiki.example/node-agent
    review:
      - {at: 2026-11-01, by: Eve, note: the vendor is late}
attestations:
  - id: a-1
    framework: cis
    control: "5.1.1"
    reason: looked at all bindings with the platform team
    owner: platform
    approver: Ada
    created: 2026-11-24
    expires: 2026-11-24
"""

LINES = {line.strip().split(":")[0]: number for number, line in enumerate(GOOD.splitlines(), start=1)}


def load(text: str, folder: Path, terms: Terms | None = None, today: date = TODAY) -> Acceptances:
    path = folder / "shop.yaml"
    path.write_text(text)
    return load_waivers([path], terms or Terms(), today)


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def refused(text: str, folder: Path, **options: Any) -> str:
    """What the user is told, without the path before it."""
    with pytest.raises(ConfigError) as error:
        load(text, folder, **options)
    path = f"{folder / 'shop.yaml'}:"
    lines = str(error.value).splitlines()
    assert all(line.startswith(path) for line in lines)
    return "\n".join(line.removeprefix(path) for line in lines)


# --- what is right --------------------------------------------------------------------------------


def test_all_of_it_is_read(tmp_path: Path) -> None:
    found = load(GOOD, tmp_path)
    (waiver,), (attestation,) = found.waivers, found.attestations
    assert (waiver.id, waiver.policy, waiver.match) == (
        "w-1",
        "host_pid",
        Match(namespace="shop", kind="DaemonSet"),
    )
    assert (waiver.owner, waiver.approver, waiver.ticket) == ("shop-team", "Ada", "SEC-12")
    assert (waiver.created, waiver.expires) == ("2026-10-01", "2026-12-31")
    assert waiver.review == (Review("2026-11-01", "Eve", "the vendor is late"),)
    assert (attestation.framework, attestation.control, attestation.expires) == ("cis", "5.1.1", "2026-11-24")
    path = str(tmp_path / "shop.yaml")
    assert found.places == {"w-1": Place(path, 1, 2), "a-1": Place(path, 1, LINES["attestations"] + 1)}


@pytest.mark.parametrize(
    "text", ["", "# nothing yet\n", "---\n", "waivers:\n", "waivers: []\nattestations: []\n"]
)
def test_nothing_is_no_fault(text: str, tmp_path: Path) -> None:
    found = load(text, tmp_path)
    assert (found.waivers, found.attestations) == ((), ())
    assert found.digest.startswith("sha256:")


def test_no_files() -> None:
    assert load_waivers([], Terms(), TODAY) == Acceptances()


def test_expired_files_are_read(tmp_path: Path) -> None:
    """An audit has to say so; it must not end because of it."""
    assert load(GOOD, tmp_path, today=date(2030, 1, 1)).waivers


@pytest.mark.parametrize("ticket", ["SEC-12", "A-1", "https://tracker.example/browse/SEC-12", "http://t/1"])
def test_tickets(ticket: str, tmp_path: Path) -> None:
    assert load(changed("ticket: SEC-12", f"ticket: {ticket}"), tmp_path).waivers[0].ticket == ticket


def test_the_form_of_tickets_is_configured(tmp_path: Path) -> None:
    terms = Terms(ticket="CHG[0-9]{7}")
    assert load(changed("SEC-12", "CHG0000012"), tmp_path, terms).waivers
    told = refused(GOOD, tmp_path, terms=terms)
    assert told.endswith(
        "waivers.0.ticket: must be a URL or a key such as ABC-123 (it must match CHG[0-9]{7})"
    )
    with pytest.raises(ConfigError, match=r"^waivers\.ticket is not a regular expression: "):
        load(GOOD, tmp_path, Terms(ticket="("))


# --- every rule -----------------------------------------------------------------------------------

SHORT = "must have at least 20 characters: say it so that a reviewer understands"
DAY = "must be a day of the calendar, as 2026-11-24"
OBJECT = "namespace, kind, name, path, fingerprint"
REASON = "reason: the node agent has to see the processes of its node"

FAULTS: dict[str, tuple[str, str, str]] = {
    "unknown key": ("risk: whoever", "rsik: whoever", "8: waivers.0.rsik: unknown key; did you mean 'risk'?"),
    "unknown key of the file": ("waivers:\n", "waiver:\n", "1: waiver: unknown key; did you mean 'waivers'?"),
    "unknown key of a match": (
        "      kind: DaemonSet",
        "      kinds: DaemonSet",
        "6: waivers.0.match.kinds: unknown key; did you mean 'kind'?",
    ),
    "place given by hand": ("risk: whoever", "source: whoever", "8: waivers.0.source: unknown key"),
    "state given by hand": ("risk: whoever", "state: whoever", "8: waivers.0.state: unknown key"),
    "never ends": ("    expires: 2026-12-31\n", "", "2: waivers.0: the key expires is missing"),
    "no creation": ("    created: 2026-10-01\n", "", "2: waivers.0: the key created is missing"),
    "no reason": (f"    {REASON}\n", "", "2: waivers.0: the key reason is missing"),
    "no owner": ("    owner: shop-team\n", "", "2: waivers.0: the key owner is missing"),
    "empty": ("owner: shop-team", "owner:", "10: waivers.0.owner: must be text, not "),
    "no policy": ("    policy: host_pid\n", "", "2: waivers.0: the key policy is missing"),
    "no control": ('    control: "5.1.1"\n', "", "19: attestations.0: the key control is missing"),
    "reason short": (REASON, "reason: legacy", f"7: waivers.0.reason: {SHORT}"),
    "reason of spaces": (REASON, f'reason: "{"x " + " " * 40}"', f"7: waivers.0.reason: {SHORT}"),
    "reason empty": (REASON, 'reason: ""', f"7: waivers.0.reason: {SHORT}"),
    "risk short": ("whoever takes over the agent sees every process", "low", f"8: waivers.0.risk: {SHORT}"),
    "control short": (
        "the agent runs on nodes of its own",
        "none",
        f"9: waivers.0.compensating_control: {SHORT}",
    ),
    "reason endless": (
        REASON,
        f"reason: {'x' * 2001}",
        "7: waivers.0.reason: must have at most 2000 characters",
    ),
    "owner endless": ("shop-team", "x" * 101, "10: waivers.0.owner: must have at most 100 characters"),
    "id with spaces": (
        "id: w-1",
        "id: w 1",
        "2: waivers.0.id: must be letters, digits, '.', '_' and '-', with a letter or digit at either end",
    ),
    "id that is a number": (
        "id: w-1",
        "id: 12",
        "2: waivers.0.id: must be text, not a whole number; put it in quotation marks",
    ),
    "id that is taken": (
        "id: a-1",
        "id: W-1",
        "19: attestations.0.id: 'W-1' is taken by {path}:2; no id is used twice",
    ),
    "policy that is none": (
        "policy: host_pid",
        "policy: Host PID",
        "3: waivers.0.policy: must be the id of a policy, or a pattern of a-z, 0-9, '_', '*' and '?'",
    ),
    "no object": (
        "\n      namespace: shop\n      kind: DaemonSet",
        " {}",
        f"4: waivers.0.match: needs at least one of {OBJECT}; a policy is switched off in auditor.yaml",
    ),
    "cluster alone": (
        "namespace: shop\n      kind: DaemonSet",
        "cluster: prod",
        f"4: waivers.0.match: needs at least one of {OBJECT}; a policy is switched off in auditor.yaml",
    ),
    "empty object": (
        "namespace: shop\n      kind: DaemonSet",
        'namespace: ""',
        f"4: waivers.0.match: needs at least one of {OBJECT}; a policy is switched off in auditor.yaml",
    ),
    "list of namespaces": (
        "namespace: shop",
        "namespace: [shop]",
        "5: waivers.0.match.namespace: must be text, not a list",
    ),
    "short fingerprint": (
        "kind: DaemonSet",
        "fingerprint: 1a2b3c4d",
        "6: waivers.0.match.fingerprint: must be a fingerprint: 64 of 0-9 and a-f",
    ),
    "no fingerprint": (
        "kind: DaemonSet",
        "fingerprint: web-*",
        "6: waivers.0.match.fingerprint: must be a fingerprint: 0-9, a-f, '*' and '?'",
    ),
    "own approver": (
        "approver: Ada\n    ticket",
        "approver: Shop-Team\n    ticket",
        "11: waivers.0.approver: must be another than the owner, shop-team",
    ),
    "own approver, spaced": (
        "approver: Ada\n    ticket",
        'approver: " shop-team "\n    ticket',
        "11: waivers.0.approver: must be another than the owner, shop-team",
    ),
    "own approver, in other letters": (
        "approver: Ada\n    ticket",
        "approver: \uff53hop-team\n    ticket",
        "11: waivers.0.approver: must be another than the owner, shop-team",
    ),
    "approver with what nobody sees": (
        "approver: Ada\n    ticket",
        'approver: "shop\\u200b-team"\n    ticket',
        "11: waivers.0.approver: must be plain text: it holds characters that nobody sees",
    ),
    "no approver": (
        "approver: Ada\n    ticket",
        'approver: " "\n    ticket',
        "11: waivers.0.approver: must not be empty: name a person or a team",
    ),
    "own reviewer": (
        "by: Eve",
        "by: shop-team",
        "17: waivers.0.review.0.by: must be another than the owner, shop-team",
    ),
    "no reviewer": (
        "by: Eve",
        'by: ""',
        "17: waivers.0.review.0.by: must not be empty: name a person or a team",
    ),
    "no note": (
        "the vendor is late",
        '""',
        "17: waivers.0.review.0.note: must not be empty: say why it is still needed",
    ),
    "ticket": (
        "SEC-12",
        "see mail",
        "12: waivers.0.ticket: must be a URL or a key such as ABC-123 (it must match "
        r"https?://\S+|[A-Z][A-Z0-9]*-[0-9]+)",
    ),
    "never": ("expires: 2026-12-31", "expires: never", f"14: waivers.0.expires: {DAY}"),
    "no such day": ("expires: 2026-12-31", "expires: 2026-11-31", f"14: waivers.0.expires: {DAY}"),
    "time of day": ("expires: 2026-12-31", "expires: 2026-12-31T00:00:00Z", f"14: waivers.0.expires: {DAY}"),
    "week": ("expires: 2026-12-31", "expires: 2026-W50-1", f"14: waivers.0.expires: {DAY}"),
    "year zero": ("expires: 2026-12-31", "expires: 0000-01-01", f"14: waivers.0.expires: {DAY}"),
    "other digits": ("expires: 2026-12-31", "expires: \u0662026-12-31", f"14: waivers.0.expires: {DAY}"),
    "in the future": (
        "created: 2026-10-01",
        "created: 2026-11-25",
        "17: waivers.0.review.0.at: 2026-11-01 is before created, 2026-11-25",
    ),
    "ends before it begins": (
        "expires: 2026-12-31",
        "expires: 2026-10-31",
        "14: waivers.0.expires: 2026-10-31 is before review, 2026-11-01",
    ),
    "ends before it was made": (
        "expires: 2026-11-24",
        "expires: 2026-11-23",
        "26: attestations.0.expires: 2026-11-23 is before created, 2026-11-24",
    ),
    "review in the future": (
        "at: 2026-11-01",
        "at: 2026-11-25",
        "17: waivers.0.review.0.at: 2026-11-25 is in the future: today is 2026-11-24 in UTC",
    ),
    "review before it was made": (
        "at: 2026-11-01",
        "at: 2026-09-30",
        "17: waivers.0.review.0.at: 2026-09-30 is before created, 2026-10-01",
    ),
    "key that stands twice": ("risk: whoever", "owner: whoever", "10: the key stands twice in its mapping"),
    "second document": (
        "attestations:",
        "---\nattestations:",
        "19: a second document; all must stand in one",
    ),
    "a list": (GOOD, "- id: w-1\n", "1: the file: must be a mapping, not a list"),
    "no YAML": ("namespace: shop", "namespace: *shop", "5: not valid YAML: "),
}


@pytest.mark.parametrize(("old", "new", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_file_line_and_key(old: str, new: str, told: str, tmp_path: Path) -> None:
    message = refused(changed(old, new), tmp_path)
    assert told.replace("{path}", str(tmp_path / "shop.yaml")) in message.splitlines() or (
        told.endswith(" ") and message.startswith(told)
    )


def test_what_is_made_tomorrow_is_refused_today(tmp_path: Path) -> None:
    text = GOOD.replace("    review:\n      - {at: 2026-11-01, by: Eve, note: the vendor is late}\n", "")
    text = text.replace("created: 2026-10-01", "created: 2026-11-25")
    assert refused(text, tmp_path) == (
        "13: waivers.0.created: 2026-11-25 is in the future: today is 2026-11-24 in UTC"
    )
    assert load(text, tmp_path, today=date(2026, 11, 25)).waivers


def test_reviews_are_appended(tmp_path: Path) -> None:
    more = "note: the vendor is late}\n      - {at: 2026-10-31, by: Eve, note: later}"
    told = refused(changed("note: the vendor is late}", more), tmp_path)
    assert told == "18: waivers.0.review.1.at: 2026-10-31 is before review, 2026-11-01"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = changed(REASON, "reason: legacy").replace("SEC-12", "x").replace("2026-11-24\n", "soon\n")
    assert [line.split(":")[0] for line in refused(text, tmp_path).splitlines()] == ["7", "12", "25", "26"]


def test_very_many_faults_are_counted(tmp_path: Path) -> None:
    entry = GOOD.split("attestations:", maxsplit=1)[0].removeprefix("waivers:\n").replace(REASON, "reason: x")
    (tmp_path / "a.yaml").write_text(
        "waivers:\n" + "".join(entry.replace("id: w-1", f"id: w-{number}") for number in range(50))
    )
    with pytest.raises(ConfigError) as error:
        load_waivers([tmp_path], Terms(), TODAY)
    lines = str(error.value).splitlines()
    assert (len(lines), lines[-1]) == (21, "and 30 more")


# --- terms ----------------------------------------------------------------------------------------


def test_who_may_approve_is_no_matter_of_the_file(tmp_path: Path) -> None:
    """The severity is known when there is a finding; until then nobody can say."""
    assert load(GOOD, tmp_path, Terms(approvers={Severity.CRITICAL: ()})).waivers

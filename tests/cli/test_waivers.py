"""`auditor waivers`, and waivers over what a real OPA found: from the template to the day after the last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import waivers
from auditor.collect.manifests import ManifestSource
from auditor.config.waivers import load_waivers
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.overrides import Overrides
from auditor.judge.in_force import rule_entries
from auditor.judge.outcome import outcome
from auditor.judge.recording import Stamp, record
from auditor.judge.selection import select, within_reach
from auditor.pipeline import collect, judge
from auditor.record import Audit
from auditor.report.json import JsonRenderer
from auditor.rules import Bundle, Severity
from auditor.waiver import Terms
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write
from tests.judge.accepting import REASON, TODAY

ENTRY = f"""\
  - id: {{name}}
    policy: {{policy}}
    match: {{match}}
    reason: {REASON}
    owner: shop-team
    approver: ada
    created: 2026-11-01
    expires: {{expires}}
"""


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the tests."""
    monkeypatch.setattr(waivers, "today", lambda: TODAY)


@pytest.fixture
def built(shipped: Bundle, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """`check` uses the bundle that is built already."""

    @contextmanager
    def load(_: Path, folders: Sequence[Path], changes: Overrides, *, cache: Path | None) -> Iterator[Bundle]:
        assert not folders
        assert changes == Overrides()
        yield shipped

    monkeypatch.setattr(waivers, "load_bundle", load)
    return shipped


def entry(
    name: str = "w-1", policy: str = "host_pid", match: str = "{namespace: shop}", expires: str = "2026-12-31"
) -> str:
    return ENTRY.format(name=name, policy=policy, match=match, expires=expires)


def file(folder: Path, *entries: str, name: str = "w.yaml") -> Path:
    path = folder / name
    path.write_text("waivers:\n" + "".join(entries))
    return path


def host_pid() -> dict[str, Any]:
    body = deployment()
    body["spec"]["template"]["spec"]["hostPID"] = True
    return body


# --- an audit with a real engine ------------------------------------------------------------------


def audited(
    bundle: Bundle, folder: Path, *bodies: dict[str, Any], files: Sequence[Path] = (), day: date = TODAY
) -> Audit:
    """An audit of manifests by all shipped policies, on this day, as `auditor audit --waivers` does it."""
    source = ManifestSource([str(write(folder / "manifests.yaml", *bodies))], None)  # type: ignore[arg-type]
    began = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    selection = select(bundle)
    snapshot = collect(source, selection, now=began)
    selection = within_reach(selection, snapshot.facts)
    with OpaEngine(program.opa(), bundle) as engine:
        documents, results = judge(snapshot, engine, selection)
    acceptances = load_waivers(files, Terms(), day)
    stamp = Stamp(bundle.digest, rule_entries(bundle), "id", began, began)
    return record(snapshot, documents, results, selection, stamp, acceptances=acceptances)


def kept(audit: Audit, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as out:
        JsonRenderer().render(audit, out)
    return path


def test_from_the_finding_to_the_day_after(run: Run, shipped: Bundle, tmp_path: Path) -> None:
    """The whole path of a user: audit, template, four eyes, audit again, and what comes after the end."""
    before = audited(shipped, tmp_path, host_pid())
    (found,) = (one for one in before.findings if one.policy == "host_pid")
    assert {one.status for one in before.findings} == {"open"}
    audit = kept(before, tmp_path / "audit.json")

    ended = run(
        "waivers", "new", found.fingerprint[:8], "--audit", audit, "--owner", "shop-team", "--days", "30"
    )
    assert (ended.code, ended.err) == (0, "")
    text = ended.out.replace('reason: ""', f"reason: {REASON}").replace('approver: ""', "approver: ada")
    path = tmp_path / "w.yaml"
    path.write_text(text)

    accepted = audited(shipped, tmp_path, host_pid(), files=[path])
    name = accepted.waivers[0].id
    assert {one.policy: one.waiver for one in accepted.findings if one.status == "waived"} == {
        "host_pid": name
    }
    assert [one.fingerprint for one in accepted.findings] == [one.fingerprint for one in before.findings]
    assert accepted.summary.findings.waived == 1
    assert (accepted.waivers[0].state, accepted.waivers[0].matched) == ("active", 1)
    states = {(one.framework, one.control): one for one in accepted.controls if "host_pid" in one.policies}
    assert states
    # the control asks for hostNetwork and hostIPC too, which hold: and still it is no pass
    assert {one.status for one in states.values()} == {"pass_with_waivers"}
    assert {one.failing for one in states.values()} == {0}
    assert accepted.summary.scores == before.summary.scores
    assert outcome(before, fail_on=Severity.HIGH).code == 1
    assert outcome(accepted, fail_on=Severity.HIGH).code == 0

    last = audited(shipped, tmp_path, host_pid(), files=[path], day=date(2026, 12, 24))
    assert last.waivers[0].state == "expiring"
    assert outcome(last, fail_on=Severity.HIGH).code == 0
    after = audited(shipped, tmp_path, host_pid(), files=[path], day=date(2026, 12, 25))
    back = {one.policy: one for one in after.findings}
    assert (back["host_pid"].status, back["host_pid"].waiver) == ("expired_waiver", name)
    assert back["host_pid"].severity == found.severity
    assert back["waiver_expired"].resource.name == name
    assert outcome(after, fail_on=Severity.HIGH).reason == "1 finding at or above high"


def test_a_repaired_object_leaves_its_waiver_unused(shipped: Bundle, tmp_path: Path) -> None:
    path = file(tmp_path, entry(), entry("w-2", match="{namespace: payments}"), entry("w-3", "not_ours"))
    audit = audited(shipped, tmp_path, deployment(), files=[path])
    assert {one.id: one.state for one in audit.waivers} == {"w-1": "unused", "w-2": "unused", "w-3": "active"}


def test_the_same_waivers_give_the_same_bytes(shipped: Bundle, tmp_path: Path) -> None:
    one, other = (file(tmp_path, entry(f"w-{number}"), name=f"{number}.yaml") for number in (1, 2))
    records = [
        kept(audited(shipped, tmp_path, host_pid(), files=files), tmp_path / "a.json").read_bytes()
        for files in ([one, other], [other, one])
    ]
    assert records[0] == records[1]


# --- check ----------------------------------------------------------------------------------------


def test_check_what_is_right(run: Run, built: Bundle, tmp_path: Path) -> None:
    ended = run("waivers", "check", file(tmp_path, entry(), entry("w-2", "run_as_*")))
    assert (ended.code, ended.out, ended.err) == (0, "2 waivers, 0 attestations: no problem\n", "")


def test_check_what_is_not(run: Run, built: Bundle, tmp_path: Path) -> None:
    path = file(
        tmp_path,
        entry("gone", "host_pdi"),
        entry("ended", expires="2026-11-20"),
        entry("long", expires="2027-06-01"),
        entry("broad", match='{namespace: "*"}'),
    )
    with path.open("a") as out:
        out.write(
            "attestations:\n  - {id: a-1, framework: pss_basline, control: sysctls, owner: a, approver: b,\n"
            f"     reason: {REASON}, created: 2026-11-01, expires: 2026-12-31}}\n"
        )
    ended = run("waivers", "check", path)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines() == [
        f"{path}:2: gone: unknown policy 'host_pdi'; did you mean 'host_pid'?",
        f"{path}:10: ended: expired: it ended on 2026-11-20",
        f"{path}:18: long: too long: high findings are accepted for 90 days at most, until 2027-01-30",
        f"{path}:26: broad: too broad: it is for every namespace",
        f"{path}:35: a-1: unknown framework 'pss_basline'; did you mean 'pss_baseline'?",
        "4 waivers, 1 attestation: 5 problems",
    ]


def test_check_a_file_that_is_wrong(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, entry().replace("ada", "shop-team"), entry().replace("2026-11-01", "2027-01-01"))
    ended = run("waivers", "check", path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        f"error: {path}:7: waivers.0.approver: must be another than the owner, shop-team",
        f"  {path}:10: waivers.1.id: 'w-1' is taken by {path}:2; no id is used twice",
        f"  {path}:16: waivers.1.created: 2027-01-01 is in the future: today is 2026-11-24 in UTC",
        f"  {path}:17: waivers.1.expires: 2026-12-31 is before created, 2027-01-01",
    ]


def test_a_template_is_refused_until_it_is_filled_in(run: Run, shipped: Bundle, tmp_path: Path) -> None:
    audit = audited(shipped, tmp_path, host_pid())
    path = tmp_path / "new.yaml"
    ended = run(
        "waivers", "new", audit.findings[0].fingerprint, "--audit", kept(audit, tmp_path / "audit.json")
    )
    path.write_text(ended.out)
    ended = run("waivers", "check", path)
    assert (ended.code, ended.out) == (2, "")
    told = [line.split("waivers.0.")[1].split(":")[0] for line in ended.err.splitlines()]
    assert told == ["reason", "owner", "approver", "expires"]


def test_the_terms_are_those_of_auditor_yaml(run: Run, built: Bundle, tmp_path: Path) -> None:
    path, config = file(tmp_path, entry()), tmp_path / "auditor.yaml"
    config.write_text("waivers:\n  paths: [w.yaml]\n  max_days: {high: 10}\n  ticket: CHG[0-9]+\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waivers, "overrides", lambda _: Overrides())
        ended = run("waivers", "check", "--config", config)
    told = f"{path}:2: w-1: too long: high findings are accepted for 10 days at most, until 2026-11-11"
    assert (ended.code, ended.out.splitlines()[1]) == (1, told)
    assert run("waivers", "list", "--config", config).out.splitlines()[1].split()[:2] == ["active", "w-1"]
    file(tmp_path, entry() + "    ticket: SEC-12\n")
    ended = run("waivers", "list", "--config", config)
    assert ended.code == 2
    assert "waivers.0.ticket: must be a URL or a key such as ABC-123 (it must match CHG[0-9]+)" in ended.err


@pytest.mark.parametrize("command", ["check", "list"])
def test_without_files(run: Run, command: str) -> None:
    ended = run("waivers", command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == "error: no waivers are named"


# --- list -----------------------------------------------------------------------------------------


def test_list_by_time_alone(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, entry(), entry("w-2", expires="2026-11-30"))
    ended = run("waivers", "list", "--waivers", path)
    assert (ended.code, ended.err) == (0, "")
    assert [line.split()[:2] for line in ended.out.splitlines()[1:4:2]] == [
        ["expiring", "w-2"],
        ["active", "w-1"],
    ]


def test_list_against_an_audit(run: Run, shipped: Bundle, tmp_path: Path) -> None:
    """What earlier waivers made of the findings does not count: the files of now do."""
    old = file(tmp_path, entry("old"), name="old.yaml")
    audit = kept(audited(shipped, tmp_path, host_pid(), files=[old]), tmp_path / "audit.json")
    now = file(tmp_path, entry(), entry("w-2", "host_network"))
    ended = run("waivers", "list", "--waivers", now, "--audit", audit, "-o", "json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)["waivers"]
    assert [(one["id"], one["state"], one.get("matched", 0)) for one in found] == [
        ("w-1", "active", 1),
        ("w-2", "unused", 0),
    ]
    assert found[0]["source"] == {"path": str(now), "document": 1, "line": 2}


def test_hostile_text_of_a_file_does_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    text = entry().replace(REASON, '"\\x1b[2J and then twenty more"').replace("ada", '"[red]ada[/red]"')
    ended = run("waivers", "list", "--waivers", file(tmp_path, text))
    assert ended.code == 0
    assert "[red]ada[/red]" in ended.out
    assert "\x1b" not in ended.out
    ended = run("waivers", "check", file(tmp_path, text.replace("shop-team", '"a\\x1b[31mb"')))
    assert ended.code == 2
    assert "\x1b" not in ended.err


# --- new ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("abc",), "error: 'abc' is too short: give 8 characters of a fingerprint at least"),
        (("0" * 64,), f"error: audit id has no finding {'0' * 64}"),
        (("{found}", "--days", "91"), "error: --days 91: high findings are accepted for at most 90"),
        (
            ("{found}", "--owner", "a", "--approver", "A"),
            "error: --approver A: must be another than the owner",
        ),
    ],
)
def test_new_refuses(
    run: Run, shipped: Bundle, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    audit = audited(shipped, tmp_path, host_pid())
    found = next(one.fingerprint for one in audit.findings if one.policy == "host_pid")
    path = kept(audit, tmp_path / "audit.json")
    given = [one.format(found=found) for one in arguments]
    ended = run("waivers", "new", *given, "--audit", path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == message


def test_new_without_a_store(run: Run) -> None:
    ended = run("waivers", "new", "0" * 64, "--store", "none")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: last: ")


# --- docs -----------------------------------------------------------------------------------------


def test_the_examples_of_the_page_are_right(run: Run, built: Bundle, tmp_path: Path) -> None:
    page = (program.ROOT / "docs/waivers.md").read_text(encoding="utf-8")
    blocks = [one.split("```")[0] for one in page.split("```yaml\n")[1:]]
    files = [block for block in blocks if block.startswith(("waivers:\n  - ", "attestations:\n  - "))]
    for number, text in enumerate(files):
        (tmp_path / f"{number}.yaml").write_text(text)
    found = load_waivers([tmp_path], Terms(), TODAY)
    assert (len(found.waivers), len(found.attestations)) == (1, 1)
    assert run("waivers", "check", tmp_path).out == "1 waiver, 1 attestation: no problem\n"

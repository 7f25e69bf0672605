"""`auditor frameworks`, and the way from a manual control to one that is attested."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from auditor import data
from auditor.evaluate.frameworks import framework_files, read_frameworks
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write
from tests.evaluate.custom import small_shipped
from tools import cli_page

OURS = """\
id: ours
title: What we want
version: "1"
controls: [{id: sysctls, title: Sysctls are safe, policies: [unsafe_sysctl]}]
"""
THEIRS = """\
id: theirs
title: What they want
version: "2.0"
default: false
source: https://theirs.test/
licence_note: Numbers only.
notice: The words are ours.
controls:
  - {id: "1.1", title: No sharing, level: "1", assessment: automated, policies: [host_pid]}
  - id: "1.2"
    title: Sysctls are looked after
    policies: [unsafe_sysctl]
    partial: true
    manual: {instructions: Ask who has chosen them., evidence: Their answer.}
  - id: "2.1"
    title: "Files: mode 600"
    assessment: manual
    manual: {instructions: Look at the mode., command: "stat --format '%a|%n' /etc/x", evidence: The output.}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shipped policies and two frameworks in place of all, and a cache: the bundle is built once."""
    folder = tmp_path_factory.mktemp("place")
    shipped = small_shipped(folder / "shipped")
    (shipped / "frameworks/ours.yaml").write_text(OURS)
    (shipped / "frameworks/theirs.yaml").write_text(THEIRS)
    return folder


@pytest.fixture(autouse=True)
def _few(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "policies", lambda: place / "shipped")
    monkeypatch.setenv("AUDITOR_CACHE", str(place / "cache"))


def test_list(run: Run) -> None:
    ended = run("frameworks", "list")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "framework  version  controls  policies  partial  manual  judged      title",
        "ours       1        1         1         0        0       by default  What we want",
        "theirs     2.0      3         1         1        1       when asked  What they want",
    ]


def test_list_as_json(run: Run) -> None:
    answer = json.loads(run("frameworks", "list", "-o", "json").out)
    assert answer["frameworks"][1] == {
        "id": "theirs",
        "title": "What they want",
        "version": "2.0",
        "default": False,
        "source": "https://theirs.test/",
        "counts": {"controls": 3, "automated": 1, "partial": 1, "manual": 1},
    }


def test_show_a_framework(run: Run) -> None:
    lines = run("frameworks", "show", "theirs", "-o", "text").out.splitlines()
    assert lines[0] == "What they want"
    assert "  judged     when asked for: --framework theirs" in lines
    assert lines[-3:] == [
        "  1.1  policies, No sharing",
        "  1.2  partial, Sysctls are looked after",
        "  2.1  manual, Files: mode 600",
    ]
    page = run("frameworks", "show", "theirs").out.splitlines()
    assert page == run("frameworks", "show", "theirs", "-o", "markdown").out.splitlines()
    at = page.index("## 1\\.2: Sysctls are looked after")
    assert page[at + 4 : at + 8] == [
        "| answered by | policies, in part |",
        "| policy | [`unsafe_sysctl`](../policies/unsafe_sysctl.md), Sysctl outside the safe list |",
        "| by hand | Ask who has chosen them. |",
        "| evidence | Their answer. |",
    ]
    assert "| command | `stat --format '%a\\|%n' /etc/x` |" in page


def test_show_a_framework_as_json(run: Run) -> None:
    found = json.loads(run("frameworks", "show", "theirs", "-o", "json").out)
    assert (found["id"], found["notice"], found["counts"]["manual"]) == ("theirs", "The words are ours.", 1)
    assert [one["control"] for one in found["controls"]] == ["1.1", "1.2", "2.1"]
    assert found["controls"][0] == {
        "control": "1.1",
        "title": "No sharing",
        "level": "1",
        "assessment": "automated",
        "partial": False,
        "policies": [{"id": "host_pid", "title": "Pod shares the host's process namespace", "enabled": True}],
        "manual": None,
    }


def test_show_a_control_that_policies_answer(run: Run) -> None:
    out = run("frameworks", "show", "theirs/1.2", "-o", "text").out
    assert out == run("explain", "theirs/1.2", "-o", "text").out
    assert "unsafe_sysctl, Sysctl outside the safe list" in out
    assert "Ask who has chosen them." in out
    assert "no attestation does" in " ".join(out.split())
    assert "attestations:" not in out
    found = json.loads(run("explain", "theirs/1.2", "-o", "json").out)
    assert (found["framework"]["id"], found["attestation"], found["commands"]) == ("theirs", None, [])
    # nothing is left to do by hand
    assert "attest" not in run("frameworks", "show", "theirs/1.1").out


def test_from_a_manual_control_to_one_that_is_attested(run: Run, tmp_path: Path) -> None:
    shown = json.loads(run("frameworks", "show", "theirs/2.1", "-o", "json").out)
    assert shown["commands"][0] == "auditor waivers new theirs/2.1 > waivers/theirs-2.1.yaml"
    made = run("waivers", "new", "theirs/2.1")
    assert (made.code, made.err, made.out) == (0, "", shown["attestation"])
    page = run("frameworks", "show", "theirs/2.1").out
    assert f"```yaml\n{made.out}```" in page
    assert "```sh\nstat --format '%a|%n' /etc/x\n```" in page

    file = tmp_path / "attested.yaml"
    file.write_text(made.out)
    assert run("waivers", "check", file).code == 2  # what only people know is empty
    complete = run("waivers", "new", "theirs/2.1", "--owner", "ops", "--approver", "ada", "--days", "9").out
    file.write_text(
        complete.replace('reason: ""', "reason: The mode was looked at on every node.").replace(
            'evidence: ""', "evidence: https://wiki.test/1"
        )
    )
    assert run("waivers", "check", file).out == "0 waivers, 1 attestation: no problem\n"

    manifest = write(tmp_path / "web.yaml", deployment())
    audit = ("audit", "-f", manifest, "--store", "none", "-o", "json")
    assert set(run(*audit).record.summary.scores) == {"ours"}
    asked = {one.control: one.status for one in run(*audit, "--framework", "theirs").record.controls}
    assert asked == {"1.1": "pass", "1.2": "pass", "2.1": "manual"}
    # who answers for a framework wants it judged, and everything else too
    record = run(*audit, "--waivers", file).record
    assert {f"{one.framework}/{one.control}": one.status for one in record.controls} == {
        "ours/sysctls": "pass",
        "theirs/1.1": "pass",
        "theirs/1.2": "pass",
        "theirs/2.1": "attested",
    }
    assert [one.state for one in record.waivers] == ["expiring"]


def test_an_attestation_of_many_days(run: Run) -> None:
    today = datetime.now(UTC).date()
    ended = run("waivers", "new", "theirs/2.1", "--days", "181")
    assert (ended.code, ended.out) == (2, "")
    assert "--days 181: attestations are accepted for at most 180" in ended.err
    (made,) = yaml.safe_load(run("waivers", "new", "theirs/2.1", "--days", "180").out)["attestations"]
    assert made["expires"] == today + timedelta(days=180)
    assert (made["framework"], made["control"], made["created"]) == ("theirs", "2.1", today)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("frameworks", "show", "thiers"), "unknown framework 'thiers'; did you mean 'theirs'?"),
        (("frameworks", "show", "cis"), "unknown framework 'cis'"),
        (("frameworks", "show", "theirs/1.3"), "theirs has no control '1.3'; did you mean '1.2'?"),
        (("frameworks", "show", "theirs/"), "theirs has no control ''"),
        (("explain", "thiers/1.1"), "unknown framework 'thiers'; did you mean 'theirs'?"),
        (("waivers", "new", "theirs/2.2"), "theirs has no control '2.2'"),
        (("waivers", "new", "theirs/1.2"), "theirs/1.2: policies answer it, and no attestation does"),
    ],
)
def test_what_is_not_there(run: Run, command: tuple[str, ...], message: str) -> None:
    ended = run(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {message}")


def test_commands_that_pages_tell_to_type_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of auditor, in the instructions of all that ships."""
    monkeypatch.undo()
    files = framework_files(data.policies())
    known = {path.stem for path in data.policies().glob("k8s/*/*.rego")}
    commands = [
        part.split("|")[0].strip()
        for framework in read_frameworks(files, known).values()
        for control in framework.controls
        if control.manual
        for part in control.manual.command.split(";")
        if part.strip().startswith("auditor ")
    ]
    paths = set(cli_page.commands())
    assert len(commands) > 10
    for command in commands:
        words = shlex.split(command)
        path = next(tuple(words[:length]) for length in (3, 2) if tuple(words[:length]) in paths)
        given = {word.split("=")[0] for word in words if word.startswith("--")}
        assert given <= set(cli_page.options(path)), command

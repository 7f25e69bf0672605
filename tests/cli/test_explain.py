"""`auditor explain`: one page for a terminal, for a pipe and for docs, and all of it as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pexpect
import pytest

from auditor import data
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write
from tests.evaluate.custom import small_shipped, write_policy
from tests.report.hostile import CORPUS
from tests.report.screens import screen, shown_lines

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a, image: a}}]}}\n"


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shipped policies in place of all, which load in a third of the time."""
    folder = small_shipped(tmp_path / "shipped")
    monkeypatch.setattr(data, "policies", lambda: folder)


@pytest.fixture
def mine(tmp_path: Path, few: None) -> Path:
    """A policy of a user's own, with samples."""
    custom = {
        "parameters": {"limit": {"default": 3, "description": "The most", "choices": [3, 4]}},
        "same_as": ["their-check"],
        "wants": ["namespace"],
        "severity": ["low", "high"],
    }
    folder = write_policy(tmp_path / "own", custom=custom).parent
    (folder / "samples").mkdir()
    for name, holder in (("pass", "web"), ("pass_other", "abc"), ("fail", "x"), ("fail_a", "z")):
        (folder / f"samples/{name}.yaml").write_text(POD.format(name=holder))
    return folder


@pytest.mark.parametrize("policy", ["host_path_volume", "memory_limit_missing", "hpa_saturated"])
def test_in_a_pipe_it_is_the_page_of_the_docs(run: Run, policy: str) -> None:
    ended = run("explain", policy)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (program.ROOT / f"docs/policies/{policy}.md").read_text()
    assert run("explain", policy, "-o", "markdown").out == ended.out
    assert run("policies", "show", policy).out == ended.out


def test_on_a_terminal(home: Path) -> None:
    """The same words, wrapped and coloured; a real terminal decides what it is."""
    columns = 60
    command, *arguments = program.command("explain", "unsafe_sysctl")
    child = pexpect.spawn(
        command,
        arguments,
        env=program.environment(home, TERM="xterm"),
        dimensions=(200, columns),
        encoding="utf-8",
        timeout=program.SECONDS,
    )
    out = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "\x1b[1mSysctl outside the safe list\x1b[0m" in out
    lines = shown_lines(screen(out.replace("\r\n", "\n"), columns))
    assert lines[0] == "Sysctl outside the safe list"
    assert "  severity  medium" in lines
    at = lines.index("Parameters")
    assert lines[at + 2 : at + 5] == ["  pss_version", "    type     string", '    default  "latest"']
    assert "  apiVersion: apps/v1" in lines


def test_facts_of_a_policy(run: Run, mine: Path) -> None:
    out = run("explain", "mine", "--policies", mine.parent, "-o", "text").out
    assert out.splitlines()[:7] == [
        "Is called x",
        "",
        "  policy    mine",
        "  severity  low or high",
        "  category  stack",
        "  enabled   yes",
        "  same as   their-check",
    ]
    assert "  wants   its namespace, with labels; without it a fault is still found, but" in out
    assert "    meaning  The most. One of 3, 4." in out


def test_the_example_is_fail_and_what_is_most_like_it(run: Run, mine: Path) -> None:
    """`x` against `abc` and `web` differ in one line each: the plain name wins."""
    (mine / "samples/pass_a.yaml").write_text("# one\n# two\n" + POD.format(name="y"))
    (mine / "samples/pass.yaml").write_text('# parameters: {"limit": 4}\n' + POD.format(name="x"))
    found = json.loads(run("explain", "mine", "--policies", mine, "-o", "json").out)
    assert found["example"] == {"fails": POD.format(name="x"), "passes": POD.format(name="abc")}


def test_a_folder_of_samples_that_lies_elsewhere_is_not_shown(run: Run, mine: Path, tmp_path: Path) -> None:
    (mine / "samples").rename(tmp_path / "private")
    (mine / "samples").symlink_to(tmp_path / "private")
    assert "## An example" not in run("explain", "mine", "--policies", mine).out


@pytest.mark.parametrize("lost", ["fail*.yaml", "pass*.yaml"])
def test_without_a_sample_there_is_no_example(run: Run, mine: Path, lost: str) -> None:
    for path in mine.glob(f"samples/{lost}"):
        path.unlink()
    assert "## An example" not in run("explain", "mine", "--policies", mine).out
    assert json.loads(run("explain", "mine", "--policies", mine, "-o", "json").out)["example"] is None


def test_a_sample_that_leads_elsewhere_is_not_shown(run: Run, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("SECRET")
    for path in mine.glob("samples/pass*.yaml"):
        path.unlink()
    (mine / "samples/pass.yaml").symlink_to(tmp_path / "private")
    (mine / "samples/pass_loop.yaml").symlink_to(mine / "samples/pass_loop.yaml")
    (mine / "samples/pass_large.yaml").write_text("#" * 20_000)
    ended = run("explain", "mine", "--policies", mine)
    assert (ended.code, ended.err) == (0, "")
    assert "SECRET" not in ended.out
    assert "## An example" not in ended.out


def test_parameters_and_severity_in_force(run: Run, mine: Path, tmp_path: Path) -> None:
    config = tmp_path / "auditor.yaml"
    config.write_text(
        "policy_folders: [own]\n"
        "policies: {mine: {severity: info, enabled: false, parameters: {limit: 4}}}\n"
        "namespaces: {parameters: {'team-*': {mine: {limit: 3}}}}\n"
    )
    lines = run("explain", "mine", "--config", config).out.splitlines()
    assert "| severity | info (declared low or high) |" in lines
    assert "| enabled | no; auditor.yaml switches it on |" in lines
    assert "| parameter | type | default | in force | meaning |" in lines
    assert "| `limit` | number | `3` | `4` | The most. One of 3, 4. |" in lines
    assert "In namespaces team-\\*: limit is 3." in lines


def test_as_json(run: Run, mine: Path) -> None:
    """What the list has, and the rest of the page."""
    listed = json.loads(run("policies", "list", "--policies", mine, "-o", "json").out)["policies"]
    found = json.loads(run("explain", "mine", "--policies", mine, "-o", "json").out)
    assert found.items() >= next(one for one in listed if one["id"] == "mine").items()
    assert found["description"] == "Nobody should be."
    assert found["references"] == ["https://example.test/"]
    assert found["reads"] == ["meta"]
    assert found["declared_parameters"] == {
        "limit": {"type": "number", "default": 3, "description": "The most", "pattern": "", "choices": [3, 4]}
    }


def test_what_supersedes_and_what_is_superseded(run: Run) -> None:
    found = json.loads(run("explain", "host_path_volume", "-o", "json").out)
    assert found["supersedes"] == ["volume_type_restricted"]
    assert "sensitive_host_path" in found["superseded_by"]
    assert "pss_baseline/host_path_volumes" in found["controls"]


def test_what_is_not_there(run: Run, few: None) -> None:
    ended = run("explain", "host_pdi")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: unknown policy 'host_pdi'; did you mean 'host_pid'?")


def test_text_of_a_policy_is_hostile(run: Run, mine: Path) -> None:
    """Policies of others are untrusted input: nothing of theirs reaches the terminal as it is."""
    hostile = "".join(CORPUS[name] for name in ("colour", "right to left override", "rich markup"))
    write_policy(mine.parent, title=hostile, description=hostile, custom={"remediation": hostile})
    (mine / "samples/fail.yaml").write_text(f"# {hostile}\n")
    for form in ("text", "markdown"):
        out = run("explain", "mine", "--policies", mine, "-o", form).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert "[red]x[/red]" in run("explain", "mine", "--policies", mine, "-o", "text").out


def test_a_finding(audited: Run, run: Run, tmp_path: Path) -> None:
    """By the beginning of its fingerprint, in an audit that is named; its page, and its JSON."""
    manifest = write(tmp_path / "web.yaml", deployment("web", privileged=True))
    file = tmp_path / "audit.json"
    audited("-f", manifest, "-o", f"json={file}", "--policy", "privileged_container", "--fail-on", "never")
    (known,) = json.loads(file.read_text())["findings"]
    shown = run("explain", known["fingerprint"][:8], "--audit", file)
    assert (shown.code, shown.err) == (0, "")
    for said in ("# privileged_container: Deployment", known["message"], known["fingerprint"], known["path"]):
        assert said in shown.out
    assert json.loads(run("explain", known["fingerprint"], "--audit", file, "-o", "json").out) == known
    ended = run("explain", "0" * 8, "--audit", file)
    assert (ended.code, ended.out) == (2, "")
    assert "no finding of audit" in ended.err

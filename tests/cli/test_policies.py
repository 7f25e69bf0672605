"""`auditor policies`: list, test and new; show is explain (test_explain.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor import data
from tests.cli import program
from tests.cli.conftest import Run
from tests.evaluate.custom import small_shipped, write_policy

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a, image: a}}]}}\n"
TEST = """package k8s.mine_test

import data.k8s.mine

test_x if count(mine.fail) == 1 with input as {"meta": {"name": "x"}}
"""


@pytest.fixture(autouse=True)
def _few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shipped policies in place of all, which load in a third of the time."""
    folder = small_shipped(tmp_path / "shipped")
    monkeypatch.setattr(data, "policies", lambda: folder)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A policy that holds what it promises."""
    folder = write_policy(tmp_path / "own", custom={"parameters": {"limit": 3}}).parent
    (folder / "samples").mkdir()
    (folder / "mine_test.rego").write_text(TEST)
    (folder / "samples/pass.yaml").write_text(POD.format(name="web"))
    (folder / "samples/fail.yaml").write_text(POD.format(name="x"))
    return folder


# --- list ---------------------------------------------------------------------------------------


def test_list(run: Run, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "auditor.yaml").write_text("policies: {host_pid: {enabled: false}}\n")
    ended = run("policies", "list", "--policies", mine, "--config", tmp_path / "auditor.yaml")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "high      host_pid       Pod shares the host's process namespace  (off)",
        "medium    unsafe_sysctl  Sysctl outside the safe list",
        "low       mine           Is called x",
    ]


def test_list_as_json(run: Run, mine: Path) -> None:
    """The contract of section 7 of the design: these keys for every policy."""
    ended = run("policies", "list", "--policies", mine, "-o", "json")
    assert (ended.code, ended.err) == (0, "")
    answer = json.loads(ended.out)
    assert set(answer) == {"policies"}
    found = {one["id"]: one for one in answer["policies"]}
    assert set(found) == {"host_pid", "unsafe_sysctl", "mine"}
    assert found["mine"] == {
        "id": "mine",
        "title": "Is called x",
        "severity": "low",
        "category": "stack",
        "kinds": ["Pod"],
        "needs": [],
        "wants": [],
        "enabled": True,
        "parameters": {"limit": 3},
        "same_as": [],
    }
    assert {frozenset(one) for one in found.values()} == {frozenset(found["mine"])}
    assert found["unsafe_sysctl"]["wants"] == ["namespace"]


def test_a_declared_set_of_severities_is_a_list(run: Run, mine: Path) -> None:
    write_policy(mine.parent, custom={"severity": ["high", "critical"]})
    answer = json.loads(run("policies", "list", "--policies", mine, "-o", "json").out)
    assert [one["severity"] for one in answer["policies"] if one["id"] == "mine"] == [["high", "critical"]]


def test_text_of_a_policy_is_hostile(run: Run, mine: Path) -> None:
    """Custom policies are untrusted input: no escape sequence reaches the terminal."""
    write_policy(mine.parent, title="\x1b[2Jx")
    out = run("policies", "list", "--policies", mine).out
    assert "\x1b" not in out
    assert "\\x1b[2Jx" in out


# --- test ---------------------------------------------------------------------------------------


def test_what_ships_holds(run: Run) -> None:
    ended = run("policies", "test")
    assert (ended.code, ended.err) == (0, "")
    samples = len(list(data.policies().glob("k8s/*/samples/*.yaml")))
    assert ended.out.startswith(f"2 policies, {samples} samples, ")
    assert ended.out.endswith(" Rego tests: 0 failed\n")


@pytest.mark.parametrize("where", ["policy", "parent", "dot"])
def test_a_folder_of_ones_own(run: Run, mine: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine)
    folder = {"policy": mine, "parent": mine.parent, "dot": Path()}[where]
    ended = run("policies", "test", folder)
    assert (ended.code, ended.out) == (0, "1 policy, 2 samples, 1 Rego test: 0 failed\n")


def test_a_sample_that_does_not_hold(run: Run, mine: Path) -> None:
    sample = mine / "samples/fail_other.yaml"
    sample.write_text(POD.format(name="web"))
    ended = run("policies", "test", mine)
    assert ended.code == 1
    assert ended.out.splitlines() == [
        f"FAIL mine: {sample}: expected fail, found pass",
        "1 policy, 3 samples, 1 Rego test: 1 failed",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("other.yaml", POD.format(name="x"), "expected a file name that begins with a verdict, found fail"),
        (
            "pass_config.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
            "expected pass, found nothing",
        ),
        ("pass_broken.yaml", "apiVersion: [\n", "expected pass, found "),
    ],
)
def test_a_sample_that_cannot_be_judged(run: Run, mine: Path, name: str, text: str, message: str) -> None:
    sample = mine / "samples" / name
    sample.write_text(text)
    ended = run("policies", "test", mine)
    assert ended.code == 1
    assert ended.out.startswith(f"FAIL mine: {sample}: {message}")


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_a_sample_that_is_missing(run: Run, mine: Path, verdict: str) -> None:
    (mine / "samples" / f"{verdict}.yaml").unlink()
    ended = run("policies", "test", mine)
    assert ended.code == 1
    assert ended.out.startswith(f"FAIL mine: {mine}: expected a sample {verdict}*.yaml, found none\n")


def test_several_documents_are_a_small_cluster(run: Run, mine: Path) -> None:
    (mine / "samples/fail_two.yaml").write_text("---\n".join(POD.format(name=name) for name in ("web", "x")))
    assert run("policies", "test", mine).code == 0


def test_a_rego_test_that_does_not_hold(run: Run, mine: Path) -> None:
    (mine / "mine_test.rego").write_text(TEST + "\ntest_y if false\n")
    ended = run("policies", "test", mine)
    assert ended.code == 1
    assert ended.out.splitlines()[0].strip() == "FAIL mine: test_y"
    (mine / "mine_test.rego").unlink()
    assert "FAIL mine: (no test)" in run("policies", "test", mine).out


def test_a_policy_that_errs_holds_nothing(run: Run, mine: Path) -> None:
    write_policy(mine.parent, rules='fail contains {"path": "/"} if input.meta.name == "x"')
    ended = run("policies", "test", mine)
    assert ended.code == 1
    assert f"FAIL mine: {mine}/samples/fail.yaml: expected fail, found not_evaluated" in ended.out


def test_a_policy_that_cannot_be_loaded(run: Run, mine: Path) -> None:
    path = write_policy(mine.parent, package="package k8s.host_pid")
    ended = run("policies", "test", mine)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {path}: states package k8s.host_pid")


# --- new ----------------------------------------------------------------------------------------


def test_new_passes_as_it_is(run: Run, tmp_path: Path) -> None:
    into = tmp_path / "team"
    ended = run("policies", "new", "image_too_old", "--into", into)
    assert (ended.code, ended.err) == (0, "")
    *files, last = ended.out.splitlines()
    assert all(Path(file).is_file() for file in files)
    assert last == f"Next: auditor policies test {into}/image_too_old"
    ended = run("policies", "test", into / "image_too_old")
    assert (ended.code, ended.out) == (0, "1 policy, 2 samples, 2 Rego tests: 0 failed\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("host_pid", "the id host_pid is taken by a shipped policy"),
        ("Host", "'Host' is no policy id"),
        ("own", "exists already"),
    ],
)
def test_new_refuses(run: Run, mine: Path, name: str, message: str) -> None:
    ended = run("policies", "new", name, "--into", mine.parents[1])
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err.splitlines()[0]


# --- the real program ---------------------------------------------------------------------------


def test_in_a_process_of_its_own(mine: Path, home: Path) -> None:
    """All that ships this time, from another folder."""
    ended = program.ended("policies", "list", "-o", "json", home=home, cwd=mine)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(json.loads(ended.stdout)["policies"]) == len(list((program.ROOT / "policies/k8s").iterdir()))

    ended = program.ended("policies", "test", ".", home=home, cwd=mine)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0,
        "1 policy, 2 samples, 1 Rego test: 0 failed\n",
        "",
    )

    (mine / "mine.rego").write_text("package k8s.mine\n\nfail contains {\n")
    ended = program.ended("policies", "test", mine, home=home)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: {mine}/mine.rego:4: ")

"""tools/rego.py: the gates see the faults that they are there for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from auditor import data
from auditor.evaluate.bundle import load_bundle
from tests.evaluate.custom import small_shipped
from tools import rego
from tools.build import tool_bin
from tools.mutants import mutants
from tools.policy_rules import broken_rules
from tools.proven import Proven

FRAMEWORK = (
    "id: mine\ntitle: t\nversion: v\ncontrols: [{id: a, title: b, policies: [host_pid, unsafe_sysctl]}]\n"
)
MODULE = """package k8s.mine

_allowed := {"a", "b"}

fail contains name if {
	some name in input.meta.names
	not name in _allowed
	count(name) >= 2
}

_level := "high" if {
	input.meta.x == true
} else := "low"

_other := level if level := _level with input as {} with data.x as 1
"""


@pytest.fixture(scope="module")
def opa() -> Path:
    return tool_bin("opa") / "opa"


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two shipped policies, which every gate lets pass."""
    folder = small_shipped(tmp_path / "policies")
    (folder / "frameworks/mine.yaml").write_text(FRAMEWORK)
    for name in ("capabilities", "seccomp"):
        shutil.rmtree(folder / "lib" / name)
    monkeypatch.setattr(data, "policies", lambda: folder)
    monkeypatch.setattr(rego, "ROOT", tmp_path)
    monkeypatch.setattr(rego, "POLICIES", folder)
    monkeypatch.setattr(rego, "PROVEN", tmp_path / "proven.txt")
    return folder


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


# --- mutants ------------------------------------------------------------------------------------


def test_every_kind_of_fault_is_made(opa: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.rego").write_text(MODULE)
    found = {(mutant.line, mutant.what) for mutant in mutants(opa, tmp_path / "mine.rego")}
    assert found >= {
        (3, 'remove entry: "a",'),
        (3, 'remove entry: , "b"'),
        (3, 'change to "a~": "a"'),
        (7, "remove: not name in _allowed"),
        (7, "negate: not name in _allowed"),
        (8, "remove: count(name) >= 2"),
        (8, "negate: count(name) >= 2"),
        (8, "change to <: >="),
        (8, "change to >: >="),
        (8, "change to 1: 2"),
        (8, "change to 3: 2"),
        (11, 'change to "high~": "high"'),
        (12, "change to !=: =="),
        (12, "change to false: true"),
        (13, 'remove: else := "low"'),
        (15, "remove: with input as {}"),
        (15, "remove: with data.x as 1"),
    }
    assert (5, "remove rule: fail contains name") in {(line, what[:31]) for line, what in found}
    assert not [what for _, what in found if "some name" in what and not what.startswith("remove rule")]


def test_a_mutant_differs_in_one_place(opa: Path, tmp_path: Path) -> None:
    """With a character of several bytes before it: OPA counts columns in characters."""
    (tmp_path / "mine.rego").write_text('package k8s.mine\n\nfail contains x if x := {"é", "b"}[_]\n')
    sources = {mutant.what: mutant.source.splitlines()[2] for mutant in mutants(opa, tmp_path / "mine.rego")}
    assert sources['remove entry: , "b"'] == 'fail contains x if x := {"é"}[_]'
    assert sources['change to "b~": "b"'] == 'fail contains x if x := {"é", "b~"}[_]'


def test_a_fault_that_no_test_notices_survives(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rego.main(["mutate", "host_pid"]) == 0
    assert " mutants: 0 survived" in capsys.readouterr().out
    test = policies / "k8s/host_pid/host_pid_test.rego"
    test.write_text(WEAK)
    assert rego.main(["mutate", "host_pid"]) == 1
    assert "host_pid.rego:23: no test notices: change to false: true" in capsys.readouterr().out


def test_tests_that_fail_anyway_kill_nothing(policies: Path) -> None:
    test = policies / "k8s/host_pid/host_pid_test.rego"
    test.write_text(test.read_text() + "\ntest_wrong if false\n")
    with pytest.raises(SystemExit, match="its tests fail without any fault"):
        rego.main(["mutate", "host_pid"])


WEAK = "package k8s.host_pid_test\n\nimport data.k8s.host_pid\n\ntest_a if count(host_pid.fail) == 0\n"
"""Tests that notice next to nothing."""


def test_what_is_proven_is_left_out_until_it_changes(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modules = [one for one in policies.rglob("*.rego") if not one.stem.endswith("_test")]
    proven = Proven(rego.PROVEN, policies)
    for module in modules:
        proven.note(module, holds=True)
    proven.write(modules)
    assert rego.main(["mutate"]) == 0
    assert capsys.readouterr().out.startswith("0 modules, 0 mutants: ")
    (policies / "k8s/host_pid/host_pid_test.rego").write_text(WEAK)
    assert rego.main(["mutate", "--write"]) == 1
    assert "host_pid.rego:23: no test notices" in capsys.readouterr().out
    left = {line.partition("  ")[2] for line in rego.PROVEN.read_text().splitlines()}
    mutated = {one.relative_to(policies).as_posix() for one in modules if one.parent.parent.name == "k8s"}
    assert mutated - left == {"k8s/host_pid/host_pid.rego"}


def test_what_is_proven_is_noted(policies: Path) -> None:
    module = policies / "k8s/host_pid/host_pid.rego"
    assert rego.main(["mutate", "host_pid"]) == 0
    assert not rego.PROVEN.exists()
    assert rego.main(["mutate", "host_pid", "--write"]) == 0
    assert Proven(rego.PROVEN, policies).holds(module)
    assert rego.PROVEN.read_text().endswith("  k8s/host_pid/host_pid.rego\n")
    rego.PROVEN.write_text(rego.PROVEN.read_text().replace("  ", " "))
    assert not Proven(rego.PROVEN, policies).holds(module)


@pytest.mark.parametrize(
    ("changed", "held"),
    [
        ("k8s/host_pid/host_pid.rego", [False, True]),
        ("k8s/host_pid/host_pid_test.rego", [False, True]),
        ("lib/pod_security/pod_security.rego", [True, False]),
        ("lib/pod_security/pod_security_test.rego", [True, True]),
    ],
)
def test_what_a_proof_depends_on(policies: Path, changed: str, held: list[bool]) -> None:
    """On all that the module and its tests name, and on nothing else."""
    modules = [policies / f"k8s/{name}/{name}.rego" for name in ("host_pid", "unsafe_sysctl")]
    proven = Proven(rego.PROVEN, policies)
    for module in modules:
        proven.note(module, holds=True)
    proven.write(modules)
    path = policies / changed
    path.write_text(f"{path.read_text()}\n# changed\n")
    after = Proven(rego.PROVEN, policies)
    assert [after.holds(module) for module in modules] == held


def test_an_unknown_module(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rego.main(["mutate", "host_pdi"]) == 1
    assert capsys.readouterr().out == "unknown module 'host_pdi'; did you mean 'host_pid'?\n"


# --- coverage and compiler ----------------------------------------------------------------------


def test_a_line_that_no_test_reaches(policies: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rego.main(["test"]) == 0
    path = policies / "k8s/host_pid/host_pid.rego"
    path.write_text(
        path.read_text() + '\nskip contains "never" if {\n\tinput.meta.name == "never"\n\tinput.pod\n}\n'
    )
    line = len(path.read_text().splitlines()) - 1
    assert rego.main(["test"]) == 1
    assert f"policies/k8s/host_pid/host_pid.rego:{line}: not covered" in capfd.readouterr().out


def test_a_test_that_fails(policies: Path, capfd: pytest.CaptureFixture[str]) -> None:
    test = policies / "k8s/host_pid/host_pid_test.rego"
    test.write_text(test.read_text() + "\ntest_wrong if false\n")
    assert rego.main(["test"]) == 1
    assert "test_wrong: FAIL" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("_unused(x) := 1", "unused argument x"),
        ("_now := time.now_ns()", "undefined function time.now_ns"),
        ("_bad  :=  1", "host_pid.rego: is not formatted; make fmt does it"),
        ('unknown contains "x" if print("a")', "undefined function internal.print"),
        ("skip := set()", "`skip` is no set"),
        ("_more := 1\n" * 60, None),
    ],
)
def test_check(policies: Path, capfd: pytest.CaptureFixture[str], rules: str, message: str | None) -> None:
    assert rego.main(["check"]) == 0
    path = policies / "k8s/host_pid/host_pid.rego"
    path.write_text(f"{path.read_text()}\n{rules}\n")
    assert rego.main(["check"]) == 1
    if message:
        captured = capfd.readouterr()
        assert message in captured.out + captured.err


# --- rules of the house -------------------------------------------------------------------------


def _remove(name: str) -> Callable[[Path], None]:
    return lambda policies: (policies / name).unlink()


def _add(name: str) -> Callable[[Path], None]:
    def add(policies: Path) -> None:
        (policies / name).parent.mkdir(parents=True, exist_ok=True)
        (policies / name).write_text("package x\n")

    return add


def _change(before: str, after: str, name: str = "k8s/host_pid/host_pid.rego") -> Callable[[Path], None]:
    return lambda policies: change(policies / name, before, after)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (_remove("k8s/host_pid/host_pid_test.rego"), "host_pid: has no host_pid_test.rego"),
        (_remove("lib/pod_security/pod_security_test.rego"), "pod_security: has no pod_security_test.rego"),
        (_remove("k8s/host_pid/samples/pass.yaml"), "host_pid: has no sample samples/pass*.yaml"),
        (_remove("k8s/host_pid/samples/fail.yaml"), "host_pid: has no sample samples/fail*.yaml"),
        (_add("k8s/host_pid/samples/fial.yaml"), "samples/fial.yaml: does not belong here"),
        (_add("k8s/host_pid/pass.yaml"), "host_pid/pass.yaml: does not belong here"),
        (_add("k8s/host_pid/more.rego"), "more.rego: is no module"),
        (_add("k8s/host_pid/deep/deep.rego"), "deep.rego: is no module"),
        (
            _change(
                "package k8s.host_pid_test", "package k8s.host_pod_test", "k8s/host_pid/host_pid_test.rego"
            ),
            "host_pid_test.rego: must state package k8s.host_pid_test",
        ),
        (_change("host_pid, ", "", "frameworks/mine.yaml"), "host_pid: answers no control"),
        (_change("# related_resources:", "# related_resources: []\n# x:"), None),
        (_change("fail contains", "# more\n" * 60 + "fail contains"), "lines, 60 at most"),
        (_change("remediation: ", "remediation: Do it. #"), "the remediation is no sentence"),
        (_change("ref: https://", "ref: http://"), "is no https link"),
    ],
)
def test_a_broken_rule(opa: Path, policies: Path, fault: Callable[[Path], None], line: str | None) -> None:
    if line is None:
        with load_bundle(opa) as bundle:
            bare = {
                name: msgspec.structs.replace(one, references=()) for name, one in bundle.policies.items()
            }
            broken = list(broken_rules(policies, msgspec.structs.replace(bundle, policies=bare)))
        assert [one.rpartition(": ")[2] for one in broken] == ["has no related_resources"] * 2
        return
    with load_bundle(opa) as bundle:
        assert list(broken_rules(policies, bundle)) == []
    fault(policies)
    with load_bundle(opa) as bundle:
        [broken_line] = broken_rules(policies, bundle)
    assert line in broken_line

"""tools/build.py: where a build belongs, that it happens once, and what it says when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build

SCRIPT = Path(build.__file__)
GO_MOD = "module example.test/{name}\n\ngo 1.21\n"
HELLO = 'package main\n\nfunc main() { print("hello") }\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one tool, whose program is called `server`, and one oracle; and an empty cache."""
    tool = tmp_path / "tools" / "etcd"
    (tool / "server").mkdir(parents=True)
    (tool / "go.mod").write_text(GO_MOD.format(name="etcd") + "\ntool example.test/etcd/server\n")
    (tool / "go.sum").write_text("")
    (tool / "server" / "main.go").write_text(HELLO)
    oracle = tmp_path / "tests" / "oracles" / "echo"
    oracle.mkdir(parents=True)
    (oracle / "go.mod").write_text(GO_MOD.format(name="echo"))
    (oracle / "main.go").write_text(HELLO)
    (tmp_path / "tools" / "build.py").write_text(SCRIPT.read_text())
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("AUDITOR_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert build.cache_folder() == Path("/home/ada/.cache/auditor/tools")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/ada")
    assert build.cache_folder() == Path("/var/cache/ada/auditor/tools")
    monkeypatch.setenv("AUDITOR_CACHE", "/srv/cache")
    assert build.cache_folder() == Path("/srv/cache/tools")
    monkeypatch.setenv("AUDITOR_CACHE", "here")
    assert build.cache_folder() == Path.cwd() / "here" / "tools"


@pytest.mark.parametrize(
    ("tool", "file"),
    [
        ("etcd", "tools/etcd/go.mod"),
        ("etcd", "tools/etcd/go.sum"),
        ("oracle/echo", "tests/oracles/echo/go.mod"),
        ("oracle/echo", "tests/oracles/echo/main.go"),
    ],
)
def test_key_follows_every_input(project: Path, tool: str, file: str) -> None:
    before = build.target(tool)
    assert build.target(tool) == before
    (project / file).write_text((project / file).read_text() + "// changed\n")
    after = build.target(tool)
    assert after != before
    assert (after.parent, after.name[:-12]) == (project / "cache" / "tools", tool.replace("/", "-") + "-")


def test_key_follows_the_flags(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.target("etcd")
    monkeypatch.setattr(build, "flags", lambda _: ["-race"])
    assert build.target("etcd") != before


def test_kubernetes_is_stamped_with_the_version_of_go_mod() -> None:
    go_mod = (build.ROOT / "tools" / "kubernetes" / "go.mod").read_text()
    major, minor, patch = build.module_version("kubernetes", "k8s.io/kubernetes")
    assert f"\tk8s.io/kubernetes v{major}.{minor}.{patch}" in go_mod
    linker = build.flags("kubernetes")[-1]
    stamp = "-X k8s.io/component-base/version"
    assert (
        f"{stamp}.gitVersion=v{major}.{minor}.{patch} {stamp}.gitMajor={major} {stamp}.gitMinor={minor}"
        in linker
    )


def test_module_that_is_not_required(project: Path) -> None:
    with pytest.raises(build.BuildError, match=r"etcd/go\.mod: does not require k8s\.io/kubernetes"):
        build.module_version("etcd", "k8s.io/kubernetes")


def test_every_pinned_tool_is_known() -> None:
    assert {"etcd", "kubernetes", "kwok", "opa"} <= set(build.tools())
    for tool in build.tools():
        assert build.target(tool).parent == build.cache_folder()


@pytest.mark.parametrize(
    "name", ["nonsense", "", "oracle/", "oracle/../../tools/etcd", "../etcd", "other/etcd"]
)
def test_unknown_tool(project: Path, name: str) -> None:
    with pytest.raises(build.BuildError) as caught:
        build.tool_bin(name)
    assert str(caught.value) == f"unknown tool {name!r}; there are: etcd, oracle/echo"


def test_builds_once_and_renames(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for tool, program in (("etcd", "etcd"), ("oracle/echo", "echo")):
        folder = build.tool_bin(tool)
        assert folder == build.target(tool) / "bin"
        assert [path.name for path in folder.iterdir()] == [program]
        run = subprocess.run([folder / program], capture_output=True, text=True, check=True)
        assert run.stderr == "hello"
        assert capfd.readouterr().err.startswith(f"{tool}: building with Go, once ... ")
        assert build.tool_bin(tool) == folder
        assert capfd.readouterr() == ("", "")


def test_needs_no_go_for_what_is_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = build.tool_bin("oracle/echo")
    monkeypatch.setenv("PATH", str(project))
    assert build.tool_bin("oracle/echo") == folder
    with pytest.raises(build.BuildError, match="etcd has to be built, and there is no `go` on PATH"):
        build.tool_bin("etcd")


def test_failed_build_shows_why_and_leaves_nothing(project: Path) -> None:
    lines = "\n".join(f"var v{number} int = {number!r} + missing{number}" for number in range(60))
    (project / "tests" / "oracles" / "echo" / "main.go").write_text(f"{HELLO}\n{lines}\n")
    with pytest.raises(build.BuildError) as caught:
        build.tool_bin("oracle/echo")
    message = str(caught.value)
    assert message.startswith(
        f"oracle/echo could not be built: `go build` in {project}/tests/oracles/echo ended with:\n"
    )
    assert "./main.go:5:18: undefined: missing0" in message
    assert len(message.splitlines()) <= build.ERROR_LINES + 1
    assert [path.suffix for path in build.cache_folder().iterdir()] == [".lock"]


def test_two_processes_build_once(project: Path) -> None:
    command = [sys.executable, str(project / "tools" / "build.py"), "oracle/echo"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [out for out, _ in outputs] == [f"{build.target('oracle/echo')}/bin\n"] * 2
    assert "".join(err for _, err in outputs).count("building with Go") == 1


def test_command_line(project: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(project / "tools" / "build.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))

    shown = run("--print", "etcd", "oracle/echo")
    assert shown.stdout == f"{build.target('etcd')}/bin\n{build.target('oracle/echo')}/bin\n"
    assert not (project / "cache").exists()
    wrong = run("nonsense")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "error: unknown tool 'nonsense'; there are: etcd, oracle/echo\n"

"""A wrong command line is one clear line on stderr, the exit code 2, and nothing on stdout."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from auditor import __version__
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write

WRONG = {
    "command": (["adit"], "No such command 'adit'. Did you mean 'audit'?"),
    "command of policies": (["policies", "lst"], "No such command 'lst'. Did you mean 'list'?"),
    "option": (
        ["audit", "--log-formt", "json"],
        "No such option: --log-formt (Possible options: --log-format)",
    ),
    "option without value": (["audit", "-f"], "Option '-f' requires an argument."),
    "argument": (["audit", "surplus"], "Got unexpected extra argument"),
    "format": (["audit", "-o", "tabel"], "-o tabel: unknown format 'tabel'; did you mean 'table'?"),
    "format of messages": (["audit", "--log-format", "xml"], "Invalid value for '--log-format'"),
    "severity": (["audit", "--fail-on", "hihg"], "Invalid value for '--fail-on'"),
    "too much coverage": (["audit", "--min-coverage", "101"], "Invalid value for '--min-coverage'"),
    "negative coverage": (["audit", "--min-coverage", "-1"], "Invalid value for '--min-coverage'"),
    "coverage that is no number": (["audit", "--min-coverage", "nan"], "Invalid value for '--min-coverage'"),
    "output without path": (["audit", "-o", "json="], "-o json=: the path is missing"),
    "two outputs to stdout": (["audit", "-o", "json", "-o", "table"], "two outputs go to stdout"),
    "stdout by another name": (["audit", "-o", "json", "-o", "html=/dev/stdout"], "two outputs go to stdout"),
    "two outputs to a file": (
        ["audit", "-o", "json=a", "-o", "html=./a"],
        "two outputs go to ./a: -o json=a",
    ),
    "manifests and context": (["audit", "-f", ".", "--context", "prod"], "--context is for a live cluster"),
    "manifests and kubeconfig": (["audit", "-f", ".", "--kubeconfig", "x"], "--kubeconfig is for a live"),
    "cluster and version": (["audit", "--kube-version", "v1.36"], "--kube-version is for manifests"),
    "version": (["audit", "-f", ".", "--kube-version", "new"], "--kube-version new: not a version"),
    "path": (["audit", "-f", "none.yaml"], "none.yaml: no such file or folder"),
    "empty path": (["audit", "-f", ""], ": no such file or folder"),
    "configuration": (
        ["audit", "-f", ".", "--config", "none.yaml"],
        "none.yaml: cannot be read: No such file",
    ),
    "policy folder": (["audit", "-f", ".", "--policies", "none"], "--policies none: no such folder"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_command_line(
    run: Run, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    first, *hints = ended.err.splitlines()
    assert first.startswith(f"error: {message}")
    assert all(line.startswith("  hint: ") for line in hints)
    assert len(hints) <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--framework", "pss_baselin"], "unknown framework 'pss_baselin'; did you mean 'pss_baseline'?"),
        (["--policy", "host_pids"], "unknown policy 'host_pids'; did you mean 'host_pid'?"),
    ],
)
def test_unknown_name_has_a_neighbour(
    audited: Run, arguments: list[str], message: str, tmp_path: Path
) -> None:
    ended = audited("-f", tmp_path, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {message}\n")


def test_version(run: Run) -> None:
    ended = run("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"auditor {__version__}\n", "")


def test_version_of_the_cluster_is_written_as_clusters_write_it(audited: Run, tmp_path: Path) -> None:
    ended = audited("-f", write(tmp_path / "a.yaml", deployment()), "--kube-version", "1.36", "-o", "json")
    assert ended.record.audit.source["version"] == "v1.36"


def test_standard_input(audited: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = write(tmp_path / "a.yaml", deployment(privileged=True))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(manifest.read_bytes())))
    ended = audited("-f", "-", "-o", "json")
    assert ended.code == 1
    assert {one.resource.source.path for one in ended.record.findings if one.resource.source} == {"-"}


def test_empty_folder_is_incomplete(audited: Run, tmp_path: Path) -> None:
    ended = audited("-f", tmp_path, "-o", "json")
    assert ended.code == 3
    assert [gap.reason for gap in ended.record.gaps] == [f"{tmp_path}: holds no .yaml, .yml or .json file"]
    assert "exit 3: nothing was collected" in ended.err


def test_no_cluster_is_incomplete(run: Run) -> None:
    ended = run("audit")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("error: no cluster: there is no kubeconfig, and this is no pod\n  hint: ")

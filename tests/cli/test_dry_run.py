"""`--dry-run` with what it does not go with: one clear line. What it does is in tests/live."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

WITH = "--dry-run asks a cluster for rights and cannot be combined with"
WRONG = {
    "manifests": (["-f", "."], f"{WITH} -f"),
    "version": (["--kube-version", "v1.36"], f"{WITH} --kube-version"),
    "snapshot": (["--snapshot", "a.json"], f"{WITH} --snapshot"),
    "snapshot to write": (["--save-snapshot", "a.json"], f"{WITH} --save-snapshot"),
    "report": (["-o", "html"], "-o html: a dry run has no such form"),
    "one of two": (["-o", "json=a.json", "-o", "html=b.html"], "-o html: a dry run has no such form"),
    "unknown format": (["-o", "tabel"], "-o tabel: unknown format 'tabel'; did you mean 'table'?"),
    "configuration": (["--config", "none.yaml"], "none.yaml: cannot be read: No such file"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_command_line(
    run: Run, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("audit", "--dry-run", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {message}")
    assert list(tmp_path.glob("*.json")) == []


def test_no_cluster_is_incomplete(run: Run) -> None:
    ended = run("audit", "--dry-run")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("error: no cluster: there is no kubeconfig, and this is no pod\n  hint: ")

"""No OPA, or one that cannot be used: exit code 3, one clear line and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write


def script(path: Path, body: str) -> Path:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Something to audit."""
    return write(tmp_path / "web.yaml", deployment())


def test_no_opa_anywhere(run: Run, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITOR_OPA")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "empty"))
    ended = run("audit", "-f", manifest)
    assert (ended.code, ended.out) == (3, "")
    first, hint = ended.err.splitlines()
    assert first == "error: OPA, the engine that evaluates the policies, was not found"
    assert "make setup" in hint
    assert "AUDITOR_OPA" in hint


BROKEN = {
    "old": ("echo 'Version: 0.70.0'", "is OPA 0.70.0, needed is at least 1.0.0 and below 2.0.0"),
    "too new": ("echo 'Version: 2.0.0'", "is OPA 2.0.0, needed is at least 1.0.0 and below 2.0.0"),
    "something else": ("echo 'a program of my own'", "is not OPA: `opa version` names no version"),
    "silent": ("exit 1", "is not OPA: `opa version` names no version"),
}


@pytest.mark.parametrize(("body", "message"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("by", ["flag", "variable"])
def test_wrong_opa(
    run: Run,
    manifest: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    message: str,
    by: str,
) -> None:
    fake = script(tmp_path / "opa", body)
    monkeypatch.setenv("AUDITOR_OPA", str(fake) if by == "variable" else "unused")
    ended = run("audit", "-f", manifest, *(["--opa", fake] if by == "flag" else []))
    assert (ended.code, ended.out) == (3, "")
    first, hint = ended.err.splitlines()
    assert first == f"error: {fake}: {message}"
    assert hint.startswith("  hint: `make setup`")


@pytest.mark.parametrize("kind", ["absent", "folder", "not executable", "no program"])
def test_opa_that_cannot_be_run(run: Run, manifest: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "opa"
    if kind == "folder":
        path.mkdir()
    elif kind != "absent":
        path.write_bytes(b"\x7fELF nonsense")
        path.chmod(0o644 if kind == "not executable" else 0o755)
    ended = run("audit", "-f", manifest, "--opa", path)
    assert (ended.code, ended.out) == (3, "")
    first, hint = ended.err.splitlines()
    reasons = {
        "not executable": "cannot be run as OPA: Permission denied",
        "no program": "cannot be run as OPA: ",
    }
    assert reasons.get(kind, "is not a file") in first
    assert str(path) in first
    assert hint.startswith("  hint: ")


def test_opa_that_dies_at_start(run: Run, manifest: Path, tmp_path: Path) -> None:
    """All of OPA works but the server."""
    fake = script(
        tmp_path / "opa",
        f'test "$1" != run || {{ echo "no memory left" >&2; exit 7; }}\nexec {program.opa()} "$@"',
    )
    ended = run("audit", "-f", manifest, "--opa", fake)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"error: {fake}: OPA did not start: no memory left\n  hint: ")


def test_opa_in_path(run: Run, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITOR_OPA")
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin/opa", "echo 'Version: 0.9.0'")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    ended = run("audit", "-f", manifest)
    assert ended.code == 3
    assert ended.err.startswith(f"error: {tmp_path / 'bin/opa'}: is OPA 0.9.0")


def test_syntax_error_names_the_users_file_and_line(run: Run, manifest: Path, tmp_path: Path) -> None:
    path = tmp_path / "own" / "mine" / "mine.rego"
    path.parent.mkdir(parents=True)
    path.write_text("package k8s.mine\n\nfail contains x if {\n\tx := \n}\n")
    ended = run("audit", "-f", manifest, "--policies", tmp_path / "own")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == f"error: {path}:5: unexpected }} token"

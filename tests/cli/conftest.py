"""The command line in this process, with a real OPA and the shipped policies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from auditor.cli import app, audit
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.overrides import Overrides
from auditor.record import Audit
from auditor.report.json import load
from auditor.rules import Bundle
from tests.cli import program


class Ended(msgspec.Struct, frozen=True):
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Audit:
        """The record on stdout: fails if there is anything else on it."""
        return load(self.out.encode())


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No kubeconfig, no colours, no cache of this user; OPA by name."""
    for name in list(os.environ):
        if name.startswith(("AUDITOR_", "OPA_", "KUBE", "XDG_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    # for what builds tools: without it they would be built again, below the empty home
    cache = tmp_path_factory.mktemp("cache")
    (cache / "tools").symlink_to(program.CACHE / "tools")
    monkeypatch.setenv("AUDITOR_CACHE", str(cache))
    monkeypatch.setenv("AUDITOR_OPA", str(program.opa()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def home() -> Iterator[Path]:
    """A home for a child; its TMPDIR is in it, and tmp_path is too long a path for a socket."""
    with TemporaryDirectory(prefix="cli-") as folder:
        yield Path(folder)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command line in this process."""

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = app.run([str(one) for one in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Ended(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def shipped() -> Iterator[Bundle]:
    """The bundle of the shipped policies, built once for the tests that change nothing in it."""
    with load_bundle(program.opa()) as bundle:
        yield bundle


@pytest.fixture
def audited(run: Run, shipped: Bundle, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `auditor audit` with the bundle that is built already."""

    @contextmanager
    def built(
        _opa: Path, folders: Sequence[Path], overrides: Overrides, *, cache: Path | None
    ) -> Iterator[Bundle]:
        assert not folders
        assert overrides == Overrides()
        yield shipped

    monkeypatch.setattr(audit, "load_bundle", built)

    def call(*arguments: Any) -> Ended:
        return run("audit", *arguments)

    return call

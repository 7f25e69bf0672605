"""`auditor report`: an audit that was made before, in every format, without judging anything again."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli.formats import FORMATS
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write


@pytest.fixture
def audited_file(audited: Run, tmp_path: Path) -> Path:
    manifest = write(tmp_path / "web.yaml", deployment("web", privileged=True))
    file = tmp_path / "audit.json"
    audited("-f", manifest, "-o", f"json={file}", "--policy", "privileged_container", "--fail-on", "never")
    return file


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_tells_of_it(audited_file: Path, run: Run, tmp_path: Path, name: str) -> None:
    ended = run("report", audited_file, "-o", f"{name}={tmp_path / 'out'}")
    assert ended.code == 0
    assert "privileged_container" in (tmp_path / "out").read_text(encoding="utf-8")


def test_json_is_the_same_bytes(audited_file: Path, run: Run, tmp_path: Path) -> None:
    run("report", audited_file, "-o", f"json={tmp_path / 'again.json'}")
    assert (tmp_path / "again.json").read_bytes() == audited_file.read_bytes()


def test_html_is_that_of_the_audit(audited: Run, run: Run, tmp_path: Path) -> None:
    manifest = write(tmp_path / "web.yaml", deployment("web", privileged=True))
    both = ("-o", f"json={tmp_path / 'a.json'}", "-o", f"html={tmp_path / 'a.html'}")
    audited("-f", manifest, *both, "--policy", "privileged_container", "--fail-on", "never")
    run("report", tmp_path / "a.json", "-o", f"html={tmp_path / 'b.html'}")
    assert (tmp_path / "b.html").read_bytes() == (tmp_path / "a.html").read_bytes()


def test_it_can_fail_on_a_severity(audited_file: Path, run: Run) -> None:
    assert run("report", audited_file, "--fail-on", "high").code == 1
    assert run("report", audited_file).code == 0


def test_what_is_no_audit(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    ended = run("report", tmp_path / "other.json")
    assert (ended.code, ended.out) == (2, "")
    assert "not an audit of the schema auditor/v1" in ended.err


def test_an_unknown_format(audited_file: Path, run: Run) -> None:
    ended = run("report", audited_file, "-o", "sarrif")
    assert ended.code == 2
    assert "unknown format 'sarrif'; did you mean 'sarif'?" in ended.err

"""`auditor report`: an audit that was made before, in every format, without judging anything again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import IO

import pytest

from auditor.cli.formats import FORMATS
from auditor.report.unaltered import Difference, difference, format_of
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write
from tests.report.records import audit


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


@pytest.fixture
def kept(audited: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store of two audits, and reports of the second."""
    monkeypatch.setenv("AUDITOR_STORE", str(tmp_path / "history.db"))
    manifest = write(tmp_path / "web.yaml", deployment("web", privileged=True))
    reports = [f"{form}={tmp_path / 'report'}.{form}" for form in ("json", "html", "csv", "junit")]
    for outputs in (["json=/dev/null"], reports):
        flags = [word for output in outputs for word in ("-o", output)]
        audited("-f", manifest, *flags, "--policy", "privileged_container", "--fail-on", "never")
    return tmp_path


@pytest.mark.parametrize("form", ["json", "html", "csv"])
def test_a_report_that_nobody_touched(kept: Path, run: Run, form: str) -> None:
    ended = run("report", "verify", kept / f"report.{form}")
    assert (ended.code, ended.err) == (0, "")
    assert f"unaltered: the {form} of audit" in ended.out
    assert "record 2 of a history that nobody changed" in ended.out


@pytest.mark.parametrize("form", ["json", "html", "csv"])
def test_one_letter_is_found(kept: Path, run: Run, form: str) -> None:
    report = kept / f"report.{form}"
    report.write_text(report.read_text().replace("privileged", "privilegeD", 1))
    ended = run("report", "verify", report)
    assert ended.code == 1
    assert ("it differs from the" in ended.out) == (form != "csv")
    assert ("has this csv" in ended.out) == (form == "csv")


def test_a_history_that_was_changed_vouches_for_nothing(kept: Path, run: Run) -> None:
    with sqlite3.connect(kept / "history.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE records SET record = replace(record, '\"seq\":1', '\"seq\":9') WHERE seq = 1")
    db.close()
    ended = run("report", "verify", kept / "report.html")
    assert ended.code == 1
    assert "but the history is not: auditor history verify" in ended.out


def test_what_cannot_be_verified(kept: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for file, said in (("report.junit", "is no HTML, JSON or CSV of an audit"), ("none", "cannot be read")):
        ended = run("report", "verify", kept / file)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err
    monkeypatch.setenv("AUDITOR_STORE", "none")
    assert "no store is used to hold it against" in run("report", "verify", kept / "report.html").err


def test_options_may_come_before_the_audit(audited_file: Path, run: Run) -> None:
    assert (
        run("report", "-o", "csv", audited_file).out == run("report", "render", audited_file, "-o", "csv").out
    )


def test_where_a_report_differs() -> None:
    class Fixed:
        def render(self, audit: object, out: IO[str]) -> None:
            out.write("one\ntwo\n")

    for report, place in (
        (b"one\ntwo\n", None),
        (b"one\ntwo", Difference(3, 1)),  # the last line break
        (b"one\ntwa\n", Difference(2, 3)),
        (b"one\ntwo\nthree", Difference(3, 1)),
        (b"", Difference(1, 1)),
        (b"one\ntwofold\n", Difference(2, 4)),
    ):
        assert difference(report, audit(), Fixed()) == place, report
    assert [format_of(one) for one in (b'{"a"', b"<!DOCTYPE html>", b"fingerprint", b"")] == [
        "json",
        "html",
        "",
        "",
    ]

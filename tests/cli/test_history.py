"""`auditor history`: list, show, verify, export and import."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from auditor.record import Audit
from auditor.report.history import MAX_FAULTS, UNANCHORED
from auditor.rules import Severity
from tests.cli import program
from tests.cli.conftest import Run
from tests.report.hostile import CORPUS
from tests.store.audits import DAY, HOUR, Journal, audit, finding, remembering

ID = "00000002-aaaa-4bbb-8ccc-dddddddddddd"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """The default store, of a user with XDG_DATA_HOME."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return Journal(tmp_path / "share" / "auditor" / "history.db")


@pytest.fixture
def story(journal: Journal) -> list[Audit]:
    """Records 1 to 6: audits but for 5, which deletes 1; 3 is of another cluster."""
    waived = finding("w", status="waived", waiver="w-1")
    return [
        journal.add(["a", "b"]),
        journal.add(["a", "b", "c", "d", waived]),
        journal.add("b", cluster="other"),
        journal.add("a", after=9 * DAY),
        journal.add(["a", finding("e", severity=Severity.INFO)], after=26 * HOUR),
    ]


def head(audit: Audit) -> str:
    assert audit.history is not None
    return audit.history.head


# --- list -----------------------------------------------------------------------------------------


def test_list(run: Run, story: list[Audit]) -> None:
    """A column for each severity shows how it went, and below it how fast findings are fixed."""
    ended = run("history", "list")
    assert (ended.code, ended.err) == (0, "")
    assert (
        ended.out
        == """\
SEQ  AUDIT      STARTED               CRITICAL  HIGH  MEDIUM  LOW  INFO  WAIVED  COVERAGE  CLUSTER
  1  00000001*  2026-11-01T09:00:00Z         1     1       0    0     0       0      100%  shop
  2  00000002   2026-11-01T10:00:00Z         1     1       1    1     0       1      100%  shop
  3  00000003   2026-11-01T11:00:00Z         0     1       0    0     0       0      100%  other
  4  00000004   2026-11-10T11:00:00Z         1     0       0    0     0       0      100%  shop
  6  00000005   2026-11-11T13:00:00Z         1     0       0    0     1       0      100%  shop

* deleted because of its age: only its record is kept
Mean time to fix, high: 9 d 2 h (1 finding)
Mean time to fix, medium: 9 d 1 h (1 finding)
Mean time to fix, low: 9 d 1 h (1 finding)
"""
    )


def test_list_of_one_cluster(run: Run, story: list[Audit]) -> None:
    ended = run("history", "list", "--cluster", "other")
    assert ended.code == 0
    assert ended.out.splitlines()[1:] == [
        "  3  00000003  2026-11-01T11:00:00Z         0     1       0    0     0       0      100%  other",
        "",
        "No finding was fixed yet.",
    ]


def test_list_as_json(run: Run, story: list[Audit]) -> None:
    ended = run("history", "list", "-o", "json")
    assert (ended.code, ended.err) == (0, "")
    answer = json.loads(ended.out)
    assert [one["seq"] for one in answer["audits"]] == [1, 2, 3, 4, 6]
    assert answer["audits"][1] == {
        "seq": 2,
        "id": ID,
        "cluster": "shop",
        "started_at": "2026-11-01T10:00:00Z",
        "finished_at": "2026-11-01T10:00:02Z",
        "findings": {"critical": 1, "high": 1, "medium": 1, "low": 1, "info": 0, "waived": 1},
        "coverage": 1.0,
        "head": head(story[1]),
        "kept": True,
        "deleted_at": None,
    }
    assert answer["audits"][0]["deleted_at"] == "2026-11-11T13:00:00Z"
    assert answer["time_to_fix"] == {
        "high": {"fixed": 1, "mean_seconds": 9 * 86400 + 7200},
        "medium": {"fixed": 1, "mean_seconds": 9 * 86400 + 3600},
        "low": {"fixed": 1, "mean_seconds": 9 * 86400 + 3600},
    }


def test_a_cluster_that_is_not_there(run: Run, story: list[Audit]) -> None:
    ended = run("history", "list", "--cluster", "shopp")
    assert (ended.code, ended.out) == (2, "")
    assert "no audit of the cluster 'shopp'" in ended.err
    assert "did you mean 'shop'?" in ended.err
    assert "hint: clusters: other, shop" in ended.err


def test_an_empty_store(run: Run, journal: Journal) -> None:
    with journal.store._writing():
        pass
    ended = run("history", "list")
    assert (ended.code, ended.out) == (0, f"no audit is kept in {journal.path} yet\n")


@pytest.mark.parametrize("name", list(CORPUS))
def test_hostile_names(run: Run, journal: Journal, name: str) -> None:
    one = audit("a")
    run_of = msgspec.structs.replace(one.audit, id=CORPUS[name], auditor_version=CORPUS[name])
    one = msgspec.structs.replace(one, audit=run_of)
    journal.store.append(CORPUS[name], remembering(one))
    for command in (
        ["list"],
        ["show"],
        ["verify"],
        ["list", "--cluster", "no such"],
        ["show", CORPUS[name] or "x"],
    ):
        ended = run("history", *command)
        shown = (ended.out + ended.err).replace("\n", "")
        assert shown.isprintable(), (command, shown)


# --- show -----------------------------------------------------------------------------------------


def test_show(run: Run, story: list[Audit]) -> None:
    ended = run("history", "show", "00000002")
    assert (ended.code, ended.err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in ended.out.splitlines())
    assert lines["audit:"] == ID
    assert lines["record:"] == "2"
    assert lines["source:"] == "manifests shop"
    assert lines["findings:"] == "1 critical, 1 high, 1 medium, 1 low, 1 waived"
    assert lines["changes:"] == "3 new, 0 resolved, 2 unchanged, 0 not looked at"
    assert lines["head:"] == head(story[1])
    assert lines["previous:"] == head(story[0])
    assert lines["kept:"] == "yes"
    assert "waivers:" not in lines  # there was nothing to digest


def test_show_the_last_one(run: Run, story: list[Audit]) -> None:
    assert story[4].audit.id in run("history", "show").out
    assert story[3].audit.id in run("history", "show", "last~1").out
    assert story[2].audit.id in run("history", "show", "last", "--cluster", "other").out


def test_show_as_json(run: Run, story: list[Audit]) -> None:
    answer = json.loads(run("history", "show", "2", "-o", "json").out)
    assert (answer["id"], answer["head"]) == (ID, head(story[1]))
    assert answer["record"]["kind"] == "audit"
    assert answer["record"]["result"].startswith("sha256:")
    assert answer["summary"]["documents"] == story[1].summary.documents


def test_show_a_deleted_one(run: Run, story: list[Audit]) -> None:
    """Its record says still what it was."""
    ended = run("history", "show", "1")
    assert ended.code == 0
    assert "kept:      no, deleted at 2026-11-11T13:00:00Z (record 5)" in ended.out
    assert json.loads(run("history", "show", "1", "-o", "json").out)["summary"] is None


def test_show_what_is_not_there(run: Run, story: list[Audit]) -> None:
    ended = run("history", "show", "nothing")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no audit 'nothing'" in ended.err


# --- verify ---------------------------------------------------------------------------------------


def test_verify(run: Run, story: list[Audit]) -> None:
    """Without a head from outside it says what it cannot see."""
    ended = run("history", "verify")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "intact: 6 records, 5 audits, 4 of them kept, 7 rows of findings",
        f"head: {head(story[4])}",
        UNANCHORED,
    ]


def test_verify_against_heads(run: Run, story: list[Audit]) -> None:
    ended = run("history", "verify", "--head", head(story[1]), "--head", head(story[4])[7:].upper())
    assert ended.code == 0
    assert ended.out.splitlines()[2:] == [
        "anchored: record 2 and all before it are as when its head was reported",
        "anchored: record 6 and all before it are as when its head was reported",
    ]


def test_verify_against_a_head_that_is_not_there(run: Run, story: list[Audit]) -> None:
    ended = run("history", "verify", "--head", "a" * 64)
    assert ended.code == 1
    first = ended.out.splitlines()[0]
    assert first.startswith(f"broken: no record has the hash sha256:{'a' * 64}: the history was cut off")
    assert UNANCHORED not in ended.out


@pytest.mark.parametrize("text", ["", "sha256:", "a" * 63, "g" * 64, "sha512:" + "a" * 64])
def test_a_head_that_is_none(run: Run, story: list[Audit], text: str) -> None:
    ended = run("history", "verify", "--head", text)
    assert (ended.code, ended.out) == (2, "")
    assert "no head" in ended.err


def test_a_changed_history(run: Run, journal: Journal, story: list[Audit]) -> None:
    with journal.hand() as db:
        db.execute("UPDATE records SET record = replace(record, '\"high\":1', '\"high\":0') WHERE seq > 1")
        db.execute("DELETE FROM audits WHERE seq = 4")
    ended = run("history", "verify")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[0] == "broken: record 2: its content does not give its hash"
    assert lines[1] == "also: record 3: its content does not give its hash"
    assert lines[2] == "also: record 4: its audit is gone, and no record says that it was deleted"
    assert any(line.startswith("remark: somebody removed") for line in lines)
    answer = json.loads(run("history", "verify", "-o", "json").out)
    assert answer["intact"] is False
    assert answer["faults"][0] == {
        "record": 2,
        "kind": "edited_record",
        "message": "record 2: its content does not give its hash",
    }


def test_very_many_faults(run: Run, journal: Journal) -> None:
    for _ in range(MAX_FAULTS + 5):
        journal.add("a")
    with journal.hand() as db:
        db.execute("UPDATE records SET hash = 'x'")
    lines = run("history", "verify").out.splitlines()
    assert len([line for line in lines if line.startswith("also: ")]) == MAX_FAULTS
    assert lines[MAX_FAULTS + 1].startswith("and ")


# --- export and import ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["backup.jsonl", "backup.jsonl.gz"])
def test_drill(run: Run, journal: Journal, story: list[Audit], tmp_path: Path, name: str) -> None:
    listed = run("history", "list").out
    backup = tmp_path / name
    ended = run("history", "export", backup)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"note: exported 6 records, 7 rows of findings, head {head(story[4])}\n"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (backup.read_bytes()[:2] == b"\x1f\x8b") is name.endswith(".gz")
    journal.path.unlink()
    assert run("history", "list").code == 4
    ended = run("history", "import", backup)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("imported 6 records, 7 rows of findings, head sha256:")
    assert run("history", "verify", "--head", head(story[4])).code == 0
    assert run("history", "list").out == listed
    assert journal.add("a").audit.id in run("history", "show").out


def test_through_a_pipe(story: list[Audit], journal: Journal, tmp_path: Path, home: Path) -> None:
    for packed in (False, True):
        out = program.ended(
            "history", "export", "-", "--store", journal.path, home=home, stderr=subprocess.DEVNULL
        ).stdout
        data = gzip.compress(out.encode()) if packed else out.encode()
        store = tmp_path / f"other-{packed}.db"
        ended = subprocess.run(
            program.command("history", "import", "-", "--store", store),
            env=program.environment(home),
            input=data,
            capture_output=True,
            timeout=program.SECONDS,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert Journal(store).store.entries() == journal.store.entries()


def test_the_export_of_a_broken_history_warns(
    run: Run, journal: Journal, story: list[Audit], tmp_path: Path
) -> None:
    with journal.hand() as db:
        db.execute("UPDATE records SET hash = 'x' WHERE seq = 2")
    ended = run("history", "export", tmp_path / "backup")
    assert ended.code == 0
    assert ended.err.startswith(
        "warning: this history is broken and can be read, but not imported: record 2: its content does not"
    )
    other = tmp_path / "other.db"
    ended = run("history", "import", tmp_path / "backup", "--store", other)
    assert (ended.code, ended.out) == (2, "")
    assert f"{tmp_path}/backup: not imported: the history in it is broken: record 2" in ended.err


@pytest.mark.parametrize(
    ("path", "says"), [("nowhere/backup", "the folder {} does not exist"), ("", "it is a folder")]
)
def test_where_no_export_can_be_written(
    run: Run, story: list[Audit], tmp_path: Path, path: str, says: str
) -> None:
    ended = run("history", "export", tmp_path / path)
    assert ended.code == 4
    assert says.format(tmp_path / "nowhere") in ended.err


def test_a_full_disk_is_the_report_s_not_the_store_s(run: Run, story: list[Audit]) -> None:
    ended = run("history", "export", "/dev/full")
    assert ended.code == 4
    assert "cannot write /dev/full: No space left on device" in ended.err


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_an_import_that_cannot_be_read(
    run: Run, tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("history", "import", path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {path}: ")
    assert not journal.path.exists()


# --- which store ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["list"], ["show"], ["verify"], ["export", "-"]], ids=lambda one: one[0]
)
def test_no_store(run: Run, journal: Journal, arguments: list[str]) -> None:
    ended = run("history", *arguments)
    assert (ended.code, ended.out) == (4, "")
    assert f"error: there is no store at {journal.path}\n" in ended.err
    assert not journal.path.exists()
    ended = run("history", *arguments, "--store", "none")
    assert ended.code == 2
    assert "there is no store to look into" in ended.err


def test_which_store(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option, then the variable, then auditor.yaml, then the data folder."""
    for name in ("given", "named", "said", "default"):
        place = {"default": tmp_path / "share" / "auditor" / "history.db"}.get(name, tmp_path / f"{name}.db")
        Journal(place).add("a", cluster=name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "auditor.yaml").write_text("store: said.db\n")
    said = ("--config", tmp_path / "auditor.yaml")
    assert "default" in run("history", "list").out
    assert "said" in run("history", "list", *said).out
    monkeypatch.setenv("AUDITOR_STORE", str(tmp_path / "named.db"))
    assert "named" in run("history", "list", *said).out
    assert "given" in run("history", "list", "--store", tmp_path / "given.db", *said).out


def test_a_store_that_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello " * 200)
    ended = run("history", "verify", "--store", tmp_path / "text")
    assert (ended.code, ended.out) == (4, "")
    assert "it is no store: not an SQLite database" in ended.err


def test_a_store_in_use(run: Run, journal: Journal, story: list[Audit]) -> None:
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run("history", "verify").code == 0
        assert run("history", "list").code == 0
        other.execute("ROLLBACK")

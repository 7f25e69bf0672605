"""`auditor diff`: files, standard input and the store; what is told, and how it ends."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.judge.diff import Diff
from auditor.judge.remember import remember
from auditor.record import Audit
from auditor.report.json import JsonRenderer, load
from auditor.store.retention import Retention
from auditor.store.sqlite import SqliteStore
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import containers, deployment, write
from tests.judge.audits import audit, bundle, finding, manifests
from tests.judge.audits import gap as unread


def put(path: Path, record: Audit) -> Path:
    with path.open("w") as out:
        JsonRenderer().render(record, out)
    return path


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


A = audit(finding("old"), finding("gone"), day=1)
B = audit(finding("old"), finding("new"))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return put(tmp_path / "a.json", A), put(tmp_path / "b.json", B)


# --- real audits ----------------------------------------------------------------------------------


def test_two_audits_of_manifests(audited: Run, run: Run, tmp_path: Path) -> None:
    """Fixed, new, moved to another file, and hidden behind a typing error: each is told for what it is."""
    folder = tmp_path / "m"
    folder.mkdir()
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    for name in ("fixed", "moved", "broken"):
        write(folder / f"{name}.yaml", deployment(name, privileged=True))
    audited("-f", folder, "-o", f"json={a}", "--policy", "privileged_container")
    write(folder / "fixed.yaml", deployment("fixed"))
    (folder / "moved.yaml").rename(folder / "there.yaml")
    write(folder / "new.yaml", deployment("new", privileged=True))
    audited("-f", folder, "-o", f"json={b}", "--policy", "privileged_container")

    ended = run("diff", a, b)
    told = rows(ended.out)
    assert [(row[0], row[3]) for row in told if row[0] in ("new", "resolved", "unknown")] == [
        ("new", "Deployment shop/new"),
        ("resolved", "Deployment shop/fixed"),
    ]
    assert told[-1] == [
        "summary",
        "1 new, 1 resolved, 0 unknown, 2 unchanged",
        "exit 0: findings never fail the run",
    ]
    assert ended.code == 0

    (folder / "broken.yaml").write_text("a: }")
    audited("-f", folder, "-o", f"json={b}", "--policy", "privileged_container")
    told = rows(run("diff", a, b).out)
    assert [(row[0], row[3], row[-1]) for row in told if row[0] in ("resolved", "unknown")] == [
        (
            "unknown",
            f"Deployment shop/{name}",
            f"{folder / 'broken.yaml'}:1: {load(b.read_bytes()).gaps[0].reason.partition(':1: ')[2]}",
        )
        for name in ("broken", "fixed")
    ]


def test_other_policies_are_not_fixes(audited: Run, run: Run, tmp_path: Path) -> None:
    bad = deployment("web", privileged=True)
    containers(bad)[0]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    write(tmp_path / "web.yaml", bad)
    a, b = tmp_path / "a.out", tmp_path / "b.out"
    audited("-f", tmp_path, "-o", f"json={a}", "--policy", "privileged_container", "--policy", "host_port")
    audited("-f", tmp_path, "-o", f"json={b}", "--policy", "privileged_container", "--policy", "host_pid")
    told = rows(run("diff", a, b).out)
    assert [row[0:3] for row in told if row[0] in ("new", "resolved", "unknown")] == [
        ["unknown", "medium", "host_port"]
    ]
    assert [row for row in told if row[0] == "rules"] == [
        ["rules", "selected", "host_pid"],
        ["rules", "deselected", "host_port"],
    ]


# --- what is written ------------------------------------------------------------------------------


def test_json(run: Run, files: tuple[Path, Path]) -> None:
    ended = run("diff", *files, "-o", "json")
    record = json.loads(ended.out)
    assert list(record)[:3] == ["schema", "a", "b"]
    assert record["schema"] == "auditor/diff/v1"
    assert (record["a"]["id"], record["b"]["id"]) == ("audit-1", "audit-2")
    assert record["delta"]["new"] == json.loads(msgspec.json.encode([finding("new")]))
    assert [one["fingerprint"] for one in record["delta"]["resolved"]] == [finding("gone").fingerprint]
    assert (record["delta"]["unchanged"], record["delta"]["unknown"]) == (1, [])
    assert ended.err == "note: exit 0: findings never fail the run\n"
    assert msgspec.json.decode(ended.out, type=Diff).b.findings == {"high": 2}


def test_a_file_for_each_format(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    ended = run("diff", *files, "-o", f"json={tmp_path / 'd.json'}", "-o", "table")
    assert json.loads((tmp_path / "d.json").read_bytes())["schema"] == "auditor/diff/v1"
    assert rows(ended.out)[-1][0] == "summary"
    assert run("diff", *files, "-o", f"json={tmp_path / 'no' / 'd.json'}").code == 4


def test_other_sources_are_warned_of_in_every_format(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    other = put(tmp_path / "m.json", audit(source=manifests("k8s")))
    ended = run("diff", files[0], other)
    assert ["warning", "A is an audit of a cluster, B of manifests: nothing of A can be resolved"] in rows(
        ended.out
    )
    assert [row[0] for row in rows(ended.out) if row[0] in ("resolved", "unknown")] == ["unknown", "unknown"]
    assert "warning: A is an audit of a cluster" in run("diff", files[0], other, "-o", "json").err


# --- exit codes -----------------------------------------------------------------------------------

LOW = finding("low", severity=finding().severity.LOW)

ENDINGS: dict[str, tuple[Audit, str, int, str]] = {
    "new": (B, "high", 1, "1 new finding at or above high (1 known one does not count)"),
    "never": (B, "never", 0, "findings never fail the run"),
    "less bad": (B, "critical", 0, "no new finding at or above critical"),
    "nothing new": (A, "high", 0, "no new finding at or above high (2 known ones do not count)"),
    "waived": (audit(finding("new", status="waived")), "info", 0, "no new finding at or above info"),
    "in a system namespace": (
        audit(finding("new", system=True)),
        "info",
        0,
        "no new finding at or above info",
    ),
    "incomplete": (audit(gaps=[unread("Pod")], coverage=0.1), "info", 0, "no new finding at or above info"),
    "low": (audit(LOW), "low", 1, "1 new finding at or above low"),
}


@pytest.mark.parametrize(("after", "fail_on", "code", "reason"), ENDINGS.values(), ids=ENDINGS)
def test_fail_on(run: Run, tmp_path: Path, after: Audit, fail_on: str, code: int, reason: str) -> None:
    a, b = put(tmp_path / "a.json", A), put(tmp_path / "b.json", after)
    ended = run("diff", a, b, "--fail-on", fail_on)
    assert ended.code == code
    assert rows(ended.out)[-1][-1] == f"exit {code}: {reason}"


def test_a_waiver_that_ended_counts(run: Run, tmp_path: Path) -> None:
    a = put(tmp_path / "a.json", audit(finding(status="waived"), day=1))
    b = put(tmp_path / "b.json", audit(finding(status="expired_waiver")))
    ended = run("diff", a, b, "--fail-on", "high")
    assert (ended.code, rows(ended.out)[-1][-1]) == (1, "exit 1: 1 new finding at or above high")


# --- where audits come from -----------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of three audits of one cluster and one of another."""
    path = tmp_path / "history.db"
    kept = SqliteStore(path, Retention(), lambda: datetime(2026, 11, 9, tzinfo=UTC))
    for cluster, record in (
        ("one", A),
        ("one", B),
        ("one", audit(day=3)),
        ("two", audit(finding("x"), day=4)),
    ):
        kept.append(cluster, lambda past, record=record: remember(record, past))  # type: ignore[misc]
    return path


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["1", "2"], "1 new, 1 resolved, 0 unknown, 1 unchanged"),
        (["audit-1", "audit-2"], "1 new, 1 resolved, 0 unknown, 1 unchanged"),
        (["last~2", "last~1"], "0 new, 2 resolved, 0 unknown, 0 unchanged"),
        (["last~1", "last", "--cluster", "one"], "0 new, 2 resolved, 0 unknown, 0 unchanged"),
        (["last", "last"], "0 new, 0 resolved, 0 unknown, 1 unchanged"),
    ],
)
def test_references_into_the_store(run: Run, store: Path, names: list[str], sentence: str) -> None:
    ended = run("diff", *names, "--store", store)
    assert (ended.code, rows(ended.out)[-1][1]) == (0, sentence)


def test_the_store_of_the_environment_and_of_the_configuration(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "auditor.yaml"
    config.write_text(f"store: {store}\n")
    assert run("diff", "1", "2", "--config", config).code == 0
    monkeypatch.setenv("AUDITOR_STORE", str(store))
    assert run("diff", "1", "2").code == 0


def test_a_file_and_a_reference(run: Run, store: Path, files: tuple[Path, Path]) -> None:
    ended = run("diff", files[0], "2", "--store", store)
    assert rows(ended.out)[-1][1] == "1 new, 1 resolved, 0 unknown, 1 unchanged"


def test_a_file_goes_before_a_reference(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "last", A)
    ended = run("diff", "last", "2", "--store", store)
    assert rows(ended.out)[-1][1] == "1 new, 1 resolved, 0 unknown, 1 unchanged"


def test_standard_input(run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(files[1].read_bytes())))
    assert rows(run("diff", files[0], "-").out)[-1][1] == "1 new, 1 resolved, 0 unknown, 1 unchanged"


WRONG: dict[str, tuple[list[str], str]] = {
    "no such file": (["no.json"], "no.json: no such file"),
    "no such file in a folder": (["no/audit"], "no/audit: no such file"),
    "no store": (["last"], "last: no such file, and there is no store "),
    "no store at all": (["last", "--store", "none"], "last: no such file, and no store is used"),
    "a folder": (["."], ".: is a folder, and no audit"),
    "not JSON": (["text"], "text: not an audit of the schema auditor/v1: "),
    "another schema": (["other.json"], "other.json: not an audit of the schema auditor/v1: "),
    "an empty file": (["empty"], "empty: not an audit of the schema auditor/v1: "),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_audit(
    run: Run,
    files: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("no audit\x1b[2J")
    (tmp_path / "empty").touch()
    (tmp_path / "other.json").write_text('{"schema": "auditor/diff/v1"}')
    name, *rest = arguments
    for names in ([name, files[1]], [files[1], name]):
        ended = run("diff", *names, *rest)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"error: {message}")
        assert "\n  hint: " in ended.err


def test_references_that_are_none(run: Run, store: Path) -> None:
    for name, message in (("last~9", "there are only 4 audits"), ("99", "there is no audit '99'")):
        ended = run("diff", name, "last", "--store", store)
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "-"], "A and B are both standard input"),
        (["a"], "Missing argument 'B'"),
        (["a", "b", "-o", "html"], "-o html: unknown format 'html'"),
        (["a", "b", "--fail-on", "bad"], "Invalid value for '--fail-on'"),
    ],
)
def test_usage(run: Run, arguments: list[str], message: str) -> None:
    ended = run("diff", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_a_file_that_may_not_be_read(files: tuple[Path, Path], home: Path) -> None:
    files[0].chmod(0)
    ended = program.ended("diff", *files, home=home, before=program.powerless())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: {files[0]}: cannot be read: Permission denied\n")


def test_a_large_delta_is_whole(run: Run, tmp_path: Path) -> None:
    some: list[Any] = [finding(f"web-{number}") for number in range(3000)]
    a = put(tmp_path / "a.json", audit(*some[:2000], day=1, by=bundle("p", "q")))
    b = put(tmp_path / "b.json", audit(*some[1000:], by=bundle("p", "q")))
    ended = run("diff", a, b)
    assert sum(row[0] == "new" for row in rows(ended.out)) == 1000
    assert sum(row[0] == "resolved" for row in rows(ended.out)) == 1000
    assert rows(ended.out)[-1][1] == "1000 new, 1000 resolved, 0 unknown, 1000 unchanged"

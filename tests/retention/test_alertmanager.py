"""How long a real Alertmanager remembers: what it says, and that it does so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from auditor.model import Status
from tests.retention.judge import Judge, messages, workload
from tests.retention.programs import Running, alertmanager
from tests.retention.times import now
from tools.cluster.processes import wait_for

POLICY = "alertmanager_retention_short"


@pytest.mark.parametrize(
    ("flags", "retention"),
    [
        ((), None),
        (("--data.retention=48h",), "48h"),
        (("--data.retention", "1h30m"), "1h30m"),
        (("--log.level=debug", "--data.retention=240h"), "240h"),
    ],
)
def test_what_it_says(tmp_path: Path, flags: Sequence[str], retention: str | None) -> None:
    with alertmanager(tmp_path, flags) as running:
        told = running.observe().told
        assert told == {"peers": 0, **({"retention": retention} if retention else {})}


def test_nothing_else_tells(tmp_path: Path) -> None:
    """Why its command line is asked for: 172800 is 48h in seconds."""
    with alertmanager(tmp_path, ("--data.retention=48h",)) as running:
        for page in ("/api/v2/status", "/metrics"):
            text = running.get(page).decode()
            assert "retention" not in text
            assert "48h" not in text
            assert not any(
                float(line.split()[-1]) == 172800 for line in text.splitlines() if line[:1].isalpha()
            )


def silenced(running: Running) -> str:
    """Silence something for a moment; return the id."""
    begin = now()
    body = {
        "matchers": [{"name": "alertname", "value": "a", "isRegex": False}],
        "startsAt": begin.isoformat(),
        "endsAt": (begin + timedelta(seconds=1)).isoformat(),
        "createdBy": "a test",
        "comment": "",
    }
    assert running.post("/api/v2/silences", msgspec.json.encode({**body, "comment": "none"})) == 200
    [silence] = msgspec.json.decode(running.get("/api/v2/silences"))
    return str(silence["id"])


def states(running: Running) -> list[str]:
    return [one["status"]["state"] for one in msgspec.json.decode(running.get("/api/v2/silences"))]


def wait(running: Running, what: str, expected: list[str]) -> None:
    log = running.folder / "log"
    wait_for(what, lambda: states(running) == expected, running.process, log, seconds=120)


def test_it_does_what_it_says(tmp_path: Path) -> None:
    """A silence that has ended is there until the retention is over."""
    often = "--data.maintenance-interval=1s"
    with (
        alertmanager(tmp_path / "short", (often, "--data.retention=2s")) as short,
        alertmanager(tmp_path / "usual", (often,)) as usual,
    ):
        silenced(usual)
        wait(usual, "the end of a silence", ["expired"])
        silenced(short)
        wait(short, "a silence that is forgotten", [])
        assert states(usual) == ["expired"]


@pytest.mark.parametrize(
    ("declared", "running", "status"),
    [
        (("--data.retention=240h",), ("--data.retention=48h",), Status.FAIL),
        (("--data.retention=48h",), ("--data.retention=240h",), Status.PASS),
        (("--data.retention=$(RETENTION)",), ("--data.retention=240h",), Status.PASS),
        (("--data.retention=$(RETENTION)",), ("--data.retention=48h",), Status.FAIL),
        (("--data.retention=48h",), (), Status.PASS),
    ],
)
def test_what_runs_counts(
    judge: Judge, tmp_path: Path, declared: Sequence[str], running: Sequence[str], status: Status
) -> None:
    objects = workload("alerts", "alertmanager", (*declared, "--storage.path=/alertmanager"))
    objects[0]["spec"]["replicas"] = 3
    with alertmanager(tmp_path / "a", running) as program:
        seen = program.observe("monitoring/alerts")
        result = judge(tmp_path, POLICY, objects, [seen])["alerts"]
        assert result.status is status, messages(result)
        if status is Status.FAIL:
            [finding] = result.violations
            assert finding.evidence == {"retention": "48h", "url": program.url, "at": seen.at}

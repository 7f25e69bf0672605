"""How far back a real Prometheus has samples, and that it deletes what its limits say."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.model import Observation, Result, Status
from tests.retention.cases import SECTIONS
from tests.retention.judge import NAMESPACE, Judge, messages, workload
from tests.retention.programs import Running, prometheus
from tests.retention.times import now
from tools.build import tool_bin
from tools.cluster.processes import wait_for

POLICY = "prometheus_history_short"

ALWAYS = "storage: {tsdb: {retention: {}}}"


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def filled(folder: Path, days: Iterable[int]) -> list[datetime]:
    """Make blocks with a sample of each of these days ago; return the times, as they are kept."""
    folder.mkdir(parents=True)
    times = sorted((now() - timedelta(days=one)).replace(microsecond=0) for one in days)
    lines = [f"up {number} {int(one.timestamp())}" for number, one in enumerate(times)]
    file = folder / "samples"
    file.write_text("\n".join(["# TYPE up gauge", *lines, "# EOF", ""]))
    command: list[str | Path] = [
        tool_bin("prometheus") / "promtool",
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "samples",
        "data",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return times


def verdict(judge: Judge, folder: Path, observation: Observation, days: int) -> Result:
    """Return what the policy says of a workload that has been there for so many days."""
    objects = workload("metrics", "prometheus", (), ALWAYS)
    objects[0]["metadata"] = {
        **objects[0]["metadata"],
        "creationTimestamp": rfc3339(now() - timedelta(days=days)),
    }
    return judge(folder, POLICY, objects, [observation])["metrics"]


def test_the_oldest_sample(judge: Judge, tmp_path: Path) -> None:
    times = filled(tmp_path / "p", [20, 60])
    with prometheus(tmp_path / "p", ALWAYS) as running:
        observation = running.observe()
        assert observation.told["oldest"] == rfc3339(times[0])
        assert observation.told["by_size"] == 0
        assert verdict(judge, tmp_path, observation, days=100).status is Status.PASS


def test_too_little_history(judge: Judge, tmp_path: Path) -> None:
    [oldest] = filled(tmp_path / "p", [20])
    with prometheus(tmp_path / "p", ALWAYS) as running:
        observation = running.observe()
        result = verdict(judge, tmp_path, observation, days=100)
        [finding] = result.violations
        assert finding.message == f"Container prometheus has no samples from before {rfc3339(oldest)}."
        assert finding.evidence == {
            "url": running.url,
            "at": observation.at,
            "oldest": rfc3339(oldest),
            "retention": "",
            "by_size": 0,
        }
        assert verdict(judge, tmp_path, observation, days=25).status is Status.NOT_APPLICABLE


def test_no_samples(judge: Judge, tmp_path: Path) -> None:
    with prometheus(tmp_path / "p", ALWAYS) as running:
        observation = running.observe()
        assert "oldest" not in observation.told
        result = verdict(judge, tmp_path, observation, days=100)
        assert result.status is Status.NOT_EVALUATED, messages(result)


def until_oldest(running: Running, expected: datetime) -> None:
    """Wait for blocks to be deleted, or fail with what is there."""
    wait_for(
        f"blocks since {expected}",
        lambda: running.observe().told.get("oldest") == rfc3339(expected),
        running.process,
        running.folder / "log",
        seconds=200,
    )


@pytest.mark.parametrize(
    ("flags", "section", "kept"),
    [
        ((), "no storage", 10),
        (("--storage.tsdb.retention.time=30d",), "no storage", 20),
        (("--storage.tsdb.retention.time=30d",), "time", 10),
        (("--storage.tsdb.retention.time=10d",), "empty", 60),
        (("--storage.tsdb.retention.size=1GB",), "no storage", 60),
    ],
)
def test_what_is_effective_is_what_is_done(
    tmp_path: Path, flags: tuple[str, ...], section: str, kept: int
) -> None:
    """Blocks of 60, 20, 10 and 0 days ago: those beyond what is called effective are deleted."""
    days = [60, 20, 10, 0]
    times: dict[int, Any] = dict(zip(days, filled(tmp_path / "p", days), strict=True))
    assert times[60] < times[20]
    with prometheus(tmp_path / "p", SECTIONS[section], flags) as running:
        until_oldest(running, times[kept])


def test_a_claim_has_an_age(judge: Judge, tmp_path: Path) -> None:
    """The workload is old, and its volume is new."""
    filled(tmp_path / "p", [20])
    with prometheus(tmp_path / "p", ALWAYS) as running:
        observation = running.observe()
    objects = workload("metrics", "prometheus", (), ALWAYS)
    meta = objects[0]["metadata"]
    objects[0]["metadata"] = {**meta, "creationTimestamp": rfc3339(now() - timedelta(days=100))}
    spec = objects[0]["spec"]["template"]["spec"]
    spec["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": "data"}})
    spec["containers"][0]["volumeMounts"].append({"name": "data", "mountPath": "/prometheus"})
    for days, status in ((25, Status.NOT_APPLICABLE), (90, Status.FAIL)):
        created = rfc3339(now() - timedelta(days=days))
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data", "namespace": NAMESPACE, "creationTimestamp": created},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
        result = judge(tmp_path, POLICY, [*objects, claim], [observation])["metrics"]
        assert result.status is status, messages(result)
    assert datetime.fromisoformat(created) < datetime.now(UTC)

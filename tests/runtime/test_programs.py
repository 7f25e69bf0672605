"""What is made of the answers of programs: what they are not, is told; what they say, is checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from auditor.collect.runtime import alertmanager, prometheus
from auditor.collect.runtime.client import UnansweredError
from auditor.collect.runtime.endpoint import Endpoint, Program
from auditor.collect.runtime.observe import HttpRuntime
from auditor.model import Observation
from tests.collect.scripted import Asked, Reply, serving

RUNTIME = {
    "startTime": "2026-05-01T09:00:00Z",
    "hostname": "prometheus-k8s-0",
    "reloadConfigSuccess": True,
    "lastConfigTime": "2026-05-01T09:00:00.5Z",
    "storageRetention": "15d or 50GiB",
}
METRICS = """\
# HELP prometheus_tsdb_lowest_timestamp_seconds Lowest timestamp value stored in the database.
# TYPE prometheus_tsdb_lowest_timestamp_seconds gauge
prometheus_tsdb_lowest_timestamp_seconds 1.7776e+09
prometheus_tsdb_retention_limit_bytes 5.36870912e+10
prometheus_tsdb_retention_limit_percentage 0
prometheus_tsdb_retention_limit_seconds 1.296e+06
prometheus_tsdb_size_retentions_total 3
"""
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOLD = {
    "version": "3.16.0",
    "retention": "15d or 50GiB",
    "reloaded": True,
    "configured": "2026-05-01T09:00:00Z",
    "host": "prometheus-k8s-0",
    "limits": {"time": 1296000, "size": 53687091200, "percentage": 0},
    "by_size": 3,
    "oldest": "2026-05-01T01:46:40Z",
    "unruled": "/api/v1/rules: HTTP 404: there is no such page; the path of the URL may be wrong",
}


def enveloped(data: Any) -> Reply:
    return Reply(body=json.dumps({"status": "success", "data": data}).encode())


def observed(pages: dict[str, Reply], program: Program = "prometheus") -> Observation:
    """Return what is observed of a server with these pages."""

    def script(asked: Asked) -> Reply:
        return pages.get(asked.path, Reply(404))

    with serving(script) as server:
        [found] = HttpRuntime({program: [Endpoint("monitoring/k8s", server.url)]}, lambda: NOW).observe()
        assert found.url == server.url
    return found


def pages(runtime: Any = None, version: Any = "3.16.0", metrics: str | None = METRICS) -> dict[str, Reply]:
    found = {
        "/api/v1/status/runtimeinfo": enveloped({**RUNTIME, **(runtime or {})}),
        "/api/v1/status/buildinfo": enveloped({"version": version}),
    }
    return found if metrics is None else {**found, "/metrics": Reply(body=metrics.encode())}


def test_prometheus() -> None:
    found = observed(pages())
    assert (found.namespace, found.name, found.at) == ("monitoring", "k8s", "2026-06-01T12:00:00Z")
    assert (found.told, found.failure) == (TOLD, "")


@pytest.mark.parametrize(
    ("runtime", "version", "gone", "more"),
    [
        ({"storageRetention": ""}, "3.16.0", [], {"retention": ""}),
        ({"storageRetention": "1d or 2GiB or 0.5%"}, "", ["version"], {"retention": "1d or 2GiB or 0.5%"}),
        ({"reloadConfigSuccess": False, "hostname": ""}, "v2.55.1", ["host"], {"reloaded": False}),
        ({"hostname": "<b>no host</b>"}, "3.0.0-rc.1", ["host"], {"version": "3.0.0-rc.1"}),
    ],
)
def test_other_answers(runtime: Any, version: str, gone: list[str], more: dict[str, Any]) -> None:
    found = observed(pages(runtime, version))
    known = {"version": version.removeprefix("v")} if version else {}
    assert found.told == {key: one for key, one in {**TOLD, **known, **more}.items() if key not in gone}


def without(key: str) -> Reply:
    return enveloped({name: value for name, value in RUNTIME.items() if name != key})


@pytest.mark.parametrize(
    "reply",
    [
        without("storageRetention"),
        without("reloadConfigSuccess"),
        without("lastConfigTime"),
        enveloped({**RUNTIME, "storageRetention": None}),
        enveloped({**RUNTIME, "reloadConfigSuccess": "yes"}),
        enveloped(None),
        Reply(body=b"<html>"),
        Reply(body=b'{"data": "\xff"}'),
        Reply(body=b"[" * 100_000),
        Reply(body=b"[]"),
    ],
)
def test_no_prometheus(reply: Reply) -> None:
    path = "/api/v1/status/runtimeinfo"
    found = observed({**pages(), path: reply})
    assert (found.told, found.failure) == ({}, f"{path}: what came is not what Prometheus says")


@pytest.mark.parametrize(
    ("runtime", "version"),
    [
        ({}, "<script>"),
        ({}, "a" * 100),
        ({"storageRetention": "\x1b[31m"}, "3.16.0"),
        ({"storageRetention": "1" * 999}, "1.0"),
    ],
)
def test_hostile_texts(runtime: Any, version: str) -> None:
    found = observed(pages(runtime, version))
    assert (found.told, found.failure) == ({}, "what came is not what Prometheus says")


def test_without_metrics_no_limit_is_believed_to_be_none() -> None:
    found = observed(pages({"storageRetention": ""}, metrics="up 1\n"))
    said = "it names no limit, and /metrics: has no prometheus_tsdb_lowest_timestamp_seconds"
    assert (found.told, found.failure) == ({}, said)


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        (None, "/metrics: HTTP 404: there is no such page; the path of the URL may be wrong"),
        ("up 1\n", "/metrics: has no prometheus_tsdb_lowest_timestamp_seconds"),
        (
            "x prometheus_tsdb_lowest_timestamp_seconds 1\n",
            "/metrics: has no prometheus_tsdb_lowest_timestamp_seconds",
        ),
    ],
)
def test_without_metrics(metrics: str | None, says: str) -> None:
    found = observed(pages(metrics=metrics))
    known = {key: value for key, value in TOLD.items() if key not in ("limits", "by_size", "oldest")}
    assert found.told == {**known, "unmeasured": says}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "prometheus_tsdb_lowest_timestamp_seconds 1.7776e+09",
            {"limits": {}, "oldest": "2026-05-01T01:46:40Z"},
        ),
        (
            "prometheus_tsdb_lowest_timestamp_seconds{} 1.7776e+09 177\r\n",
            {"limits": {}, "oldest": "2026-05-01T01:46:40Z"},
        ),
        ("prometheus_tsdb_lowest_timestamp_seconds 9.223372036854776e+15", {"limits": {}}),
        ("prometheus_tsdb_lowest_timestamp_seconds NaN", {"limits": {}}),
        (
            "prometheus_tsdb_lowest_timestamp_seconds +Inf\nprometheus_tsdb_retention_limit_seconds NaN",
            {"limits": {}},
        ),
        (
            "prometheus_tsdb_lowest_timestamp_seconds x\nprometheus_tsdb_retention_limit_seconds 0.5",
            {"limits": {"time": 0.5}},
        ),
    ],
)
def test_metrics(text: str, told: dict[str, Any]) -> None:
    assert prometheus.measured(text.encode()) == told


STATUS = {
    "versionInfo": {"version": "0.28.1"},
    "cluster": {"status": "ready", "peers": [{"name": "a"}]},
    "config": {"original": "s3cret"},
}


def line(*words: str) -> bytes:
    return "\0".join(words).encode()


def test_alertmanager() -> None:
    told = observed(
        {
            "/api/v2/status": Reply(body=json.dumps(STATUS).encode()),
            "/debug/pprof/cmdline": Reply(
                body=line("/bin/alertmanager", "--data.retention=48h", "--x=s3cret")
            ),
        },
        "alertmanager",
    )
    assert (told.told, told.failure) == ({"version": "0.28.1", "peers": 1, "retention": "48h"}, "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], {}),
        (["--config.file=a"], {}),
        (["--data.retention", "48h"], {"retention": "48h"}),
        (["--", "--data.retention=48h"], {}),
        (["@flags", "--data.retention=48h"], {"uncertain": "its command line takes words from a file"}),
        (["--data.retention=<b>"], {"uncertain": "--data.retention is no duration"}),
        (["--data.retention"], {"uncertain": "--data.retention is no duration"}),
        (["--data.retention-x=48h"], {}),
    ],
)
def test_its_command_line(words: list[str], told: dict[str, str]) -> None:
    assert alertmanager.retention(line("alertmanager", *words)) == told


@pytest.mark.parametrize("data", [b"", b"\xff", b"/bin/prometheus\0--data.retention=1h", b"<html>"])
def test_another_command_line(data: bytes) -> None:
    with pytest.raises(UnansweredError, match="no command line of Alertmanager"):
        alertmanager.retention(data)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"versionInfo": {"version": "<b>"}, "cluster": {}}', b"\xff", b"{"]
)
def test_no_alertmanager(body: bytes) -> None:
    found = observed({"/api/v2/status": Reply(body=body)}, "alertmanager")
    assert found.failure == "/api/v2/status: what came is not what Alertmanager says"


def test_without_its_command_line() -> None:
    found = observed({"/api/v2/status": Reply(body=json.dumps(STATUS).encode())}, "alertmanager")
    assert found.failure.startswith("/debug/pprof/cmdline: HTTP 404")


def test_all_in_their_order() -> None:
    with serving(lambda asked: pages().get(asked.path, Reply(404))) as server:
        listed = [Endpoint(f"monitoring/a{number}", server.url) for number in range(20)]
        silent = Endpoint("monitoring/b", "http://metrics.invalid")
        found = HttpRuntime(
            {"prometheus": [silent, *listed], "alertmanager": [silent]}, lambda: NOW
        ).observe()
    names = [(one.program, one.name, bool(one.told)) for one in found]
    assert names == [
        ("prometheus", "b", False),
        *(("prometheus", f"a{number}", True) for number in range(20)),
        ("alertmanager", "b", False),
    ]


def test_nobody_is_asked() -> None:
    assert HttpRuntime({"prometheus": [], "alertmanager": []}, lambda: NOW).observe() == ()

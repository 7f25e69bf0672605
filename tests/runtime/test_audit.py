"""An audit that asks running programs: what it records, and that a snapshot gives the same again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.collect.manifests import ManifestSource
from auditor.collect.snapshot import SnapshotSource, dump_snapshot
from auditor.document.snapshot_digest import snapshot_digest
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.selection import select
from auditor.model import Observation, Resource, Snapshot, SourceFacts
from auditor.pipeline import run
from auditor.ports import Runtime, Source
from tests.cli.program import ended
from tests.collect.scripted import Reply, serving
from tests.runtime.test_programs import pages
from tools.build import tool_bin

POLICIES = ["prometheus_retention_drift", "prometheus_history_short", "prometheus_retention_short"]

OBJECTS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: k8s, namespace: monitoring, creationTimestamp: "2025-01-01T00:00:00Z", uid: u-1}
spec: {retention: 30d}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example.com/web:1}]}
"""


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    path = tmp_path / "objects.yaml"
    path.write_text(OBJECTS)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle is kept: to build it takes longer than all else."""
    return tmp_path_factory.mktemp("cache")


def audited(*flags: str | Path, status: int, home: Path, cache: Path) -> Mapping[str, Any]:
    """Return the record of an audit on the command line."""
    chosen = [word for one in POLICIES for word in ("--policy", one)]
    command = ["audit", "-o", "json", "--store", "none", "--fail-on", "medium", *chosen, *flags]
    done = ended(*command, home=home, env={"XDG_CACHE_HOME": str(cache)})
    assert done.returncode == status, done.stderr
    record: Mapping[str, Any] = json.loads(done.stdout)
    return record


def test_nobody_asked(manifests: Path, tmp_path: Path, cache: Path) -> None:
    record = audited("-f", manifests, status=0, home=tmp_path, cache=cache)
    assert record["summary"]["coverage"] == 1
    assert [one["policy"] for one in record["out_of_reach"]] == POLICIES[:2]
    assert all("no address of one is given" in one["reason"] for one in record["out_of_reach"])
    assert not record["not_evaluated"]


def test_an_answer(manifests: Path, tmp_path: Path, cache: Path) -> None:
    with serving(lambda asked: pages().get(asked.path, Reply(404))) as server:
        flag = f"monitoring/k8s={server.url}"
        record = audited("-f", manifests, "--prometheus", flag, status=1, home=tmp_path, cache=cache)
        url = server.url
    found = {one["policy"]: one for one in record["findings"]}
    drift = found["prometheus_retention_drift"]
    assert (
        drift["message"]
        == "Prometheus k8s is told to keep its samples for 30d, and keeps them for 15d or 50GiB."
    )
    [answer] = drift["evidence"]["answers"]
    assert (answer["url"], answer["retention"]) == (url, "15d or 50GiB")
    assert answer["at"].endswith("Z")
    assert not record["out_of_reach"]


def test_one_that_does_not_answer(manifests: Path, tmp_path: Path, cache: Path) -> None:
    flag = "monitoring/k8s=http://metrics.invalid:9090"
    record = audited("-f", manifests, "--prometheus", flag, status=3, home=tmp_path, cache=cache)
    silent = "http://metrics.invalid:9090 did not say: /api/v1/status/runtimeinfo: its host is not known."
    said = {one["policy"]: one["reason"] for one in record["not_evaluated"]}
    assert said["prometheus_retention_drift"] == said["prometheus_history_short"] == silent
    assert not record["findings"]


def test_the_address_of_another(manifests: Path, tmp_path: Path, cache: Path) -> None:
    with serving(lambda asked: pages().get(asked.path, Reply(404))) as server:
        flag = f"monitoring/other={server.url}"
        record = audited("-f", manifests, "--prometheus", flag, status=3, home=tmp_path, cache=cache)
    [reason] = {one["reason"] for one in record["not_evaluated"] if one["policy"] == POLICIES[0]}
    assert reason == "No address of it is given; --prometheus NAMESPACE/NAME=URL gives one."


class _Cluster(ManifestSource):
    def facts(self) -> SourceFacts:
        return msgspec.structs.replace(
            super().facts(), kind="cluster", paths=(), read_at="2026-06-01T12:00:00Z"
        )

    def read(self, kinds: frozenset[str], *, status: bool = False) -> Iterator[Any]:
        for one in super().read(kinds, status=status):
            # a cluster has no files
            bare = {"origin": None, "lines": None}
            yield msgspec.structs.replace(one, **bare) if isinstance(one, Resource) else one


class _Said:
    def observe(self) -> tuple[Observation, ...]:
        told = {
            "retention": "15d",
            "reloaded": False,
            "configured": "2026-05-01T00:00:00Z",
            "limits": {"time": 1296000},
        }
        at = "2026-06-01T12:00:00Z"
        return (
            Observation("prometheus", "monitoring", "k8s", "http://a", at, told),
            Observation("prometheus", "monitoring", "k8s", "http://b", at, failure="nobody listens there"),
        )


def recorded(source: Source, runtime: Runtime, cache: Path) -> tuple[bytes, Snapshot]:
    """Return the record, and all that was read."""
    opa = tool_bin("opa") / "opa"
    kept: list[Snapshot] = []
    with load_bundle(opa, cache=cache / "auditor") as bundle, OpaEngine(opa, bundle) as engine:
        audit = run(
            source,
            engine,
            select(bundle, policies=POLICIES),
            bundle=bundle,
            run_id="1",
            clock=lambda: datetime(2026, 6, 1, 12, tzinfo=UTC),
            save=kept.append,
            runtime=runtime,
        )
    return msgspec.json.encode(audit), kept[0]


def test_a_snapshot_gives_the_same_record(manifests: Path, tmp_path: Path, cache: Path) -> None:
    live, kept = recorded(_Cluster([str(manifests)], io.BytesIO()), _Said(), cache)
    assert b"keeps them for 15d" in live
    assert b"nobody listens there" in live
    path = tmp_path / "snapshot"
    with path.open("wb") as file:
        dump_snapshot(kept, file)
    source = SnapshotSource(str(path))
    assert isinstance(source, Runtime)
    again, read = recorded(source, source, cache)
    assert again == live
    assert read.observations == kept.observations
    without = msgspec.structs.replace(kept, observations=())
    assert snapshot_digest(read) == snapshot_digest(kept) != snapshot_digest(without)


def test_only_policies_that_want_to_know_ask(manifests: Path, cache: Path) -> None:
    class Never:
        def observe(self) -> tuple[Observation, ...]:
            raise AssertionError

    opa = tool_bin("opa") / "opa"
    with load_bundle(opa, cache=cache / "auditor") as bundle, OpaEngine(opa, bundle) as engine:
        run(
            ManifestSource([str(manifests)], io.BytesIO()),
            engine,
            select(bundle, policies=["privileged_container"]),
            bundle=bundle,
            run_id="1",
            clock=lambda: datetime(2026, 6, 1, 12, tzinfo=UTC),
            runtime=Never(),
        )

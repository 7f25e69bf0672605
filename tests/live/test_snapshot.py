"""A snapshot of a live cluster, judged again without it: the same record, byte for byte."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from tests.live.live import Object, apply, audit, pod_spec, pods, until, workload
from tools.cluster import ControlPlane

PASSWORD = "hunter2hunter2"


@pytest.fixture
def inhabited(control_plane: ControlPlane, namespace: str) -> str:
    """A namespace with pods of a Deployment, one of which has a debug container, and a bare one."""
    careless = pod_spec()
    careless["containers"][0]["securityContext"] = {"privileged": True}
    careless["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": PASSWORD}]
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": pod_spec(hostPID=True)}
    apply(control_plane, namespace, workload("Deployment", "web", careless, replicas=4), bare)
    until(lambda: len(pods(control_plane, namespace)) == 5)
    name = next(
        one["metadata"]["name"] for one in pods(control_plane, namespace) if one["metadata"]["name"] != "bare"
    )
    debug = {"name": "debug", "image": "tools:1", "securityContext": {"privileged": True}}
    patch = json.dumps({"spec": {"ephemeralContainers": [debug]}})
    control_plane.kubectl(
        "patch", "pod", name, "-n", namespace, "--subresource=ephemeralcontainers", "-p", patch
    )
    return namespace


def without_times(record: Object) -> str:
    run = {**record["audit"], "id": "", "started_at": "", "finished_at": ""}
    return json.dumps({**record, "audit": run})


def test_replay_is_the_live_run(control_plane: ControlPlane, inhabited: str, tmp_path: Path) -> None:
    file = tmp_path / "cluster.snapshot"
    limits = ("--kubeconfig", control_plane.kubeconfig, "-n", inhabited, "--save-snapshot", file)
    live = audit(tmp_path / "live.json", *limits)
    control_plane.kubectl("delete", "deployment,pod", "--all", "-n", inhabited)
    again = audit(tmp_path / "again.json", "--snapshot", file)
    assert live.code == again.code == 1
    assert "Only in 1 of 4 live pods" in json.dumps(live.record)
    assert without_times(again.record) == without_times(live.record)
    assert again.record["audit"]["source"]["read_at"] == live.record["audit"]["started_at"]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in gzip.decompress(file.read_bytes()).decode()


def test_other_policies_on_the_same_snapshot(
    control_plane: ControlPlane, inhabited: str, tmp_path: Path
) -> None:
    file = tmp_path / "cluster.snapshot"
    limits = ("--kubeconfig", control_plane.kubeconfig, "-n", inhabited)
    audit(tmp_path / "live.json", *limits, "--save-snapshot", file)
    one = ("--policy", "privileged_container")
    live, again = (audit(tmp_path / "one.json", *where, *one) for where in (limits, ("--snapshot", file)))
    assert live.record["findings"] == again.record["findings"] != []
    assert not again.record["gaps"]


def test_a_snapshot_that_cannot_be_written_costs_no_audit(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(control_plane, namespace, workload("Deployment", "web", pod_spec(), replicas=0))
    limits = ("--kubeconfig", control_plane.kubeconfig, "-n", namespace)
    ended = audit(tmp_path / "audit.json", *limits, "--save-snapshot", "/dev/full")
    assert ended.code == 4
    assert ended.record["summary"]["evaluations"] > 0
    assert "cannot write /dev/full: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--snapshot", "FILE", "-n", "shop"), "-n cannot be combined with --snapshot"),
        (("--snapshot", "FILE", "-f", "."), "-f cannot be combined with --snapshot"),
        (("--snapshot", "FILE", "--context", "c"), "--context cannot be combined with --snapshot"),
        (("--snapshot", "missing"), "--snapshot missing: no such file"),
        (("-f", ".", "--save-snapshot", "FILE"), "--save-snapshot is for a cluster"),
    ],
)
def test_usage(
    arguments: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path / "audit.json", *arguments).code == 2
    assert message in capsys.readouterr().err

"""The program of the component backup, as its account, against a real API server with the snapshotter's CRDs.

The test plays the snapshot controller and the storage: there is none here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.stack.definitions import definitions
from tests.stack.render import DEPLOY, Object, complete, find, own_overlay
from tests.stack.test_admission import FORBIDDEN, Right, granted
from tools.cluster import ControlPlane

USER = "system:serviceaccount:monitoring:backup"
GROUP = "snapshot.storage.k8s.io"
LISTED = own_overlay(complete("backup", "azure-backup"))
KINDS = (
    "Namespace ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding "
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding VolumeSnapshotClass"
).split()
CLAIMS = ("data-alertmanager-0", "data-prometheus-0")
KEEP = 7


def environment() -> dict[str, str]:
    """What the container of the CronJob gets."""
    spec = find(LISTED, "CronJob", "backup")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return {entry["name"]: entry.get("value", "") for entry in spec["containers"][0]["env"]}


class Cluster:
    """An API server with the component in it, and the test as its snapshot controller."""

    def __init__(self, plane: ControlPlane, account: Path) -> None:
        self.plane = plane
        self._account = account
        self._admin = self._pool(plane.token("admin"))
        self._backup = self._pool((account / "token").read_text())

    def _pool(self, token: str) -> urllib3.PoolManager:
        return urllib3.PoolManager(
            ca_certs=str(self.plane.ca), headers={"Authorization": f"Bearer {token.strip()}"}
        )

    def ask(self, method: str, path: str, body: object = None, *, own: bool = False) -> tuple[int, Any]:
        """Send a request as an administrator, or as the account of the backup; return (status, answer)."""
        pool = self._backup if own else self._admin
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        answer = pool.request(
            method,
            self.plane.url + path,
            body=json.dumps(body),
            headers={**dict(pool.headers), "Content-Type": kind},
        )
        return answer.status, answer.json()

    def snapshots(self) -> dict[str, Object]:
        """Every snapshot of the namespace, by name."""
        _, found = self.ask("GET", f"/apis/{GROUP}/v1/namespaces/monitoring/volumesnapshots")
        return {one["metadata"]["name"]: one for one in found["items"]}

    def policies(self) -> dict[str, str]:
        """What becomes of the contents of snapshots, by the name of the snapshot."""
        _, found = self.ask("GET", f"/apis/{GROUP}/v1/volumesnapshotcontents")
        return {
            one["spec"]["volumeSnapshotRef"]["name"]: one["spec"]["deletionPolicy"] for one in found["items"]
        }

    def finish(self, snapshot: Object) -> None:
        """Make the content of a snapshot, and say that it is ready."""
        metadata = snapshot["metadata"]
        reference = {key: metadata[key] for key in ("name", "namespace", "uid")}
        content = f"snapcontent-{metadata['uid']}"
        body = {
            "apiVersion": f"{GROUP}/v1",
            "kind": "VolumeSnapshotContent",
            "metadata": {"name": content},
            "spec": {
                "driver": "disk.csi.azure.com",
                "deletionPolicy": "Retain",
                "source": {"volumeHandle": snapshot["spec"]["source"]["persistentVolumeClaimName"]},
                "volumeSnapshotRef": reference,
            },
        }
        assert self.ask("POST", f"/apis/{GROUP}/v1/volumesnapshotcontents", body)[0] == 201
        path = (
            f"/apis/{GROUP}/v1/namespaces/{metadata['namespace']}/volumesnapshots/{metadata['name']}/status"
        )
        status = {"status": {"boundVolumeSnapshotContentName": content, "readyToUse": True}}
        assert self.ask("PATCH", f"{path}/status", status)[0] == 200

    def create(self, claim: str, name: str, namespace: str = "monitoring", **metadata: object) -> Object:
        """Make a snapshot that is ready, as an earlier run did or somebody by hand."""
        body = {
            "apiVersion": f"{GROUP}/v1",
            "kind": "VolumeSnapshot",
            "metadata": {"name": name, **metadata},
            "spec": {"source": {"persistentVolumeClaimName": claim}},
        }
        status, made = self.ask("POST", f"/apis/{GROUP}/v1/namespaces/{namespace}/volumesnapshots", body)
        assert status == 201, made
        self.finish(made)
        return dict(made)

    def run(self, name: str, *, ready: bool = True, **changes: str) -> tuple[int, list[Object]]:
        """Run the program once, and play the controller meanwhile; return its exit code and log."""
        host, _, port = self.plane.url.removeprefix("https://").rpartition(":")
        env = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
        env |= environment() | {"RUN": name} | changes
        command = [sys.executable, "-I", "-B", str(DEPLOY / "components/backup/snapshots.py")]
        process = subprocess.Popen([*command, str(self._account)], env=env, stdout=subprocess.PIPE, text=True)
        try:
            while ready and process.poll() is None:
                for one in self.snapshots().values():
                    if "status" not in one:
                        self.finish(one)
                time.sleep(0.05)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode, [json.loads(line) for line in said.splitlines()]


@pytest.fixture(scope="module", name="plane")
def _plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(tmp_path_factory.mktemp("backup") / "plane", nodes=0, controllers=False) as plane:
        files = [f"--filename={path}" for path in definitions() if path.name.startswith(GROUP)]
        assert len(files) == 3
        plane.kubectl("apply", "--server-side", *files)
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files)
        first = sorted(
            (one for one in LISTED if one["kind"] in KINDS), key=lambda one: KINDS.index(one["kind"])
        )
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": first})
        plane.kubectl("apply", "--server-side", "--validate=strict", "-f", "-", input=body)
        plane.kubectl("create", "namespace", "shop")
        yield plane


@pytest.fixture(name="cluster")
def _cluster(plane: ControlPlane, tmp_path: Path) -> Iterator[Cluster]:
    """Two claims with volumes, one without; nothing of an earlier test is left."""
    account = tmp_path / "account"
    account.mkdir()
    (account / "namespace").write_text("monitoring")
    (account / "ca.crt").write_text(plane.ca.read_text())
    (account / "token").write_text(plane.kubectl("create", "token", "backup", "-n", "monitoring"))
    cluster = Cluster(plane, account)
    claims = "/api/v1/namespaces/monitoring/persistentvolumeclaims"
    for name in (*CLAIMS, "data-prometheus-1"):
        body = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "monitoring-stack"}},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
        assert cluster.ask("POST", claims, body)[0] in (201, 409)
    for name in CLAIMS:
        bound = {"status": {"phase": "Bound"}}
        assert cluster.ask("PATCH", f"{claims}/{name}/status", bound)[0] == 200
    yield cluster
    plane.kubectl("delete", "volumesnapshots,volumesnapshotcontents", "--all", "-A", "--wait=false")


def own_labels() -> dict[str, str]:
    """What marks a snapshot as one of the program's."""
    labels = {"app.kubernetes.io/name": "backup", "app.kubernetes.io/component": "snapshot"}
    labels |= {"app.kubernetes.io/instance": "monitoring", "app.kubernetes.io/part-of": "monitoring-stack"}
    return labels | {"app.kubernetes.io/managed-by": "backup"}


def with_history(cluster: Cluster, count: int = 8) -> list[str]:
    """Earlier snapshots of one claim, the oldest first; they are of one second, so that names decide."""
    names = [f"data-prometheus-0-backup-{number:03}" for number in range(count)]
    for name in names:
        cluster.create("data-prometheus-0", name, labels=own_labels())
    return names


def test_every_volume_gets_a_snapshot_of_the_class(cluster: Cluster) -> None:
    code, said = cluster.run("backup-1")
    assert code == 0, said
    made = cluster.snapshots()
    assert set(made) == {f"{claim}-backup-1" for claim in CLAIMS}
    for claim in CLAIMS:
        spec = made[f"{claim}-backup-1"]["spec"]
        assert spec["source"] == {"persistentVolumeClaimName": claim}
        assert spec["volumeSnapshotClassName"] == "monitoring-retain"
        assert made[f"{claim}-backup-1"]["metadata"]["labels"] == own_labels()
    assert [one["claim"] for one in said if one["msg"].startswith("left out")] == ["data-prometheus-1"]


def test_a_run_that_is_repeated_makes_no_second_ones(cluster: Cluster) -> None:
    assert cluster.run("backup-1")[0] == 0
    before = {name: one["metadata"]["uid"] for name, one in cluster.snapshots().items()}
    assert cluster.run("backup-1")[0] == 0
    assert {name: one["metadata"]["uid"] for name, one in cluster.snapshots().items()} == before


def test_the_newest_are_kept_and_the_storage_is_told_of_the_others(cluster: Cluster) -> None:
    names = with_history(cluster)
    cluster.create("data-prometheus-0", "aaa-by-hand")
    code, said = cluster.run("backup-900")
    assert code == 0, said
    gone, kept = names[:2], [*names[2:], "data-prometheus-0-backup-900"]
    assert len(kept) == KEEP
    left = set(cluster.snapshots())
    assert left == {*kept, "data-alertmanager-0-backup-900", "aaa-by-hand"}
    policies = cluster.policies()
    assert {policies[name] for name in gone} == {"Delete"}
    assert {policies[name] for name in left} == {"Retain"}


def test_nothing_is_deleted_while_snapshots_fail(cluster: Cluster) -> None:
    names = with_history(cluster)
    code, said = cluster.run("backup-900", ready=False, WAIT_SECONDS="0")
    assert code == 1
    failed = [one for one in said if one["msg"].startswith("FAILED")]
    assert {one["claim"] for one in failed} == set(CLAIMS)
    assert all("no controller has looked at it" in one["reason"] for one in failed)
    assert set(names) <= set(cluster.snapshots())
    assert set(cluster.policies().values()) == {"Retain"}


def test_the_reason_of_the_driver_is_told(cluster: Cluster) -> None:
    cluster.run("backup-1", ready=False, WAIT_SECONDS="0")
    path = f"/apis/{GROUP}/v1/namespaces/monitoring/volumesnapshots/{CLAIMS[0]}-backup-1/status"
    status = {"status": {"readyToUse": False, "error": {"message": "the disk is too large"}}}
    assert cluster.ask("PATCH", path, status)[0] == 200
    _, said = cluster.run("backup-1", ready=False, WAIT_SECONDS="0")
    reasons = {one["claim"]: one["reason"] for one in said if one["msg"].startswith("FAILED")}
    assert reasons[CLAIMS[0]] == "the disk is too large"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SELECTOR": "app.kubernetes.io/part-of=another"}, "nothing to back up"),
        ({"KEEP": "0"}, "at least 1 snapshot"),
        ({"KUBERNETES_SERVICE_PORT": "1"}, "refused"),
    ],
    ids=["no claims", "keeps none", "no server"],
)
def test_failures_are_one_line(cluster: Cluster, changes: dict[str, str], message: str) -> None:
    code, said = cluster.run("backup-1", ready=False, **changes)
    assert code == 1
    assert len(said) == 1
    assert message in said[0]["msg"]
    assert cluster.snapshots() == {}


def test_what_others_made_is_safe_from_the_account(cluster: Cluster) -> None:
    """Its role would allow it; the admission policy does not."""
    by_hand = cluster.create("data-prometheus-0", "by-hand")
    foreign = cluster.create("orders", "orders-1", namespace="shop")
    own = cluster.create("data-prometheus-0", "own", labels=own_labels())
    snapshots = f"/apis/{GROUP}/v1/namespaces/monitoring/volumesnapshots"
    contents = f"/apis/{GROUP}/v1/volumesnapshotcontents/snapcontent-"
    deleted = {"spec": {"deletionPolicy": "Delete"}}

    status, said = cluster.ask("DELETE", f"{snapshots}/by-hand", own=True)
    assert (status, "no snapshot but its own" in said["message"]) == (422, True)
    cluster.create("data-prometheus-0", "marked", labels={"app.kubernetes.io/managed-by": "somebody"})
    assert cluster.ask("DELETE", f"{snapshots}/marked", own=True)[0] == 422
    status, said = cluster.ask("PATCH", contents + foreign["metadata"]["uid"], deleted, own=True)
    assert (status, "nothing deleted but what it has made" in said["message"]) == (422, True)
    moved = {"spec": {"volumeSnapshotRef": {"namespace": "monitoring"}}}
    assert cluster.ask("PATCH", contents + foreign["metadata"]["uid"], moved, own=True)[0] == 422

    assert cluster.ask("PATCH", contents + own["metadata"]["uid"], deleted, own=True)[0] == 200
    assert cluster.ask("DELETE", f"{snapshots}/own", own=True)[0] == 200
    # Others may do what they could before.
    assert cluster.ask("PATCH", contents + foreign["metadata"]["uid"], deleted)[0] == 200
    assert cluster.ask("DELETE", f"{snapshots}/{by_hand['metadata']['name']}")[0] == 200


def test_rights_are_those_that_are_needed(plane: ControlPlane) -> None:
    here, everywhere = f"volumesnapshots.{GROUP}", f"volumesnapshotcontents.{GROUP}"
    needed: list[Right] = [
        ("list", "persistentvolumeclaims", "monitoring"),
        *((verb, here, "monitoring") for verb in ("get", "list", "create", "delete")),
        *((verb, everywhere, "") for verb in ("get", "patch")),
    ]
    more: list[Right] = [
        *((verb, here, "monitoring") for verb in ("update", "patch", "deletecollection")),
        *((verb, here, "shop") for verb in ("get", "list", "create", "delete")),
        *((verb, everywhere, "") for verb in ("create", "update", "delete", "list")),
        *((verb, "persistentvolumeclaims", "monitoring") for verb in ("create", "update", "delete")),
        ("list", "persistentvolumeclaims", "shop"),
    ]
    assert granted(plane, USER, needed) == needed
    assert granted(plane, USER, [*more, *FORBIDDEN]) == []

"""What ships is applied by the program to a cluster of its own: controllers, scheduler, kwok nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from _pytest.capture import CaptureFixture

from auditor.cli.app import run
from tests.stack.live import volumes
from tests.stack.render import SETTINGS
from tests.stack.shipped import chosen, rendered
from tools.cluster import ControlPlane

NODES = 3
KINDS = (
    "deployments,statefulsets,daemonsets,configmaps,services,networkpolicies,poddisruptionbudgets,"
    "horizontalpodautoscalers,serviceaccounts,secrets,leases.coordination.k8s.io,pvc"
)
CLUSTER_KINDS = "namespaces,priorityclasses,clusterroles,clusterrolebindings"


def said(**other: str) -> list[str]:
    """The options that say all settings."""
    return [word for key, value in (SETTINGS | other).items() for word in ("--set", f"{key}={value}")]


SAID = said()


class Ended(NamedTuple):
    """A command that has run."""

    code: int
    out: Any
    err: str

    def actions(self, *which: str) -> dict[str, str]:
        """The steps of a plan that do something, or these."""
        steps = self.out["steps"]
        told = {f"{one['kind']} {one['name']}": one["action"] for one in steps}
        return {key: one for key, one in told.items() if one in which or (not which and one != "unchanged")}


class Program:
    """`auditor stack` on a plane."""

    def __init__(self, plane: ControlPlane, capture: CaptureFixture[str]) -> None:
        self.plane, self.capture = plane, capture

    def __call__(self, command: str, *arguments: str) -> Ended:
        """Run it, with its answer as JSON."""
        self.capture.readouterr()
        code = run(["stack", command, "--kubeconfig", str(self.plane.kubeconfig), "-o", "json", *arguments])
        out, err = self.capture.readouterr()
        assert "Traceback" not in err
        assert "bug in auditor" not in err
        return Ended(code, json.loads(out) if out else None, err)

    def apply(self, profile: str, *arguments: str) -> Ended:
        """Apply a profile with all settings said."""
        return self("apply", "--profile", profile, *SAID, "--timeout", "300", *arguments)


@pytest.fixture(name="plane", scope="module")
def _plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(tmp_path_factory.mktemp("profiles") / "plane", nodes=NODES) as plane:
        listed = rendered(chosen("ha", dict(SETTINGS))).objects
        items = {"apiVersion": "v1", "kind": "List", "items": volumes(listed)}
        plane.kubectl("create", "-f", "-", input=json.dumps(items))
        yield plane


@pytest.fixture(name="stack")
def _stack(plane: ControlPlane, capsys: CaptureFixture[str]) -> Program:
    return Program(plane, capsys)


def versions(plane: ControlPlane) -> dict[str, str]:
    """The resourceVersion of all that the stack has."""
    found = {}
    spaces = [
        one for one in ("monitoring", "monitoring-node") if one in plane.kubectl("get", "ns", "-o", "name")
    ]
    asked: list[Sequence[str]] = [(KINDS, "-n", space) for space in spaces]
    for one in (*asked, (CLUSTER_KINDS,)):
        for item in json.loads(plane.kubectl("get", *one, "-o", "json"))["items"]:
            metadata = item["metadata"]
            key = f"{item['kind']} {metadata.get('namespace', '')}/{metadata['name']}"
            # its controller writes its status whenever it likes
            scaler = item["kind"] == "HorizontalPodAutoscaler"
            found[key] = "" if scaler else str(metadata["resourceVersion"])
    return found


def test_from_nothing_to_ha_and_again(stack: Program) -> None:
    first = stack("diff", "--profile", "ha", *SAID)
    assert first.code == 1
    assert set(first.actions().values()) == {"create"}
    applied = stack.apply("ha")
    assert (applied.code, applied.out["plan"]) == (0, first.out["plan"]), applied.err
    assert all(one["ready"] for one in applied.out["states"] if one["required"])
    assert {one["object"]: one["state"] for one in applied.out["states"]} | {
        "StatefulSet monitoring/prometheus": "2 of 2 available",
        "StatefulSet monitoring/alertmanager": "3 of 3 available",
        "DaemonSet monitoring-node/node-exporter": "3 of 3 available",
    } == {one["object"]: one["state"] for one in applied.out["states"]}
    assert "StatefulSet monitoring/prometheus: its pods wait for the Secret prometheus-tls" in applied.err
    assert "no metrics.k8s.io" in applied.err

    before = versions(stack.plane)
    assert "Lease monitoring/auditor-stack" in before
    again = stack.apply("ha")
    assert (again.code, again.out["applied"]) == (0, False)
    assert again.actions() == {}
    assert versions(stack.plane) == before
    assert stack("diff", "--profile", "ha", *SAID).code == 0
    status = stack("status")
    assert (status.code, status.out["drift"], status.out["state"]) == (0, [], "applied")


def test_an_edit_is_drift_and_a_conflict_and_is_taken_back(stack: Program) -> None:
    plane = stack.plane
    patch = '[{"op": "replace", "path": "/data/alertmanager.yml", "value": "route: {}\\n"}]'
    name = "configmap/alertmanager-config"
    plane.kubectl(
        "patch", name, "-n", "monitoring", "--type=json", "-p", patch, "--field-manager=kubectl-edit"
    )
    plane.kubectl("delete", "networkpolicy/default-deny", "-n", "monitoring")
    status = stack("status")
    assert status.code == 1
    gone, changed = sorted(status.out["drift"], key=lambda one: one["kind"], reverse=True)
    assert (gone["name"], gone["message"]) == ("default-deny", "is gone")
    assert (changed["path"], changed["is"]) == ("data.alertmanager.yml", "route: {}\n")
    assert changed["set_by"]["manager"] == "kubectl-edit"
    assert changed["set_by"]["time"].startswith("20")

    before = versions(plane)
    refused = stack.apply("ha")
    assert refused.code == 1
    assert refused.actions("conflict") == {"ConfigMap alertmanager-config": "conflict"}
    assert "nothing was applied" in refused.err
    assert versions(plane) == before

    taking = ("--take-over", "ConfigMap/monitoring/alertmanager-config")
    unasked = stack.apply("ha", *taking)
    assert unasked.code == 2
    assert "somebody has to agree" in unasked.err
    shown = stack("diff", "--profile", "ha", *SAID, *taking).out["plan"]
    assert f"--plan {shown}" in unasked.err
    wrong = stack.apply("ha", *taking, "--plan", "0" * 64)
    assert (wrong.code, versions(plane)) == (2, before)
    assert stack.apply("ha", *taking, "--plan", shown[:12]).code == 0
    assert stack("status").code == 0


def test_down_to_minimal_and_back(stack: Program) -> None:
    down = stack.apply("minimal")
    assert down.code == 0, down.err
    assert down.actions("prune")["Deployment thanos-query"] == "prune"
    names = versions(stack.plane)
    assert "Deployment monitoring/thanos-query" not in names
    assert "HorizontalPodAutoscaler monitoring/thanos-query" not in names
    assert "PersistentVolumeClaim monitoring/data-prometheus-1" in names
    unasked = stack("rollback")
    assert unasked.code == 2
    assert "this applies what the ConfigMap monitoring/auditor-stack has kept" in unasked.err
    digest = unasked.err.rpartition("--plan ")[2].strip()
    back = stack("rollback", "--timeout", "300", "--plan", digest)
    assert back.code == 0, back.err
    assert "Deployment monitoring/thanos-query" in versions(stack.plane)
    assert stack.apply("ha").actions() == {}


def test_what_cannot_be_changed_is_refused_with_a_way_out(stack: Program) -> None:
    end = stack("apply", "--profile", "ha", *said(storageSize="44Gi"))
    assert end.code == 3
    assert end.actions("refused") == {"StatefulSet prometheus": "refused"}
    [step] = [one for one in end.out["steps"] if one["action"] == "refused"]
    assert "kubectl delete --cascade=orphan statefulset -n monitoring prometheus" in step["message"]
    assert "nothing was applied" in end.err


def test_a_placeholder_is_not_applied(stack: Program) -> None:
    end = stack("apply", "--profile", "ha")
    assert end.code == 2
    assert "these settings still are placeholders" in end.err


def test_deleted_but_for_its_data(stack: Program) -> None:
    end = stack("delete")
    assert end.code == 0, end.err
    left = versions(stack.plane)
    assert {one for one in left if one.startswith("PersistentVolumeClaim")} == {
        f"PersistentVolumeClaim monitoring/data-{part}-{number}"
        for part, count in (("alertmanager", 3), ("prometheus", 2))
        for number in range(count)
    }
    assert not [one for one in left if one.startswith(("Cluster", "PriorityClass")) and "/monitoring" in one]
    again = stack("delete")
    assert (again.code, again.out["deleted"]) == (0, False)
    assert "there is nothing to delete" in again.err
    assert stack("status").code == 3

    unasked = stack("delete", "--delete-data")
    assert unasked.code == 2
    assert "this deletes data: somebody has to agree" in unasked.err
    digest = unasked.err.partition("--plan ")[2].strip()
    gone = stack("delete", "--delete-data", "--plan", digest)
    assert gone.code == 0, gone.err
    assert "namespace/monitoring\n" not in stack.plane.kubectl("get", "namespaces", "-o", "name")
    assert stack("delete", "--delete-data").out["deleted"] is False

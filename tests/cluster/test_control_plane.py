"""The control plane of tools/cluster does what the tests and the demo stand on."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools import build
from tools.cluster import ClusterError, ControlPlane, User
from tools.cluster.processes import Process, is_running
from tools.cluster.shared import shared_plane
from tools.cluster.state import State, load

USER = """
import sys
from pathlib import Path
from tools.cluster.shared import shared_plane
with shared_plane(Path(sys.argv[1]), nodes=0) as plane:
    print(plane.url, flush=True)
    sys.stdin.read()
"""

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "initContainers": [
                    {"name": "once", "image": "once:1"},
                    {"name": "sidecar", "image": "sidecar:1", "restartPolicy": "Always"},
                ],
                "containers": [{"name": "web", "image": "web:1"}],
            },
        },
    },
}


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the condition did not come about"
        time.sleep(0.05)


def get(plane: ControlPlane, path: str, token: str) -> int:
    """Return the status of one GET over verified TLS."""
    request = urllib.request.Request(plane.url + path, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=plane.ca)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def events(plane: ControlPlane, agent: str) -> list[dict[str, Any]]:
    """Return the events of one user agent in the audit log, as far as they are written."""
    lines = plane.audit_log.read_text().splitlines(keepends=True)
    read = [json.loads(line) for line in lines if line.endswith("\n")]
    return [event for event in read if event.get("userAgent") == agent]


def test_pods_of_a_deployment_run(control_plane: ControlPlane, namespace: str) -> None:
    kubectl = control_plane.kubectl
    kubectl("apply", "-n", namespace, "-f", "-", input=json.dumps(DEPLOYMENT))
    kubectl("rollout", "status", "deployment/web", "-n", namespace, "--timeout=60s")
    pods = json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"node-1", "node-2"}
    assert len({pod["status"]["podIP"] for pod in pods}) == 3
    assert all(pod["status"]["hostIP"].startswith("10.0.0.") for pod in pods)
    states = {entry["name"]: list(entry["state"]) for entry in pods[0]["status"]["initContainerStatuses"]}
    assert states == {"once": ["terminated"], "sidecar": ["running"]}


def test_deleted_pods_go(control_plane: ControlPlane, namespace: str) -> None:
    kubectl = control_plane.kubectl
    kubectl("run", "short", "--image=short:1", "-n", namespace)
    kubectl("wait", "--for=condition=Ready", "pod/short", "-n", namespace, "--timeout=60s")
    kubectl("delete", "pod", "short", "-n", namespace, "--timeout=60s")
    assert kubectl("get", "pods", "-n", namespace, "-o", "name") == ""


def test_jobs_complete(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.kubectl("create", "job", "once", "--image=once:1", "-n", namespace)
    control_plane.kubectl("wait", "--for=condition=Complete", "job/once", "-n", namespace, "--timeout=60s")


def test_privileged_pods_are_admitted_unless_the_namespace_says_no(
    control_plane: ControlPlane, namespace: str
) -> None:
    container = {"name": "c", "image": "c:1", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
    create = ["create", "-n", namespace, "--dry-run=server", "-f", "-"]
    assert "pod/p created" in control_plane.kubectl(*create, input=json.dumps(pod))
    control_plane.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=baseline")
    with pytest.raises(ClusterError, match='violates PodSecurity "baseline:latest": privileged'):
        control_plane.kubectl(*create, input=json.dumps(pod))


def test_users_and_certificate(control_plane: ControlPlane) -> None:
    assert get(control_plane, "/api/v1/nodes", control_plane.token("admin")) == 200
    assert get(control_plane, "/api/v1/nodes", control_plane.token("nobody")) == 403
    assert get(control_plane, "/api/v1/nodes", "made-up") == 401
    with pytest.raises(ClusterError, match="nodes is forbidden"):
        control_plane.kubectl("--context=nobody", "get", "nodes")
    with pytest.raises(KeyError):
        control_plane.token("kwok")
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(control_plane.url)


def test_version_is_the_pinned_one(control_plane: ControlPlane) -> None:
    version = json.loads(control_plane.kubectl("version", "-o", "json"))["serverVersion"]
    pinned = build.module_version("kubernetes", "k8s.io/kubernetes")
    assert version["gitVersion"] == "v" + ".".join(pinned)
    assert (version["major"], version["minor"]) == pinned[:2]


def test_audit_log_tells_who_asked_for_what(control_plane: ControlPlane, namespace: str) -> None:
    agent = f"agent-of-{namespace}"
    headers = {"Authorization": f"Bearer {control_plane.token('nobody')}", "User-Agent": agent}
    request = urllib.request.Request(
        f"{control_plane.url}/api/v1/namespaces/{namespace}/secrets", headers=headers
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, context=ssl.create_default_context(cafile=control_plane.ca))
    until(lambda: bool(events(control_plane, agent)))
    [event] = events(control_plane, agent)
    assert (event["user"]["username"], event["verb"], event["objectRef"]["resource"]) == (
        "nobody",
        "list",
        "secrets",
    )
    assert event["level"] == "Metadata"


def test_command_line_starts_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"

    def run(command: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "tools.cluster", command, f"--dir={folder}", "--nodes=1"]
        return subprocess.run(arguments, cwd=build.ROOT, capture_output=True, text=True, check=False)

    assert run("status").returncode == 1
    refused = run("kubeconfig")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"error: no control plane runs in {folder}: start one first\n"
    started = []
    try:
        assert run("start").returncode == 0
        started = list(ControlPlane.attach(folder).processes)
        names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"]
        assert [process.name for process in started] == names
        assert all(map(is_running, started))  # though the program that started them has ended
        assert run("kubeconfig").stdout == f"{folder}/kubeconfig\n"
        status = run("status")
        assert status.returncode == 0
        assert all(f"pid {process.pid}" in status.stdout for process in started)
        assert run("start").returncode == 0
        assert list(ControlPlane.attach(folder).processes) == started  # the same one, not a second
    finally:
        assert run("stop").returncode == 0
    assert not any(map(is_running, started))
    assert not folder.exists()
    assert run("stop").returncode == 0


def test_stop_leaves_foreign_processes_alone(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    folder.mkdir()
    recycled = Process("etcd", os.getpid(), started=1)
    State(processes=(recycled,)).save(folder)
    ControlPlane(folder).stop()  # must not end this very process
    assert not folder.exists()


def test_start_refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ClusterError, match="is not empty"):
        ControlPlane(tmp_path).start()
    assert (tmp_path / "thesis.txt").exists()


@contextmanager
def user_of(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that shares a control plane until its input ends."""
    command = [sys.executable, "-c", USER, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=build.ROOT, stdin=pipe, stdout=pipe, text=True) as user:
        try:
            yield user
        finally:
            user.kill()


def test_shared_plane_ends_with_its_last_user(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    with user_of(folder) as first, user_of(folder) as second:
        assert first.stdout
        assert second.stdout
        assert second.stdin
        url = first.stdout.readline()
        assert url.startswith("https://127.0.0.1:")
        assert second.stdout.readline() == url
        state = load(folder / "plane")
        assert state
        first.send_signal(signal.SIGKILL)
        first.wait()
        with shared_plane(folder) as plane:  # still up, and a third one may come
            assert plane.url == url.strip()
        assert all(map(is_running, state.processes))
        second.stdin.close()
        assert second.wait(60) == 0
    assert not any(map(is_running, state.processes))
    assert not (folder / "plane").exists()


def test_own_users_and_failing_body(tmp_path: Path) -> None:
    plane = ControlPlane(tmp_path / "own", nodes=0, users=[User("eve", ("a", "b"))])
    who: dict[str, Any] = {}

    def work() -> None:
        with plane:
            who.update(json.loads(plane.kubectl("--context=eve", "auth", "whoami", "-o", "json")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    user = who["status"]["userInfo"]
    assert (user["username"], user["groups"]) == ("eve", ["a", "b", "system:authenticated"])
    assert len(plane.processes) == 5
    assert not any(map(is_running, plane.processes))
    assert not plane.folder.exists()

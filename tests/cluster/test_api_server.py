"""A control plane without controllers, and one whose API server is killed and started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.cluster import ClusterError, ControlPlane
from tools.cluster.processes import is_running, wait


@pytest.fixture
def bare_plane(tmp_path: Path) -> Iterator[ControlPlane]:
    """A control plane of this test's own, without controllers."""
    with ControlPlane(tmp_path / "plane", nodes=0, controllers=False) as plane:
        yield plane


def connect(plane: ControlPlane) -> http.client.HTTPSConnection:
    """Return a connection over which a first request was answered."""
    address = urlsplit(plane.url)
    tls = ssl.create_default_context(cafile=plane.ca)
    connection = http.client.HTTPSConnection(str(address.hostname), address.port, context=tls, timeout=30)
    assert ask(plane, connection) == 200
    return connection


def ask(plane: ControlPlane, connection: http.client.HTTPSConnection) -> int:
    """Return the status of a request that needs the token of `admin`."""
    headers = {"Authorization": f"Bearer {plane.token('admin')}"}
    connection.request("GET", "/api/v1/namespaces/default/configmaps", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_without_controllers_what_is_written_stays(bare_plane: ControlPlane) -> None:
    assert [process.name for process in bare_plane.processes] == ["etcd", "kube-apiserver"]
    kubectl = bare_plane.kubectl
    assert kubectl("get", "nodes", "-o", "name") == ""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "ownerReferences": []},
        "spec": {"containers": [{"name": "c", "image": "c:1"}]},
    }
    with pytest.raises(ClusterError, match='serviceaccount "default" not found'):
        kubectl("create", "-f", "-", input=json.dumps(pod))
    kubectl("create", "serviceaccount", "default")
    kubectl("create", "-f", "-", input=json.dumps(pod))
    assert kubectl("get", "pod", "p", "-o", "jsonpath={.spec.nodeName}{.status.phase}") == "Pending"


def test_nodes_need_controllers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nodes need controllers"):
        ControlPlane(tmp_path / "plane", controllers=False)


def test_killed_api_server_comes_back_as_it_was(bare_plane: ControlPlane) -> None:
    bare_plane.kubectl("create", "namespace", "kept")
    url, former = bare_plane.url, bare_plane.processes
    with_requests = [connect(bare_plane) for _ in range(5)]
    bare_plane.kill_api_server()
    assert not is_running(former[1])
    with pytest.raises(OSError, match="refused"):
        connect(bare_plane)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(bare_plane, with_requests[0])
    bare_plane.start_api_server()
    assert bare_plane.url == url
    assert [process.name for process in bare_plane.processes] == ["etcd", "kube-apiserver"]
    assert bare_plane.processes[0] == former[0]
    assert bare_plane.processes[1] != former[1]
    connect(bare_plane).close()  # the old token and authority
    assert "kept" in bare_plane.kubectl("get", "namespace", "kept", "-o", "name")
    assert ControlPlane.attach(bare_plane.folder).processes == bare_plane.processes
    for connection in with_requests:
        connection.close()


def test_api_server_that_is_gone_is_restarted_too(bare_plane: ControlPlane) -> None:
    former = bare_plane.processes[1]
    os.kill(former.pid, signal.SIGKILL)
    assert wait(former, 30)
    bare_plane.restart_api_server()
    connect(bare_plane).close()


def test_stop_after_a_kill_leaves_nothing(tmp_path: Path) -> None:
    plane = ControlPlane(tmp_path / "plane", nodes=0, controllers=False)
    with plane:
        plane.kill_api_server()
    assert not any(map(is_running, plane.processes))
    assert not plane.folder.exists()


def test_api_server_that_does_not_start_again(bare_plane: ControlPlane) -> None:
    bare_plane.kill_api_server()
    (bare_plane.folder / "tokens.csv").write_text('"')
    with pytest.raises(ClusterError, match="the API server did not start again: kube-apiserver ended before"):
        bare_plane.start_api_server()

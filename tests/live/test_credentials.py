"""Where the address of the cluster and the credentials come from, each way of them."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import pytest
import yaml

from auditor.collect import connect
from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import Connection
from auditor.errors import SourceError
from tests.live.as_kubectl import kubectl, status
from tests.live.live import cluster_of, write_kubeconfig
from tests.live.recorder import Caller, client_certificate, recorder
from tools.cluster import ControlPlane


def user_of(connection: Connection) -> str:
    return ClusterSource(connection).facts().user


def test_two_files_in_kubeconfig(control_plane: ControlPlane, tmp_path: Path) -> None:
    """They are merged, and the first one that says so chooses the context, as with kubectl."""
    contexts = [{"name": user, "context": {"cluster": "c", "user": user}} for user in ("admin", "nobody")]
    users = [{"name": user, "user": {"token": control_plane.token(user)}} for user in ("admin", "nobody")]
    first, second, missing = (tmp_path / name for name in ("first", "second", "missing"))
    first.write_text(yaml.safe_dump({"contexts": contexts, "current-context": "nobody", "users": None}))
    clusters = [{"name": "c", "cluster": cluster_of(control_plane)}]
    second.write_text(yaml.safe_dump({"clusters": clusters, "users": users, "current-context": "admin"}))
    both = {"KUBECONFIG": f"{missing}:{first}::{second}"}
    assert user_of(connect.connect(None, None, both)) == "nobody"
    assert user_of(connect.connect(None, "admin", both)) == "admin"
    turned = {"KUBECONFIG": f"{second}:{first}"}
    assert user_of(connect.connect(None, None, turned)) == "admin"
    with pytest.raises(SourceError, match="first: context 'nobody': there is no cluster 'c'"):
        connect.connect(None, None, {"KUBECONFIG": str(first)})


def test_kubeconfig_at_home(control_plane: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_bytes(control_plane.kubeconfig.read_bytes())
    found = connect.connect(None, None, {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "192.0.2.1"})
    assert (found.context, user_of(found)) == ("admin", "admin")


def test_paths_are_relative_to_their_own_file(
    control_plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority beside the cluster's file, certificate, key and token beside the user's."""
    here, users, clusters = (tmp_path / name for name in ("here", "users", "clusters"))
    for folder in (here, users, clusters):
        folder.mkdir()
        for name in ("ca.crt", "jane.crt", "jane.key", "token"):
            (folder / name).write_text("another's")
    with recorder(tmp_path / "made") as server:
        client_certificate(server, users, "jane")
        (users / "token").write_text("t")
        (clusters / "ca.crt").write_bytes(server.made.ca.read_bytes())
        user = {"client-certificate": "../users/jane.crt", "client-key": "jane.key", "tokenFile": "./token"}
        cluster = {"server": server.url, "certificate-authority": "ca.crt"}
        (users / "config").write_text(yaml.safe_dump({"users": [{"name": "u", "user": user}]}))
        context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
        named = {"clusters": [{"name": "c", "cluster": cluster}], "contexts": [context]}
        (clusters / "config").write_text(yaml.safe_dump({**named, "current-context": "c"}))
        monkeypatch.chdir(here)
        for order in ("../users/config:../clusters/config", f"../clusters/config:{users}/config"):
            environ = {"KUBECONFIG": order}
            assert status(connect.connect(None, None, environ), "/version") == 200
            assert kubectl(tmp_path, "get", "--raw", "/version", environ=environ).returncode == 0
        assert set(server.callers) == {Caller((("authorization", "Bearer t"),), "jane")}


def test_service_account_of_a_pod(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "SERVICE_ACCOUNT", tmp_path)
    host, port = control_plane.url.removeprefix("https://").split(":")
    pod = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    missing = f"service account in {tmp_path}: {tmp_path}/token: No such file or directory"
    with pytest.raises(SourceError, match=missing):
        connect.connect(None, None, pod)
    (tmp_path / "token").write_text("\n")
    with pytest.raises(SourceError, match=f"{tmp_path}/token: the token file is empty"):
        connect.connect(None, None, pod)
    (tmp_path / "token").write_text(control_plane.kubectl("create", "token", "default", "-n", namespace))
    with pytest.raises(SourceError, match=rf"{tmp_path}/ca\.crt: No such file or directory"):
        connect.connect(None, None, pod)
    for junk in ("", "junk"):
        (tmp_path / "ca.crt").write_text(junk)
        with pytest.raises(
            SourceError, match=r"ca\.crt is empty|the certificate authority is no certificate"
        ):
            connect.connect(None, None, pod)
    (tmp_path / "ca.crt").write_bytes(control_plane.ca.read_bytes())
    found = connect.connect(None, None, pod)
    assert (found.context, found.server) == ("in-cluster", control_plane.url)
    assert user_of(found) == f"system:serviceaccount:{namespace}:default"


def test_keys_do_not_stay_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL reads them from files only: they are gone before the first request."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with recorder(tmp_path / "made") as server:
        files = client_certificate(server, tmp_path, "jane")
        kinds = zip(("client-certificate-data", "client-key-data"), files, strict=True)
        user = {kind: base64.b64encode(file.read_bytes()).decode() for kind, file in kinds}
        file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), user)
        connection = connect.connect(str(file), None, {})
        assert list(temporary.iterdir()) == []
        assert status(connection, "/version") == 200
        assert server.callers == [Caller((), "jane")]

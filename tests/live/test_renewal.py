"""Credentials that change while an audit runs: service accounts, token files, plugins, kubeconfigs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.collect import connect as module
from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.errors import SourceError
from tests.live.as_kubectl import status
from tests.live.live import cluster_of, write_kubeconfig
from tests.live.plugins import credential, plugin
from tests.live.recorder import client_certificate, recorder
from tools.cluster import ControlPlane


@pytest.fixture
def revoked(control_plane: ControlPlane, namespace: str) -> str:
    """A token that was bound to a Secret which is gone."""
    control_plane.kubectl("create", "secret", "generic", "bound", "-n", namespace)
    bound = ("--bound-object-kind=Secret", "--bound-object-name=bound")
    token = control_plane.kubectl("create", "token", "default", "-n", namespace, *bound)
    control_plane.kubectl("delete", "secret", "bound", "-n", namespace)
    return token


@pytest.fixture
def pod(control_plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a pod, whose service account is in `tmp_path`."""
    monkeypatch.setattr(module, "SERVICE_ACCOUNT", tmp_path)
    (tmp_path / "ca.crt").write_bytes(control_plane.ca.read_bytes())
    host, port = control_plane.url.removeprefix("https://").split(":")
    return {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}


def token_of(control_plane: ControlPlane, namespace: str) -> str:
    return control_plane.kubectl("create", "token", "default", "-n", namespace)


def replace(path: Path, text: str) -> None:
    """As the kubelet does it: the file is never half written."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


SELF = "/api/v1/namespaces?limit=1"


def test_service_account(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, pod: dict[str, str], revoked: str
) -> None:
    """A token that was replaced is used from the next request on."""
    (tmp_path / "token").write_text(token_of(control_plane, namespace))
    connection = connect(None, None, pod)
    assert status(connection, SELF) == 403  # it is known, and may not
    replace(tmp_path / "token", revoked)
    assert status(connection, SELF) == 401
    replace(tmp_path / "token", token_of(control_plane, namespace))
    assert status(connection, SELF) == 403
    assert ClusterSource(connection).facts().user == f"system:serviceaccount:{namespace}:default"
    # a file that is gone or empty for a moment does no harm
    replace(tmp_path / "token", "\n")
    assert status(connection, SELF) == 403
    (tmp_path / "token").unlink()
    assert status(connection, SELF) == 403


def test_service_account_that_is_renewed(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, pod: dict[str, str], revoked: str
) -> None:
    (tmp_path / "token").write_text(revoked)
    connection = connect(None, None, pod)
    with pytest.raises(SourceError, match="not logged in"):
        ClusterSource(connection).facts()
    # another kubeconfig has turned up meanwhile: the audit stays where it is
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_bytes(control_plane.kubeconfig.read_bytes())
    replace(tmp_path / "token", token_of(control_plane, namespace))
    renewed = connection.renew()
    assert (renewed.context, renewed.server) == ("in-cluster", control_plane.url)
    assert ClusterSource(renewed).facts().user == f"system:serviceaccount:{namespace}:default"
    (tmp_path / "token").unlink()
    with pytest.raises(SourceError, match="token: No such file or directory"):
        renewed.renew()


def test_token_file_of_a_kubeconfig(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, revoked: str
) -> None:
    (tmp_path / "token").write_text(control_plane.token("admin"))
    file = write_kubeconfig(tmp_path / "k", cluster_of(control_plane), {"token": "old", "tokenFile": "token"})
    connection = connect(str(file), None, {})
    assert status(connection, SELF) == 200
    replace(tmp_path / "token", revoked)
    assert status(connection, SELF) == 401
    replace(tmp_path / "token", token_of(control_plane, namespace))
    assert status(connection, SELF) == 403
    replace(tmp_path / "token", control_plane.token("admin"))
    assert ClusterSource(connection.renew()).facts().user == "admin"


def counting(folder: Path, *given: dict[str, Any]) -> dict[str, Any]:
    """Return the user of a plugin that gives out one credential after the other, and counts its runs."""
    count = folder / "count"
    count.write_text("0")
    code = f"import json, pathlib\ncount = pathlib.Path({str(count)!r})\nrun = int(count.read_text())\n"
    code += (
        f"count.write_text(str(run + 1))\nprint({json.dumps(given)!r} and json.dumps({list(given)!r}[run]))\n"
    )
    return plugin(folder, code)


def runs(folder: Path) -> int:
    return int((folder / "count").read_text())


def test_plugin_is_run_again_after_401(control_plane: ControlPlane, tmp_path: Path, revoked: str) -> None:
    """The audit does not even notice."""
    user = counting(
        tmp_path, credential(token=revoked.strip()), credential(token=control_plane.token("admin"))
    )
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    assert ClusterSource(connect(str(file), None, {})).facts().user == "admin"
    assert runs(tmp_path) == 2


def test_plugin_is_run_again_when_its_token_expires(control_plane: ControlPlane, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    past, future = ((now + timedelta(minutes=minutes)).isoformat() for minutes in (-1, 60))
    old = credential(token="old", expirationTimestamp=past)
    new = credential(token=control_plane.token("admin"), expirationTimestamp=future)
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), counting(tmp_path, old, new))
    connection = connect(str(file), None, {})
    assert runs(tmp_path) == 1
    assert [status(connection, SELF) for _ in range(3)] == [200, 200, 200]
    assert runs(tmp_path) == 2


def test_plugin_that_fails_later(control_plane: ControlPlane, tmp_path: Path) -> None:
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    old = credential(token="old", expirationTimestamp=past)
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), counting(tmp_path, old))
    connection = connect(str(file), None, {})
    with pytest.raises(SourceError, match="failed with exit code 1"):
        ClusterSource(connection).facts()


def test_certificate_of_a_plugin_is_renewed(tmp_path: Path) -> None:
    with recorder(tmp_path / "made") as server:
        given = []
        for name in ("first", "second"):
            certificate, key = (one.read_text() for one in client_certificate(server, tmp_path, name))
            given.append(credential(clientCertificateData=certificate, clientKeyData=key))
        file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), counting(tmp_path, *given))
        connection = connect(str(file), None, {})
        assert status(connection, "/version") == 200
        assert status(connection.renew(), "/version") == 200
        assert [caller.certificate for caller in server.callers] == ["first", "second"]


def test_kubeconfig_that_is_edited(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Renewed is the context that was chosen, not the one that is current now, and only on its server."""
    file = tmp_path / "kubeconfig"
    file.write_bytes(control_plane.kubeconfig.read_bytes())
    config = yaml.safe_load(file.read_bytes())
    connection = connect(str(file), None, {})
    config["current-context"] = "nobody"
    config["users"][0]["user"] = {"token": "another"}
    file.write_text(yaml.safe_dump(config))
    renewed = connection.renew()
    assert renewed.context == connection.context == "admin"
    assert (status(connection, SELF), status(renewed, SELF)) == (200, 401)
    config["clusters"][0]["cluster"]["server"] = "https://192.0.2.1"
    file.write_text(yaml.safe_dump(config))
    with pytest.raises(
        SourceError, match=r"context 'admin': its server was .* and is now https://192\.0\.2\.1"
    ):
        connection.renew()

"""Where the address of the cluster and the credentials come from, each way of them."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pexpect
import pytest
import yaml

from auditor.collect import connect
from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import Connection
from auditor.errors import SourceError
from tests.live.live import cluster_of, source, write_kubeconfig
from tools.cluster import ControlPlane, certificates


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


def test_token_file_beside_the_kubeconfig(control_plane: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(control_plane.token("admin") + "\n")
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), {"tokenFile": "token"})
    assert source(file).facts().user == "admin"


def plugin(folder: Path, code: str, *arguments: str) -> dict[str, object]:
    """The `user` entry that runs a credential plugin of these lines of Python."""
    script = folder / "plugin.py"
    script.write_text(code)
    command = {"command": sys.executable, "args": [str(script), *arguments]}
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", **command}}


def test_credential_plugin(control_plane: ControlPlane, tmp_path: Path) -> None:
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": control_plane.token("admin")},
    }
    user = plugin(tmp_path, f"print({json.dumps(credential)!r})")
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    assert source(file).facts().user == "admin"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('log in\\nfirst')", "exec: process returned 1. log in first"),
        ("print('hello')", "exec: failed to decode process output"),
        ("print('{}')", "exec: malformed response"),
        ("print('[]')", "malformed response"),
    ],
)
def test_credential_plugin_that_fails(
    control_plane: ControlPlane, tmp_path: Path, code: str, message: str
) -> None:
    """The client library would go on as nobody."""
    file = write_kubeconfig(tmp_path / "k", cluster_of(control_plane), plugin(tmp_path, code))
    with pytest.raises(SourceError, match="context 'only': the credential plugin failed: ") as failed:
        source(file)
    assert message in str(failed.value)
    assert "\n" not in str(failed.value)


def test_credential_plugin_that_fails_on_a_terminal(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = plugin(tmp_path, "import sys; sys.exit('log in first')")
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    command = ["-m", "auditor", "audit", "--kubeconfig", str(file)]
    with pexpect.spawn(sys.executable, command, dimensions=(24, 200), encoding="utf-8") as terminal:
        terminal.expect(pexpect.EOF, timeout=60)
        said = terminal.before.splitlines()
    assert said[0] == "log in first"
    assert said[1].endswith("the credential plugin failed: what it says stands above")
    assert terminal.exitstatus == 3


def test_credential_plugin_that_is_missing(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    with pytest.raises(SourceError, match=r"credential plugin failed: .*no-such-plugin"):
        source(file)


def test_client_certificate(tmp_path: Path) -> None:
    """It is shown to the server, which here is one that asks for it."""
    made = certificates.create(tmp_path / "made", ["IP:127.0.0.1"])
    certificate, key = tmp_path / "client.crt", tmp_path / "client.key"
    ask = "openssl req -x509 -subj /CN=jane -addext extendedKeyUsage=clientAuth".split()
    sign: list[str | Path] = ["-CA", made.ca, "-CAkey", made.ca_key, "-keyout", key, "-out", certificate]
    subprocess.run([*ask, *certificates.CURVE, *sign], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=made.ca)
    context.load_cert_chain(made.server, made.server_key)
    context.verify_mode = ssl.CERT_REQUIRED
    seen: list[object] = []

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as encrypted:
            seen.append((encrypted.getpeercert() or {})["subject"])
            encrypted.recv(4096)
            encrypted.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

    data = {
        f"client-{name}-data": base64.b64encode(path.read_bytes()).decode()
        for name, path in (("certificate", certificate), ("key", key))
    }
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        file = write_kubeconfig(
            tmp_path / "kubeconfig", {"server": url, "certificate-authority": str(made.ca)}, data
        )
        with pytest.raises(SourceError, match="503: HTTP 503"):
            source(file).facts()
        thread.join(10)
    assert seen == [((("commonName", "jane"),),)]


def test_service_account_of_a_pod(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "SERVICE_ACCOUNT", tmp_path)
    host, port = control_plane.url.removeprefix("https://").split(":")
    pod = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    with pytest.raises(
        SourceError, match=f"service account in {tmp_path}: Service token file does not exist"
    ):
        connect.connect(None, None, pod)
    (tmp_path / "token").write_text(control_plane.kubectl("create", "token", "default", "-n", namespace))
    (tmp_path / "ca.crt").write_bytes(control_plane.ca.read_bytes())
    found = connect.connect(None, None, pod)
    assert (found.context, found.server) == ("in-cluster", control_plane.url)
    assert user_of(found) == f"system:serviceaccount:{namespace}:default"

"""The ways to a cluster, and the ways to miss it: one clear line each."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from auditor.collect import api, connect
from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import Connection
from auditor.errors import SourceError
from tests.live.faulty import Answer, faulty
from tests.live.live import audit, cluster_of, source, write_kubeconfig
from tools.cluster import ControlPlane, certificates


def test_wrong_and_missing_credentials(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    control_plane.kubectl("create", "serviceaccount", "gone", "-n", namespace)
    token = control_plane.kubectl("create", "token", "gone", "-n", namespace).strip()
    control_plane.kubectl("delete", "serviceaccount", "gone", "-n", namespace)
    for user in ({"token": "wrong"}, {"token": token}, {}):
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
        with pytest.raises(SourceError, match=f"{control_plane.url}: not logged in: ") as refused:
            source(file).facts()
        assert "only are missing, wrong or expired" in refused.value.hint
        assert token not in str(refused.value)


def test_token_that_is_no_header(control_plane: ControlPlane, tmp_path: Path) -> None:
    for token in ("two\nlines", "snow \N{SNOWMAN}"):
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), {"token": token})
        with pytest.raises(SourceError, match="characters that HTTP does not allow") as refused:
            source(file).facts()
        assert token not in str(refused.value)


def test_command_ends_with_3_and_one_line(
    control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), {"token": "wrong"})
    ended = audit(tmp_path / "audit.json", "--kubeconfig", file)
    assert (ended.code, ended.record) == (3, {})
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"error: {control_plane.url}: not logged in: Unauthorized\n"
        "  hint: the credentials of only are missing, wrong or expired; log in again\n"
    )


def test_wrong_context(
    control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = audit(tmp_path / "a.json", "--kubeconfig", control_plane.kubeconfig, "--context", "admni")
    assert ended.code == 2
    assert capsys.readouterr().err == (
        f"error: {control_plane.kubeconfig}: no context 'admni'; did you mean 'admin'?\n"
        "  hint: known contexts: admin, nobody\n"
    )


def test_foreign_authority(control_plane: ControlPlane, tmp_path: Path) -> None:
    foreign = certificates.create(tmp_path / "foreign", ["IP:127.0.0.1"]).ca
    cluster = {"server": control_plane.url, "certificate-authority": str(foreign)}
    user = {"token": control_plane.token("admin")}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster, user)
    with pytest.raises(SourceError, match="TLS failed: unable to get local issuer certificate"):
        source(file).facts()
    # the certificate is for another name
    named = cluster_of(control_plane, **{"tls-server-name": "elsewhere.example"})
    with pytest.raises(SourceError, match="TLS failed: Hostname mismatch"):
        source(write_kubeconfig(file, named, user)).facts()
    blind = {"server": control_plane.url, "insecure-skip-tls-verify": True}
    assert source(write_kubeconfig(file, blind, user)).facts().user == "admin"
    foreign.write_text("no certificate")
    with pytest.raises(SourceError, match=f"{control_plane.url}: TLS failed: "):
        source(write_kubeconfig(file, cluster, user)).facts()


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_server_down(port: int, tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "kubeconfig", {"server": f"https://127.0.0.1:{port}"}, {})
    with pytest.raises(SourceError, match=f":{port}: no connection: Connection refused") as down:
        source(file).facts()
    assert down.value.hint == "is the cluster up, and is its address right in context only?"


def test_name_that_does_not_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    file = write_kubeconfig(tmp_path / "kubeconfig", {"server": "https://nowhere.example"}, {})
    with pytest.raises(SourceError, match=r"nowhere\.example: no connection: Name or service not known"):
        source(file).facts()


@pytest.mark.parametrize(
    "server", ["127.0.0.1", "ftp://127.0.0.1", "https://", "https://[::1", "https://a b"]
)
def test_address_that_is_none(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked for a name"))
    file = write_kubeconfig(tmp_path / "kubeconfig", {"server": server}, {})
    with pytest.raises(SourceError) as wrong:
        source(file).facts()
    assert "\n" not in str(wrong.value)
    assert "object at 0x" not in str(wrong.value)


def test_server_that_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "TIMEOUT", urllib3.Timeout(connect=5, read=0.2))
    with socket.create_server(("127.0.0.1", 0)) as server:
        file = write_kubeconfig(
            tmp_path / "kubeconfig", {"server": f"http://127.0.0.1:{server.getsockname()[1]}"}, {}
        )
        with pytest.raises(SourceError, match=r"no answer within 0\.2 s"):
            source(file).facts()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"<html>log in</html>"), "no API server, or not ready: the answer is not the JSON"),
        (Answer(b"[]"), "no API server, or not ready: the answer is not the JSON"),
        (Answer(b"", 302), "no API server, or not ready: 302: HTTP 302"),
        (Answer(b"", 404), "no API server, or not ready: 404: HTTP 404"),
        (Answer(b'{"message": "starting"}', 503), "no API server, or not ready: 503: starting"),
        (Answer(b'{"message": "no right"}', 403), "refused: no right"),
    ],
)
def test_answers_of_something_else(
    control_plane: ControlPlane, tmp_path: Path, answer: Answer, message: str
) -> None:
    with faulty(control_plane, lambda *_: answer) as url:
        file = write_kubeconfig(tmp_path / "kubeconfig", {"server": url}, {})
        with pytest.raises(SourceError, match=message):
            source(file).facts()


def test_server_without_self_reviews(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Older than Kubernetes 1.28: the audit goes on without knowing as whom."""

    def old(path: str, answer: Answer) -> Answer:
        return Answer(b'{"message": "not found"}', 404) if "selfsubjectreviews" in path else answer

    with faulty(control_plane, old) as url:
        token = {"token": control_plane.token("admin")}
        facts = source(write_kubeconfig(tmp_path / "kubeconfig", {"server": url}, token)).facts()
    assert (facts.user, facts.groups) == ("", ())
    assert facts.version.startswith("v1.36.")


# --- where the credentials come from --------------------------------------------------------------


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


def test_credential_plugin_that_is_missing(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    with pytest.raises(SourceError, match=r"credential plugin failed: .*no-such-plugin"):
        source(file)


def test_client_certificate(tmp_path: Path) -> None:
    """It is shown to the server, which here is one that asks for it."""
    made = certificates.create(tmp_path / "made", ["IP:127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=made.ca)
    context.load_cert_chain(made.server, made.server_key)
    context.verify_mode = ssl.CERT_REQUIRED
    seen: list[object] = []

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as encrypted:
            seen.append(dict(one[0] for one in encrypted.getpeercert()["subject"]))  # type: ignore[index]
            encrypted.recv(4096)
            encrypted.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

    data = {
        f"client-{name}-data": base64.b64encode(path.read_bytes()).decode()
        for name, path in (("certificate", made.ca), ("key", made.ca_key))
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
    assert seen == [{"commonName": "auditor-test-ca"}]


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

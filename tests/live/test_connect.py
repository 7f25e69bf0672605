"""The ways to a cluster, and the ways to miss it: one clear line each."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.collect.patience import Patience
from auditor.errors import SourceError
from tests.live.as_kubectl import kubectl, status, whoami
from tests.live.faulty import Answer, faulty
from tests.live.live import audit, cluster_of, source, write_kubeconfig
from tests.live.proxy import proxy
from tools.cluster import ControlPlane, certificates


def test_wrong_and_missing_credentials(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    control_plane.kubectl("create", "serviceaccount", "gone", "-n", namespace)
    token = control_plane.kubectl("create", "token", "gone", "-n", namespace).strip()
    control_plane.kubectl("delete", "serviceaccount", "gone", "-n", namespace)
    for user in ({"token": "wrong"}, {"token": token}, {}):
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
        with pytest.raises(SourceError, match=f"{control_plane.url}: not logged in: ") as refused:
            source(file).facts()
        assert "context 'only' are missing, wrong or expired" in refused.value.hint
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
        "  hint: the credentials of context 'only' are missing, wrong or expired; log in again\n"
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
    foreign.write_text("no certificate")
    with pytest.raises(SourceError, match="the certificate authority is no certificate in PEM"):
        source(write_kubeconfig(file, cluster, user)).facts()


def test_name_of_the_server(control_plane: ControlPlane, tmp_path: Path) -> None:
    """The address is not in the certificate; the name that is looked for instead is, or is not."""
    away = control_plane.url.replace("127.0.0.1", "0.0.0.0")
    user = {"token": control_plane.token("admin")}
    for name, fits in (("", False), ("localhost", True), ("127.0.0.1", True), ("localhost.example", False)):
        cluster = cluster_of(control_plane, **{"tls-server-name": name, "server": away})
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster, user)
        assert (kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").returncode == 0) is fits
        if fits:
            assert source(file).facts().user == "admin"
        else:
            with pytest.raises(SourceError, match=r"TLS failed: (Hostname|IP address) mismatch"):
                source(file).facts()


def test_server_that_is_not_verified(control_plane: ControlPlane, tmp_path: Path) -> None:
    """It works, without a warning, and is known."""
    cluster = {"server": control_plane.url.replace("127.0.0.1", "0.0.0.0"), "insecure-skip-tls-verify": True}
    user = {"token": control_plane.token("admin")}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster, user)
    connection = connect(str(file), None, {})
    assert connection.insecure
    assert connection.renew().insecure
    assert ClusterSource(connection).facts().user == "admin"
    assert whoami(tmp_path, f"--kubeconfig={file}")["username"] == "admin"
    code = (
        "from auditor.collect.cluster import ClusterSource as C; from auditor.collect.connect import connect;"
    )
    code += f"print(C(connect({str(file)!r}, None, {{}})).facts().user)"
    command = [sys.executable, "-W", "default", "-c", code]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "admin\n", "")
    assert not connect(str(control_plane.kubeconfig), None, {}).insecure
    write_kubeconfig(file, {**cluster, "insecure-skip-tls-verify": False}, user)
    with pytest.raises(SourceError, match="TLS failed"):
        source(file).facts()


def test_token_is_not_sent_in_clear(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Only within this machine: kubectl not even there."""
    with proxy("http://192.0.2.1") as running:
        for server, sent in (
            ("http://192.0.2.1", ()),
            ("http://localhost:1", (("authorization", "Bearer t"),)),
        ):
            cluster = {"server": server, "proxy-url": f"http://{running.address}"}
            file = write_kubeconfig(tmp_path / "kubeconfig", cluster, {"token": "t"})
            connection = connect(str(file), None, {})
            assert status(connection) == 200
            assert running.asked[-1].headers == sent
            assert connection.insecure is not bool(sent)
            run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}")
            assert run.returncode == 0, run.stderr
            assert running.asked[-1].headers == ()


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
    assert down.value.hint == "is the cluster up, and is its address right in context 'only'?"


def test_name_that_does_not_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    file = write_kubeconfig(tmp_path / "kubeconfig", {"server": "https://nowhere.example"}, {})
    with pytest.raises(SourceError, match=r"nowhere\.example: no connection: Name or service not known"):
        source(file).facts()


@pytest.mark.parametrize(
    "server", ["https://", "https://[::1", "https://a b", "https://127.0.0.1:x", "https://127.0.0.1:99999"]
)
def test_address_that_is_none(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked for a name"))
    file = write_kubeconfig(tmp_path / "kubeconfig", {"server": server}, {})
    with pytest.raises(SourceError) as wrong:
        source(file).facts()
    assert "\n" not in str(wrong.value)
    assert "object at 0x" not in str(wrong.value)


def test_server_that_is_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        file = write_kubeconfig(tmp_path / "kubeconfig", {"server": url}, {})
        impatient = Patience(read=0.2, attempts=1)
        with pytest.raises(SourceError, match=r"no answer within 0\.2 s"):
            ClusterSource(connect(str(file), None, {}), patience=impatient).facts()


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

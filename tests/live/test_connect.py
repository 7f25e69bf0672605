"""The ways to a cluster, and the ways to miss it: one clear line each."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from auditor.collect import api
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

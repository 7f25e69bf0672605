"""One request has an end, whatever the server does; what went wrong is told in words for the report."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.runtime.client import MAX_BYTES, Client, UnansweredError
from auditor.collect.runtime.endpoint import Endpoint
from tests.collect.scripted import Asked, Reply, Script, Server, in_turn, serving
from tools.cluster import certificates

SHORT = 0.5
"""Seconds, for requests that are to take too long."""

LONG = 30.0


def client(server: Server, seconds: float = LONG, path: str = "", **more: Any) -> Client:
    return Client(Endpoint("monitoring/k8s", f"{server.url}{path}", **more), seconds)


def failure(made: Client) -> str:
    with pytest.raises(UnansweredError) as failed:
        made.get("/status")
    return str(failed.value)


def refusal(reply: Reply | Script, seconds: float = LONG) -> str:
    """Return why an answer is none."""
    with serving(in_turn(reply) if isinstance(reply, Reply) else reply) as server:
        return failure(client(server, seconds))


@pytest.mark.parametrize("path", ["", "/", "/prometheus", "/a/b/"])
def test_an_answer(path: str) -> None:
    with serving(in_turn(Reply(body=b"good"))) as server:
        assert client(server, path=path).get("/status") == b"good"
        [asked] = server.asked
        assert (asked.method, asked.path) == ("GET", f"{path.rstrip('/')}/status")
        assert asked.authorization is None
        assert client(server).get("/status") == b"good"


@pytest.mark.parametrize("chunks", [0, 1, 7])
def test_the_largest_answer(chunks: int) -> None:
    body = bytes(MAX_BYTES)
    with serving(in_turn(Reply(body=body, chunks=chunks))) as server:
        assert client(server).get("/status") == body


@pytest.mark.parametrize("chunks", [0, 1, 7])
def test_a_larger_one(chunks: int) -> None:
    reply = Reply(body=bytes(MAX_BYTES + 1), chunks=chunks)
    assert refusal(reply) == "/status: the answer is larger than 4 MiB"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with serving(in_turn(Reply())) as other:
        moved = Reply(status, headers={"Location": f"{other.url}/stolen"})
        said = refusal(moved)
        assert said.startswith(f"/status: HTTP {status}: it refers to another address")
        assert "stolen" not in said
        assert not other.asked


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "HTTP 401: it wants to know who asks"),
        (403, "HTTP 403: who asks may not know"),
        (404, "HTTP 404: there is no such page; the path of the URL may be wrong"),
        (204, "HTTP 204"),
        (500, "HTTP 500"),
        (503, "HTTP 503"),
    ],
)
def test_refusals(status: int, says: str) -> None:
    assert refusal(Reply(status, b"<script>secret</script>")) == f"/status: {says}"


@pytest.mark.parametrize("at_once", [0, 3, 60])
def test_a_slow_answer(at_once: int) -> None:
    """Byte by byte: each one comes in time, and all of them never."""
    begin = time.monotonic()
    reply = Reply(body=bytes(100_000), trickle=threading.Event(), at_once=at_once)
    assert refusal(reply, SHORT) == "/status: no whole answer within 0.5 s"
    assert time.monotonic() - begin < 20


def test_no_answer() -> None:
    reply = Reply(hold=threading.Event())
    assert refusal(reply, SHORT) == "/status: no whole answer within 0.5 s"


@pytest.mark.parametrize("cut", [0, 5, 30, 36, 60])
def test_an_answer_that_breaks_off(cut: int) -> None:
    assert refusal(Reply(body=bytes(1000), cut=cut)) in (
        "/status: the connection broke off",
        "/status: what came is no HTTP",
        "/status: the answer is empty",
    )


def test_half_a_chunk() -> None:
    whole = Reply(body=bytes(1000), chunks=2).wire()
    assert refusal(Reply(body=bytes(1000), chunks=2, cut=len(whole) - 100)) == "/status: what came is no HTTP"


def test_no_http() -> None:
    with serving(in_turn(Reply())) as server:
        server.encode = lambda _: b"SSH-2.0-OpenSSH\r\n"
        assert failure(client(server)) == "/status: what came is no HTTP"


def test_nobody_listens() -> None:
    server = Server()
    try:
        assert failure(client(server)) == "/status: nobody listens there"
    finally:
        server.server_close()


def test_a_host_that_is_not_known() -> None:
    one = Client(Endpoint("monitoring/k8s", "http://metrics.invalid:9090"))
    assert failure(one) == "/status: its host is not known"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.create(tmp_path_factory.mktemp("certificates") / "good", ["IP:127.0.0.1"])


@pytest.fixture
def tls(certificate: certificates.Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.server, certificate.server_key)
    return context


def test_a_token_goes_to_the_configured_address_alone(
    certificate: certificates.Certificates, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    with serving(in_turn(Reply())) as other:

        def script(asked: Asked) -> Reply:
            moved = asked.path == "/moved"
            return Reply(307, headers={"Location": f"{other.url}/"}) if moved else Reply(body=b"good")

        with serving(script, tls=tls) as server:
            one = client(server, certificate_authority=str(certificate.ca), token_file=str(token))
            assert one.get("/status") == b"good"
            with pytest.raises(UnansweredError) as failed:
                one.get("/moved")
            assert "s3cret" not in str(failed.value)
            assert [asked.authorization for asked in server.asked] == ["Bearer s3cret"] * 2
        assert not other.asked


def test_a_certificate_of_somebody_else(
    certificate: certificates.Certificates, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    foreign = certificates.create(tmp_path / "foreign", ["IP:127.0.0.1"]).ca
    token = tmp_path / "token"
    token.write_text("s3cret")
    with serving(in_turn(Reply()), tls=tls) as server:
        said = failure(client(server, certificate_authority=str(foreign), token_file=str(token)))
        assert said.startswith("/status: its certificate is not valid here: unable to get local issuer")
        assert failure(client(server)).startswith("/status: its certificate is not valid here: ")
        assert not server.asked


def test_a_client_certificate(
    certificate: certificates.Certificates, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    own, key = tmp_path / "own.crt", tmp_path / "own.key"
    command: list[str | Path] = [
        "openssl",
        "req",
        "-x509",
        "-subj",
        "/CN=ada",
        *certificates.CURVE,
        "-keyout",
        key,
        "-out",
        own,
    ]
    subprocess.run(command, check=True, capture_output=True)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(own)
    known: dict[str, Any] = {"certificate_authority": str(certificate.ca)}
    with serving(in_turn(Reply(body=b"good")), tls=tls) as server:
        assert failure(client(server, **known)).startswith("/status: ")
        assert not server.asked
        one = client(server, **known, client_certificate=str(own), client_key=str(key))
        assert one.get("/status") == b"good"
        other: dict[str, Any] = {"client_certificate": str(own), "client_key": str(certificate.server_key)}
        with pytest.raises(UnansweredError, match="do not belong together"):
            client(server, **known, **other)


def test_a_handshake_that_never_ends(certificate: certificates.Certificates) -> None:
    """It connects, and says nothing: what is spoken there is no TLS."""
    with serving(in_turn(Reply())) as server:
        url = server.url.replace("http:", "https:")
        one = Client(Endpoint("monitoring/k8s", url, certificate_authority=str(certificate.ca)), SHORT)
        said = failure(one)
        assert said == "/status: no whole answer within 0.5 s" or "TLS failed" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "holds no token"),
        (b"a\nb", "holds no token"),
        (b"\xff", "holds no token"),
        (b"a" * 65537, "holds no token"),
    ],
)
def test_no_token(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnansweredError) as failed:
        Client(Endpoint("monitoring/k8s", "https://metrics.example.com", token_file=str(path)))
    assert str(failed.value) == f"{path}: {says}"


def test_no_certificates(tmp_path: Path) -> None:
    path = tmp_path / "ca"
    for content, says in ((None, f"{path}: cannot be read"), (b"no", "the certificate authority is no")):
        if content:
            path.write_bytes(content)
        with pytest.raises(UnansweredError) as failed:
            Client(Endpoint("monitoring/k8s", "https://metrics.example.com", certificate_authority=str(path)))
        assert str(failed.value).startswith(says)

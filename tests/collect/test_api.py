"""Requests survive faults within the budget, and say in the end what went wrong and how often."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import urllib3

from auditor.collect.api import Api, ApiError
from auditor.collect.connect import Connection
from auditor.collect.identity import fixed
from auditor.collect.patience import RECOVERY, Patience
from auditor.collect.transport import pool, tls
from auditor.errors import AuditorError, SourceError, UsageError
from tests.collect.scripted import Asked, Reply, Script, Server, Stage, in_turn, running, serving
from tools.cluster import certificates

Object = dict[str, Any]
GOOD = Reply(body=b'{"good": true}')
HALF = Reply(body=b'{"good": tr')


def page_of(*items: Any, token: str = "", **more: Any) -> Reply:
    """Return a page of a list."""
    body = {"items": list(items), "metadata": {"continue": token}, **more}
    return Reply(body=json.dumps(body, ensure_ascii=False).encode())


def connection_to(url: str, authority: bytes = b"", token: str = "old") -> Connection:
    """Return a connection; logging in again gives the token `new`."""
    context = tls(authority, insecure=False) if authority else None
    renew = lambda: connection_to(url, authority, "new")  # noqa: E731
    return Connection(pool(fixed(token), context=context), "only", url, renew)


def asking(server: Server, stage: Stage | None = None, **patience: Any) -> Api:
    clock = stage.clock if stage else None
    return Api(connection_to(server.url), Patience(**patience), clock)


def get(api: Api) -> Object:
    return api.get("/version", Object)


def failure(api: Api) -> ApiError | SourceError:
    """Return what a request ends in."""
    with pytest.raises((ApiError, SourceError)) as failed:
        get(api)
    assert isinstance(failed.value, ApiError | SourceError)
    return failed.value


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_statuses(status: int) -> None:
    stage, bad = Stage(), Reply(status, b'{"message": "oh no"}')
    with serving(in_turn(bad, bad, GOOD)) as server:
        assert get(asking(server, stage)) == {"good": True}
        assert stage.waits == [0.2, 0.4]
    with serving(in_turn(bad)) as server:
        error = failure(asking(server, stage))
        assert isinstance(error, ApiError)
        assert (error.status, str(error)) == (status, "oh no (5 attempts)")
        assert len(server.asked) == 5
    assert stage.waits[2:] == [0.2, 0.4, 0.8, 1.6]


@pytest.mark.parametrize("status", [204, 302, 400, 403, 404, 405, 409, 410, 418, 422, 501])
def test_statuses_that_stay(status: int) -> None:
    stage = Stage()
    body = b"" if status == 204 else b'{"message": "no"}'
    with serving(in_turn(Reply(status, body))) as server:
        error = failure(asking(server, stage))
        assert isinstance(error, ApiError)
        assert (error.status, str(error)) == (status, "HTTP 204" if status == 204 else "no")
        assert len(server.asked) == 1
    assert not stage.waits


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("3", 3.0, 3.0),
        ("0", 0.2, 0.2),
        (50, 1.0, 50.0),
        (-50, 0.2, 0.2),
        ("soon", 0.2, 0.2),
        ("-1", 0.2, 0.2),
        ("9" * 5000, 0.2, 0.2),
        ("Mon, 01 Jan 99999 00:00:00 GMT", 0.2, 60.0),
        ("7200", 60.0, 60.0),
    ],
    ids=["seconds", "none", "date", "past", "words", "minus", "digits", "millennia", "hours"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, header: str | float, least: float, most: float) -> None:
    text = header if isinstance(header, str) else http_date(header)
    stage, busy = Stage(), Reply(status, headers={"Retry-After": text})
    with serving(in_turn(busy, GOOD)) as server:
        assert get(asking(server, stage)) == {"good": True}
    [wait] = stage.waits
    assert least <= wait <= most


def test_budget_is_for_all_requests() -> None:
    stage = Stage()
    with serving(in_turn(Reply(500))) as server:
        api = asking(server, stage, budget=1.0)
        assert str(failure(api)) == "HTTP 500 (4 attempts)"
        assert stage.waits == [0.2, 0.4, 0.4]
        assert str(failure(api)) == "HTTP 500"
        assert len(server.asked) == 5
        server.script = in_turn(GOOD)
        assert get(api) == {"good": True}
    assert len(stage.waits) == 3


FAULTS = {
    "cut in the body": (Reply(body=GOOD.body, cut=-3), "the answer broke off"),
    "cut in the first line": (Reply(body=GOOD.body, cut=10), "the answer broke off"),
    "cut in the head": (Reply(body=GOOD.body, cut=22), "or was cut off"),
    "no answer": (Reply(cut=0), "the answer broke off"),
    "reset": (Reply(cut=0, reset=True), "the answer broke off"),
    "reset in the body": (Reply(body=GOOD.body, cut=-3, reset=True), "the answer broke off"),
    "chunks that end early": (Reply(body=GOOD.body, chunks=3, cut=-8), "the answer broke off"),
    "no last chunk": (Reply(body=GOOD.body, chunks=3, cut=-5), "the answer broke off"),
    "half of its JSON": (HALF, "not the JSON that was asked for, or was cut off"),
    "half in chunks": (Reply(body=HALF.body, chunks=2), "not the JSON that was asked for"),
    "more than JSON": (Reply(body=b'{"good": true}}'), "not the JSON that was asked for"),
    "a login page": (Reply(body=b"<html>log in</html>"), "not the JSON that was asked for"),
    "nothing": (Reply(body=b""), "not the JSON that was asked for"),
    "no UTF-8": (Reply(body=b'{"good": "\xff"}'), "not the JSON that was asked for"),
    "packed": (Reply(body=b"\x1f\x8b\x08", headers={"Content-Encoding": "gzip"}), "not the JSON"),
    "no HTTP": (Reply(status=200, headers={"\0": ""}, cut=5), "the answer broke off"),
}


@pytest.mark.parametrize(("reply", "reason"), FAULTS.values(), ids=FAULTS)
def test_faults_of_transport(reply: Reply, reason: str) -> None:
    stage = Stage()
    with serving(in_turn(GOOD, reply, reply, GOOD)) as server:
        api = asking(server, stage)
        get(api)
        assert get(api) == {"good": True}
        # without a word of an answer, the first one looks like an idle connection that was closed
        assert stage.waits == ([0.2] if reply.cut in (0, 5, 10) else [0.2, 0.4])
        server.script = in_turn(reply)
        error = failure(api)
        assert reason in str(error)
        assert str(error).endswith(" (5 attempts)")
        assert "\n" not in str(error)
        assert getattr(error, "status", 0) == 0


def test_stranger_is_left_soon() -> None:
    """Whoever answers nonsense from the start is no API server."""
    for reply in (HALF, Reply(cut=0)):
        stage = Stage()
        with serving(in_turn(reply)) as server:
            assert str(failure(asking(server, stage))).endswith(" (4 attempts)")
        assert sum(stage.waits) == pytest.approx(1)


def test_idle_connection_that_was_closed() -> None:
    stage = Stage()
    with serving(lambda asked: Reply(cut=0) if asked.reused else GOOD) as server:
        api = asking(server, stage)
        for _ in range(3):
            assert get(api) == {"good": True}
        assert [asked.reused for asked in server.asked] == [False, True, False, True, False]
    with serving(lambda _: Reply(body=GOOD.body, close=True)) as server:
        api = asking(server, stage)
        for _ in range(3):
            assert get(api) == {"good": True}
    assert not stage.waits, "nothing went wrong, so nothing is waited for"


def test_long_refusal() -> None:
    with serving(in_turn(Reply(404, b"x" * 1_000_000), GOOD)) as server:
        api = asking(server)
        assert str(failure(api)) == "HTTP 404"
        assert get(api) == {"good": True}


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_refused_from_the_start(port: int) -> None:
    stage = Stage()
    error = failure(Api(connection_to(f"http://127.0.0.1:{port}"), None, stage.clock))
    assert str(error) == f"http://127.0.0.1:{port}: no connection: Connection refused (4 attempts)"
    assert isinstance(error, SourceError)
    assert error.hint == "is the cluster up, and is its address right in context 'only'?"
    assert sum(stage.waits) == pytest.approx(1), "a wrong port is told within a second"


@contextmanager
def outage(stage: Stage, seconds: float, script: Script) -> Iterator[tuple[Api, Server]]:
    """Yield a server, and who asks it, that is gone for so long after its first answer.

    It is back in time for what is asked then, by the clock of the stage.
    """
    with serving(in_turn(GOOD)) as first:
        api = asking(first, stage)
        get(api)
    second = Server(first.server_port)
    second.script = script
    with ExitStack() as later:
        later.callback(second.server_close)

        def start() -> None:
            if stage.now >= seconds and not second.listens:
                later.enter_context(running(second))

        stage.on_wait = start
        yield api, second


def test_restart_of_the_server() -> None:
    stage = Stage()
    with outage(stage, 30, in_turn(GOOD)) as (api, _):
        assert get(api) == {"good": True}
    assert 30 <= stage.now < 36
    assert len(stage.waits) > 5, "not the number of attempts decides, but the budget"


def test_server_that_stays_away() -> None:
    stage = Stage()
    with outage(stage, 1000, in_turn(GOOD)) as (api, _):
        assert re.search(r"no connection: Connection refused \(\d\d attempts\)$", str(failure(api)))
        assert stage.now == pytest.approx(60)
        assert str(failure(api)).endswith("no connection: Connection refused"), "the budget is spent"


NO = Reply(403, b'{"message": "no"}')


def test_server_that_has_not_loaded_its_roles() -> None:
    with outage(Stage(), 10, in_turn(NO, Reply(503), NO, NO, GOOD)) as (api, server):
        assert get(api) == {"good": True}
        assert len(server.asked) == 5
    stage = Stage()
    with outage(stage, 10, in_turn(NO)) as (api, _):
        failed = failure(api)
        assert isinstance(failed, ApiError)
        assert failed.status == 403
        assert 10 + RECOVERY <= stage.now < 10 + RECOVERY + 10, "it is believed in the end"
        now = stage.now
        failure(api)
        assert stage.now == now


def test_refusal_after_an_outage_is_over() -> None:
    stage = Stage()
    with outage(stage, 10, in_turn(GOOD, NO)) as (api, server):
        get(api)
        now = stage.now
        assert str(failure(api)) == "no"
        assert stage.now == now
        assert len(server.asked) == 2


def test_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, real, unknown = Stage(), socket.getaddrinfo, True

    def resolve(*arguments: Any, **options: Any) -> Any:
        if unknown:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(*arguments, **options)

    def known() -> None:
        nonlocal unknown
        unknown = False

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serving(lambda _: Reply(body=GOOD.body, close=True)) as server:
        api = asking(server, stage)
        assert str(failure(api)).endswith("no connection: Name or service not known")
        assert not stage.waits
        known()
        get(api)
        unknown = True
        stage.on_wait = lambda: known() if stage.now > 20 else None
        assert get(api) == {"good": True}
    assert stage.now > 20


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.create(tmp_path_factory.mktemp("certificates") / "good", ["IP:127.0.0.1"])


@pytest.fixture
def context(certificate: certificates.Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.server, certificate.server_key)
    return context


def test_tls_that_fails(
    certificate: certificates.Certificates, context: ssl.SSLContext, tmp_path: Path
) -> None:
    stage = Stage()
    foreign = certificates.create(tmp_path / "foreign", ["IP:127.0.0.1"]).ca.read_bytes()
    with serving(in_turn(GOOD), tls=context) as server:
        api = Api(connection_to(server.url, foreign), None, stage.clock)
        assert str(failure(api)).endswith("TLS failed: unable to get local issuer certificate")
    with serving(in_turn(GOOD)) as server:
        url = server.url.replace("http:", "https:")
        api = Api(connection_to(url, certificate.ca.read_bytes()), None, stage.clock)
        assert "TLS failed" in str(failure(api))
    assert not stage.waits


def test_handshake_that_breaks_off(certificate: certificates.Certificates, context: ssl.SSLContext) -> None:
    """As a balancer does whose server is gone."""
    stage = Stage()
    with serving(lambda _: Reply(body=GOOD.body, close=True), tls=context) as server:
        server.broken_handshakes = 1000
        api = Api(connection_to(server.url, certificate.ca.read_bytes()), None, stage.clock)
        assert "no connection: the TLS handshake broke off (4 attempts)" in str(failure(api))
        server.broken_handshakes = 0
        get(api)
        server.broken_handshakes = 9
        assert get(api) == {"good": True}
    assert len(stage.waits) == 3 + 9


def test_token_is_renewed() -> None:
    stage = Stage()

    def script(asked: Asked) -> Reply:
        return GOOD if asked.authorization == "Bearer new" else Reply(401, b'{"message": "Unauthorized"}')

    with serving(script) as server:
        api = asking(server, stage)
        assert get(api) == {"good": True}
        assert get(api) == {"good": True}
        assert [asked.authorization for asked in server.asked] == ["Bearer old", "Bearer new", "Bearer new"]
    assert not stage.waits


def test_token_is_renewed_once_for_all_threads() -> None:
    both, renewals = threading.Barrier(2), []

    def script(asked: Asked) -> Reply:
        return GOOD if asked.authorization == "Bearer new" else Reply(401)

    with serving(script) as server:

        def renew() -> Connection:
            renewals.append(1)
            return connection_to(server.url, token="new")

        server.before = lambda asked: asked.authorization == "Bearer new" or both.wait(30)
        api = Api(Connection(pool(fixed("old")), "only", server.url, renew))
        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(lambda _: get(api), range(2))) == [{"good": True}] * 2
    assert len(renewals) == 1


@pytest.mark.parametrize("error", [None, SourceError("the plugin failed"), UsageError("no such context")])
def test_login_that_stays_refused(error: AuditorError | None) -> None:
    renewals = 0

    def renew() -> Connection:
        nonlocal renewals
        renewals += 1
        if error:
            raise error
        return connection

    with serving(in_turn(Reply(401, b'{"message": "Unauthorized"}'))) as server:
        connection = Connection(urllib3.PoolManager(), "only", server.url, renew)
        api = Api(connection)
        for count in (1, 2):
            failed = failure(api)
            assert isinstance(failed, ApiError)
            assert (failed.status, str(failed), renewals) == (401, "Unauthorized", count)
        assert len(server.asked) == 2 if error else 4


def test_token_that_http_does_not_allow() -> None:
    with serving(in_turn(GOOD)) as server:
        api = Api(connection_to(server.url, token="secret\n\n"))
        error = failure(api)
        assert "secret" not in str(error)
        assert str(error) == "context 'only': the token holds characters that HTTP does not allow"
        assert not server.asked


def test_silence() -> None:
    with serving(in_turn(Reply(hold=threading.Event()))) as server:
        api = asking(server, Stage(), connect=0.05, read=0.1, attempts=3)
        assert str(failure(api)) == f"{server.url}: no answer within 0.1 s (3 attempts)"
        assert str(failure(api)) == f"{server.url}: no answer within 0.05 s", "and shorter from then on"
    with serving(in_turn(Reply(hold=threading.Event()), GOOD)) as server:
        assert get(asking(server, Stage(), read=0.5)) == {"good": True}


@pytest.mark.parametrize("at_once", [0, 20, -100_000])
def test_answer_without_end(at_once: int) -> None:
    """Neither a body nor a head may trickle for ever, however short the silences are."""
    reply = Reply(body=b"[" * 100_000, headers={"X": "x" * 50_000})
    at_once %= len(reply.wire())
    endless = msgspec.structs.replace(reply, trickle=threading.Event(), at_once=at_once)
    with serving(in_turn(endless)) as server:
        api = asking(server, Stage(), connect=0.05, read=10, answer=0.1, attempts=2)
        assert str(failure(api)) == f"{server.url}: no whole answer within 0.1 s (2 attempts)"


def test_rate() -> None:
    stage = Stage()
    with serving(in_turn(GOOD)) as server:
        api = asking(server, stage, rate=10.0)
        for _ in range(25):
            get(api)
    assert len(stage.waits) == 5, "twice the rate at once"
    assert stage.now == pytest.approx(0.5)


def test_review() -> None:
    with serving(in_turn(Reply(503), Reply(201, GOOD.body))) as server:
        api = asking(server, Stage())
        assert api.review("/review", {"kind": "Review"}, Object) == {"good": True}
        assert [(one.method, one.path, one.body) for one in server.asked] == [
            ("POST", "/review", b'{"kind":"Review"}')
        ] * 2


def test_pages() -> None:
    pages = [page_of(1, 2, token="a&b"), page_of(3), page_of(), page_of()]
    pages[3] = Reply(body=b' {"items": null, "metadata": {}, "kind": "PodList"}\n')
    with serving(in_turn(*pages)) as server:
        api = asking(server)
        first = api.page("/pods")
        assert ([bytes(one) for one in first.items], first.token) == ([b"1", b"2"], "a&b")
        last = api.page("/pods", first.token)
        assert ([bytes(one) for one in last.items], last.token) == ([b"3"], "")
        for _ in range(2):
            assert list(api.page("/pods").items) == []
        assert [one.path for one in server.asked[:2]] == [
            "/pods?limit=500",
            "/pods?limit=500&continue=a%26b",
        ]


NO_PAGES = {
    "no items": b'{"metadata": {}}',
    "no metadata": b'{"items": []}',
    "metadata null": b'{"items": [], "metadata": null}',
    "items object": b'{"items": {}, "metadata": {}}',
    "items text": b'{"items": "[]", "metadata": {}}',
    "items number": b'{"items": 1, "metadata": {}}',
    "items nonsense": b'{"items": nullify, "metadata": {}}',
    "garbled inside": b'{"items": [{"a": tru}], "metadata": {}}',
    "no UTF-8": b'{"items": [{"a": "\xff"}], "metadata": {}}',
    "half a character": b'{"items": [{"a": "\xc3"}], "metadata": {}}',
    "no UTF-8 beside": b'{"items": [], "metadata": {}, "x": "\xff"}',
    "a status": b'{"kind": "Status", "status": "Success", "metadata": {}}',
    "array": b"[]",
}


@pytest.mark.parametrize("body", NO_PAGES.values(), ids=NO_PAGES)
def test_page_that_is_none(body: bytes) -> None:
    with serving(in_turn(page_of(1), Reply(body=body), page_of(2), Reply(body=body))) as server:
        api = asking(server, Stage())
        api.page("/pods")
        assert [bytes(one) for one in api.page("/pods").items] == [b"2"]
        with pytest.raises(ApiError, match=r"not the JSON that was asked for, .* \(5 attempts\)") as none:
            api.page("/pods")
        assert none.value.status == 0


def test_page_of_a_type() -> None:
    with serving(in_turn(page_of([1], [2]))) as server:
        assert asking(server).page("/pods", type=list[int]).items == [[1], [2]]


def test_page_of_strange_objects() -> None:
    """Another try would not help, unless they are strange since the answer is broken."""
    broken = Reply(body=b'{"items": [["a"], tru], "metadata": {}}')
    with serving(in_turn(page_of([1], ["a"]), broken, page_of([3]))) as server:
        api = asking(server, Stage())
        with pytest.raises(ApiError, match=r"^the answer holds an object without a name, or .*kind$"):
            api.page("/pods", type=list[int])
        assert len(server.asked) == 1
        assert api.page("/pods", type=list[int]).items == [[3]]


@pytest.mark.parametrize("shift", range(4))
def test_characters_of_several_bytes(shift: int) -> None:
    """They are looked at in pieces, and one may stand across the seam."""
    text = "x" * shift + "é𐍈" * 50_000
    with serving(in_turn(page_of(text))) as server:
        assert [json.loads(bytes(one)) for one in asking(server).page("/pods").items] == [text]


def test_same_page_twice() -> None:
    with serving(in_turn(page_of(token="a"))) as server:
        api = asking(server)
        api.page("/pods")
        with pytest.raises(ApiError, match=r"^the same page came twice$"):
            api.page("/pods", "a")
        assert len(server.asked) == 2


@pytest.mark.parametrize("chunks", [0, 1000])
def test_memory_of_a_page(chunks: int) -> None:
    """A page is held once while it is read, not in pieces and joined."""
    reply = page_of(*["x" * 8000] * 1000)
    reply = Reply(body=reply.body, chunks=chunks)
    wire = reply.wire()
    with serving(in_turn(reply)) as server:
        server.encode = lambda _: wire  # this is one process: the server is to hold nothing more
        api = asking(server)
        get(api)
        tracemalloc.start()
        try:
            page = api.page("/pods")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert sum(len(bytes(one)) for one in page.items) > 8_000_000
    assert peak < 1.5 * len(reply.body)

"""Lists are read ahead by one page, in order, and the thread that does it never outlives its reader."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from auditor.collect.api import Api
from auditor.collect.connect import Connection
from auditor.collect.fetch import Again, Broken, Done, Event, Page, fetch
from auditor.collect.identity import nobody
from auditor.collect.patience import Patience
from auditor.collect.transport import pool, tls
from auditor.errors import SourceError
from tests.collect.scripted import Reply, Script, Server, Stage, in_turn, serving
from tools.cluster import certificates

GONE = Reply(410, b'{"message": "The provided continue parameter is too old"}')


def page_of(*items: Any, token: str = "") -> Reply:
    """Return a page of a list."""
    return Reply(body=json.dumps({"items": items, "metadata": {"continue": token}}).encode())


def asking(server: Server, stage: Stage | None = None, **patience: Any) -> Api:
    def renew() -> Connection:
        raise SourceError("there is nothing to renew")

    connection = Connection(pool(nobody), "only", server.url, renew)
    return Api(connection, Patience(**patience), stage.clock if stage else None)


def by_path(**lists: list[Reply]) -> Script:
    """Give the answers of each path one after the other."""
    scripts = {f"/{path}": in_turn(*replies) for path, replies in lists.items()}
    return lambda asked: scripts[asked.path.partition("?")[0]](asked)


def told(events: Iterator[Event]) -> list[Any]:
    """Return the events in short."""
    short: list[Any] = []
    for event in events:
        match event:
            case Page(path, items):
                short.append((path, [json.loads(bytes(one)) for one in items]))
            case Again(path):
                short.append((path, "again"))
            case Done(path):
                short.append((path, "done"))
            case Broken(path, error):
                short.append((path, f"broken: {getattr(error, 'status', '-')}: {error}"))
    return short


@pytest.fixture(autouse=True)
def no_threads() -> Iterator[None]:
    """Each test leaves as many threads as there were."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not left


def test_lists_in_order() -> None:
    script = by_path(
        a=[page_of(1, 2, token="x"), page_of(3, token="y"), page_of(4)], b=[page_of()], c=[page_of(5)]
    )
    with serving(script) as server:
        assert told(fetch(asking(server), ["/a", "/b", "/c"])) == [
            ("/a", [1, 2]),
            ("/a", [3]),
            ("/a", [4]),
            ("/a", "done"),
            ("/b", []),
            ("/b", "done"),
            ("/c", [5]),
            ("/c", "done"),
        ]
        assert [asked.path for asked in server.asked] == [
            "/a?limit=500",
            "/a?limit=500&continue=x",
            "/a?limit=500&continue=y",
            "/b?limit=500",
            "/c?limit=500",
        ]
        assert told(fetch(asking(server), [])) == []


def test_expired_list() -> None:
    first, second = page_of(1, token="x"), page_of(2)
    with serving(by_path(a=[first, GONE, first, second], b=[page_of(3)])) as server:
        assert told(fetch(asking(server), ["/a", "/b"])) == [
            ("/a", [1]),
            ("/a", "again"),
            ("/a", [1]),
            ("/a", [2]),
            ("/a", "done"),
            ("/b", [3]),
            ("/b", "done"),
        ]
    gone = ("/a", "broken: 410: The provided continue parameter is too old")
    with serving(by_path(a=[first, GONE, first, GONE], b=[page_of(3)])) as server:
        assert told(fetch(asking(server), ["/a", "/b"])) == [
            ("/a", [1]),
            ("/a", "again"),
            ("/a", [1]),
            gone,
            ("/b", [3]),
            ("/b", "done"),
        ]
        assert len(server.asked) == 5
    with serving(by_path(a=[GONE])) as server:
        assert told(fetch(asking(server), ["/a"])) == [gone]
        assert len(server.asked) == 1
    with serving(by_path(a=[first, GONE, GONE])) as server:
        assert told(fetch(asking(server), ["/a"])) == [("/a", [1]), ("/a", "again"), gone]


def test_pinned_list() -> None:
    """It is begun first and read on last: what is listed between is of a later state than its own."""
    script = by_path(a=[page_of(1, token="x"), page_of(2, token="y"), page_of(3)], b=[page_of(4)])
    with serving(script) as server:
        assert told(fetch(asking(server), ["/b", "/a"], pinned="/a")) == [
            ("/a", [1]),
            ("/b", [4]),
            ("/b", "done"),
            ("/a", [2]),
            ("/a", [3]),
            ("/a", "done"),
        ]
    with serving(by_path(a=[page_of(1)], b=[page_of(2)])) as server:
        events = told(fetch(asking(server), ["/a", "/b"], pinned="/a"))
        assert events == [("/a", [1]), ("/a", "done"), ("/b", [2]), ("/b", "done")]
    with serving(by_path(a=[Reply(403, b'{"message": "no"}')], b=[page_of(2)])) as server:
        events = told(fetch(asking(server), ["/a", "/b"], pinned="/a"))
        assert events == [("/a", "broken: 403: no"), ("/b", [2]), ("/b", "done")]


def test_pinned_list_that_expires() -> None:
    """Its new state is later than what was listed between, which is therefore listed again."""
    first = page_of(1, token="x")
    with serving(by_path(a=[first, GONE, first, page_of(2)], b=[page_of(3), page_of(4)])) as server:
        assert told(fetch(asking(server), ["/a", "/b"], pinned="/a")) == [
            ("/a", [1]),
            ("/b", [3]),
            ("/b", "done"),
            ("/a", "again"),
            ("/a", [1]),
            ("/a", [2]),
            ("/a", "done"),
            ("/b", "again"),
            ("/b", [4]),
            ("/b", "done"),
        ]


@pytest.mark.parametrize("last", [Reply(403, b'{"message": "no"}'), page_of(3, token="x")])
def test_pinned_list_that_breaks_off(last: Reply) -> None:
    with serving(by_path(a=[page_of(1, token="x"), page_of(2, token="y"), last], b=[page_of(3)])) as server:
        events = told(fetch(asking(server), ["/a", "/b"], pinned="/a"))
    ends = {path: what for path, what in events if isinstance(what, str)}
    assert ends["/b"] == "done"
    assert ends["/a"].startswith("broken: ")
    assert len(server.asked) == 4


def test_broken_lists() -> None:
    script = by_path(
        a=[Reply(403, b'{"message": "no"}')],
        b=[page_of(1, token="x"), Reply(500)],
        d=[page_of(1, token="x"), page_of(1, token="x")],
        e=[page_of(5)],
    )
    with serving(script) as server:
        assert told(fetch(asking(server, Stage()), ["/a", "/b", "/d", "/e"])) == [
            ("/a", "broken: 403: no"),
            ("/b", [1]),
            ("/b", "broken: 500: HTTP 500 (5 attempts)"),
            ("/d", [1]),
            ("/d", "broken: 0: the same page came twice"),
            ("/e", [5]),
            ("/e", "done"),
        ]


def test_pages_in_a_circle() -> None:
    """A server that gives the same pages for ever is left."""
    with serving(lambda _: page_of(token="xy"[len(server.asked) % 2])) as server:
        assert told(fetch(asking(server), ["/a"])) == [
            ("/a", []),
            ("/a", []),
            ("/a", []),
            ("/a", "broken: 0: the same page came twice"),
        ]


def test_faults_in_the_middle() -> None:
    whole = page_of(2)
    script = in_turn(
        page_of(1, token="x"), Reply(body=whole.body, cut=-4), Reply(429), Reply(body=b'{"items": ['), whole
    )
    with serving(script) as server:
        assert told(fetch(asking(server, Stage()), ["/a"])) == [("/a", [1]), ("/a", [2]), ("/a", "done")]


def test_server_that_goes() -> None:
    stage = Stage()
    with serving(in_turn(page_of(1, token="x"), Reply(cut=0))) as server:
        stage.on_wait = server.stop
        api = asking(server, stage)
        first, a, b = told(fetch(api, ["/a", "/b"]))
    assert first == ("/a", [1])
    refused = f"broken: -: {server.url}: no connection: Connection refused"
    assert a[0] == "/a"
    assert a[1].startswith(f"{refused} (")
    assert b == ("/b", refused), "the budget is spent"


def waits_for_room(thread: threading.Thread) -> bool:
    """Tell whether it has read as much as it may."""
    frame = sys._current_frames().get(thread.ident or 0)
    names: list[str] = []
    while frame:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return ("acquire", "_page") in pairwise(names)


def test_one_page_ahead() -> None:
    with serving(lambda _: page_of(token="" if len(server.asked) % 3 == 0 else f"{server.asked}")) as server:
        taken, waiting = 0, threading.Event()
        with closing(fetch(asking(server), ["/a", "/b"])) as events:
            for event in events:
                if isinstance(event, Page):
                    taken += 1
                    if taken < 5:  # after that there is nothing left to read
                        thread = reader()
                        while len(server.asked) <= taken or not waits_for_room(thread):
                            waiting.wait(0.01)
                        assert len(server.asked) == taken + 1
        assert taken == len(server.asked) == 6


def test_memory_of_long_lists() -> None:
    """A page that was given away is kept nowhere while the next one is read."""
    count = 6
    body = page_of(*["x" * 8000] * 500, token="TOKEN").body
    tokens = [b"%d" % number for number in range(1, count)] + [b""]
    wires = [Reply(body=body.replace(b"TOKEN", token)).wire() for token in tokens]
    wanted = [threading.Event() for _ in wires]
    with serving(lambda _: Reply(hold=wanted[len(server.asked) - 1])) as server:
        server.encode = lambda reply: wires[wanted.index(cast(threading.Event, reply.hold))]
        with closing(fetch(asking(server), ["/a"])) as events:
            tracemalloc.start()
            try:
                for one in wanted:
                    one.set()  # only now does it come
                    assert isinstance(next(events), Page)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert told(events) == [("/a", "done")]
    assert len(body) < peak < 1.6 * len(body)


def reader() -> threading.Thread:
    [thread] = [one for one in threading.enumerate() if one.name == "list-reader"]
    return thread


def close_early(server: Server, api: Api, true: Callable[[], bool]) -> None:
    """Take a page of two lists, wait for the condition, and close."""
    events = fetch(api, ["/a", "/b"])
    assert isinstance(next(events), Page)
    thread, waiting = reader(), threading.Event()
    while not true():
        waiting.wait(0.01)
    events.close()
    assert not thread.is_alive()
    with pytest.raises(StopIteration):
        next(events)


def test_closed_while_a_page_lies_ready() -> None:
    with serving(lambda asked: page_of(1, token=str(len(server.asked)))) as server:
        close_early(server, asking(server), lambda: len(server.asked) == 2)


def test_closed_while_it_waits_for_an_answer() -> None:
    with serving(in_turn(page_of(1, token="x"), Reply(hold=threading.Event()))) as server:
        close_early(server, asking(server, read=1000), lambda: len(server.asked) == 2)
        assert len(server.asked) == 2


def test_closed_while_it_waits_for_an_answer_by_tls(tmp_path: Path) -> None:
    made = certificates.create(tmp_path / "tls", ["IP:127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.server_key)
    with serving(in_turn(page_of(1, token="x"), Reply(hold=threading.Event())), tls=context) as server:
        there = pool(nobody, context=tls(made.ca.read_bytes(), insecure=False))
        api = Api(Connection(there, "only", server.url, lambda: pytest.fail("renewed")), Patience(read=1000))
        close_early(server, api, lambda: len(server.asked) == 2)


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}], ids=["stays", "closes"])
def test_closed_in_the_middle_of_an_answer(headers: dict[str, str]) -> None:
    """Of a server that says it will close, urllib3 has let go of the socket by then."""
    endless = Reply(body=b" " * 100_000, trickle=threading.Event(), at_once=10_000, headers=headers)
    with serving(in_turn(page_of(1, token="x"), endless)) as server:
        close_early(server, asking(server, read=1000, answer=1000), lambda: len(server.asked) == 2)


def test_closed_between_two_tries() -> None:
    busy = Reply(429, headers={"Retry-After": "1000"})
    with serving(in_turn(page_of(1, token="x"), busy)) as server:
        close_early(server, asking(server, budget=1000.0), lambda: len(server.asked) == 2)
        assert len(server.asked) == 2


def test_closing_spends_nothing() -> None:
    stage = Stage()
    with serving(in_turn(page_of(1, token="x"), Reply(hold=threading.Event()))) as server:
        close_early(server, asking(server, stage, read=1000), lambda: len(server.asked) == 2)
    assert not stage.waits, "what is cut off is no fault of the server"


def test_closed_before_it_began() -> None:
    with serving(in_turn(page_of(1))) as server:
        events = fetch(asking(server), ["/a"])
        events.close()
        assert not server.asked


def test_consumer_that_fails() -> None:
    with serving(lambda asked: page_of(1, token=str(len(server.asked)))) as server:
        threads = []

        def consume() -> None:
            with closing(fetch(asking(server), ["/a"])) as events:
                next(events)
                threads.append(reader())
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            consume()
        assert not threads[0].is_alive()


def test_api_is_usable_after_that() -> None:
    with serving(in_turn(page_of(1, token="x"), Reply(hold=threading.Event()), page_of(2))) as server:
        api = asking(server, read=1000)
        close_early(server, api, lambda: len(server.asked) == 2)
        assert [bytes(one) for one in api.page("/a").items] == [b"2"]
        assert told(fetch(api, ["/a"])) == [("/a", [2]), ("/a", "done")]


def test_requests_beside_it() -> None:
    """The consumer asks for single objects meanwhile; cutting the thread off leaves them alone."""
    script = by_path(a=[page_of(1, token="x"), Reply(hold=threading.Event())], one=[Reply(body=b"1")])
    with serving(script) as server:
        api = asking(server, read=1000)
        with closing(fetch(api, ["/a"])) as events:
            next(events)
            for _ in range(20):
                assert api.get("/one", int) == 1
        assert api.get("/one", int) == 1


def test_failure_in_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def paths() -> Iterator[str]:
        yield "/a"
        raise LookupError("no more")

    with serving(in_turn(page_of(1))) as server:
        events = fetch(asking(server), paths())
        assert told(iter([next(events), next(events)])) == [("/a", [1]), ("/a", "done")]
        with pytest.raises(LookupError, match="no more"):
            next(events)

        def page(*_: Any, **__: Any) -> None:
            raise MemoryError

        monkeypatch.setattr(Api, "page", page)
        with pytest.raises(MemoryError):
            next(fetch(asking(server), ["/a"]))

"""A server on loopback that answers as a test says, and a clock that a test can look at."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, NamedTuple

import msgspec

from auditor.collect.patience import Clock

FAR = 30.0
"""Seconds after which a test that hangs is given up."""


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    authorization: str | None
    body: bytes
    reused: bool
    """The connection had carried another one before."""


class Reply(msgspec.Struct, frozen=True):
    """An answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}
    chunks: int = 0
    """In how many chunks the body is sent; 0: with a Content-Length."""
    cut: int | None = None
    """How many bytes of the whole answer are sent before the connection ends; None: all."""
    reset: bool = False
    """It ends by a reset."""
    hold: threading.Event | None = None
    """What is waited for before anything is sent; comes at the latest when the server is stopped."""
    trickle: threading.Event | None = None
    """What is not sent at once is sent byte by byte, at intervals, until this comes."""
    at_once: int = 0
    close: bool = False
    """The connection is closed after it, without a word before."""

    def wire(self) -> bytes:
        """Return all bytes of the answer."""
        head = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in self.headers.items())]
        body = self.body
        if self.chunks:
            head.append("Transfer-Encoding: chunked")
            size = max(1, -(-len(body) // self.chunks))
            pieces = [body[start : start + size] for start in range(0, len(body), size)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        else:
            head.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*head, "", ""]).encode() + body


Script = Callable[[Asked], Reply]


class Server(ThreadingHTTPServer):
    """Answers each request as `script` says."""

    daemon_threads = False  # closing it waits for them
    script: Script
    encode: Callable[[Reply], bytes] = staticmethod(Reply.wire)
    tls: ssl.SSLContext | None = None
    before: Callable[[Asked], object] = staticmethod(lambda asked: None)
    """Called for each request, for several at a time."""
    broken_handshakes = 0
    """So many connections are accepted and dropped."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler, bind_and_activate=False)
        self.server_bind()
        self.listens = False  # nobody else gets the port, and who connects is refused
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.held: set[threading.Event] = set()
        self.stopped = False

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        wire, address = super().get_request()
        self.open.add(wire)
        return wire, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.broken_handshakes:
            self.broken_handshakes -= 1
            return
        if not self.tls:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as wire:
            self.open.add(wire)
            super().finish_request(wire, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the client went away

    def stop(self) -> None:
        """End everything, unless that was done; the port is free again."""
        with self.lock:
            if self.stopped:
                return
            self.stopped = True
        self.shutdown()
        for event in self.held.copy():
            event.set()
        for wire in self.open.copy():
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    count = 0

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        asked = Asked(
            self.command,
            self.path,
            self.headers.get("Authorization"),
            self.rfile.read(length),
            reused=self.count > 0,
        )
        self.count += 1
        self.server.before(asked)
        with self.server.lock:
            self.server.asked.append(asked)
            reply = self.server.script(asked)
            self.server.held |= {event for event in (reply.hold, reply.trickle) if event}
            ended = self.server.stopped
        if reply.hold and not ended:
            assert reply.hold.wait(FAR)
        data = self.server.encode(reply)
        if reply.cut is not None:
            data = data[: reply.cut]
        if reply.trickle:
            self.wfile.write(data[: reply.at_once])
            for at in range(reply.at_once, len(data)):
                self.wfile.write(data[at : at + 1])
                if reply.trickle.wait(0.01):
                    break
        else:
            self.wfile.write(data)
        if reply.cut is not None or reply.close or reply.trickle:
            self.close_connection = True
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Yield the server while it runs."""
    server.server_activate()
    server.listens = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Yield a running server."""
    server = Server()
    server.script, server.tls = script, tls
    with running(server):
        yield server


def in_turn(*replies: Reply) -> Script:
    """Give these answers one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Top(Random):
    def uniform(self, a: float, b: float) -> float:
        return b


class Stage:
    """Time that passes only by waiting, and no chance."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.on_wait: Callable[[], None] = lambda: None

    def _wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now += seconds
        self.waits.append(round(seconds, 3))
        self.on_wait()
        return stop.is_set()

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, wait=self._wait, random=_Top())

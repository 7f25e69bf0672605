"""A server in front of the real API server that hands on every answer, and spoils some."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import urllib3

from tools.cluster import ControlPlane

DROP = 0.01
"""Seconds between two bytes of an answer that trickles."""

_OWN = frozenset({"host", "content-length", "connection"})
"""Headers of a request that belong to one connection."""


class Answer(msgspec.Struct, frozen=True):
    """What the client gets."""

    body: bytes
    status: int = 200
    length: int | None = None
    """The length that is announced, where it is not the true one."""
    headers: Mapping[str, str] = {}
    chunks: int = 0
    """In how many chunks the body is sent; 0: all of it, with its length announced."""
    cut: int | None = None
    """How many bytes of the whole answer are sent before the connection ends; None: all."""
    silent: bool = False
    """Nothing is sent, and the connection is kept."""
    trickles: bool = False
    """It comes byte by byte, and takes longer than anybody waits."""

    @property
    def head(self) -> bytes:
        """Status line and headers, with the empty line behind them."""
        lines = [
            f"HTTP/1.1 {self.status} As Given",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        if self.chunks:
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {len(self.body) if self.length is None else self.length}")
        return "\r\n".join([*lines, "", ""]).encode()

    @property
    def wire(self) -> bytes:
        """All bytes of the answer."""
        if not self.chunks:
            return self.head + self.body
        size = max(1, -(-len(self.body) // self.chunks))
        pieces = (self.body[start : start + size] for start in range(0, len(self.body), size))
        return self.head + b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


Spoil = Callable[[str, Answer], Answer]
"""From a path with query and the true answer to the one that is given; called for one request at a time."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing it waits for them

    def __init__(self, spoil: Spoil, ask: Callable[[_Handler], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spoil, self.ask = spoil, ask
        self.over = threading.Event()
        self.turn = threading.Lock()
        self.open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        wire, address = super().get_request()
        self.open.add(wire)
        return wire, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the client went away

    def stop(self) -> None:
        self.shutdown()
        self.over.set()
        for wire in self.open:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        true = self.server.ask(self)
        with self.server.turn:
            answer = self.server.spoil(self.path, true)
        data = answer.wire[: answer.cut]
        if answer.silent:
            self.server.over.wait()
        elif answer.trickles:
            for at in range(len(data)):
                self.wfile.write(data[at : at + 1])
                if self.server.over.wait(DROP):
                    break
        else:
            self.wfile.write(data)
        too_long = answer.length is not None and answer.length > len(answer.body)
        self.close_connection = too_long or answer.cut is not None or answer.silent or answer.trickles

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty(plane: ControlPlane, spoil: Spoil, page: int = 500) -> Iterator[str]:
    """Yield the URL of the server; lists come in pages of `page` objects, however many are asked for."""

    def ask(handler: _Handler) -> Answer:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))) or None
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in _OWN}
        path = handler.path.replace("limit=500", f"limit={page}")
        answer = pool.request(
            handler.command, plane.url + path, body=body, headers=headers, retries=False, redirect=False
        )
        kept = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
        return Answer(answer.data, answer.status, headers=kept)

    with urllib3.PoolManager(ca_certs=str(plane.ca), maxsize=4) as pool:
        server = _Server(spoil, ask)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="faulty")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.stop()
            thread.join()

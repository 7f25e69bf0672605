"""A small HTTP proxy that remembers what it was asked for; it reaches one server only."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.live.recorder import identity


class Asked(NamedTuple):
    """One request to the proxy."""

    target: str
    """`host:port` of a tunnel, or the whole URL of a request that it is to send on."""
    login: str
    """`name:password`, "" for none."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of a request that it is to send on: those that say whom it comes from."""


class Proxy(NamedTuple):
    """The running proxy."""

    address: str
    """`127.0.0.1:PORT`"""
    asked: list[Asked]


@contextmanager
def proxy(url: str, *, login: str = "", tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy whose tunnels all lead to the server of a URL, whatever host they name.

    Only who gives the `login` gets one. Requests to be sent on are answered with `{}`.
    """
    server = urlsplit(url)
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            given = self.login()
            asked.append(Asked(self.path, given))
            if given != login:
                self.send_error(407)
                return
            with socket.create_connection((server.hostname, server.port)) as there:
                self.send_response(200)
                self.end_headers()
                pump(self.connection, there)
            self.close_connection = True

        def do_GET(self) -> None:
            asked.append(Asked(self.path, self.login(), identity(self)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def login(self) -> str:
            kind, _, value = self.headers.get("Proxy-Authorization", "").partition(" ")
            return base64.b64decode(value).decode() if kind == "Basic" else ""

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            with suppress(OSError):
                if not tls:
                    super().finish_request(request, client_address)
                    return
                with tls.wrap_socket(request, server_side=True) as encrypted:
                    super().finish_request(encrypted, client_address)

    with Server(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield Proxy(f"127.0.0.1:{listening.server_port}", asked)
        finally:
            listening.shutdown()
            thread.join()


def pump(one: socket.socket, other: socket.socket) -> None:
    """Hand on in both directions until either end closes."""
    while True:
        # what TLS has decrypted already does not make its socket readable
        waiting = [end for end in (one, other) if isinstance(end, ssl.SSLSocket) and end.pending()]
        for end in waiting or select.select([one, other], [], [])[0]:
            data = end.recv(65536)
            if not data:
                return
            (other if end is one else one).sendall(data)

"""The network of a cluster, for programs that run on loopback: a proxy that knows who is at which address.

Prometheus asks it for the addresses that it has found (`proxy_url`), so that they can stay as they are;
what is said through it, TLS included, is said to the program itself.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Routes = dict[tuple[str, int], Callable[[], int]]
"""(address or name, port) in the cluster -> the port on loopback, which may change while programs restart."""


@contextmanager
def network() -> Iterator[tuple[str, Routes]]:
    """Yield the URL of the proxy, and its routes, to be filled; who is not there is not reached."""
    routes: Routes = {}

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            try:
                other = socket.create_connection(("127.0.0.1", routes[host, int(port)]()), timeout=5)
            except (LookupError, OSError):
                self.send_error(502, "nobody is there")
                return
            with other:
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    relay(self.connection, other)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", routes
        finally:
            server.shutdown()


def relay(one: socket.socket, other: socket.socket) -> None:
    """Pass on what each says to the other, until one of them has nothing more to say."""
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select():
                assert isinstance(key.fileobj, socket.socket)
                said = key.fileobj.recv(1 << 16)
                if not said:
                    return
                key.data.sendall(said)

"""A server in front of the real API server that hands on every answer, and spoils some."""

from __future__ import annotations

import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tools.cluster import ControlPlane


class Answer(NamedTuple):
    """What the client gets."""

    body: bytes
    status: int = 200
    length: int | None = None
    """The length that is announced, where it is not the true one."""


Spoil = Callable[[str, Answer], Answer]
"""From a path with query and the true answer to the one that is given."""


@contextmanager
def faulty(plane: ControlPlane, spoil: Spoil, page: int = 500) -> Iterator[str]:
    """Yield the URL of the server; lists come in pages of `page` objects, however many are asked for."""
    context = ssl.create_default_context(cafile=plane.ca)

    def ask(handler: BaseHTTPRequestHandler) -> Answer:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))) or None
        path = handler.path.replace("limit=500", f"limit={page}")
        request = urllib.request.Request(plane.url + path, data=body, method=handler.command)
        for name in ("Authorization", "Content-Type", "Accept"):
            if value := handler.headers.get(name):
                request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return Answer(answer.read(), answer.status)
        except urllib.error.HTTPError as error:
            return Answer(error.read(), error.code)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = spoil(self.path, ask(self))
            self.send_response(answer.status)
            self.send_header(
                "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
            )
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.length is not None

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

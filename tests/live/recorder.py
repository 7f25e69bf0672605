"""A server with TLS that remembers whom each request says it comes from."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tools.cluster import certificates
from tools.cluster.certificates import Certificates

ELSEWHERE = "/elsewhere"
"""A path that is answered by a redirect."""


class Caller(NamedTuple):
    """Who sent a request."""

    headers: tuple[tuple[str, str], ...]
    """Those that carry credentials or impersonate, sorted; names in lower case."""
    certificate: str
    """Common name in the client's certificate, "" if it showed none."""


class Recorder(NamedTuple):
    """The running server."""

    url: str
    made: Certificates
    callers: list[Caller]

    def cluster(self, **more: Any) -> dict[str, Any]:
        """Return the `cluster` entry of a kubeconfig."""
        return {"server": self.url, "certificate-authority": str(self.made.ca), **more}


def identity(handler: BaseHTTPRequestHandler) -> tuple[tuple[str, str], ...]:
    """Return the headers that say whom a request comes from."""
    kept = ((name.lower(), value) for name, value in handler.headers.items())
    return tuple(sorted(one for one in kept if one[0].startswith(("authorization", "impersonate-"))))


def client_certificate(recorder: Recorder, folder: Path, name: str) -> tuple[Path, Path]:
    """Make a client certificate that the server trusts, and its key: new files in the folder."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    ask = ["openssl", "req", "-x509", "-subj", f"/CN={name}", "-addext", "extendedKeyUsage=clientAuth"]
    signer: list[str | Path] = ["-CA", recorder.made.ca, "-CAkey", recorder.made.ca_key]
    made: list[str | Path] = ["-keyout", key, "-out", certificate]
    subprocess.run([*ask, *certificates.CURVE, *signer, *made], check=True, capture_output=True)
    return certificate, key


@contextmanager
def recorder(folder: Path) -> Iterator[Recorder]:
    """Run the server, which answers `{}`; `folder` is created for its certificates."""
    made = certificates.create(folder, ["IP:127.0.0.1", "DNS:localhost"])
    callers: list[Caller] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert isinstance(self.connection, ssl.SSLSocket)
            shown: dict[str, Any] = self.connection.getpeercert() or {}
            names = {key: value for part in shown.get("subject", ()) for key, value in part}
            callers.append(Caller(identity(self), names.get("commonName", "")))
            self.send_response(307 if self.path == ELSEWHERE else 200)
            self.send_header("Location", "/")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=made.ca)
    context.load_cert_chain(made.server, made.server_key)
    context.verify_mode = ssl.CERT_OPTIONAL

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            try:
                with context.wrap_socket(request, server_side=True) as encrypted:
                    super().finish_request(encrypted, client_address)
            except OSError:
                pass  # the client does not like our certificate

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Recorder(f"https://127.0.0.1:{server.server_port}", made, callers)
        finally:
            server.shutdown()
            thread.join()

"""One GET with an end: nothing a server does takes longer, holds more, or leads elsewhere."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from auditor import __version__
from auditor.collect.runtime.endpoint import Endpoint
from auditor.collect.transport import show_certificate, tls

SECONDS = 5.0
"""For one request, from the connection to the last byte."""

MAX_BYTES = 4 * 1024**2
"""Of one answer."""

LONGEST_TOKEN = 64 * 1024


class UnansweredError(Exception):
    """Why there is no answer, in words for the report."""


class Client:
    """Asks one endpoint."""

    def __init__(self, endpoint: Endpoint, seconds: float = SECONDS) -> None:
        """Read certificates and token; raises `UnansweredError` for what cannot be used."""
        self._seconds = seconds
        self._late = f"no whole answer within {seconds:g} s"
        parts = urlsplit(endpoint.url)
        assert parts.hostname, "the configuration was checked"  # noqa: S101
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port or (443 if self._secure else 80)
        self._base = parts.path.rstrip("/")
        self._context = _context(endpoint) if self._secure else None
        self._token = _token(endpoint.token_file) if endpoint.token_file else ""

    def get(self, path: str, accept: str = "application/json") -> bytes:
        """Return the body of an answer of success; raises `UnansweredError`, which names the page alone."""
        page = path.partition("?")[0]
        headers = {"Accept": accept, "User-Agent": f"auditor/{__version__}", "Connection": "close"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        connection = _Connection(self._host, self._port, self._context, self._seconds)
        try:
            with _ending(connection, self._seconds):
                connection.request("GET", f"{self._base}{path}", headers=headers)
                answer = connection.getresponse()
                if answer.status != 200:
                    raise UnansweredError(f"{page}: {_refusal(answer.status)}")
                body = answer.read(MAX_BYTES + 1)
                if answer.length and len(body) <= MAX_BYTES:
                    raise ConnectionResetError
        except UnansweredError:
            raise
        except (OSError, HTTPException, ValueError) as error:
            late = connection.late or isinstance(error, TimeoutError)
            raise UnansweredError(f"{page}: {self._late if late else _fault(error)}") from None
        finally:
            connection.close()
        # that a cut connection ends a body without a length looks like its end
        if connection.late:
            raise UnansweredError(f"{page}: {self._late}")
        if len(body) > MAX_BYTES:
            raise UnansweredError(f"{page}: the answer is larger than {MAX_BYTES // 1024**2} MiB")
        if not body:  # as when it broke off among the headers
            raise UnansweredError(f"{page}: the answer is empty")
        return body


class _Connection(HTTPConnection):
    """One that can be cut from another thread, whatever it waits for."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._context = context
        self.late = False

    def connect(self) -> None:
        """Connect, and shake hands where the socket can be cut meanwhile."""
        self.sock = socket.create_connection((self.host, self.port), self.timeout)
        self._check()
        if self._context:
            wrapped = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = wrapped
            self._check()
            wrapped.do_handshake()

    def cut(self) -> None:
        """End what is waited for."""
        self.late = True
        wire = self.sock
        if wire is not None:
            with contextlib.suppress(OSError):  # closed already
                # `SSLSocket.shutdown` would pull the state of TLS from under its reader
                socket.socket.shutdown(wire, socket.SHUT_RDWR)

    def _check(self) -> None:
        if self.late:
            raise TimeoutError


@contextmanager
def _ending(connection: _Connection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}: it refers to another address, and none but the configured one is asked"
    if status == 401:
        return "HTTP 401: it wants to know who asks"
    if status == 403:
        return "HTTP 403: who asks may not know"
    if status == 404:
        return "HTTP 404: there is no such page; the path of the URL may be wrong"
    return f"HTTP {status}"


def _fault(error: Exception) -> str:
    """What went wrong, in words that do not depend on the moment."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid here: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'the handshake broke off'}"
    if isinstance(error, socket.gaierror):
        return "its host is not known"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ConnectionError):
        return "the connection broke off"
    return "what came is no HTTP"


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        authority = endpoint.certificate_authority
        context = tls(Path(authority).read_bytes() if authority else b"", insecure=False)
        if endpoint.client_certificate and endpoint.client_key:
            certificate, key = map(Path, (endpoint.client_certificate, endpoint.client_key))
            show_certificate(context, certificate.read_bytes(), key.read_bytes())
    except OSError as error:
        raise UnansweredError(f"{error.filename}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UnansweredError(str(error)) from None
    return context


def _token(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            token = file.read(LONGEST_TOKEN + 1).decode("ascii").strip()
    except OSError as error:
        raise UnansweredError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        token = ""
    if not token or not token.isprintable() or len(token) > LONGEST_TOKEN:
        raise UnansweredError(f"{path}: holds no token")
    return token

"""One request and its answer, over the pool of a connection.

The answer is read as bytes, in the cheapest way: a generated client would build an object for
every field. Each exchange has an end, and another thread can bring it about.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError

from auditor import __version__
from auditor.collect import fault
from auditor.collect.connect import Connection
from auditor.collect.fault import FaultError, Limits
from auditor.collect.skew import skew
from auditor.errors import AuditorError

JSON = "application/json"
"""What is accepted as an answer, unless something else is said."""

CHUNK = 64 * 1024
"""Bytes read at a time. All at once, an answer would be held twice: in pieces, and joined."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

LONGEST_REFUSAL = 64 * 1024
"""Bytes that are read of an answer which is none of success: only its message counts."""


class _Line(HTTPConnection):
    """Mixed into the connections of a pool: one that a thread waits for can be found, and cut."""

    busy: ClassVar[dict[int, _Line]]
    """By thread."""
    answers = 0
    wire: Any = None
    """The socket, also when the server has said that it will close: urllib3 lets go of it then."""

    def connect(self) -> None:
        self.busy[threading.get_ident()] = self
        self.answers = 0
        try:
            super().connect()
        except TimeoutError as error:  # in the handshake of TLS
            raise ConnectTimeoutError(self, str(error)) from error
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError) as error:
            # a balancer accepts connections for a server that is gone, and then drops them
            raise NewConnectionError(self, str(error)) from ConnectionError("the TLS handshake broke off")

    def request(self, *arguments: Any, **options: Any) -> None:
        self.busy[threading.get_ident()] = self
        super().request(*arguments, **options)
        self.wire = self.sock

    def getresponse(self) -> Any:
        response = super().getresponse()
        self.answers += 1
        return response

    def cut(self) -> None:
        """End what is being read: its thread sees the connection break off."""
        self.answers = 0  # whatever comes of it, the server did not close an idle connection
        for wire in (self.sock, self.wire):
            if wire is not None:
                with contextlib.suppress(OSError):  # closed already
                    # `SSLSocket.shutdown` would pull the state of TLS from under its reader; and TLS
                    # inside TLS, through a proxy, wraps the socket once more
                    socket.socket.shutdown(getattr(wire, "socket", wire), socket.SHUT_RDWR)


class Exchange:
    """Sends requests; threads may share it."""

    def __init__(self, connection: Connection, agent: str = "auditor") -> None:
        """Use the connection's own pool: certificates, proxies and tokens are taken care of there.

        `agent` is what the program is called in the audit log of the API server.
        """
        self._agent = f"{agent}/{__version__}"
        self._busy: dict[int, _Line] = {}
        self._renewal = threading.Lock()
        self._connection = self._traced(connection)
        self.skew: int | None = None
        """By how many seconds the server's clock is ahead, by its first answer that says so."""

    @property
    def connection(self) -> Connection:
        """The connection that the next request takes."""
        return self._connection

    def send(
        self,
        connection: Connection,
        method: str,
        path: str,
        body: bytes | None,
        limits: Limits,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> bytearray:
        """Return the body of the answer; raises `FaultError`. `headers` win over those of JSON."""
        thread, over = threading.get_ident(), threading.Event()

        def end() -> None:
            over.set()
            self.cut(thread)

        # urllib3 bounds only the silence between two bytes
        timer = threading.Timer(limits.connect + limits.answer, end)
        timer.daemon = True
        timer.start()
        try:
            while True:
                with contextlib.suppress(_StaleError):
                    answer = self._send(connection, method, path, body, limits, headers)
                    break
        except FaultError:
            if not over.is_set():
                raise
        finally:
            timer.cancel()
            timer.join()
            self._busy.pop(thread, None)
        if over.is_set():  # to http.client, a head that is cut off is a short one
            raise fault.endless(connection, limits)
        return answer

    def cut(self, thread: int) -> None:
        """Break off what a thread is waiting for, if it is; it then raises `FaultError`."""
        line = self._busy.get(thread)
        if line is not None:
            line.cut()

    def renew(self, used: Connection) -> bool:
        """Log in again unless another thread has, since `used`; tell whether that could be done."""
        with self._renewal:
            if self._connection is not used:
                return True
            try:
                self._connection = self._traced(used.renew())
            except AuditorError:
                return False
            return True

    def _send(
        self,
        connection: Connection,
        method: str,
        path: str,
        body: bytes | None,
        limits: Limits,
        own: Mapping[str, str],
    ) -> bytearray:
        headers = {"Accept": JSON, "User-Agent": self._agent}
        if body is not None:
            headers["Content-Type"] = JSON
        headers.update(own)
        response, before = None, time.time()
        try:
            response = connection.pool.request(
                method,
                connection.server + path,
                headers=headers,
                body=body,
                timeout=urllib3.Timeout(connect=limits.connect, read=limits.read),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            if response.status in (200, 201):
                if self.skew is None:
                    self.skew = skew(response.headers.get("Date", ""), before, time.time())
                return _whole(response)
            raise fault.refused(response.status, _beginning(response), response.headers)
        except HTTPError as error:
            line = self._busy.get(threading.get_ident())
            if response is None and isinstance(error, ProtocolError) and line and line.answers:
                # the server closed an idle connection while we sent: nothing went wrong
                raise _StaleError from None
            raise fault.unreachable(connection, error, limits, begun=response is not None) from None
        except ValueError:  # http.client's, whose message would show the token
            raise fault.wrong_token(connection) from None

    def _traced(self, connection: Connection) -> Connection:
        """Make the pools of a connection anew, of connections that can be found."""
        pool = connection.pool
        kinds: dict[str, Any] = pool.pool_classes_by_scheme
        for kind in kinds.values():
            if issubclass(kind.ConnectionCls, _Line):  # by another exchange
                self._busy = kind.ConnectionCls.busy
                return connection
        pool.clear()
        pool.pool_classes_by_scheme = {
            scheme: type(
                kind.__name__,
                (kind,),
                {"ConnectionCls": type("Line", (_Line, kind.ConnectionCls), {"busy": self._busy})},
            )
            for scheme, kind in kinds.items()
        }
        return connection


class _StaleError(Exception):
    """The connection was used before, and the server had closed it."""


def _whole(response: urllib3.BaseHTTPResponse) -> bytearray:
    body = bytearray()
    while chunk := response.read(CHUNK, decode_content=False):
        body += chunk
    return body


def _beginning(response: urllib3.BaseHTTPResponse) -> bytes:
    body = response.read(LONGEST_REFUSAL, decode_content=False)
    if response.read(1, decode_content=False):
        response.close()  # with the rest unread the connection cannot be used again
    return body

"""Raw requests to the API server, decoded straight from bytes.

The generated client would build an object for every field of every pod; here a page of 500 is
decoded once. The audit sends get, list and self-reviews, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
import urllib3

from auditor import __version__
from auditor.collect.connect import Connection
from auditor.errors import SourceError
from auditor.model import Body

PAGE = 500
"""Objects per page: kubectl's own number, and the one the API server's caches are tuned for."""

TIMEOUT = urllib3.Timeout(connect=10, read=60)
"""Seconds."""

Type = TypeVar("Type")


class ApiError(Exception):
    """The API server said no, or nothing that makes sense; `status` is the HTTP status, else 0."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status, and the server's own words as `str(error)`."""
        super().__init__(message)
        self.status = status


class _ListMetadata(msgspec.Struct):
    continue_: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct):
    # both are required: an answer without them is no list, not an empty one
    items: list[Body] | None
    metadata: _ListMetadata


class _Status(msgspec.Struct):
    message: str = ""


class Api:
    """The API server behind a connection."""

    def __init__(self, connection: Connection) -> None:
        """Use the connection's own pool: its certificates, proxies and tokens are set up there."""
        self._connection = connection
        self._pool = connection.client.rest_client.pool_manager

    def get(self, path: str, type: type[Type]) -> Type:
        """Return one decoded object; raises `ApiError` or `SourceError` (no connection)."""
        return _decode(self._send("GET", path), type)

    def review(self, path: str, body: Mapping[str, Any], type: type[Type]) -> Type:
        """Post a self-review, the only thing that is ever posted; raises as `get`."""
        return _decode(self._send("POST", path, msgspec.json.encode(body)), type)

    def pages(self, path: str) -> Iterator[list[Body]]:
        """Yield the pages of a list; raises `ApiError` or `SourceError`, also in the middle."""
        token = ""
        while True:
            query = urlencode({"limit": PAGE, "continue": token} if token else {"limit": PAGE})
            page = _decode(self._send("GET", f"{path}?{query}"), _Page)
            yield page.items or []
            if page.metadata.continue_ == token != "":
                raise ApiError(0, "the same page came twice")
            token = page.metadata.continue_
            if not token:
                return

    def _send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        configuration = self._connection.client.configuration
        headers = {"Accept": "application/json", "User-Agent": f"auditor/{__version__}"}
        for auth in configuration.auth_settings().values():
            headers[auth["key"]] = auth["value"].strip()  # token files may end in a line break
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method,
                self._connection.server + path,
                headers=headers,
                body=body,
                timeout=TIMEOUT,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(self._connection, error) from None
        except ValueError:
            # http.client's, whose message would show the token
            raise SourceError(
                f"context {self._connection.context!r}: the token holds characters that HTTP does not allow",
                "log in again, or mend the kubeconfig",
            ) from None
        if response.status not in (200, 201):
            raise ApiError(response.status, _message(response.status, response.data))
        return bytes(response.data)


def _decode(data: bytes, type: type[Type]) -> Type:
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ApiError(0, "the answer is not the JSON that was asked for, or was cut off") from None


def _message(status: int, data: bytes) -> str:
    try:
        return msgspec.json.decode(data, type=_Status).message or f"HTTP {status}"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"HTTP {status}"


def _unreachable(connection: Connection, error: Exception) -> SourceError:
    """Say in one line why there is no answer, and what to do."""
    server, cause = connection.server, _cause(error)
    address = f"is the cluster up, and is its address right in context {connection.context!r}?"
    match error:
        case urllib3.exceptions.SSLError():
            hint = f"check certificate authority, client certificate and address of {connection.context!r}"
            return SourceError(f"{server}: TLS failed: {cause}", hint)
        case urllib3.exceptions.ReadTimeoutError():
            return SourceError(f"{server}: no answer within {TIMEOUT.read_timeout:g} s", "try again later")
        case urllib3.exceptions.NewConnectionError():  # a ConnectTimeoutError too, though it is none
            return SourceError(f"{server}: no connection: {cause}", address)
        case urllib3.exceptions.ConnectTimeoutError():
            seconds = f"{TIMEOUT.connect_timeout:g} s"
            return SourceError(f"{server}: no connection within {seconds}", address)
        case urllib3.exceptions.ProtocolError():
            return SourceError(f"{server}: the answer broke off: {cause}", "try again later")
        case urllib3.exceptions.ProxyError():
            return SourceError(
                f"{server}: the proxy does not connect: {cause}", "check HTTPS_PROXY, NO_PROXY"
            )
    return SourceError(f"{server}: no connection: {cause}", address)


def _cause(error: BaseException) -> str:
    """The innermost reason: urllib3 wraps it in texts that name Python objects."""
    inner = error.__cause__ or next((one for one in error.args if isinstance(one, BaseException)), None)
    if inner:
        return _cause(inner)
    return str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error)

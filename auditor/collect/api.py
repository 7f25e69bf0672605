"""Raw requests to the API server, decoded straight from bytes.

The generated client would build an object for every field of every pod; here a page of 500 is
decoded once. The audit sends get, list and self-reviews, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3

from auditor import __version__
from auditor.collect.connect import HINT, Connection
from auditor.errors import SourceError
from auditor.model import Body

PAGE = 500
"""Objects per page: kubectl's own number, and the one the API server's caches are tuned for."""

TIMEOUT = urllib3.Timeout(connect=10, read=60)
"""Seconds."""


class ApiError(Exception):
    """The API server said no; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status, and the server's own words as `str(error)`."""
        super().__init__(message)
        self.status = status


class _ListMetadata(msgspec.Struct):
    continue_: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct):
    items: list[Body] | None = None
    metadata: _ListMetadata = msgspec.field(default_factory=_ListMetadata)


class _Status(msgspec.Struct):
    message: str = ""


_pages = msgspec.json.Decoder(_Page)


class Api:
    """The API server behind a connection."""

    def __init__(self, connection: Connection) -> None:
        """Use the connection's own pool: its certificates, proxies and tokens are set up there."""
        self._connection = connection
        self._pool = connection.client.rest_client.pool_manager

    def get(self, path: str) -> Any:
        """Return one decoded object; raises `ApiError` or `SourceError` (no connection)."""
        return self._decode(self._send("GET", path))

    def review(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post a self-review, the only thing that is ever posted; raises as `get`."""
        return self._decode(self._send("POST", path, msgspec.json.encode(body)))

    def pages(self, path: str) -> Iterator[list[Body]]:
        """Yield the pages of a list; raises `ApiError` or `SourceError`, also in the middle."""
        token = ""
        while True:
            query = urlencode({"limit": PAGE, "continue": token} if token else {"limit": PAGE})
            try:
                page = _pages.decode(self._send("GET", f"{path}?{query}"))
            except msgspec.DecodeError:
                raise ApiError(0, "the answer is no JSON list, or was cut off") from None
            yield page.items or []
            token = page.metadata.continue_
            if not token:
                return

    def _send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        configuration = self._connection.client.configuration
        headers = {"Accept": "application/json", "User-Agent": f"auditor/{__version__}"}
        try:
            for auth in configuration.auth_settings().values():
                headers[auth["key"]] = auth["value"]
            if body is not None:
                headers["Content-Type"] = "application/json"
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
            raise _unreachable(self._connection.server, error) from None
        if response.status not in (200, 201):
            raise ApiError(response.status, _message(response.status, response.data))
        return bytes(response.data)

    def _decode(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data)
        except msgspec.DecodeError:
            raise ApiError(0, "the answer is no JSON") from None


def _message(status: int, data: bytes) -> str:
    try:
        return msgspec.json.decode(data, type=_Status).message or f"HTTP {status}"
    except msgspec.DecodeError:
        return f"HTTP {status}"


def _unreachable(server: str, error: Exception) -> SourceError:
    """Say in one line why there is no connection, and what to do."""
    if isinstance(error, urllib3.exceptions.SSLError):
        return SourceError(
            f"{server}: TLS failed: {_cause(error)}",
            "check certificate-authority-data and the server's address in the kubeconfig",
        )
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return SourceError(f"{server}: no answer within {TIMEOUT.connect_timeout:g} s", HINT)
    return SourceError(f"{server}: no connection: {_cause(error)}", HINT)


def _cause(error: Exception) -> str:
    """The innermost message without Python's own object names."""
    text = str(error.args[-1] if error.args else error)
    return text.rpartition(">: ")[2].rpartition("): ")[2] or text

"""Requests to the API server that survive its faults, decoded straight from bytes.

The audit sends get, list and self-reviews, nothing else. All of them may be sent twice; so may what
`write.py` adds, which no audit imports.
"""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from auditor.collect import fault
from auditor.collect.connect import Connection
from auditor.collect.exchange import CHUNK, JSON, NO_HEADERS, Exchange
from auditor.collect.fault import ApiError, FaultError
from auditor.collect.patience import Allowance, Clock, Patience

__all__ = ["Api", "ApiError", "ListPage"]

PAGE = 500
"""Objects per page: kubectl's own number, and the one the API server's caches are tuned for."""

Type = TypeVar("Type")


STRANGE = "the answer holds an object without a name, or something that is no object of this kind"


class ListPage(msgspec.Struct, frozen=True):
    """One page of a list."""

    items: Sequence[Any]
    """The objects, of the type that was asked for; what is raw in it is valid JSON in valid UTF-8."""
    token: str
    """Asks for the next page; "" if this is the last one."""


class _ListMetadata(msgspec.Struct):
    continue_: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct, Generic[Type]):
    # both are required: an answer without them is no list, not an empty one
    items: list[Type] | None
    metadata: _ListMetadata


class Api:
    """The API server behind a connection; threads may share it."""

    AGENT: ClassVar[str] = "auditor"
    """The name by which the audit log of the API server knows who asks."""

    def __init__(
        self, connection: Connection, patience: Patience | None = None, clock: Clock | None = None
    ) -> None:
        """`patience` is for all requests together: one `Api` for each audit."""
        self._exchange = Exchange(connection, self.AGENT)
        self._allowance = Allowance(patience or Patience(), clock or Clock())

    @property
    def skew(self) -> int | None:
        """By how many seconds the server's clock is ahead; None as long as it has not said so."""
        return self._exchange.skew

    def get(self, path: str, type: type[Type]) -> Type:
        """Return one decoded object; raises `ApiError` or `SourceError` (no connection)."""
        return self._ask("GET", path, lambda data: decoded(data, type))

    def review(self, path: str, body: Mapping[str, Any], type: type[Type]) -> Type:
        """Post a self-review, the only thing that is ever posted; raises as `get`."""
        return self._ask("POST", path, lambda data: decoded(data, type), msgspec.json.encode(body))

    def page(
        self,
        path: str,
        token: str = "",
        *,
        type: Any = msgspec.Raw,
        stop: threading.Event | None = None,
        accept: str = JSON,
    ) -> ListPage:
        """Return the page of a list that a token asks for, by default the first; raises as `get`.

        `path` may have a query; `accept` is the type of the answer.

        Its objects are decoded into `type`; that one is not of it is an `ApiError` too. Raises
        `StoppedError` when `stop` comes while it is waited for; `cut` ends the rest.
        """
        query = urlencode({"limit": PAGE, "continue": token} if token else {"limit": PAGE})
        whole = f"{path}{'&' if '?' in path else '?'}{query}"
        page = self._ask(
            "GET", whole, partial(_list_page, _page_of(type)), stop=stop, headers={"Accept": accept}
        )
        if page.token == token != "":
            raise ApiError(0, "the same page came twice")
        return page

    def cut(self, thread: int) -> None:
        """Break off what a thread is waiting for, by its identity; it tries again, or is stopped."""
        self._exchange.cut(thread)

    def _ask(
        self,
        method: str,
        path: str,
        decode: Callable[[bytearray], Type],
        body: bytes | None = None,
        stop: threading.Event | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Type:
        trial = self._allowance.trial(stop or threading.Event())
        renewed = False
        while True:
            limits = trial.begin()
            connection = self._exchange.connection
            try:
                answer = decode(self._exchange.send(connection, method, path, body, limits, headers))
            except FaultError as error:
                trial.check()
                if error.status == 401 and not renewed:
                    renewed = True
                    if self._exchange.renew(connection):
                        continue
                trial.failed(error)
            else:
                trial.succeeded()
                return answer


def decoded(data: bytearray, type: type[Type]) -> Type:
    """Return an answer as `type`; raises `FaultError` for one that is none."""
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise fault.garbled() from None


@cache
def _page_of(type: Any) -> msgspec.json.Decoder[_Page[Any]]:
    """How a page of these objects is decoded: at once, since to go through it twice is a third more."""
    return msgspec.json.Decoder(_Page[type])


def _list_page(decoder: msgspec.json.Decoder[_Page[Any]], data: bytearray) -> ListPage:
    if not _is_utf8(data):
        raise fault.garbled()
    try:
        page = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # another try helps against what is no list, and not against strange objects in one
        decoded(data, _Page[msgspec.Raw])
        raise ApiError(0, STRANGE) from None
    return ListPage(page.items or (), page.metadata.continue_)


def _is_utf8(data: bytearray) -> bool:
    """Tell whether the text is valid: what is not decoded yet, msgspec has not looked at.

    In pieces, since one character beyond the first 65,536 makes a string of four bytes each. JSON
    ends in an ASCII character, so none is left incomplete.
    """
    if data.isascii():
        return True
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(data)
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(view[start : start + CHUNK])
    except UnicodeDecodeError:
        return False
    return True

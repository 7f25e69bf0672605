"""What can go wrong with a request, in one line each, and whether it is worth another try."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from auditor.collect.connect import Connection
from auditor.errors import SourceError

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that another try may change: what client-go and the gateways in front of it mean by them."""


class Cause(msgspec.Struct, frozen=True):
    """One of the reasons that the API server gives for an answer."""

    reason: str = ""
    message: str = ""
    field: str = ""


class ApiError(Exception):
    """The API server said no, or nothing that makes sense; `status` is the HTTP status, else 0."""

    def __init__(self, status: int, message: str, causes: Sequence[Cause] = ()) -> None:
        """Keep the status, the server's own words as `str(error)`, and its reasons as they came."""
        super().__init__(message)
        self.status = status
        self.causes = causes


class Repeat(Enum):
    """Whether another try may help."""

    NEVER = "never"
    TRIES = "tries"
    """A number of times: the server is there, and something went wrong."""
    OUTAGE = "outage"
    """As long as the budget lasts: nobody is there. A refused connection fails at once, so that any
    number of tries would be over before an API server is up again."""
    KNOWN = "known"
    """As an outage, but only once the server has answered: before, it is a wrong address."""


class FaultError(Exception):
    """One try that failed; `error` is what to say if it was the last one."""

    def __init__(
        self, error: ApiError | SourceError, repeat: Repeat, *, after: float = 0.0, silent: bool = False
    ) -> None:
        """`after` is how many seconds the server asks to wait; `silent`: it let a time-out pass."""
        super().__init__(str(error))
        self.error = error
        self.repeat = repeat
        self.after = after
        self.silent = silent

    @property
    def status(self) -> int:
        """The HTTP status of the answer, 0 if there was none, or none that makes sense."""
        return self.error.status if isinstance(self.error, ApiError) else 0

    def after_tries(self, tries: int) -> ApiError | SourceError:
        """Return what to tell in the end: the error, and how often it was tried if more than once."""
        text = f"{self.error} ({tries} attempts)"
        if tries == 1:
            return self.error
        if isinstance(self.error, ApiError):
            return ApiError(self.error.status, text, self.error.causes)
        return SourceError(text, self.error.hint)


LONGEST = 300
"""Characters that are told of a server's own words."""


class Limits(msgspec.Struct, frozen=True):
    """Seconds after which one try is given up."""

    connect: float
    read: float
    """Without a byte."""
    answer: float
    """For the whole of it."""


class _Details(msgspec.Struct):
    causes: list[Cause] | None = None


class _Status(msgspec.Struct):
    message: str = ""
    details: _Details | None = None


def refused(status: int, body: bytes | bytearray, headers: urllib3.HTTPHeaderDict) -> FaultError:
    """Return the fault of an answer that is none of success."""
    try:
        said = msgspec.json.decode(body, type=_Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Status()
    causes = (said.details.causes if said.details else None) or ()
    error = ApiError(status, _one_line(said.message) or f"HTTP {status}", causes)
    if status not in PASSING:
        return FaultError(error, Repeat.NEVER)
    return FaultError(error, Repeat.TRIES, after=_retry_after(headers))


def _one_line(message: str) -> str:
    """What the server says, on one line and short: it may be anybody, and say anything."""
    text = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def garbled() -> FaultError:
    """Return the fault of an answer that is not the JSON that was asked for."""
    message = "the answer is not the JSON that was asked for, or was cut off"
    return FaultError(ApiError(0, message), Repeat.TRIES)


def endless(connection: Connection, limits: Limits) -> FaultError:
    """Return the fault of an answer that does not come to its end."""
    text = f"{connection.server}: no whole answer within {limits.answer:g} s"
    return FaultError(SourceError(text, "try again later"), Repeat.TRIES, silent=True)


def wrong_token(connection: Connection) -> FaultError:
    """Return the fault of a token that cannot be sent; the message does not show it."""
    return FaultError(
        SourceError(
            f"context {connection.context!r}: the token holds characters that HTTP does not allow",
            "log in again, or mend the kubeconfig",
        ),
        Repeat.NEVER,
    )


def unreachable(connection: Connection, error: HTTPError, limits: Limits, *, begun: bool) -> FaultError:
    """Return the fault of a request without an answer; `begun`: its head had arrived."""
    server, cause = connection.server, _cause(error)
    address = f"is the cluster up, and is its address right in context {connection.context!r}?"
    match error:
        case SSLError():
            hint = f"check certificate authority, client certificate and address of {connection.context!r}"
            repeat = Repeat.TRIES if begun else Repeat.KNOWN
            return FaultError(SourceError(f"{server}: TLS failed: {cause}", hint), repeat)
        case ReadTimeoutError():
            text = f"{server}: no answer within {limits.read:g} s"
            return FaultError(SourceError(text, "try again later"), Repeat.TRIES, silent=True)
        case NameResolutionError():
            return FaultError(SourceError(f"{server}: no connection: {cause}", address), Repeat.KNOWN)
        case NewConnectionError():  # a ConnectTimeoutError too in urllib3 2, though it is none
            return FaultError(SourceError(f"{server}: no connection: {cause}", address), Repeat.OUTAGE)
        case ConnectTimeoutError():
            text = f"{server}: no connection within {limits.connect:g} s"
            return FaultError(SourceError(text, address), Repeat.OUTAGE, silent=True)
        case ProtocolError():
            text = f"{server}: the answer broke off: {cause}"
            return FaultError(SourceError(text, "try again later"), Repeat.TRIES)
        case ProxyError():
            text = f"{server}: the proxy does not connect: {cause}"
            return FaultError(
                SourceError(text, "check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY"),
                Repeat.OUTAGE,
            )
        case LocationValueError():
            return FaultError(SourceError(f"{server}: no connection: {cause}", address), Repeat.NEVER)
    return FaultError(SourceError(f"{server}: no connection: {cause}", address), Repeat.TRIES)


def _cause(error: BaseException) -> str:
    """The innermost reason: urllib3 wraps it in texts that name Python objects."""
    inner = error.__cause__ or next((one for one in error.args if isinstance(one, BaseException)), None)
    if inner:
        return _cause(inner)
    return str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error)


def _retry_after(headers: urllib3.HTTPHeaderDict) -> float:
    """Seconds that the header Retry-After asks for, as a number or as a date; 0 if it makes no sense.

    https://www.rfc-editor.org/rfc/rfc9110.html#name-retry-after
    """
    try:
        return float(urllib3.Retry().parse_retry_after(headers.get("Retry-After", "0")))
    except (HTTPError, ValueError, OverflowError):
        return 0.0

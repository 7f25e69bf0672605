"""What a server, or whatever is in front of it, can do to an answer; drawn from a seed for a whole run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.live.faulty import Answer


class Turn(NamedTuple):
    """One request that a fault may hit."""

    random: Random
    path: str
    """With its query."""
    true: Answer
    """What the API server answered."""
    first: Answer | None
    """The first page of the same list, if this asks for a later one."""

    def somewhere(self, end: int) -> int:
        """Return a number from 0 up to this one, which is not among them."""
        return self.random.randrange(max(1, end))


Fault = Callable[[Turn], Answer | None]
"""From a request to the answer that is given; None where there is no such fault of this request."""


def status(code: int, message: str, **headers: str) -> Answer:
    """Return a refusal as the API server words it."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(json.dumps({**body, "message": message}).encode(), code, headers=named)


def page(code: int, text: str) -> Answer:
    """Return an HTML page."""
    body = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(body.encode(), code, headers={"Content-Type": "text/html"})


def _changed(turn: Turn, **changes: Any) -> Answer:
    return msgspec.structs.replace(turn.true, **changes)


def _expired(turn: Turn) -> Answer | None:
    message = "The provided continue parameter is too old to display a consistent list result."
    return status(410, message) if turn.first else None


def _busy_until(turn: Turn) -> Answer:
    date = formatdate(time.time() + turn.random.choice((-3600, 1, 2)), usegmt=True)
    return status(429, "Too many requests, please try again later.", Retry_After=date)


def _busy(*after: str) -> Fault:
    message = "Too many requests, please try again later."
    return lambda turn: status(429, message, Retry_After=turn.random.choice(after))


def _head(turn: Turn) -> Answer:
    return _changed(turn, cut=1 + turn.somewhere(len(turn.true.head) - 1))


def _body(turn: Turn) -> Answer:
    return _changed(turn, cut=len(turn.true.head) + turn.somewhere(len(turn.true.body)))


def _chunks(turn: Turn) -> Answer:
    chunked = _changed(turn, chunks=turn.random.randint(1, 4))
    inside = len(chunked.wire) - len(chunked.head) - len(b"0\r\n\r\n")
    return msgspec.structs.replace(chunked, cut=len(chunked.head) + turn.somewhere(inside))


def _truncated(turn: Turn) -> Answer:
    body = turn.true.body.rstrip()
    return _changed(turn, body=body[: turn.random.randrange(1, len(body))])


def _garbled(turn: Turn) -> Answer:
    body = turn.true.body.rstrip()
    places = [at for at, byte in enumerate(body) if byte in b'{}[]:,"']
    at = turn.random.choice(places)
    garbled = body[:at] + turn.random.choice([b"", b"}{", b'"', b"\x00"]) + body[at + 1 :]
    try:
        json.loads(garbled)
    except ValueError:
        return _changed(turn, body=garbled)
    return _changed(turn, body=body + b",")


def _not_utf8(turn: Turn) -> Answer:
    body = turn.true.body
    parts = body.split(b'":"')
    at = len(b'":"'.join(parts[: turn.random.randint(1, len(parts) - 1)])) + 3
    return _changed(turn, body=body[:at] + turn.random.choice([b"\xff", b"\xc3\x28"]) + body[at:])


FAULTS: Mapping[str, Fault] = {
    "401": lambda turn: status(401, "Unauthorized"),
    "403": lambda turn: status(403, "it is forbidden: User cannot list it at the cluster scope"),
    "404": lambda turn: status(404, "the server could not find the requested resource"),
    "410": _expired,
    "429, seconds": _busy("0", "1"),
    "429, date": _busy_until,
    "429, absurd": _busy("86400000", "9" * 40, "-1", "soon", "Fri, 31 Dec 9999 23:59:59 GMT"),
    "500": lambda turn: status(500, "Internal error occurred:\n\tno kind of answer\r\nat all"),
    "502": lambda turn: page(502, "502 Bad Gateway"),
    "503": lambda turn: status(503, "apiserver is shutting down"),
    "504": lambda turn: page(504, "504 Gateway Time-out"),
    "no head": lambda turn: _changed(turn, cut=0),
    "cut in the head": _head,
    "cut in the body": _body,
    "length too long": lambda turn: _changed(turn, length=len(turn.true.body) + 1 + turn.somewhere(99)),
    "length too short": lambda turn: _changed(turn, length=turn.somewhere(len(turn.true.body.rstrip()))),
    "chunks end early": _chunks,
    "silent": lambda turn: _changed(turn, silent=True),
    "trickles": lambda turn: _changed(turn, trickles=True),
    "truncated JSON": _truncated,
    "garbled JSON": _garbled,
    "other JSON": lambda turn: Answer(b'{"error": "login_required", "status": 401}'),
    "a Status": lambda turn: msgspec.structs.replace(status(401, "the session is over"), status=200),
    "login page": lambda turn: page(200, "Log in"),
    "no UTF-8": _not_utf8,
    "first page again": lambda turn: turn.first,
    "empty body": lambda turn: _changed(turn, body=b""),
}
"""By name; each is of one request, and as bad as it gets."""

SLOW = frozenset({"silent", "trickles", "429, seconds", "429, date", "429, absurd"})
"""They cost time: half as likely as the others."""

LATER = frozenset({"410", "first page again"})
"""Only a later page can have them: eight times as likely there."""


MANY = 1_000_000
"""More requests than are ever made."""


class Hit(NamedTuple):
    """A fault that happened."""

    number: int
    """Of the request, counted from 0."""
    path: str
    fault: str


class Trouble:
    """The faults of one run: a `Spoil` that draws from a seed which requests it hits, and by what."""

    def __init__(self, seed: int, asked: Sequence[str]) -> None:
        """`asked` are the paths, without query, that an undisturbed run asks for."""
        self.hits: list[Hit] = []
        self._random = random = Random(seed)
        self._number = -1
        self._first: dict[str, Answer] = {}
        self.plan, self._struck = _plan(random, asked)
        self._only = _only(random)

    def __call__(self, path: str, true: Answer) -> Answer:
        """Return the answer that is given."""
        self._number += 1
        parts = urlsplit(path)
        later = "continue" in parse_qs(parts.query)
        first = self._first.get(parts.path) if later else None
        if not later:
            self._first[parts.path] = true
        if not self._struck(self._number, parts.path):
            return true
        turn = Turn(self._random, path, true, first)
        for name in self._draw():
            if answer := FAULTS[name](turn):
                self.hits.append(Hit(self._number, parts.path, name))
                return answer
        return true

    def __str__(self) -> str:
        """Say what happened, one fault a line."""
        return "\n".join(
            [self.plan, *(f"  request {hit.number}: {hit.fault}: {hit.path}" for hit in self.hits)]
        )

    def _draw(self) -> list[str]:
        """All faults, the one to take first; the others are for where there is no such fault."""
        likely = {**dict.fromkeys(FAULTS, 1.0), **dict.fromkeys(SLOW, 0.5), **dict.fromkeys(LATER, 8.0)}
        weight = {name: self._random.random() ** (1 / likely[name]) for name in FAULTS}
        return sorted(FAULTS, key=lambda name: (name in self._only, weight[name]), reverse=True)


def _only(random: Random) -> Sequence[str]:
    """Draw which faults there are in a run: one or two of them, or all."""
    if random.random() < 0.5:
        return list(FAULTS)
    slow = random.random() < 0.1
    return random.sample([name for name in FAULTS if (name in SLOW) is slow], random.randint(1, 2))


def _plan(random: Random, asked: Sequence[str]) -> tuple[str, Callable[[int, str], bool]]:
    """Draw which requests are hit, by their number and path; say it in words too."""
    start = random.randrange(len(asked))
    match random.choices(("once", "few", "many", "burst", "never again", "target"), (3, 3, 2, 2, 1, 5))[0]:
        case "once":
            return f"request {start} is hit", lambda number, _: number == start
        case "few" | "many" as name:
            share = random.uniform(0.03, 0.15) if name == "few" else random.uniform(0.2, 0.6)
            return f"{share:.0%} of all requests are hit", lambda *_: random.random() < share
        case "burst":
            end = start + random.randint(2, 8)
            return f"requests {start} to {end - 1} are hit", lambda number, _: start <= number < end
        case "never again":
            return f"every request from {start} on is hit", lambda number, _: number >= start
    # a list of many pages is no likelier than what is asked for once
    target, good = random.choice(sorted(set(asked))), random.choice((0, 0, 1, 2))
    last = good + random.choice((1, 2, MANY))
    seen: list[int] = []

    def struck(number: int, path: str) -> bool:
        if path == target:
            seen.append(number)
        return path == target and good < len(seen) <= last

    return f"of the requests for {target} those from {good} to {last - 1} are hit", struck

"""How long the API server is waited for: for one try, between two tries, and in the whole audit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import takewhile
from random import Random

import msgspec

from auditor.collect.fault import FaultError, Limits, Repeat

LONGEST = 5.0
"""Seconds between two tries at most, unless the server asks for more: so soon is it noticed again."""

GREETING = 1.0
"""Seconds that are spent on a server which has never answered: the address is wrong, more likely."""

RECOVERY = 15.0
"""Seconds in which a server that is back may refuse what it allows: it listens before it has loaded
its roles. kube-apiserver 1.36 answered 403 for 1.5 to 4 s to an account that may read."""


class Patience(msgspec.Struct, frozen=True):
    """What an audit puts up with; seconds, where nothing else is said."""

    connect: float = 10.0
    read: float = 60.0
    """Without a byte."""
    answer: float = 300.0
    """For one whole answer, however steadily it trickles: 5 MB at 17 kB/s."""
    attempts: int = 5
    """For one request, besides those that found nobody there."""
    budget: float = 60.0
    """Of waiting between the attempts, and of finding nobody there, for the whole audit."""
    first: float = 0.2
    """The first wait, doubled each time, and up to half of it taken off at random."""
    rate: float = 25.0
    """Requests per second in the long run; twice as many may be sent at once."""


class Clock(msgspec.Struct, frozen=True):
    """Time and chance; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait
    """Waits for the event, so many seconds at most, and tells whether it came."""
    random: Random = msgspec.field(default_factory=Random)


class StoppedError(Exception):
    """The request is not wanted any more."""


class Allowance:
    """What is left of the patience with one server; threads share it."""

    def __init__(self, patience: Patience, clock: Clock) -> None:
        """Nothing is spent yet."""
        self.patience = patience
        self.clock = clock
        self._lock = threading.Lock()
        self._left = patience.budget
        self._greeting = GREETING
        self._known = False  # it has answered with what was asked for
        self._silent = 0  # time-outs in a row, of whatever requests
        self._down = False  # nobody was there, and no request has succeeded since
        self._back: float | None = None  # when it said something after that
        self._tokens = 2 * patience.rate
        self._filled = clock.now()

    def trial(self, stop: threading.Event) -> Trial:
        """Return the tries of one request, which end by `StoppedError` when the event comes."""
        return Trial(self, stop)

    def pace(self) -> float:
        """Take leave for one request; return the seconds to wait before it (a token bucket)."""
        rate = self.patience.rate
        with self._lock:
            now = self.clock.now()
            self._tokens = min(2 * rate, self._tokens + (now - self._filled) * rate) - 1
            self._filled = now
            return max(0.0, -self._tokens / rate)

    def limits(self) -> Limits:
        """Return the limits of the next try; short ones for a server that only ever lets them pass.

        So the time is bounded for the audit too: not every list waits as long as the first one.
        """
        patience = self.patience
        if self._silent < patience.attempts:
            return Limits(patience.connect, patience.read, patience.answer)
        short = min(patience.connect, patience.read)
        return Limits(patience.connect, short, short)

    def answered(self) -> None:
        """Note that the server gave what was asked for."""
        with self._lock:
            self._known = True
            self._silent = 0
            self._down = False

    def next_wait(self, fault: FaultError, streak: int, counted: int, took: float) -> float | None:
        """Return the seconds to wait before the next try and spend them; None: there is to be none.

        `streak` tries failed in this way, one after the other, and `counted` ones of the request with
        the server there; the last one `took` seconds.
        """
        with self._lock:
            stranger = not self._known and not fault.status
            repeat = self._repeat(fault, stranger=stranger)
            self._silent = self._silent + 1 if fault.silent else 0
            if repeat is Repeat.OUTAGE or stranger:
                self._spend(took, stranger=stranger)
            left = min(self._left, self._greeting) if stranger else self._left
            enough = repeat is Repeat.TRIES and max(counted, self._silent) >= self.patience.attempts
            if repeat is Repeat.NEVER or enough or left <= 0:
                return None
            wait = min(max(fault.after, self._backoff(streak)), left)
            self._spend(wait, stranger=stranger)
            return wait

    def _repeat(self, fault: FaultError, *, stranger: bool) -> Repeat:
        """Return what the fault means after all that happened; never `KNOWN`."""
        if fault.repeat in (Repeat.OUTAGE, Repeat.KNOWN):
            self._down, self._back = True, None
            return Repeat.NEVER if stranger and fault.repeat is Repeat.KNOWN else Repeat.OUTAGE
        return Repeat.OUTAGE if self._recovers(fault) else fault.repeat

    def _recovers(self, fault: FaultError) -> bool:
        """Tell whether a refusal may come of an outage that is just over."""
        if not self._down or fault.status not in (401, 403):
            return False
        now = self.clock.now()
        if self._back is None:
            self._back = now
        return now - self._back < RECOVERY

    def _spend(self, seconds: float, *, stranger: bool) -> None:
        self._left -= seconds
        if stranger:
            self._greeting -= seconds

    def _backoff(self, failed: int) -> float:
        longest = min(self.patience.first * 2.0 ** min(failed - 1, 32), LONGEST)
        return longest * self.clock.random.uniform(0.5, 1.0)


class Trial:
    """The tries of one request."""

    def __init__(self, allowance: Allowance, stop: threading.Event) -> None:
        """None was made yet."""
        self._allowance = allowance
        self._stop = stop
        self._failed: list[Repeat] = []
        self._begun = 0.0

    def begin(self) -> Limits:
        """Wait until the next try may be made; return its limits. Raises `StoppedError`."""
        self._wait(self._allowance.pace())
        self._begun = self._allowance.clock.now()
        return self._allowance.limits()

    def check(self) -> None:
        """Raise `StoppedError` if the request is not wanted any more."""
        if self._stop.is_set():
            raise StoppedError

    def failed(self, fault: FaultError) -> None:
        """Wait before the next try, or raise `ApiError` or `SourceError` if there is to be none."""
        took = self._allowance.clock.now() - self._begun
        self._failed.append(fault.repeat)
        streak = sum(1 for _ in takewhile(lambda one: one is fault.repeat, reversed(self._failed)))
        wait = self._allowance.next_wait(fault, streak, self._failed.count(Repeat.TRIES), took)
        if wait is None:
            raise fault.after_tries(len(self._failed))
        self._wait(wait)

    def succeeded(self) -> None:
        """Note that the answer is what was asked for."""
        self._allowance.answered()

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._allowance.clock.wait(self._stop, seconds)
        self.check()

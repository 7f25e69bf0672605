"""Reads lists ahead, in a thread: while one page is digested, the server prepares the next one."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import msgspec

from auditor.collect.api import Api, ApiError, ListPage
from auditor.collect.patience import StoppedError
from auditor.errors import SourceError

CUT_EVERY = 0.05
"""Seconds between two looks whether the thread has ended."""

LEAVE_AFTER = 2.0
"""Seconds after which the thread is left to itself: looking up a name, or connecting to nobody,
cannot be broken off. Then it ends at its next step; it keeps no program from ending."""


class Page(msgspec.Struct, frozen=True):
    """The next objects of a list."""

    path: str
    items: Sequence[Any]
    """Of the type that was asked for; what is raw in it is valid JSON in valid UTF-8."""


class Again(msgspec.Struct, frozen=True):
    """What came of this list is void: it is read once more from the start."""

    path: str


class Done(msgspec.Struct, frozen=True):
    """The list is complete."""

    path: str


class Broken(msgspec.Struct, frozen=True):
    """The list cannot be read; what came of it is not all of it."""

    path: str
    error: ApiError | SourceError


Event = Page | Again | Done | Broken


def fetch(api: Api, paths: Iterable[str], types: Mapping[str, Any] | None = None) -> Generator[Event]:
    """Yield what comes of the lists, one list after the other.

    `types` tells by path what objects are decoded into, if they are not left as JSON. `paths` is walked
    in the thread. One page is read ahead, no more: a page of pods is 4 MB and more, so let go of it
    before you ask for the next event. Whatever is raised in the thread beyond `ApiError` and
    `SourceError` is raised here. The thread starts with the first event and is gone when the iterator
    is closed: use `contextlib.closing`, since a traceback may keep the iterator alive.
    """
    reader = _Reader(api, paths, types or {})
    reader.start()
    try:
        while not isinstance(event := reader.next(), _End):
            yield event
            del event  # else this frame would keep the page while the next one is read
    finally:
        reader.stop()
    if event.error:
        raise event.error


class _End(msgspec.Struct, frozen=True):
    error: BaseException | None = None


class _Reader(threading.Thread):
    def __init__(self, api: Api, paths: Iterable[str], types: Mapping[str, Any]) -> None:
        super().__init__(name="list-reader", daemon=True)
        self._api = api
        self._paths = paths
        self._types = types
        self._events: SimpleQueue[Event | _End] = SimpleQueue()
        self._room = threading.Semaphore(1)
        """For a page that nobody has taken yet."""
        self._stop_asked = threading.Event()

    def next(self) -> Event | _End:
        """Wait for the next event; with a page taken, the one after it is read."""
        event = self._events.get()
        if isinstance(event, Page):
            self._room.release()
        return event

    def stop(self) -> None:
        """End the thread, whatever it waits for."""
        self._stop_asked.set()
        self._room.release()
        for _ in range(round(LEAVE_AFTER / CUT_EVERY)):
            if not self.is_alive():
                return
            # again and again: it may have been between two waits
            self._api.cut(self.ident or 0)
            self.join(CUT_EVERY)

    def run(self) -> None:
        try:
            for path in self._paths:
                self._events.put(self._outcome(path))
            self._events.put(_End())
        except StoppedError:
            pass  # nobody listens
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is heard
            self._events.put(_End(error))

    def _outcome(self, path: str) -> Done | Broken:
        """Put the pages of a list."""
        try:
            try:
                self._walk(path)
            except _ExpiredError:
                self._events.put(Again(path))
                self._walk(path)
        except _ExpiredError as expired:
            return Broken(path, expired.error)
        except (ApiError, SourceError) as error:
            return Broken(path, error)
        return Done(path)

    def _walk(self, path: str) -> None:
        token, seen = "", {""}
        while True:
            page = self._page(path, token)
            token = page.token
            self._events.put(Page(path, page.items))
            del page  # it is the consumer's now
            if not token:
                return
            if token in seen:
                raise ApiError(0, "the same page came twice")
            seen.add(token)

    def _page(self, path: str, token: str) -> ListPage:
        self._room.acquire()
        try:
            type = self._types.get(path, msgspec.Raw)
            return self._api.page(path, token, type=type, stop=self._stop_asked)
        except BaseException as error:
            self._room.release()
            if token and isinstance(error, ApiError) and error.status == 410:
                raise _ExpiredError(error) from None
            raise


class _ExpiredError(Exception):
    """The server has forgotten the state of the list in which it was begun."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error

"""Reads lists ahead, in a thread: while one page is digested, the server prepares the next one."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import msgspec

from auditor.collect.api import Api, ApiError, ListPage
from auditor.collect.exchange import JSON
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


def fetch(
    api: Api,
    paths: Iterable[str],
    types: Mapping[str, Any] | None = None,
    *,
    pinned: str = "",
    accepts: Mapping[str, str] | None = None,
) -> Generator[Event]:
    """Yield what comes of the lists, one list after the other.

    Of the list `pinned` only the first page is read before the others, and the rest after them: its
    pages are all of the state of the first one. Where the server has forgotten that state, it is read
    from the start, and the others once more after it: then `Again` may come after `Done`.

    `types` tells by path what objects are decoded into, if they are not left as JSON, `accepts` what is
    accepted as an answer, if it is not all JSON. `paths` is walked
    in the thread. One page is read ahead, no more: a page of pods is 4 MB and more, so let go of it
    before you ask for the next event. Whatever is raised in the thread beyond `ApiError` and
    `SourceError` is raised here. The thread starts with the first event and is gone when the iterator
    is closed: use `contextlib.closing`, since a traceback may keep the iterator alive.
    """
    reader = _Reader(api, paths, types or {}, pinned, accepts or {})
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
    def __init__(
        self,
        api: Api,
        paths: Iterable[str],
        types: Mapping[str, Any],
        pinned: str,
        accepts: Mapping[str, str],
    ) -> None:
        super().__init__(name="list-reader", daemon=True)
        self._api = api
        self._paths = paths
        self._types = types
        self._accepts = accepts
        self._pinned = pinned
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
            self._read()
            self._events.put(_End())
        except StoppedError:
            pass  # nobody listens
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is heard
            self._events.put(_End(error))

    def _read(self) -> None:
        late = _Cursor(self._pinned)
        if self._pinned:
            self._events_of(late, once=True)
        others = []
        for path in self._paths:
            if path != self._pinned:
                others.append(path)
                self._events_of(_Cursor(path))
        if late.token:
            self._events_of(late)
            for path in others if late.expired else ():
                # they are to be of a later state than what names them
                self._events.put(Again(path))
                self._events_of(_Cursor(path))

    def _events_of(self, cursor: _Cursor, *, once: bool = False) -> None:
        """Put the pages of a list and how it ends; with `once` one page, and the end if it has no more."""
        try:
            try:
                self._walk(cursor, once=once)
            except _ExpiredError:
                cursor.restart()
                self._events.put(Again(cursor.path))
                self._walk(cursor)
        except _ExpiredError as expired:
            self._events.put(Broken(cursor.path, expired.error))
        except (ApiError, SourceError) as error:
            self._events.put(Broken(cursor.path, error))
        else:
            if not cursor.token:
                self._events.put(Done(cursor.path))

    def _walk(self, cursor: _Cursor, *, once: bool = False) -> None:
        while True:
            page = self._page(cursor.path, cursor.token)
            token = page.token
            self._events.put(Page(cursor.path, page.items))
            del page  # it is the consumer's now
            cursor.advance(token)
            if not token or once:
                return

    def _page(self, path: str, token: str) -> ListPage:
        self._room.acquire()
        try:
            type = self._types.get(path, msgspec.Raw)
            accept = self._accepts.get(path, JSON)
            return self._api.page(path, token, type=type, stop=self._stop_asked, accept=accept)
        except BaseException as error:
            self._room.release()
            if token and isinstance(error, ApiError) and error.status == 410:
                raise _ExpiredError(error) from None
            raise


class _Cursor:
    """How far a list has been read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.token = ""
        """Asks for the next page; "" before the first one and after the last."""
        self.expired = False
        self._seen: set[str] = set()

    def advance(self, token: str) -> None:
        """Note the token of a page; raises `ApiError` if it leads back."""
        if token in self._seen:
            self.token = ""
            raise ApiError(0, "the same page came twice")
        self._seen.add(token)
        self.token = token

    def restart(self) -> None:
        """Begin once more."""
        self.token, self.expired, self._seen = "", True, set()


class _ExpiredError(Exception):
    """The server has forgotten the state of the list in which it was begun."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error

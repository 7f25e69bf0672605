"""Counts who used which binding, event by event; what is kept is bounded, whatever the log names."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from auditor.access.identity import account_of
from auditor.access.usage import REQUESTS, AuditLog, SeenAccount, Use, UsedBinding
from auditor.collect.audit_log.event import Event
from auditor.collect.audit_log.reason import Allowed, allowed

MOST = 100_000
"""Bindings, accounts, and hours, that are kept."""

MOST_USES = 200
"""Sorts of requests that are kept of one binding."""

MOST_NAMES = 8
"""Names of objects that are kept of one sort."""

_RECEIVED = "RequestReceived"

_ENDED = frozenset({"ResponseComplete", "Panic"})

_ACCOUNTS = "system:serviceaccount:"

_Sort = tuple[str, str, str, str, str]
"""The fields of a `Use` but for its names."""


class _Count:
    """How often somebody was seen, and when last."""

    __slots__ = ("last", "requests")

    def __init__(self, at: datetime) -> None:
        self.requests = 0
        self.last = at

    def add(self, at: datetime, ended: int) -> None:
        """Take one event; `ended` is 1 if its request is over with it."""
        self.requests += ended
        if at > self.last:  # noqa: PLR1730 - done for each event, and max() takes three times as long
            self.last = at


class _Binding(_Count):
    """What a binding allowed."""

    __slots__ = ("uses",)

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.uses: dict[_Sort, set[str] | None] | None = {}

    def use(self, sort: _Sort, name: str) -> None:
        """Note what was done by it; beyond the bounds, only that it was much."""
        assert self.uses is not None, "else nothing is noted any more"  # noqa: S101
        names = self.uses.setdefault(sort, set())
        if names is not None and name not in names:
            names.add(name)
            if len(names) > MOST_NAMES:
                self.uses[sort] = None
        if len(self.uses) > MOST_USES:
            self.uses = None


class Tally:
    """What is known of a log so far."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.broken = 0
        """Lines that are no events, and files that break off."""
        self._requests = 0
        self._first = datetime.max.replace(tzinfo=UTC)
        self._last = datetime.min.replace(tzinfo=UTC)
        self._hours: set[int] = set()
        self._verbs: set[str] = set()
        self._bindings: dict[Allowed, _Binding] = {}
        self._accounts: dict[str, _Count] = {}
        self._sorts: dict[_Sort, _Sort] = {}
        """Each once: most bindings are used in the same ways."""
        self._full = False

    def add(self, event: Event) -> int:
        """Take one event, and return 1 if it counts: in the first stage nothing is decided yet."""
        if event.stage == _RECEIVED:
            return 0
        at, ended = event.stage_timestamp, int(event.stage in _ENDED)
        self._requests += ended
        self._pass(at)
        if event.object_ref and event.verb in REQUESTS:
            self._verbs.add(event.verb)
        self._see(event.user.username, at, ended)
        if event.impersonated_user:
            self._see(event.impersonated_user.username, at, ended)
        if event.annotations.decision == "allow" and (binding := allowed(event.annotations.reason)):
            self._allow(binding, event, at, ended)
        return 1

    def log(self) -> AuditLog:
        """Return what there is to keep; there must have been an event."""
        bindings = sorted(
            self._bindings.items(), key=lambda item: (item[0].kind, item[0].namespace, item[0].name)
        )
        accounts = ((account_of(name), one) for name, one in sorted(self._accounts.items()))
        return AuditLog(
            first=_second(self._first),
            last=_second(self._last),
            hours=len(self._hours),
            requests=self._requests,
            broken=self.broken,
            verbs=tuple(sorted(self._verbs)),
            full=self._full,
            bindings=tuple(
                UsedBinding(key.kind, key.namespace, key.name, one.requests, _second(one.last), _uses(one))
                for key, one in bindings
            ),
            accounts=tuple(
                SeenAccount(*account, one.requests, _second(one.last)) for account, one in accounts if account
            ),
        )

    def _pass(self, at: datetime) -> None:
        """Note that there is an event of this time."""
        if at > self._last:  # noqa: PLR1730 - as above
            self._last = at
        if at < self._first:  # noqa: PLR1730
            self._first = at
        hour = at.toordinal() * 24 + at.hour
        if hour not in self._hours and len(self._hours) < MOST:
            self._hours.add(hour)

    def _see(self, username: str, at: datetime, ended: int) -> None:
        if not username.startswith(_ACCOUNTS):
            return
        known = self._accounts.get(username)
        if known is None:
            if len(self._accounts) >= MOST:
                self._full = True
                return
            known = self._accounts[username] = _Count(at)
        known.add(at, ended)

    def _allow(self, binding: Allowed, event: Event, at: datetime, ended: int) -> None:
        known = self._bindings.get(binding)
        if known is None:
            if len(self._bindings) >= MOST:
                self._full = True
                return
            known = self._bindings[binding] = _Binding(at)
        known.add(at, ended)
        if known.uses is not None:
            sort, name = _asked(event)
            known.use(self._sorts.setdefault(sort, sort) if len(self._sorts) < MOST else sort, name)


def _asked(event: Event) -> tuple[_Sort, str]:
    """What a request asked leave for: its sort, and the name of its object."""
    found = event.object_ref
    if found is None:
        return (event.verb, "", "", "", unquote(event.uri.partition("?")[0])), ""
    # of what is created the log has the name from its body, which was no part of the question
    unnamed = event.verb == "create" and not found.subresource
    return (event.verb, found.api_group, found.resource, found.subresource, ""), "" if unnamed else found.name


def _uses(binding: _Binding) -> tuple[Use, ...] | None:
    if binding.uses is None:
        return None
    return tuple(
        Use(*sort, None if names is None else tuple(sorted(names)))
        for sort, names in sorted(binding.uses.items(), key=lambda item: item[0])
    )


def _second(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")

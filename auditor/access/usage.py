"""What requests used of the rights that bindings give, as an audit log tells it.

The API server notes with each request that RBAC allows which binding did, of several the first that it
comes to. So a binding that only repeats others may look unused, and it is: nobody would miss it.
https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from auditor.access.attributes import Attributes
from auditor.access.rule import ALL, Rule

READS = ("get", "list", "watch")
"""What no cluster is without: a log that lacks one of them leaves requests out."""

REQUESTS = frozenset((*READS, "create", "update", "patch", "delete", "deletecollection", ALL))
"""The verbs that requests for resources have; others (`bind`, `approve`) are asked for within a request."""


class Use(msgspec.Struct, frozen=True, array_like=True):
    """Requests of one sort that a binding allowed."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    path: str = ""
    """Of a URL that is no resource; then only the verb counts besides."""
    names: tuple[str, ...] | None = ("",)
    """Of the objects that they named, "" where they named none; None if these are too many to be kept."""


class UsedBinding(msgspec.Struct, frozen=True, array_like=True):
    """A binding that allowed requests."""

    kind: str
    namespace: str
    name: str
    requests: int
    """How many have ended; one that goes on, as a watch does, is not yet among them."""
    last: str
    """When it last allowed one, RFC 3339."""
    uses: tuple[Use, ...] | None
    """None if these are too many to be kept."""


class SeenAccount(msgspec.Struct, frozen=True, array_like=True):
    """A ServiceAccount that requests came from, or that others acted as."""

    namespace: str
    name: str
    requests: int
    last: str


class AuditLog(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the audit log of an API server."""

    first: str
    """When its first event was written, RFC 3339."""
    last: str
    hours: int
    """In how many hours, of those on the clock, there is an event."""
    requests: int
    """How many have ended."""
    broken: int
    """Lines that are no events, and files that break off."""
    verbs: tuple[str, ...]
    """Which of `REQUESTS` there are."""
    full: bool
    """It names more bindings or accounts than are kept."""
    bindings: tuple[UsedBinding, ...]
    accounts: tuple[SeenAccount, ...]

    @property
    def days(self) -> int:
        """How many days it tells of; hours without any event are not among them."""
        return self.hours // 24

    @property
    def absent_reads(self) -> tuple[str, ...]:
        """Return the reading verbs that it has no request of."""
        return tuple(verb for verb in READS if verb not in self.verbs)


def unused(rules: Sequence[Rule], uses: Iterable[Use] | None) -> tuple[int, ...]:
    """Return the positions, counted from 0, of the rules that allow none of the requests that were seen.

    A rule that may be used without a trace is none of them. Where the uses are too many to be kept (None),
    every rule may have been used.
    """
    if uses is None:
        return ()
    seen = tuple(uses)
    return tuple(
        index
        for index, rule in enumerate(rules)
        if not traceless(rule) and not any(_allows(rule, use) for use in seen)
    )


def traceless(rule: Rule) -> bool:
    """Tell whether a rule may be used without a line in the log that says so.

    What is no verb of requests (`impersonate`, `bind`, `approve` ...) is asked for while another one is
    answered. What kubelets and other programs ask the API server about (URLs as `/metrics`, `nodes/proxy`)
    is only a review in its log.
    https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
    """
    if REQUESTS.isdisjoint(rule.verbs):
        return True
    return all(one.startswith("nodes/") for one in rule.resources)


def reads(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the reading verbs that rules give."""
    given = {verb for rule in rules for verb in rule.verbs}
    return READS if ALL in given else tuple(verb for verb in READS if verb in given)


def _allows(rule: Rule, use: Use) -> bool:
    if use.names is None:  # any of its names may have been among them
        rule = msgspec.structs.replace(rule, names=())
    return any(
        rule.allows(Attributes(use.verb, use.group, use.resource, use.subresource, name, path=use.path))
        for name in use.names or ("",)
    )

"""`usage`: whether a binding was seen to allow something, or a ServiceAccount to act, {log, used, young}.

`log` is what the whole audit log is like, {first, last, days, requests, broken, absent, full}, where
`absent` are the reading verbs that it has no request of. `young` tells whether the object was made while the
log was written; it is left out where nobody knows when it was made. Without a log there is no such relation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from auditor.access.identity import account_name
from auditor.access.usage import AuditLog, UsedBinding
from auditor.document.home import home
from auditor.document.relations.relation import Relation, World
from auditor.model import Observation, Resource

PROGRAM = "audit_log"
"""The `program` of the observation that an audit log is."""

BINDINGS = ("RoleBinding", "ClusterRoleBinding")

ACCOUNT = "ServiceAccount"


class Log:
    """An audit log, found by whom it names."""

    def __init__(self, log: AuditLog) -> None:
        """Index it."""
        self.log = log
        self._bindings = {(one.kind, one.namespace, one.name): one for one in log.bindings}
        self._accounts = {account_name(one.namespace, one.name) for one in log.accounts}

    def binding(self, resource: Resource) -> UsedBinding | None:
        """Return what a binding allowed; None if it was not seen to allow anything."""
        return self._bindings.get((resource.ref.kind, home(resource.ref), resource.ref.name))

    def has(self, resource: Resource) -> bool:
        """Tell whether a binding, or a ServiceAccount, was seen."""
        if resource.ref.kind == ACCOUNT:
            return account_name(home(resource.ref), resource.ref.name) in self._accounts
        return self.binding(resource) is not None


def audit_log(observations: Iterable[Observation]) -> Log | None:
    """Return the audit log among what was observed; None if there is none that can be understood.

    A snapshot may come from anybody.
    """
    for one in observations:
        if one.program == PROGRAM:
            try:
                return Log(msgspec.convert(one.told, AuditLog))
            except msgspec.ValidationError:
                return None
    return None


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._log = audit_log(world.observations)

    def keys(self, resource: Resource) -> tuple[bool, bool | None] | None:
        if self._log is None or resource.ref.kind not in (*BINDINGS, ACCOUNT):
            return None
        return self._log.has(resource), _young(resource, self._log.log)

    def value(self, resource: Resource) -> Any:
        key = self.keys(resource)
        if self._log is None or key is None:
            return None
        used, young = key
        log = self._log.log
        window = {
            "first": log.first,
            "last": log.last,
            "days": log.days,
            "requests": log.requests,
            "broken": log.broken,
            "absent": log.absent_reads,
            "full": log.full,
        }
        return {"log": window, "used": used} | ({} if young is None else {"young": young})

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - it is made of no other object
        return ""


def _young(resource: Resource, log: AuditLog) -> bool | None:
    created = resource.body["metadata"].get("creationTimestamp")
    # both are RFC 3339 in UTC and whole seconds: the later one sorts last
    return str(created) >= log.first if created else None


USAGE = Relation("usage", (), _Join, words="whether an audit log has seen it used", observed=PROGRAM)

"""`network_subject`: whether a NetworkPolicy selects anybody, {whole, found, created?, unread?}.

`whole` tells that it selects all pods of its namespace, whoever will be there; `found` that a live pod or a
template has the labels. `created` is when it was made, and is told where it selects nobody; `unread` which
workload of that namespace could not be looked at.
"""

from __future__ import annotations

from typing import Any

from auditor.document.kinds import WORKLOADS
from auditor.document.relations.inhabitants import PolicyJoin
from auditor.document.relations.relation import Relation
from auditor.model import Resource
from auditor.selectors import Selector

_KIND = "NetworkPolicy"


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def keys(self, resource: Resource) -> tuple[bool, bool] | int | None:
        found = self.policy(resource) if resource.ref.kind == _KIND else None
        if found is None:
            return None
        if found.subject.pods == Selector():
            return True, True
        match = self.all.space.subject(found)
        return (False, True) if match.sure | match.unsure else id(resource)

    def value(self, resource: Resource) -> Any:
        key = self.keys(resource)
        if key is None:
            return None
        if not isinstance(key, int):
            return {"whole": key[0], "found": key[1]}
        created = resource.body["metadata"].get("creationTimestamp", "")
        unread = {"unread": self.all.unread} if self.all.unread else {}
        return {"whole": False, "found": False, "created": created, **unread}


NETWORK_SUBJECT = Relation(
    "network_subject", WORKLOADS, _Join, words="whether a NetworkPolicy selects any pod or template"
)

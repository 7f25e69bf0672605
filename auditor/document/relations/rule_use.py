"""`rule_use`: which rules of its role a binding was seen to use, {rules, unused, traceless, reads}.

`rules` is how many there are, none of a role that does not exist; `unused` lists those that allow no request
of the audit log, `traceless` the positions of those that may be used without a trace in it
(auditor/access/usage.py); `reads` are the reading verbs that the role gives. Of a binding that was seen there
are `requests` and `last` besides. A role that manifests do not hold may be in the cluster: then there is no
such relation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.access.aggregate import summed
from auditor.access.objects import ROLES, MalformedError, binding, role
from auditor.access.roles import Role
from auditor.access.rule import Rule
from auditor.access.usage import reads, traceless, unused
from auditor.document.relations.bounded import NAMED, bounded
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.usage import BINDINGS, audit_log
from auditor.model import Resource, ResourceRef


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._log = audit_log(world.observations)
        self._live = world.live
        self._broken: dict[ResourceRef, str] = {}
        roles = list(self._read(world)) if self._log else []
        # in a cluster a controller has written into a sum what it comes to
        self._roles = {one.ref: one for one in (roles if world.live else summed(roles))}

    def keys(self, resource: Resource) -> tuple[ResourceRef | str, ResourceRef | None]:
        seen = self._log and self._log.has(resource)
        return _named(resource), resource.ref if seen else None

    def value(self, resource: Resource) -> Any:
        named = _named(resource) if self._log else ""
        if self._log is None or isinstance(named, str):
            return None
        found = self._roles.get(named)
        if found is None and not self._live:
            return None
        rules = found.rules if found else ()
        seen = self._log.binding(resource)
        left = unused(rules, seen.uses if seen else ())
        return {
            "rules": len(rules),
            "unused": bounded((_rule(index, rules[index]) for index in left), len(left)),
            "traceless": bounded(index for index, one in enumerate(rules) if traceless(one)),
            "reads": reads(rules),
            **({"requests": seen.requests, "last": seen.last} if seen else {}),
        }

    def refused(self, resource: Resource) -> str:
        named = _named(resource) if self._log else ""
        return named if isinstance(named, str) else self._broken.get(named, "")

    def _read(self, world: World) -> Iterator[Role]:
        for one in world.resources:
            if one.ref.kind not in ROLES:
                continue
            try:
                if one.content.refused:
                    raise MalformedError(one.content.refused)
                yield role(one.body)
            except MalformedError as error:
                self._broken[one.ref] = f"{one.ref}: {error}"


def _named(resource: Resource) -> ResourceRef | str:
    """The role that a binding names, or why nobody can tell; "" of what is no binding."""
    if resource.ref.kind not in BINDINGS or resource.content.refused:
        return ""
    try:
        return binding(resource.body).role
    except MalformedError as error:
        return str(error)


def _rule(index: int, rule: Rule) -> dict[str, Any]:
    fields = {"verbs": rule.verbs, "groups": rule.groups, "resources": rule.resources, "urls": rule.paths}
    return {"rule": index} | {name: values[:NAMED] for name, values in fields.items() if values}


RULE_USE = Relation(
    "rule_use", ROLES, _Join, words="the rules of its role, and which an audit log has seen it use"
)

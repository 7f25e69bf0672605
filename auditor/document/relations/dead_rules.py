"""`dead_rules`: what of the rules of a bound role gives nothing, {bound, ships, dead: [{path, reason}]}.

`bound` is whether a binding names the role; one that nothing binds has no `dead`. What a server of
Kubernetes' own groups serves is known for the versions that are pinned, and only of groups in which it has
no other versions than we know of.
"""

from __future__ import annotations

from typing import Any

from auditor.access.dead import Dead, Reach, dead
from auditor.access.objects import ROLES
from auditor.access.resources import Served, served
from auditor.access.shipped import is_pinned
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import Rights, named, rights
from auditor.model import Resource, ResourceRef

MAX_DEAD = 50
"""What is told of one role."""

MAX_REASON = 300
"""Characters: it has what is written in the rule."""


class _DeadRules:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._rights: Rights = rights(world)
        self._served = _served(world, self._rights.shipped.version)
        groups = frozenset(one.rpartition("/")[0] for one in world.apis)
        self._groups = groups if world.live and groups else None
        self._scopes: dict[ResourceRef, set[str]] = {}
        """By role, where it is bound; "" is everywhere."""
        for one in self._rights.bindings.values():
            self._scopes.setdefault(one.role, set()).add(one.ref.namespace)
        self._dead: dict[ResourceRef, tuple[Dead, ...]] = {}
        for ref in self._scopes.keys() & self._rights.roles.keys():
            role = self._rights.roles[ref]
            if not self._rights.shipped.has_role(role) and (found := dead(role.rules, self._reach(ref))):
                self._dead[ref] = found[:MAX_DEAD]

    def keys(self, resource: Resource) -> ResourceRef | tuple[bool, bool] | None:
        if resource.ref.kind not in ROLES:
            return None
        ref = named(resource)
        role = self._rights.roles.get(ref)
        ships = role is not None and self._rights.shipped.has_role(role)
        return ref if ref in self._dead else (ref in self._scopes, ships)

    def value(self, resource: Resource) -> Any:
        key = self.keys(resource)
        if key is None:
            return None
        if isinstance(key, ResourceRef):
            found = [{"path": one.path, "reason": one.reason[:MAX_REASON]} for one in self._dead[key]]
            return {"bound": True, "ships": False, "dead": found}
        bound, ships = key
        return {"bound": bound, "ships": ships, "dead": []}

    def refused(self, resource: Resource) -> str:
        return "" if self.keys(resource) is None else self._rights.broken.get(named(resource), "")

    def _reach(self, ref: ResourceRef) -> Reach:
        return Reach("" in self._scopes[ref], self._groups, self._served)


def _served(world: World, version: str) -> Served | None:
    """What the server serves in Kubernetes' own groups, as far as it is what we know."""
    if not (world.live and world.apis and is_pinned(world.version)):
        return None
    known = served(version)
    others = {one.rpartition("/")[0] for one in world.apis if one not in known.apis}
    verbs = {place: verbs for place, verbs in known.verbs.items() if place[0] not in others}
    return Served(known.apis, verbs, known.namespaced, known.groups - others)


DEAD_RULES = Relation(
    "dead_rules",
    ("RoleBinding", "ClusterRoleBinding"),
    _DeadRules,
    words="which of its rules can match no request where it is bound",
)

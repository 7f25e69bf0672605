"""The roles and bindings of a snapshot as `access/` reads them, decoded once for all relations about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

import msgspec

from auditor.access import objects
from auditor.access.aggregate import summed
from auditor.access.roles import RBAC, Binding, Role
from auditor.access.rule import Rule
from auditor.access.shipped import Shipped, shipped
from auditor.document.relations.relation import World
from auditor.model import Body, Resource, ResourceRef

_Found = TypeVar("_Found", Role, Binding)

MAX_VALUES = 10
"""Of each list of a rule that is told."""

MAX_TEXT = 63
"""Characters of each of them: RBAC takes verbs and resources of any length."""


class Rights(msgspec.Struct, frozen=True, eq=False):
    """What roles and bindings there are, by what `named` calls them."""

    roles: Mapping[ResourceRef, Role]
    bindings: Mapping[ResourceRef, Binding]
    broken: Mapping[ResourceRef, str]
    """Roles and bindings that cannot be read as such, with the reason."""
    shipped: Shipped
    """What ships with the version of the server, or with the nearest that is known."""
    live: bool

    def role(self, ref: ResourceRef) -> Role | None:
        """Return a role; one that ships is there even where it is not among the manifests."""
        found = self.roles.get(ref)
        return found if found or self.live else self.shipped.roles.get(ref)

    def ships(self, binding: Binding) -> bool:
        """Tell whether a binding ships, and neither it nor its role has anything more."""
        role = self.role(binding.role)
        return self.shipped.has_binding(binding) and (role is None or self.shipped.has_role(role))


@lru_cache(maxsize=1)
def rights(world: World) -> Rights:
    """Return those of a snapshot."""
    known = shipped(world.version)
    broken: dict[ResourceRef, str] = {}
    roles = _read(world, objects.ROLES, objects.role, broken)
    bindings = _read(world, objects.BINDINGS, objects.binding, broken)
    if not world.live:  # in a cluster a controller has written the sums
        others = (role for ref, role in known.roles.items() if ref not in roles and ref not in broken)
        whole = {role.ref: role for role in summed([*roles.values(), *others])}
        roles = {ref: whole[ref] for ref in roles}
    return Rights(roles, bindings, broken, known, world.live)


def _read(
    world: World, kinds: Iterable[str], read: Callable[[Body], _Found], broken: dict[ResourceRef, str]
) -> dict[ResourceRef, _Found]:
    found = {}
    for one in world.resources:
        if one.ref.kind not in kinds:
            continue
        ref = named(one)
        reason = one.content.refused
        if not reason:
            try:
                found[ref] = read(one.body)
            except objects.MalformedError as error:
                reason = str(error)
        if reason:
            broken[ref] = reason
    return found


def named(resource: Resource) -> ResourceRef:
    """Return as whom `access/` knows a role or a binding, whatever version it was read in."""
    ref = resource.ref
    namespace = "" if ref.kind.startswith("Cluster") else ref.namespace or "default"
    return ResourceRef(RBAC, ref.kind, ref.name, namespace)


def plain(rule: Rule) -> dict[str, list[str]]:
    """Return the beginning of a rule as it is written in a role, without what is empty."""
    fields = {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
        "nonResourceURLs": rule.paths,
    }
    return {
        name: [text[:MAX_TEXT] for text in values[:MAX_VALUES]] for name, values in fields.items() if values
    }

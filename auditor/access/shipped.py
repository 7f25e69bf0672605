"""What ships with Kubernetes: the roles and bindings that an API server writes when it starts.

`make shipped` wrote them, one file for each minor version, with the rules that a controller has put into
those that are sums. Who may write a role may give it any name and any label, so neither makes it one that
ships: that takes the name, the label, and no right or subject more than what ships has.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from auditor.access.covers import Extra, extra
from auditor.access.roles import RBAC, Binding, Role, Subject, effective
from auditor.model import ResourceRef

LABEL = "kubernetes.io/bootstrapping"
DEFAULTS = "rbac-defaults"
"""The value of the label on all that the API server writes."""

_MINOR = re.compile(r"v?1\.(\d+)")


class Shipped(msgspec.Struct, frozen=True, eq=False):
    """What ships with one minor version."""

    version: str
    """As `v1.36`."""
    roles: Mapping[ResourceRef, Role]
    """Roles and ClusterRoles."""
    bindings: Mapping[ResourceRef, Binding]
    """RoleBindings and ClusterRoleBindings."""

    def role(self, name: str) -> Role | None:
        """Return the ClusterRole of this name that ships."""
        return self.roles.get(ResourceRef(RBAC, "ClusterRole", name))

    def extra_rules(self, role: Role) -> tuple[Extra, ...]:
        """Return what a role has more than the one of its name that ships; all, if none does."""
        known = self.roles.get(role.ref)
        return extra(known.rules if known else (), role.rules)

    def extra_subjects(self, binding: Binding) -> tuple[int, ...]:
        """Return which subjects, counted from 0, a binding has more than the one of its name that ships.

        All, if none does, and if it binds another role. Subjects that are nobody are none.
        """
        known = self.bindings.get(binding.ref)
        same = known if known and known.role == binding.role else None
        there = {_who(one, binding) for one in same.subjects} if same else set()
        return tuple(
            index
            for index, one in enumerate(binding.subjects)
            if (who := _who(one, binding)) and who not in there
        )

    def has_role(self, role: Role) -> bool:
        """Tell whether a role ships, and has nothing more: then it is no business of a policy."""
        return role.ref in self.roles and labelled(role.labels) and not self.extra_rules(role)

    def has_binding(self, binding: Binding) -> bool:
        """Tell whether a binding ships, for its role and for nobody more; its role is another question."""
        known = self.bindings.get(binding.ref)
        return (
            known is not None
            and known.role == binding.role
            and labelled(binding.labels)
            and not self.extra_subjects(binding)
        )


def pinned() -> tuple[str, ...]:
    """Return the versions of which we know what ships, oldest first."""
    names = (one.name for one in files("auditor.access").joinpath("kubernetes").iterdir())
    return tuple(sorted((name.removesuffix(".json") for name in names), key=_minor))


def nearest(version: str) -> str:
    """Return the version, of those we know, that is nearest to a server's; the newest if it names none.

    Of two as near, the older: it ships less.
    """
    known = pinned()
    minor = _minor(version)
    return min(known, key=lambda one: abs(_minor(one) - minor)) if minor >= 0 else known[-1]


def is_pinned(version: str) -> bool:
    """Tell whether we know what ships with the version of a server, and need not go by another one."""
    return _minor(version) == _minor(nearest(version))


def shipped(version: str = "") -> Shipped:
    """Return what ships with the version of a server, as `v1.36.3+k3s1`, or with the nearest that we know."""
    return _read(nearest(version))


class _File(msgspec.Struct):
    roles: list[Role]
    bindings: list[Binding]


@cache
def _read(version: str) -> Shipped:
    data = files("auditor.access").joinpath("kubernetes", f"{version}.json").read_bytes()
    found = msgspec.json.decode(data, type=_File)
    return Shipped(version, {one.ref: one for one in found.roles}, {one.ref: one for one in found.bindings})


def _minor(version: str) -> int:
    found = _MINOR.match(version)
    return int(found[1]) if found else -1


def labelled(labels: Mapping[str, str]) -> bool:
    """Tell whether labels have the one that the API server writes; so can anybody."""
    return labels.get(LABEL) == DEFAULTS


def _who(subject: Subject, binding: Binding) -> Subject | None:
    return effective(subject, binding.ref.namespace)

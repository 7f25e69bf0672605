"""ClusterRoles that are the sum of others.

In a cluster a controller writes the sum into their rules, and what it wrote is what counts; a
manifest has only the selectors.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.access.roles import Role
from auditor.access.rule import Rule
from auditor.selectors import label_selector


def summed(roles: Iterable[Role]) -> list[Role]:
    """Return the roles in order of their names, and those that are a sum with the rules they come to have.

    A sum has the rules of every other ClusterRole that one of its selectors matches, each rule once, and
    none of its own: the controller writes over them. A sum of sums has what those come to have.
    """
    found = [
        role if role.aggregation is None else msgspec.structs.replace(role, rules=())
        for role in sorted(roles, key=lambda role: role.ref)
    ]
    while True:
        again = [_summed(role, found) for role in found]
        # Sums only grow, so that those which contain each other come to rest too.
        if all(len(new.rules) == len(old.rules) for new, old in zip(again, found, strict=True)):
            return again
        found = again


def _summed(role: Role, roles: list[Role]) -> Role:
    if role.aggregation is None:
        return role
    rules: dict[Rule, None] = {}
    for selector in map(label_selector, role.aggregation.selectors):
        for other in roles:
            if other.ref.kind == "ClusterRole" and other.ref != role.ref and selector.selects(other.labels):
                rules.update(dict.fromkeys(other.rules))
    return msgspec.structs.replace(role, rules=tuple(rules))

"""`shipped`: whether a role or a binding is one that ships with Kubernetes, and what it has more.

`{}` for what has a name of its own. `{ships: true}` for one that is as it ships. Else `version` is the one
that it is compared with, `known` whether that is the server's (or nobody says which that is), `labelled`
whether it has the label that the API server writes, and:

- `rules`: [{index, gives, total, through}], `gives` the first `MAX_GIVES` of `total` rights that are not
  shipped, `through` the ClusterRoles that an aggregated one has the rule from, `custom` whether all of it
  is about API groups of others;
- `others`: of a binding, [{path, what}] of what is not as it ships: its role, or those of its subjects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.access.covers import Extra
from auditor.access.objects import BINDINGS, ROLES
from auditor.access.resources import served
from auditor.access.roles import Binding, Role
from auditor.access.rule import ALL, Rule
from auditor.access.shipped import is_pinned, labelled
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import Rights, named, plain, rights
from auditor.model import Resource, ResourceRef
from auditor.selectors import label_selector

MAX_GIVES = 5


class _Shipped:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._rights: Rights = rights(world)
        # who does not say which version it is has the newest in mind
        self._known = not world.version or is_pinned(world.version)
        self._sources: dict[Rule, list[str]] | None = None

    def keys(self, resource: Resource) -> ResourceRef | str | None:
        if resource.ref.kind not in (*ROLES, *BINDINGS):
            return None
        ref, known = named(resource), self._rights.shipped
        return ref if ref in known.roles or ref in known.bindings else "own"

    def value(self, resource: Resource) -> Any:
        ref = self.keys(resource)
        if not isinstance(ref, ResourceRef):
            return None if ref is None else {}
        role, binding = self._rights.roles.get(ref), self._rights.bindings.get(ref)
        if role:
            return self._role(role)
        return self._binding(binding) if binding else {}

    def refused(self, resource: Resource) -> str:
        return "" if self.keys(resource) is None else self._rights.broken.get(named(resource), "")

    def _role(self, role: Role) -> dict[str, Any]:
        if self._rights.shipped.has_role(role):
            return {"ships": True}
        extras = self._rights.shipped.extra_rules(role)
        return self._facts(role) | {"rules": [self._extra(one, role) for one in extras], "others": []}

    def _binding(self, binding: Binding) -> dict[str, Any]:
        known = self._rights.shipped
        if known.has_binding(binding):
            return {"ships": True}
        others = [{"path": f"/subjects/{one}", "what": "subject"} for one in known.extra_subjects(binding)]
        if known.bindings[binding.ref].role != binding.role:
            others = [{"path": "/roleRef", "what": "role"}]
        return self._facts(binding) | {"rules": [], "others": others}

    def _facts(self, one: Role | Binding) -> dict[str, Any]:
        version = self._rights.shipped.version
        return {"ships": False, "version": version, "known": self._known, "labelled": labelled(one.labels)}

    def _extra(self, extra: Extra, role: Role) -> dict[str, Any]:
        gives = [plain(one) for one in extra.gives[:MAX_GIVES]]
        through = self._through(role.rules[extra.rule]) if role.aggregation else []
        return {
            "index": extra.rule,
            "gives": gives,
            "total": len(extra.gives),
            "through": through,
            "custom": _custom(role.rules[extra.rule]),
        }

    def _through(self, rule: Rule) -> list[str]:
        """From which ClusterRoles the sums that ship have a rule."""
        if self._sources is None:
            self._sources = {}
            for source in _sources(self._rights):
                for one in source.rules:
                    self._sources.setdefault(one, []).append(source.ref.name)
        return sorted(self._sources.get(rule, ()))


def _sources(found: Rights) -> Iterator[Role]:
    """Yield the ClusterRoles that are no sums and that a sum which ships takes in."""
    sums = (role.aggregation for role in found.shipped.roles.values() if role.aggregation)
    selectors = [label_selector(one) for aggregation in sums for one in aggregation.selectors]
    for role in found.roles.values():
        if role.ref.kind != "ClusterRole" or role.aggregation is not None:
            continue
        if any(selector.selects(role.labels) for selector in selectors):
            yield role


def _custom(rule: Rule) -> bool:
    """Whether a rule is about nothing that Kubernetes serves itself."""
    own = served().groups
    return not rule.paths and not any(group == ALL or group in own for group in rule.groups)


SHIPPED = Relation(
    "shipped",
    ("ClusterRole",),
    _Shipped,
    words="whether it ships with Kubernetes, and what it has more than that",
)

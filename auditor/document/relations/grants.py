"""`grants`: what a binding gives its subjects of the powers that are worth judging (access/power.py).

`{}` where that is none of them, or nobody gets it; `{ships: true}` where neither the binding nor its role has
anything more than ships with Kubernetes; `{unread: "why"}` where manifests bind a role that is not among
them. So all harmless bindings have the same value. Else:

- `namespace`: where it counts, "" for the whole cluster;
- `subjects`: {total, items}, whom it binds, as `ServiceAccount shop/web`;
- `powers`: by power, a list of {role, rule, verbs, resources} and, where it has some, `names` and `groups`;
- `combinations`: by combination (access/combinations.py), a list of {first, second, namespace,
  subjects, stronger}: its two halves, each such an entry, with `by` if another binding gives it; where they
  meet; who holds both; and what `stronger` says of there;
- `stronger`: {total, items}, the ServiceAccounts of its scope that hold more than it gives;
- `open` and `enforced`: {total, items}, the namespaces of its scope whose label lets pods of the level
  privileged in, and those whose label does not. A namespace that manifests do not have is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.access.combinations import Combination, Half
from auditor.access.holdings import Holding, Holdings, Joined, holding
from auditor.access.objects import BINDINGS
from auditor.access.power import Power
from auditor.access.powers import Held
from auditor.access.roles import Binding, Subject, SubjectKind
from auditor.document.relations.bounded import bounded
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import named, rights
from auditor.model import Resource, ResourceRef

ENFORCE = "pod-security.kubernetes.io/enforce"
"""The label by which admission refuses pods; what is no level counts as restricted:
https://kubernetes.io/docs/concepts/security/pod-security-admission/"""

TOLD = 3
"""Accounts and namespaces that are named."""

_HARMLESS: Mapping[str, Any] = {}
_SHIPS = {"ships": True}


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._rights = rights(world)
        self._unread: dict[ResourceRef, str] = {}
        self._holdings = Holdings(
            (one for ref in self._rights.bindings.values() if (one := self._holding(ref))),
            _accounts(world) if world.live else None,
        )
        levels = {one.ref.name: _enforces(one) for one in world.of("Namespace")}
        self._open = sorted(name for name, enforced in levels.items() if not enforced)
        self._enforced = sorted(name for name, enforced in levels.items() if enforced)

    def _holding(self, binding: Binding) -> Holding | None:
        role = self._rights.role(binding.role)
        if role is None:
            if not self._rights.live:
                self._unread[binding.ref] = f"{binding.role} is not among the manifests."
            return None
        return holding(binding, role, ships=self._rights.ships(binding))

    def keys(self, resource: Resource) -> ResourceRef | str | None:
        if resource.ref.kind not in BINDINGS:
            return None
        ref = named(resource)
        found = self._holdings.by_binding.get(ref)
        if found is None:
            return self._unread.get(ref, "harmless")
        return "ships" if found.ships else ref

    def value(self, resource: Resource) -> Any:
        if resource.ref.kind not in BINDINGS:
            return None
        ref = named(resource)
        if reason := self._unread.get(ref):
            return {"unread": reason}
        found = self._holdings.by_binding.get(ref)
        if found is None:
            return _HARMLESS
        return _SHIPS if found.ships else self._told(found)

    def refused(self, resource: Resource) -> str:
        if resource.ref.kind not in BINDINGS:
            return ""
        ref = named(resource)
        binding, broken = self._rights.bindings.get(ref), self._rights.broken
        refs = (ref, binding.role) if binding else (ref,)
        return next((f"{one}: {broken[one]}" for one in refs if one in broken), "")

    def _told(self, one: Holding) -> dict[str, Any]:
        powers: dict[str, list[dict[str, Any]]] = {}
        for held in one.held:
            powers.setdefault(held.power, []).append(_entry(one.role.ref, held))
        joined = {
            combination: [self._joined(one, pair) for pair in pairs]
            for combination, pairs in self._holdings.joined(one).items()
        }
        return {
            "namespace": one.scope,
            "subjects": bounded(map(str, one.subjects)),
            "powers": powers,
            "combinations": joined,
            "stronger": self._stronger(one.scope, (held.power for held in one.held), one.subjects),
            "open": _here(self._open, one.scope),
            "enforced": _here(self._enforced, one.scope),
        }

    def _joined(self, bearer: Holding, joined: Joined) -> dict[str, Any]:
        pair = joined.pair
        subjects = joined.subjects or bearer.subjects

        def half(one: Half) -> dict[str, Any]:
            entry = _entry(one.role, one.held)
            return entry if one.binding == bearer.binding.ref else {**entry, "by": str(one.binding)}

        powers = (
            held.power
            for one in (pair.first, pair.second)
            for held in self._holdings.by_binding[one.binding].held
        )
        return {
            "first": half(pair.first),
            "second": half(pair.second),
            "namespace": pair.scope,
            "subjects": bounded(map(str, subjects)),
            "stronger": self._stronger(pair.scope, powers, subjects),
        }

    def _stronger(self, scope: str, given: Iterable[Power], own: Iterable[Subject]) -> dict[str, Any]:
        accounts = self._holdings.stronger(scope, given, own)
        return bounded(map(str, accounts[:TOLD]), len(accounts))


def _here(namespaces: Iterable[str], scope: str) -> dict[str, Any]:
    found = [name for name in namespaces if scope in ("", name)]
    return bounded(found[:TOLD], len(found))


def _entry(role: ResourceRef, held: Held) -> dict[str, Any]:
    rest = {"names": held.names, "groups": held.groups}
    return {
        "role": str(role),
        "rule": held.rule,
        "verbs": held.verbs,
        "resources": held.resources,
        **{name: values for name, values in rest.items() if values},
    }


def _accounts(world: World) -> frozenset[Subject]:
    return frozenset(
        Subject(SubjectKind.SERVICE_ACCOUNT, one.ref.name, one.ref.namespace)
        for one in world.of("ServiceAccount")
    )


def _enforces(namespace: Resource) -> bool:
    labels: Mapping[str, Any] = namespace.body["metadata"].get("labels", {})
    return bool(labels.get(ENFORCE, "privileged") != "privileged")


GRANTS = Relation(
    "grants",
    ("ClusterRole", "ClusterRoleBinding", "Namespace", "Role", "RoleBinding", "ServiceAccount"),
    _Join,
    words="what a binding gives its subjects that is worth judging",
    files=(*(f"powers.{one}" for one in Power), *(f"combinations.{one}" for one in Combination)),
)

"""The authoriser: which grants allow a request, and who holds any that do.

It answers as the RBAC authoriser of the API server does, which is one of several: the Node authoriser,
webhooks and ABAC may allow more, and `system:masters` may do everything without being asked about.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from auditor.access.attributes import Attributes
from auditor.access.identity import MASTERS, Identity
from auditor.access.roles import Binding, Grant, Role, Subject, SubjectKind, effective
from auditor.model import ResourceRef


class _Place(NamedTuple):
    """One subject of one binding whose role exists."""

    binding: Binding
    role: Role
    subject: Subject


class _Name(NamedTuple):
    """What requests carry: the name of a user, or of a group."""

    kind: SubjectKind
    name: str


_Places = Mapping[tuple[str, _Name], list[_Place]]
"""By namespace of the binding ("" of a ClusterRoleBinding) and by name."""


class Authoriser:
    """All roles and bindings of a cluster, ready to be asked."""

    def __init__(self, roles: Iterable[Role], bindings: Iterable[Binding]) -> None:
        """Join them; bindings whose role is missing give nothing, and are listed in `dangling`."""
        self.roles: Mapping[ResourceRef, Role] = {role.ref: role for role in roles}
        self.bindings: tuple[Binding, ...] = tuple(bindings)
        self.dangling = tuple(binding for binding in self.bindings if binding.role not in self.roles)
        """Bindings whose role does not exist."""
        self._places = self._joined()

    def _joined(self) -> _Places:
        places: dict[tuple[str, _Name], list[_Place]] = defaultdict(list)
        for binding in self.bindings:
            role = self.roles.get(binding.role)
            if role is None:
                continue
            for named in binding.subjects:
                subject = effective(named, binding.ref.namespace)
                if subject is not None:
                    key = (binding.ref.namespace, _name(subject))
                    places[key].append(_Place(binding, role, subject))
        return dict(places)

    def can(self, identity: Identity, asked: Attributes) -> bool:
        """Tell whether a request of somebody is allowed."""
        return MASTERS in identity.groups or next(self.grants(identity, asked), None) is not None

    def grants(self, identity: Identity, asked: Attributes) -> Iterator[Grant]:
        """Yield every grant that allows a request of somebody; of a member of `system:masters` too."""
        groups = (_Name(SubjectKind.GROUP, group) for group in sorted(identity.groups))
        names = (_Name(SubjectKind.USER, identity.user), *groups)
        for namespace in _visited(asked):
            for name in names:
                for place in self._places.get((namespace, name), ()):
                    yield from _allowing(place, asked)

    def holders(self, asked: Attributes) -> Mapping[Subject, tuple[Grant, ...]]:
        """Return whom bindings allow a request, each with all grants that do, both in order."""
        found: dict[Subject, list[Grant]] = defaultdict(list)
        visited = set(_visited(asked))
        for (namespace, _), places in self._places.items():
            if namespace in visited:
                for place in places:
                    found[place.subject].extend(_allowing(place, asked))
        order = sorted(found, key=lambda one: (one.kind, one.namespace, one.name))
        return {subject: tuple(sorted(set(found[subject]))) for subject in order if found[subject]}


def _name(subject: Subject) -> _Name:
    if subject.kind == SubjectKind.GROUP:
        return _Name(SubjectKind.GROUP, subject.name)
    return _Name(SubjectKind.USER, subject.user)


def _visited(asked: Attributes) -> Iterator[str]:
    """Yield where bindings count: everywhere those of the cluster, and those of the request's namespace."""
    yield ""
    if asked.namespace and not asked.path:
        yield asked.namespace


def _allowing(place: _Place, asked: Attributes) -> Iterator[Grant]:
    for index, rule in enumerate(place.role.rules):
        if rule.allows(asked):
            yield Grant(place.binding.ref, place.role.ref, index, place.subject)

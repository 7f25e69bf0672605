"""Two powers that are a danger together: each harmless enough, or another one, without its other half.

They are looked for in what one subject holds by all of its bindings, and by those of the groups that it is
certain to be in. Sources: where each half is named in `power.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from auditor.access.identity import AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED, user
from auditor.access.power import Power
from auditor.access.powers import Held
from auditor.access.roles import Subject, SubjectKind
from auditor.model import ResourceRef


class Combination(StrEnum):
    """What two halves make."""

    ACCOUNT_TOKEN = "account_token"
    """A token of any ServiceAccount of a namespace: its Secret is created, filled in, and read."""
    ROLE_GRANT = "role_grant"
    """Any role that one may bind, given to anybody."""
    CERTIFICATE_APPROVE = "certificate_approve"
    CERTIFICATE_SIGN = "certificate_sign"
    POD_MOVE = "pod_move"
    """Pods of others, moved to another node."""


HALVES: Mapping[Combination, tuple[frozenset[Power], frozenset[Power]]] = {
    Combination.ACCOUNT_TOKEN: (
        frozenset({Power.SECRET_CREATE}),
        # the answer to a change has the token too
        frozenset({Power.SECRET_READ, Power.SECRET_CHANGE}),
    ),
    Combination.ROLE_GRANT: (frozenset({Power.BIND}), frozenset({Power.BINDING_WRITE})),
    Combination.CERTIFICATE_APPROVE: (frozenset({Power.CSR_APPROVE}), frozenset({Power.SIGNER_APPROVE})),
    Combination.CERTIFICATE_SIGN: (frozenset({Power.CSR_SIGN}), frozenset({Power.SIGNER_SIGN})),
    Combination.POD_MOVE: (frozenset({Power.NODE_WRITE}), frozenset({Power.POD_DELETE})),
}
"""By combination, what each of its two halves may be."""

HALF_POWERS = frozenset(power for halves in HALVES.values() for half in halves for power in half)


class Half(msgspec.Struct, frozen=True, order=True):
    """A power, and the binding that gives it."""

    binding: ResourceRef
    role: ResourceRef
    held: Held

    @property
    def scope(self) -> str:
        """The namespace that it is for; "" for the whole cluster."""
        return self.binding.namespace


class Pair(msgspec.Struct, frozen=True, order=True):
    """Two halves that meet."""

    first: Half
    second: Half

    @property
    def scope(self) -> str:
        """Where both are held: the narrower of their scopes."""
        return self.first.scope or self.second.scope


def pairs(combination: Combination, halves: Iterable[Half]) -> Iterator[Pair]:
    """Yield each two halves of a combination that meet in a namespace, or in the whole cluster."""
    of_first, of_second = HALVES[combination]
    found = list(halves)
    for first in found:
        if first.held.power in of_first:
            for second in found:
                if second.held.power in of_second and _meet(first, second):
                    yield Pair(first, second)


def _meet(first: Half, second: Half) -> bool:
    if first.scope and second.scope and first.scope != second.scope:
        return False
    if first.held.power != Power.BIND or "rolebindings" in second.held.resources:
        return True
    # a ClusterRoleBinding binds ClusterRoles alone, and asks for the right to in no namespace
    return not first.scope and "clusterroles" in first.held.resources


def certain_groups(subject: Subject) -> tuple[Subject, ...]:
    """Return the groups that whoever a subject is belongs to; which others a user is in is not known here."""
    is_group = subject.kind == SubjectKind.GROUP
    names = _around(subject.name) if is_group else user(subject.user).groups
    return tuple(Subject(SubjectKind.GROUP, name) for name in sorted(names))


def _around(group: str) -> frozenset[str]:
    if group in (AUTHENTICATED, UNAUTHENTICATED):
        return frozenset()
    if group.startswith(f"{SERVICE_ACCOUNTS}:"):
        return frozenset({SERVICE_ACCOUNTS, AUTHENTICATED})
    return frozenset({AUTHENTICATED})

"""The least rights that an audit by some policies needs, and which policy needs each for what."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from auditor.document.kinds import KINDS
from auditor.document.relations.table import RELATIONS
from auditor.judge.rights import excusing, kinds_read, unjudged, wanting
from auditor.rules import Policy


class KindRights(msgspec.Struct, frozen=True):
    """What must be granted to read one kind."""

    kind: str
    verbs: tuple[str, ...]
    """`list`, and `get` where the absence of a single object is confirmed; of a Namespace alone, `get`."""
    needed_by: tuple[str, ...]
    """Ids of the policies that judge it, or nothing without it."""
    wanted_by: tuple[str, ...]
    """Those that find faults without it, and pass nothing."""
    excused_by: tuple[str, ...]
    """Those that may find what it would excuse."""
    names: tuple[str, ...] = ()
    """The only objects of it that are read; empty for all."""


def least_rights(policies: Collection[Policy], namespace: str = "") -> list[KindRights]:
    """Return what to grant for an audit of the whole cluster, or of one namespace, in order of the kinds.

    In a namespace kinds of the cluster are left out: no Role can grant them. Its own Namespace object is
    none of them, since a request for it is authorised inside it.
    """
    joined = {name for policy in policies for name in policy.joins}
    naming = [one for name, one in RELATIONS.items() if name in joined and one.named]
    confirmed = {kind for one in naming for kind in one.kinds}
    found = []
    for kind in sorted(kinds_read(policies)):
        needed = tuple(unjudged(policies, kind))
        verbs: tuple[str, ...] = ("get", "list") if kind in confirmed else ("list",)
        names: tuple[str, ...] = ()
        if namespace and not KINDS[kind].namespaced:
            if kind != "Namespace":
                continue
            verbs, names = ("get",), (namespace,)
        found.append(
            KindRights(kind, verbs, needed, wanting(policies, kind), excusing(policies, kind), names)
        )
    return found

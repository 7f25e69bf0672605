"""What documents look for by name and was not among what was read: not there, or not there yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from auditor.document.relations.table import RELATIONS
from auditor.model import Gap, Resource, ResourceRef


def absent(
    resources: Sequence[Resource], gaps: Iterable[Gap], relations: Collection[str]
) -> list[ResourceRef]:
    """Return the objects whose absence has to be confirmed, each once, in order.

    Lists are taken at different moments: before anything is said to be missing, it is asked for by
    its name. Kinds with a gap are left out: there, nothing is known to be absent. Owners are not
    asked for: they are listed after what they own, so one that is missing was deleted meanwhile.
    """
    unread = {gap.kind for gap in gaps}
    naming = [RELATIONS[name].named for name in sorted(relations) if name in RELATIONS]
    named = {
        ref
        for one in resources
        if not one.finished
        for refs in naming
        if refs
        for ref in refs(one)
        if ref.kind not in unread
    }
    # whatever version it was read in
    there = {(one.ref.group, one.ref.kind, one.ref.namespace, one.ref.name) for one in resources}
    return sorted(ref for ref in named if (ref.group, ref.kind, ref.namespace, ref.name) not in there)

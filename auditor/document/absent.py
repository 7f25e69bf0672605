"""What documents look for by name and was not among what was read: not there, or not there yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from auditor.document.relations import RELATIONS, Index
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
    index = Index([RELATIONS[name] for name in sorted(relations) if name in RELATIONS], resources)
    found = {ref for one in resources if not one.finished for ref in index.absent(one)}
    return sorted(ref for ref in found if ref.kind not in unread)

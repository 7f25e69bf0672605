"""Manifests laid over what a cluster has, or over others: what will be there when they are applied."""

from __future__ import annotations

from auditor.document.network import Parts
from auditor.model import ResourceRef


def laid_over(before: Parts, change: Parts) -> Parts:
    """Return pods and policies after a change, whose objects replace those of the same name.

    Of a workload in the change only its template counts: live pods of the old one will be gone when it is
    rolled out. What is in neither stays, as with `kubectl apply`. What could not be read of either is unread.
    """
    replaced = {_key(one.owner) for one in change.pods}
    written = {_key(one.ref) for one in change.policies}
    return Parts(
        (*(one for one in before.pods if _key(one.owner) not in replaced), *change.pods),
        {**before.namespaces, **change.namespaces},
        (*(one for one in before.policies if _key(one.ref) not in written), *change.policies),
        tuple(dict.fromkeys((*before.opaque, *change.opaque))),
        tuple(dict.fromkeys((*before.unread, *change.unread))),
    )


def _key(ref: ResourceRef) -> tuple[str, str, str, str]:
    return ref.group, ref.kind, ref.namespace, ref.name

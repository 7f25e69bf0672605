"""Where an object is at home."""

from __future__ import annotations

from auditor.document.kinds import KINDS
from auditor.model import ResourceRef


def home(ref: ResourceRef) -> str:
    """Return the namespace that an object lies in, or is; "" for other cluster-wide ones.

    What a manifest leaves out is `default`.
    """
    if ref.kind == "Namespace":
        return ref.name
    known = KINDS.get(ref.kind)
    return ref.namespace or ("default" if known and known.namespaced else "")

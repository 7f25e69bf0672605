"""`namespace`: the namespace that an object is in, {name, labels}."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.kinds import KINDS
from auditor.document.normalise import meta
from auditor.document.relations.keyed import keyed
from auditor.model import Resource, ResourceRef


def _shape(found: Sequence[Resource]) -> Any:
    if not found:
        return None
    return {"name": found[0].ref.name, "labels": meta(found[0].body)["labels"]}


def _own(resource: Resource) -> tuple[str, ...]:
    known = KINDS.get(resource.ref.kind)
    namespaced = known is None or known.namespaced
    return (resource.ref.namespace or "default",) if namespaced else ()


NAMESPACE = keyed(
    "namespace",
    ("Namespace",),
    "its namespace, with labels",
    asks=_own,
    answers=lambda resource: (resource.ref.name,),
    shape=_shape,
    named=lambda key: ResourceRef("v1", "Namespace", key),
)

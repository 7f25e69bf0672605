"""`quotas`: the ResourceQuotas of a namespace, {total, items} of {name, hard, scoped?}.

`hard` are the names of what is limited; `scoped` is there where it counts some of the pods only. Absent
where manifests hold none: the cluster may have one.
https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.keyed import keyed
from auditor.model import Resource


def _shape(found: Sequence[Resource]) -> Any:
    return bounded(_told(one) for one in sorted(found, key=lambda one: one.ref))


def _told(quota: Resource) -> dict[str, Any]:
    spec = quota.body.get("spec", {})
    scoped = {"scoped": True} if spec.get("scopes") or spec.get("scopeSelector") else {}
    return {"name": quota.ref.name, "hard": sorted(spec.get("hard", {})), **scoped}


QUOTAS = keyed(
    "quotas",
    ("ResourceQuota",),
    "the ResourceQuotas of a Namespace",
    asks=lambda resource: (resource.ref.name,) if resource.ref.kind == "Namespace" else (),
    answers=lambda quota: (quota.ref.namespace or "default",),
    shape=_shape,
    unknown={},
)

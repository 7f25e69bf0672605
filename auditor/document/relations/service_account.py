"""`service_account`: the ServiceAccount that the pods of a workload run as, {name, found, ...}.

`automountServiceAccountToken` is there only if the ServiceAccount sets it, `found` not where manifests
hold no such ServiceAccount: the cluster may have it.
https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.normalise import pod_holder
from auditor.document.relations.keyed import keyed
from auditor.model import Resource, ResourceRef

FIELD = "automountServiceAccountToken"


def _asked(resource: Resource) -> tuple[str, ...]:
    holder = None if resource.content.refused else pod_holder(resource.body)
    if holder is None:
        return ()
    spec = holder["spec"]
    # the deprecated twin counts where the field is not set; admission fills in the default
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    return (f"{resource.ref.namespace or 'default'}/{name}",)


def _shape(found: Sequence[Resource]) -> Any:
    if not found:
        return {"found": False}
    body = found[0].body
    field = {FIELD: body[FIELD]} if FIELD in body else {}
    return {"found": True, "name": found[0].ref.name, **field}


def _named(key: str) -> ResourceRef:
    namespace, name = key.split("/", 1)
    return ResourceRef("v1", "ServiceAccount", name, namespace)


SERVICE_ACCOUNT = keyed(
    "service_account",
    ("ServiceAccount",),
    "the ServiceAccount that its pods run as",
    asks=_asked,
    answers=lambda resource: (f"{resource.ref.namespace or 'default'}/{resource.ref.name}",),
    shape=_shape,
    named=_named,
    unknown={},
)

"""`hook_namespaces`: the namespaces that a webhook may bring to a standstill, with their labels.

{total, items} of {name, labels}: those that the cluster itself runs in, and those of the Services that answer
for the webhook.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.normalise import meta
from auditor.document.relations.backends import backends
from auditor.document.relations.bounded import bounded
from auditor.document.relations.keyed import keyed
from auditor.model import Resource, ResourceRef

_HOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_CLUSTER = frozenset({"kube-system", "kube-node-lease"})


def _asked(resource: Resource) -> tuple[str, ...]:
    if resource.ref.kind not in _HOOKS:
        return ()
    return tuple(sorted(_CLUSTER.union(namespace for namespace, _ in backends(resource))))


def _shape(found: Sequence[Resource]) -> Any:
    return bounded({"name": one.ref.name, "labels": meta(one.body)["labels"]} for one in found)


HOOK_NAMESPACES = keyed(
    "hook_namespaces",
    ("Namespace",),
    "the namespaces of the cluster itself and of those who answer for the webhooks",
    asks=_asked,
    answers=lambda resource: (resource.ref.name,),
    shape=_shape,
    named=lambda key: ResourceRef("v1", "Namespace", key),
)

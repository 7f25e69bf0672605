"""`admission_bindings`: the bindings of an admission policy, {total, items} of {name, actions?}.

`actions` are the validationActions of a ValidatingAdmissionPolicyBinding. Absent where manifests hold no
binding: the cluster may have one.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.relations.bounded import bounded
from auditor.document.relations.keyed import keyed
from auditor.model import Resource

_BINDINGS = ("ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding")


def _asked(resource: Resource) -> tuple[str, ...]:
    kind = f"{resource.ref.kind}Binding"
    return (f"{kind}/{resource.ref.name}",) if kind in _BINDINGS else ()


def _answers(binding: Resource) -> tuple[str, ...]:
    return (f"{binding.ref.kind}/{binding.body.get('spec', {}).get('policyName', '')}",)


def _shape(found: Sequence[Resource]) -> Any:
    return bounded(_told(one) for one in sorted(found, key=lambda one: one.ref))


def _told(binding: Resource) -> dict[str, Any]:
    actions = binding.body["spec"].get("validationActions")
    return {"name": binding.ref.name, **({"actions": actions} if actions else {})}


ADMISSION_BINDINGS = keyed(
    "admission_bindings",
    _BINDINGS,
    "the bindings that put an admission policy into force",
    asks=_asked,
    answers=_answers,
    shape=_shape,
    unknown={},
)

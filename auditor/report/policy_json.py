"""Policies as JSON: `auditor policies list -o json`, and one with all that there is to say of it."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.report.policy_page import Example, controls, superseded_by
from auditor.rules import Bundle, Policy


def entry(policy: Policy) -> dict[str, Any]:
    """Return a policy as the list has it."""
    declared: Any = [one.value for one in policy.severities]
    declared = declared if len(declared) > 1 else declared[0]
    # what the policy itself says is told beside it only where auditor.yaml says otherwise
    overridden = {"declared_severity": declared} if policy.override else {}
    return {
        "id": policy.id,
        "title": policy.title,
        "severity": policy.override or declared,
        **overridden,
        "category": policy.category,
        "kinds": policy.kinds,
        "needs": policy.needs,
        "wants": policy.wants,
        "enabled": policy.enabled,
        "parameters": policy.parameters,
        "same_as": policy.same_as,
    }


def explained(policy: Policy, bundle: Bundle, example: Example | None) -> dict[str, Any]:
    """Return a policy as the list has it, with what its page tells beyond that."""
    return {
        **entry(policy),
        "description": policy.description,
        "remediation": policy.remediation,
        "references": policy.references,
        "reads": policy.reads,
        "controls": controls(policy, bundle),
        "supersedes": policy.supersedes,
        "superseded_by": superseded_by(policy, bundle),
        "retired_ids": policy.retired_ids,
        "declared_parameters": {
            name: {"type": one.type, **msgspec.to_builtins(one)} for name, one in policy.declared.items()
        },
        "namespaces": policy.namespaces,
        "example": msgspec.to_builtins(example),
    }

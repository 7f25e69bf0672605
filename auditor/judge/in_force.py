"""The rules that an audit was judged by, and what they say of themselves, as its record keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.record import FrameworkText, PolicyText, RuleEntry
from auditor.rules import Bundle, Framework, Policy


def rule_entries(bundle: Bundle) -> tuple[RuleEntry, ...]:
    """Return every policy of the bundle, selected or not, by id."""
    return tuple(
        RuleEntry(
            policy=policy.id,
            digest=policy.code,
            first_id=policy.first_id if policy.first_id != policy.id else "",
            parameters=policy.parameters,
            severity=policy.override,
            namespaces=policy.namespaces,
            kinds=policy.kinds,
        )
        for _, policy in sorted(bundle.policies.items())
    )


def policy_texts(policies: Iterable[Policy]) -> tuple[PolicyText, ...]:
    """Return what these policies say of themselves, by id."""
    return tuple(
        PolicyText(
            policy=one.id,
            title=one.title,
            severity=one.severity,
            category=one.category,
            description=one.description,
            remediation=one.remediation,
            references=one.references,
        )
        for one in sorted(policies, key=lambda one: one.id)
    )


def framework_texts(frameworks: Iterable[Framework]) -> tuple[FrameworkText, ...]:
    """Return what these frameworks say of themselves, in their order."""
    return tuple(FrameworkText(one.id, one.title, one.version, one.source, one.notice) for one in frameworks)

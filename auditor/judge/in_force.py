"""The rules that an audit was judged by, as its record keeps them."""

from __future__ import annotations

from auditor.record import RuleEntry
from auditor.rules import Bundle


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

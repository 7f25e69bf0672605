"""Every relation that METADATA may name: a new one is one more line."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.document.relations.covered import COVERED
from auditor.document.relations.disruption_budgets import DISRUPTION_BUDGETS
from auditor.document.relations.limit_range import LIMIT_RANGE
from auditor.document.relations.namespace import NAMESPACE
from auditor.document.relations.nodes import NODES
from auditor.document.relations.relation import Relation
from auditor.document.relations.replicas import REPLICAS
from auditor.document.relations.requests import REQUESTS
from auditor.document.relations.rivals import RIVALS
from auditor.document.relations.service_account import SERVICE_ACCOUNT
from auditor.document.relations.services import SERVICES
from auditor.document.relations.target import TARGET
from auditor.document.relations.volume_claims import VOLUME_CLAIMS

RELATIONS: Mapping[str, Relation] = {
    relation.name: relation
    for relation in (
        COVERED,
        DISRUPTION_BUDGETS,
        LIMIT_RANGE,
        NAMESPACE,
        NODES,
        REPLICAS,
        REQUESTS,
        RIVALS,
        SERVICE_ACCOUNT,
        SERVICES,
        TARGET,
        VOLUME_CLAIMS,
    )
}
"""By name."""

INPUTS = frozenset({"now", "results"})
"""What METADATA `needs` may name beside relations.

`now` is when the cluster was read, RFC 3339; `results` is what the first pass found in a namespace
(judge/second_pass.py).
"""


def relation_kinds(name: str) -> tuple[str, ...]:
    """Return the kinds that must be read for a relation; none for an input."""
    return RELATIONS[name].kinds if name in RELATIONS else ()


CONFIRMED = frozenset(kind for one in RELATIONS.values() if one.named for kind in one.kinds)
"""The kinds of which single objects are asked for by name, before they count as missing."""

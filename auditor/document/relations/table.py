"""Every relation that METADATA may name: a new one is one more line."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.document.relations.account_use import ACCOUNT_USE
from auditor.document.relations.admission_bindings import ADMISSION_BINDINGS
from auditor.document.relations.audience import AUDIENCE
from auditor.document.relations.backends import BACKENDS
from auditor.document.relations.backup_runs import BACKUP_RUNS
from auditor.document.relations.backup_schedules import BACKUP_SCHEDULES
from auditor.document.relations.configuration_files import CONFIGURATION_FILES
from auditor.document.relations.covered import COVERED
from auditor.document.relations.dangling import DANGLING
from auditor.document.relations.dead_rules import DEAD_RULES
from auditor.document.relations.default_deny import DEFAULT_DENY
from auditor.document.relations.disruption_budgets import DISRUPTION_BUDGETS
from auditor.document.relations.doors import DOORS
from auditor.document.relations.escalations import ESCALATIONS
from auditor.document.relations.exposure import EXPOSURE
from auditor.document.relations.grants import GRANTS
from auditor.document.relations.hook_namespaces import HOOK_NAMESPACES
from auditor.document.relations.limit_range import LIMIT_RANGE
from auditor.document.relations.name_resolution import NAME_RESOLUTION
from auditor.document.relations.namespace import NAMESPACE
from auditor.document.relations.neighbours import NEIGHBOURS
from auditor.document.relations.network_blocks import NETWORK_BLOCKS
from auditor.document.relations.network_dead_rules import NETWORK_DEAD_RULES
from auditor.document.relations.network_labels import NETWORK_LABELS
from auditor.document.relations.network_peers import NETWORK_PEERS
from auditor.document.relations.network_plugins import NETWORK_PLUGINS
from auditor.document.relations.network_subject import NETWORK_SUBJECT
from auditor.document.relations.network_ties import NETWORK_TIES
from auditor.document.relations.nodes import NODES
from auditor.document.relations.priority_classes import PRIORITY_CLASSES
from auditor.document.relations.quotas import QUOTAS
from auditor.document.relations.relation import Relation
from auditor.document.relations.replicas import REPLICAS
from auditor.document.relations.requests import REQUESTS
from auditor.document.relations.rivals import RIVALS
from auditor.document.relations.rule_use import RULE_USE
from auditor.document.relations.runtime import ALERTMANAGER_RUNTIME, PROMETHEUS_RUNTIME
from auditor.document.relations.service_account import SERVICE_ACCOUNT
from auditor.document.relations.service_reach import SERVICE_REACH
from auditor.document.relations.services import SERVICES
from auditor.document.relations.shipped import SHIPPED
from auditor.document.relations.target import TARGET
from auditor.document.relations.usage import USAGE
from auditor.document.relations.volume_claims import VOLUME_CLAIMS

RELATIONS: Mapping[str, Relation] = {
    relation.name: relation
    for relation in (
        ACCOUNT_USE,
        ADMISSION_BINDINGS,
        ALERTMANAGER_RUNTIME,
        AUDIENCE,
        BACKENDS,
        BACKUP_RUNS,
        BACKUP_SCHEDULES,
        CONFIGURATION_FILES,
        COVERED,
        DANGLING,
        DEAD_RULES,
        DEFAULT_DENY,
        DISRUPTION_BUDGETS,
        DOORS,
        ESCALATIONS,
        EXPOSURE,
        GRANTS,
        HOOK_NAMESPACES,
        LIMIT_RANGE,
        NAMESPACE,
        NAME_RESOLUTION,
        NETWORK_BLOCKS,
        NETWORK_DEAD_RULES,
        NETWORK_LABELS,
        NETWORK_PEERS,
        NETWORK_SUBJECT,
        NETWORK_TIES,
        NEIGHBOURS,
        NETWORK_PLUGINS,
        NODES,
        PRIORITY_CLASSES,
        PROMETHEUS_RUNTIME,
        QUOTAS,
        REPLICAS,
        REQUESTS,
        RIVALS,
        RULE_USE,
        SERVICES,
        SERVICE_ACCOUNT,
        SERVICE_REACH,
        SHIPPED,
        TARGET,
        USAGE,
        VOLUME_CLAIMS,
    )
}
"""By name."""

OBSERVED: Mapping[str, str] = {one.name: one.observed for one in RELATIONS.values() if one.observed}
"""By relation, the program that must be asked for it, or whose log must be read."""

INPUTS: Mapping[str, str] = {
    "now": "the time at which the cluster was read",
    "results": "what the other policies found in its namespace",
}
"""What METADATA `needs` may name beside relations, with what it tells, for people.

`now` is when the cluster was read, RFC 3339; `results` is what the first pass found in a namespace
(judge/second_pass.py).
"""


def relation_kinds(name: str) -> tuple[str, ...]:
    """Return the kinds that must be read for a relation; none for an input."""
    return RELATIONS[name].kinds if name in RELATIONS else ()


CONFIRMED = frozenset(kind for one in RELATIONS.values() if one.named for kind in one.kinds)
"""The kinds of which single objects are asked for by name, before they count as missing."""

"""Pods, templates and network policies of a snapshot, as selectors of policies are held against them.

Made once for all relations about network policies. Templates count beside the live pods: a CronJob has no
pods between two runs, and a Deployment at zero will have some.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.document.network import POLICY_KINDS, parts, policy
from auditor.document.relations.relation import World
from auditor.model import Resource, SourceFacts
from auditor.network.model import STRANGER
from auditor.network.objects import MalformedError
from auditor.network.pods import Distinctions
from auditor.network.policy import Policy
from auditor.network.selection import Namespaces
from auditor.network.space import Reading, Space

INHABITANT_KINDS = (*WORKLOADS, "Namespace")
"""What must be read to know whom a selector means."""


class Inhabitants(msgspec.Struct, frozen=True, eq=False):
    """All that policies can select, and the policies."""

    space: Space
    pods: int
    """The classes of pods and templates that are there: without `STRANGER`."""
    policies: Mapping[int, Policy]
    """By the `id` of the resource."""
    broken: Mapping[int, str]
    """Those that cannot be read, with the reason."""
    namespaces: Namespaces
    """All that were read, pods or not."""
    unread: str
    """The first workload or namespace that cannot be read; "" if there is none."""
    live: bool
    partial: bool
    """Only some namespaces were read."""

    @property
    def complete(self) -> bool:
        """Whether nobody else is there: manifests do not tell what a cluster has besides."""
        return self.live and not self.partial and not self.unread


@lru_cache(maxsize=1)
def inhabitants(world: World) -> Inhabitants:
    """Return those of a snapshot."""
    policies, broken = _policies(world)
    dwelling = [one for one in world.resources if one.ref.kind in INHABITANT_KINDS]
    facts = SourceFacts("cluster" if world.live else "manifests")
    found = parts(facts, dwelling, templates=True)
    more = Distinctions((), (), ())
    labels = {**found.namespaces, "": {}}
    space = Space([*found.pods, STRANGER], labels, list(policies.values()), Reading(), more)
    unread = found.unread[0].reason if found.unread else ""
    return Inhabitants(
        space,
        space.pods & ~(1 << space.count - 1),
        policies,
        broken,
        Namespaces(found.namespaces, found.namespaces),
        unread,
        world.live,
        bool(world.namespaces),
    )


def _policies(world: World) -> tuple[Mapping[int, Policy], Mapping[int, str]]:
    policies, broken = {}, {}
    for one in world.resources:
        if one.ref.kind in POLICY_KINDS:
            reason = one.content.refused
            try:
                if not reason:
                    policies[id(one)] = policy(one)
            except MalformedError as error:
                reason = str(error)
            if reason:
                broken[id(one)] = f"{one.ref}: {reason}"
    return policies, broken


class PolicyJoin:
    """What the joins of `relation.py` over network policies have in common."""

    def __init__(self, world: World) -> None:
        """Nothing is made before it is asked."""
        self._world = world

    @property
    def all(self) -> Inhabitants:
        """All that there is."""
        return inhabitants(self._world)

    def policy(self, resource: Resource) -> Policy | None:
        """Return a resource as a policy; None if it is none, or none that can be read."""
        return self.all.policies.get(id(resource)) if resource.ref.kind in POLICY_KINDS else None

    def refused(self, resource: Resource) -> str:
        """Say that the policy itself cannot be read."""
        return self.all.broken.get(id(resource), "") if resource.ref.kind in POLICY_KINDS else ""

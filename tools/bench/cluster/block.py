"""The unit in which the cluster grows: 1,000 pods and what belongs to them, the same in every cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tools.bench.cluster.draw import draw
from tools.bench.cluster.pods import Place
from tools.bench.cluster.templates import Style

PODS = 1000
"""Pods of one block: 780 of Deployments, 20 of StatefulSets, 100 of DaemonSets, 50 of custom resources,
10 of Jobs, 15 mirror pods, 15 whose owner is gone, 10 of nobody."""

REPLICAS = (1, 2, 3, 3, 5, 8, 10, 15, 24, 40, 84)
"""Of the Deployments, over and over: most are small, most pods belong to large ones."""
DEPLOYMENTS = 44
STATEFUL_SETS = (3, 5, 12)
"""Replicas of each."""
DAEMON_SETS = 2
BARE, MIRRORS, ORPHANS = 10, 15, 15
NAMESPACES = 5
POOL = 50
"""Nodes that ten blocks share; every DaemonSet runs on all nodes of one pool."""
BLOCKS_PER_POOL = 10
CONFIG_MAPS, ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS = 100, 160, 40, 240, 60
NETWORK_POLICIES, ROBOTS = 20, 50
CRON_JOBS = 2

ENFORCED = {0: "restricted", 1: "baseline"}
"""The pod security level that a namespace enforces, by its place in the block; the others enforce none."""


@dataclass(frozen=True)
class Block:
    """One block, by its number."""

    number: int

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The pool of nodes."""
        pool = self.number // BLOCKS_PER_POOL
        return tuple(f"node-{number}" for number in range(pool * POOL, (pool + 1) * POOL))

    @property
    def opens_pool(self) -> bool:
        """Whether it is the first block on its nodes."""
        return self.number % BLOCKS_PER_POOL == 0

    @property
    def pool(self) -> str:
        """The value of the label `pool` of its nodes."""
        return f"pool-{self.number // BLOCKS_PER_POOL}"

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Its own namespaces."""
        return tuple(f"team-{self.number * NAMESPACES + place}" for place in range(NAMESPACES))

    def place(self, index: int) -> Place:
        """Return where the workload of this number lives."""
        return Place(self.namespaces[index % NAMESPACES], index % NAMESPACES in ENFORCED, self.nodes)

    def open_place(self, index: int) -> Place:
        """Return a namespace that enforces nothing."""
        first = len(ENFORCED)
        return self.place(first + index % (NAMESPACES - first))

    def style(self, place: Place, name: str) -> Style:
        """Return how well a workload is written: as its namespace asks, else by chance."""
        chance = draw("style", name)
        level = ENFORCED.get(self.namespaces.index(place.namespace))
        if level == "restricted":
            return "hardened"
        if level == "baseline":
            return "average"
        return chance.choices(("hardened", "average", "careless"), (20, 40, 40))[0]

    def numbers(self, count: int) -> range:
        """Return the numbers, in the whole cluster, of its objects of a family with `count` in a block."""
        return range(self.number * count, (self.number + 1) * count)

    @property
    def custom_resources(self) -> range:
        """The numbers of its custom resources: five in two blocks."""
        return range(self.number * 5 // 2, (self.number + 1) * 5 // 2)

"""Who can come to be whom: the nodes, the edges, and the shortest ways to what must not be reached.

Rights over a namespace lead to a place of it (`accounts`, `pods`, ...), and the place to what is in it: so
the edges grow with grants and accounts, and not with their product.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Protocol

import msgspec

from auditor.access.attributes import Attributes


class Sink(StrEnum):
    """What must not be reached."""

    CLUSTER_ADMIN = "cluster_admin"
    """Everything. It ends a path: what cluster admin gives besides is no path of its own."""
    ALL_SECRETS = "all_secrets"
    """The values of all Secrets of all namespaces."""
    NODE_ROOT = "node_root"
    """Root on a node: whatever its kubelet may do, and whatever runs there."""
    CONTROL_ADMISSION = "control_admission"
    """What is created or changed passes through one's own hands, or is no longer checked."""


class Place(StrEnum):
    """What stands between a right and whom it is about; no path names it."""

    BINDING = "binding"
    ROLE = "role"
    """The rights of a role, bound in a namespace."""
    ROLES = "roles"
    """Those of any Role of a namespace."""
    EVERYTHING = "everything"
    """Every right in a namespace, that to label it among them."""
    ACCOUNTS = "accounts"
    """Any ServiceAccount that exists in a namespace."""
    NAMES = "names"
    """And those that bindings only name: impersonation does not ask whether they exist."""
    PODS = "pods"
    """Inside any pod of a namespace."""
    SECRETS = "secrets"
    """The values of its Secrets, tokens of ServiceAccounts among them."""
    USERS = "users"
    """Any user that a binding names."""


class Node(NamedTuple):
    """A subject, a workload, a place or a sink; namespace "" is none, or of a place all of them."""

    kind: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        """As people write it; of a sink its words."""
        if self.kind in WORDS:
            return WORDS[self.kind].get(self.name, "")
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


CLUSTER_ADMIN = Node(Sink.CLUSTER_ADMIN)
ALL_SECRETS = Node(Sink.ALL_SECRETS)
ONE_NODE = Node(Sink.NODE_ROOT, name="one")
"""Root on the node that something runs on; ANY_NODE: on whichever one likes."""
ANY_NODE = Node(Sink.NODE_ROOT, name="any")
MUTATING = Node(Sink.CONTROL_ADMISSION, name="mutating")
VALIDATING = Node(Sink.CONTROL_ADMISSION, name="validating")

WORDS: Mapping[str, Mapping[str, str]] = {
    Sink.CLUSTER_ADMIN: {"": "cluster admin"},
    Sink.ALL_SECRETS: {"": "all Secrets"},
    Sink.NODE_ROOT: {"one": "root on its node", "any": "root on any node"},
    Sink.CONTROL_ADMISSION: {"mutating": "control of admission", "validating": "control of validation"},
}
"""Sinks as people say them, by kind and name."""

ENDS: Mapping[Sink, tuple[Node, ...]] = {
    Sink.CLUSTER_ADMIN: (CLUSTER_ADMIN,),
    Sink.ALL_SECRETS: (ALL_SECRETS,),
    Sink.NODE_ROOT: (ONE_NODE, ANY_NODE),
    Sink.CONTROL_ADMISSION: (MUTATING, VALIDATING),
}
"""The nodes that are a sink."""

_PLACES = frozenset(Place)


class Via(msgspec.Struct, frozen=True, omit_defaults=True, order=True):
    """The grant that makes an edge."""

    binding: str
    """As `RoleBinding shop/readers`."""
    role: str
    """As `ClusterRole view`."""
    rule: int
    """Position in the rules of the role, counted from 0."""


class Ground(Protocol):
    """What makes an edge: a power that a binding gives."""

    @property
    def via(self) -> tuple[Via, ...]:
        """The grant; none where nothing binds the role yet."""

    @property
    def asked(self) -> Attributes:
        """A request that it allows."""


class Move(msgspec.Struct, frozen=True, eq=False):
    """Why an edge is one."""

    edge: str
    """The power that makes it, or what of Kubernetes does: `runs_as`, `member`, `on_node`, `mutates`."""
    words: str
    """For people: `create workloads in shop`."""
    grounds: tuple[Ground, ...] = ()
    """Two where it takes two powers."""

    @property
    def via(self) -> tuple[Via, ...]:
        """The grants that make it, each once."""
        return tuple(dict.fromkeys(via for one in self.grounds for via in one.via))

    @property
    def order(self) -> tuple[tuple[Via, ...], str, str]:
        """What tells moves to the same node apart, always in the same order."""
        return self.via, self.edge, self.words


class Edge(NamedTuple):
    """Where one gets to, and why."""

    target: Node
    cost: int
    """1 for a step, 0 for a part of one."""
    move: Move | None = None


class Step(NamedTuple):
    """One step of a path, from one subject, workload or sink to the next."""

    source: Node
    target: Node
    moves: tuple[Move, ...]
    """One; two where a role is bound first, and then used."""


Path = tuple[Step, ...]


class Graph:
    """Nodes and edges; those that cost nothing form no circle."""

    def __init__(self) -> None:
        """It is empty."""
        self._edges: dict[Node, list[Edge]] = {}
        self._far: dict[tuple[Sink, frozenset[Node]], Mapping[Node, int]] = {}

    def add(self, source: Node, edge: Edge) -> None:
        """Add an edge, before anything is asked."""
        self._edges.setdefault(source, []).append(edge)

    def shortest(self, entry: Node, sink: Sink, without: frozenset[Node] = frozenset()) -> Path | None:
        """Return the shortest path from an entry to a sink, of several always the same; None without one.

        It leads through none of `without`.
        """
        far = self._distances(sink, without)
        return tuple(_steps(entry, self._walk(entry, far, without))) if entry in far else None

    def _walk(self, node: Node, far: Mapping[Node, int], without: frozenset[Node]) -> Iterator[Edge]:
        while far[node] or node.kind in _PLACES:
            near = [
                one
                for one in self._edges[node]
                if one.target not in without and far.get(one.target, -2) + one.cost == far[node]
            ]
            edge = min(near, key=lambda one: (one.target, one.move.order if one.move else ()))
            yield edge
            node = edge.target

    def _distances(self, sink: Sink, without: frozenset[Node]) -> Mapping[Node, int]:
        """Return how many steps each node is from a sink, of those from which it can be reached."""
        known = self._far.get((sink, without))
        if known is None:
            whole = self._distances(sink, frozenset()) if without else {}
            same = bool(without) and without.isdisjoint(whole)
            known = self._far[sink, without] = whole if same else self._measured(sink, without)
        return known

    def _measured(self, sink: Sink, without: frozenset[Node]) -> dict[Node, int]:
        """Go from the sink against the edges, along those without a cost first."""
        far = dict.fromkeys(ENDS[sink], 0)
        waiting, done = deque(ENDS[sink]), set(without)
        while waiting:
            node = waiting.popleft()
            if node in done:
                continue
            done.add(node)
            for cost, take in ((0, waiting.appendleft), (1, waiting.append)):
                distance = far[node] + cost
                for source in self._back[cost].get(node, ()):
                    if distance < far.get(source, distance + 1):
                        far[source] = distance
                        take(source)
        return far

    @cached_property
    def _back(self) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
        """By cost, who leads to each node."""
        back: tuple[dict[Node, list[Node]], dict[Node, list[Node]]] = ({}, {})
        for source, edges in self._edges.items():
            for edge in edges:
                back[edge.cost].setdefault(edge.target, []).append(source)
        return back


def _steps(source: Node, edges: Iterable[Edge]) -> Iterator[Step]:
    moves: list[Move] = []
    for edge in edges:
        moves += [edge.move] if edge.move else []
        if edge.target.kind not in _PLACES:
            yield Step(source, edge.target, tuple(moves))
            source, moves = edge.target, []

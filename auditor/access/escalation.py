"""The graph of who can come to be whom, made of everything that is bound and that runs.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.access.combinations import certain_groups
from auditor.access.combined import Combined
from auditor.access.given import Given, Halves, Holding, given
from auditor.access.graph import ALL_SECRETS, ANY_NODE, ONE_NODE, Edge, Graph, Move, Node, Place
from auditor.access.identity import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED
from auditor.access.moves import CONSEQUENCES, SPREADING, Lead, Moves
from auditor.access.power import Power
from auditor.access.roles import Binding, Role, Subject, SubjectKind, effective
from auditor.access.surroundings import Surroundings, Workload
from auditor.model import ResourceRef

BROAD = frozenset(
    {
        *(Node(SubjectKind.GROUP, "", name) for name in (AUTHENTICATED, UNAUTHENTICATED, SERVICE_ACCOUNTS)),
        Node(SubjectKind.USER, "", ANONYMOUS.user),
    }
)
"""Whom nearly everybody is, or is a member of."""

_SUBJECTS = frozenset(SubjectKind)

_MEMBER = Move("member", "is a member of")
_RUNS_AS = Move("runs_as", "runs with a token of")


def subject_node(subject: Subject) -> Node:
    """Return an effective subject as a node."""
    return Node(subject.kind, subject.namespace, subject.name)


def groups_of(node: Node) -> list[Node]:
    """Return the groups that a subject is in without being named."""
    return [subject_node(one) for one in certain_groups(Subject(node.kind, node.name, node.namespace))]


def escalation(
    roles: Iterable[Role], bindings: Iterable[Binding], around: Surroundings, asked: Iterable[Node] = ()
) -> Graph:
    """Return the graph of a cluster, or of what manifests make of one, in whatever order they were read.

    `asked` are subjects that shall be in it, though nothing is bound to them by name.
    """
    known = {role.ref: role for role in roles}
    bound = sorted((one for one in bindings if one.role in known), key=lambda one: one.ref)
    return _Maker(known, bound, around, asked).graph()


class _Maker:
    def __init__(
        self,
        roles: Mapping[ResourceRef, Role],
        bindings: Sequence[Binding],
        around: Surroundings,
        asked: Iterable[Node],
    ) -> None:
        self._around = around
        self._graph = Graph()
        self._moves = Moves(around)
        self._combined = Combined(roles.values(), bindings, around, self._moves)
        self._given: dict[Node, list[Given]] = {}
        """What is bound to each subject by its own name."""
        self._bindings: list[Given] = []
        for binding in bindings:
            one = given(roles[binding.role], binding.ref.namespace, binding.ref)
            self._bindings.append(one)
            for named in binding.subjects:
                if subject := effective(named, binding.ref.namespace):
                    self._given.setdefault(subject_node(subject), []).append(one)
        self._subjects = dict.fromkeys((*self._given, *(one.node for one in around.accounts), *asked))
        self._named: dict[Node, None] = {}
        """Whom somebody can impersonate, though nothing is bound to the name."""

    def graph(self) -> Graph:
        for one in self._bindings:
            self._lead(one.node, self._moves.of(one), 0)
        for node in self._subjects:
            self._subject(node)
        self._bindable()
        for node in self._named:
            self._member(node)
        for source, target, how in CONSEQUENCES:
            self._graph.add(source, Edge(target, 1, how))
        for workload in self._around.workloads:
            self._workload(workload)
        self._places()
        return self._graph

    def _subject(self, node: Node) -> None:
        own = self._given.get(node, ())
        for one in own:
            if one.powers:
                self._graph.add(node, one.edge)
        if own:
            self._lead(node, self._combined.of(Halves(own, self._shared(node))), 1)
        self._member(node)

    def _member(self, node: Node) -> None:
        for group in groups_of(node):
            self._graph.add(node, Edge(group, 1, _MEMBER))

    def _shared(self, node: Node) -> list[Given]:
        """Return what is bound to the groups that a subject is in."""
        return [one for group in groups_of(node) for one in self._given.get(group, ())]

    def _bindable(self) -> None:
        """Add where the roles lead that somebody could bind, and those that can then be bound."""
        done: set[Node] = set()
        while left := [one for node, one in self._combined.bound.items() if node not in done]:
            for one in left:
                done.add(one.node)
                self._lead(one.node, self._moves.of(one), 0)
                self._lead(one.node, self._combined.of(Halves([one])), 1)
        for place, nodes in self._combined.spread.items():
            for target in nodes:
                self._graph.add(place, Edge(target, 0))

    def _lead(self, source: Node, leads: Iterable[Lead], cost: int) -> None:
        done = set()
        for target, how in leads:
            if target not in done:
                done.add(target)
                self._graph.add(source, Edge(target, cost, how))
                if target.kind in _SUBJECTS and target not in self._subjects:
                    self._named[target] = None

    def _workload(self, one: Workload) -> None:
        if one.account:
            account = Node(SubjectKind.SERVICE_ACCOUNT, one.namespace, one.account)
            self._graph.add(one.node, Edge(account, 1, _RUNS_AS))
        if one.root:
            self._graph.add(
                one.node, Edge(ANY_NODE if one.everywhere else ONE_NODE, 1, Move("root", one.root))
            )
            if one.account and (how := self._moving(one)):
                self._graph.add(one.node, Edge(ANY_NODE, 1, how))
        if one.everywhere:
            self._graph.add(ONE_NODE, Edge(one.node, 1, Move("on_node", "get into what runs there")))

    def _moving(self, one: Workload) -> Move | None:
        """Return how root on one node gets all pods there: by closing the other nodes to them."""
        account = Node(SubjectKind.SERVICE_ACCOUNT, one.namespace, one.account)
        for held in (*self._given.get(account, ()), *self._shared(account)):
            for power in () if held.everything else held.powers:
                closes = power.power == Power.NODE_WRITE and not {"update", "patch"}.isdisjoint(power.verbs)
                if closes and "nodes" in power.resources and not power.names:
                    words = f"{one.root}, and all pods can be moved to its node"
                    return Move("node_write", words, (Holding(held, power, "nodes"),))
        return None

    def _places(self) -> None:
        """Add what is in each place: in those of everywhere those of each namespace, then who is there."""
        add = self._graph.add
        add(Node(Place.EVERYTHING), Edge(ALL_SECRETS, 0))
        add(Node(Place.USERS), Edge(Node(SubjectKind.GROUP, "", AUTHENTICATED), 0))
        existing = {one.node for one in self._around.accounts}
        homes = (node.namespace for node in self._subjects if node.namespace)
        for name in {*self._around.names(), *homes}:
            for place in (Place.EVERYTHING, Place.ACCOUNTS, Place.NAMES, Place.PODS, Place.SECRETS):
                add(Node(place), Edge(Node(place, name), 0))
                for other in SPREADING.get(place, ()):
                    add(Node(place, name), Edge(Node(other, name), 0))
            add(Node(Place.EVERYTHING, name), Edge(ANY_NODE, 0))
            group = Node(SubjectKind.GROUP, "", f"{SERVICE_ACCOUNTS}:{name}")
            add(Node(Place.NAMES, name), Edge(group, 0))
        for one in self._around.accounts:
            add(Node(Place.ACCOUNTS, one.namespace), Edge(one.node, 0))
            if one.tokens:
                add(Node(Place.SECRETS, one.namespace), Edge(one.node, 0))
        for node in self._subjects:
            if node.kind == SubjectKind.USER:
                add(Node(Place.USERS), Edge(node, 0))
            elif node.kind == SubjectKind.SERVICE_ACCOUNT and node not in existing:
                add(Node(Place.NAMES, node.namespace), Edge(node, 0))
        for workload in self._around.workloads:
            add(Node(Place.PODS, workload.namespace), Edge(workload.node, 0))

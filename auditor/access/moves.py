"""Where single powers lead: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ names each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from auditor.access.given import Given, Holding
from auditor.access.graph import (
    ALL_SECRETS,
    ANY_NODE,
    CLUSTER_ADMIN,
    MUTATING,
    ONE_NODE,
    VALIDATING,
    Move,
    Node,
    Place,
)
from auditor.access.power import Power
from auditor.access.roles import SubjectKind
from auditor.access.surroundings import Account, Surroundings, Workload

Lead = tuple[Node, Move]
"""Where one gets to, and how."""

_TOGETHER = ("mutatingadmissionpolicies", "mutatingadmissionpolicybindings")
"""Only both of them together change anything."""


class Moves:
    """The direct ways on, of one cluster."""

    def __init__(self, around: Surroundings) -> None:
        """`around` is all that is known beside roles and bindings."""
        self._around = around
        self._open = [name for name in around.names() if around.lets_in(name)]
        self._tokens: dict[tuple[str, str], Account] = {
            (one.namespace, token): one for one in around.accounts for token in one.tokens
        }
        self._named: dict[str, list[Account]] = {}
        for one in around.accounts:
            self._named.setdefault(one.name, []).append(one)

    @cached_property
    def _running(self) -> Mapping[str, Mapping[str, set[str]]]:
        """The names of workloads, by their plural and their namespace."""
        found: dict[str, dict[str, set[str]]] = {}
        for one in self._around.workloads:
            found.setdefault(one.plural, {}).setdefault(one.namespace, set()).add(one.name)
        return found

    @cached_property
    def _pods(self) -> Mapping[str, list[tuple[str, Workload]]]:
        found: dict[str, list[tuple[str, Workload]]] = {}
        for (namespace, name), workload in self._around.pods.items():
            found.setdefault(name, []).append((namespace, workload))
        return found

    def of(self, given: Given) -> Iterator[Lead]:
        """Yield where a role leads where it is bound; one that gives everything leads nowhere else."""
        if given.everything:
            power = next(one for one in given.powers if one.power == Power.CLUSTER_ADMIN)
            target = Node(Place.EVERYTHING, given.namespace) if given.namespace else CLUSTER_ADMIN
            yield target, move(Holding(given, power), f"hold every right {inside(given.namespace)}")
            return
        for power in given.powers:
            if power.power in _WAYS:
                yield from _WAYS[power.power](self, Holding(given, power))

    def privileged(self, namespace: str) -> str:
        """Return the first namespace, of all or this one, that lets privileged pods in; "" if none does."""
        return next((one for one in self._open if namespace in ("", one)), "")

    def _create(self, one: Holding) -> Iterator[Lead]:
        words = "create workloads" if "create" in one.power.verbs else "change workloads"
        for space in self.spaces(one):
            yield Node(Place.ACCOUNTS, space), move(one, f"{words} {inside(space)}")
            if where := self.privileged(space):
                yield ANY_NODE, move(one, f"run privileged pods in {where}, {self._around.level(where)}")

    def spaces(self, one: Holding) -> list[str]:
        """Return where a power over workloads is one: what cannot be created must be there to be changed."""
        power = one.power
        if "create" in power.verbs:
            return [one.namespace]
        found = set()
        for plural in power.resources:
            there = self._running.get(plural, {})
            for space in [one.namespace] if one.namespace else there:
                if space in there and (not power.names or not there[space].isdisjoint(power.names)):
                    found.add(space)
        return sorted(found)

    def _enter(self, one: Holding) -> Iterator[Lead]:
        modify = one.power.power == Power.POD_MODIFY
        if not modify and one.power.verbs == ("get",) and not self._around.get_executes:
            return
        how = move(one, f"{'change pods' if modify else 'run commands in pods'} {inside(one.namespace)}")
        if not one.power.names:
            yield Node(Place.PODS, one.namespace), how
        for name in one.power.names:
            for namespace, workload in self._pods.get(name, ()):
                if one.namespace in ("", namespace):
                    yield workload.node, how

    def _request(self, one: Holding) -> Iterator[Lead]:
        how = move(one, f"request tokens {inside(one.namespace)}")
        if not one.power.names:
            yield Node(Place.ACCOUNTS, one.namespace), how
        for account in self._called(one):
            yield account.node, how

    def _impersonate(self, one: Holding) -> Iterator[Lead]:
        """Yield users and accounts; a group can only be impersonated beside a user."""
        names = one.power.names
        if "users" in one.power.resources:
            how = move(one, "impersonate users", "users")
            for name in names:
                yield Node(SubjectKind.USER, "", name), how
            if not names:
                yield Node(Place.USERS), how
        if "serviceaccounts" in one.power.resources:
            how = move(one, f"impersonate ServiceAccounts {inside(one.namespace)}", "serviceaccounts")
            # whether they exist is not asked: under any name one is in the groups of its namespace
            for name in names:
                for space in [one.namespace] if one.namespace else self._around.names():
                    yield Node(SubjectKind.SERVICE_ACCOUNT, space, name), how
            if not names:
                yield Node(Place.NAMES, one.namespace), how

    def _called(self, one: Holding) -> Iterator[Account]:
        """Yield the accounts that exist and that the names are those of."""
        for name in one.power.names:
            found = self._named.get(name, ())
            yield from (account for account in found if one.namespace in ("", account.namespace))

    def _secrets(self, one: Holding) -> Iterator[Lead]:
        how = move(one, f"read Secrets {inside(one.namespace)}")
        if not one.power.names:
            yield (Node(Place.SECRETS, one.namespace) if one.namespace else ALL_SECRETS), how
            return
        for (namespace, token), account in self._tokens.items():
            if token in one.power.names and one.namespace in ("", namespace):
                yield account.node, how

    def _proxy(self, one: Holding) -> Iterator[Lead]:
        yield (ONE_NODE if one.power.names else ANY_NODE), move(one, "speak to kubelets")

    def _admission(self, one: Holding) -> Iterator[Lead]:
        resources = one.power.resources
        if not {"create", "update", "patch"}.intersection(one.power.verbs):
            return
        changing = "mutatingwebhookconfigurations" in resources
        if changing or all(name in resources for name in _TOGETHER):
            yield MUTATING, move(one, "change what is created")
        elif any(name.startswith("validating") for name in resources):
            yield VALIDATING, move(one, "change what is checked")


_WAYS: Mapping[Power, Callable[[Moves, Holding], Iterator[Lead]]] = {
    Power.WORKLOAD_CREATE: Moves._create,
    Power.POD_EXEC: Moves._enter,
    Power.POD_MODIFY: Moves._enter,
    Power.TOKEN_REQUEST: Moves._request,
    Power.IMPERSONATE: Moves._impersonate,
    Power.SECRET_READ: Moves._secrets,
    Power.NODE_PROXY: Moves._proxy,
    Power.ADMISSION_WRITE: Moves._admission,
}

SPREADING: Mapping[Place, tuple[Place, ...]] = {
    Place.EVERYTHING: (Place.ACCOUNTS, Place.NAMES, Place.PODS, Place.SECRETS),
    Place.NAMES: (Place.ACCOUNTS,),
}
"""Which places of a namespace come with another one."""

CONSEQUENCES: tuple[tuple[Node, Node, Move], ...] = (
    (MUTATING, CLUSTER_ADMIN, Move("mutates", "change what the control plane itself creates")),
    (ANY_NODE, Node(Place.PODS), Move("on_node", "get into what runs there")),
    (ALL_SECRETS, Node(Place.SECRETS), Move("token_secret", "use the tokens among them")),
    (
        Node(SubjectKind.GROUP, "", "system:masters"),
        CLUSTER_ADMIN,
        Move("masters", "may do everything, without being asked about"),
    ),
)
"""What follows without any grant."""


def move(one: Holding, words: str, among: str = "") -> Move:
    """Return the move that one power makes; `among` is the resource that matters of it."""
    return Move(one.power.power.value, words, (Holding(one.given, one.power, among),))


def inside(namespace: str) -> str:
    """Say where, as words."""
    return f"in {namespace}" if namespace else "in all namespaces"

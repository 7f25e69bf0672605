"""What stands beside roles and bindings: the accounts, who runs with them, and what namespaces allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from auditor.access.graph import Node
from auditor.access.roles import SubjectKind

OPEN = frozenset({"", "privileged"})
"""Values of the enforce label of Pod Security with which privileged pods are let in; "" is no label."""


class Account(msgspec.Struct, frozen=True):
    """A ServiceAccount that exists."""

    namespace: str
    name: str
    tokens: tuple[str, ...] = ()
    """Secrets that hold a token of it, as clusters before 1.24 made them."""

    @property
    def node(self) -> Node:
        """It as a node of the graph."""
        return Node(SubjectKind.SERVICE_ACCOUNT, self.namespace, self.name)


class Workload(msgspec.Struct, frozen=True):
    """What runs, as far as it matters to whoever gets into it."""

    kind: str
    namespace: str
    name: str
    account: str = ""
    """Whose token its pods mount; "" if they mount none."""
    root: str = ""
    """Why root in it is root on its node: `container web is privileged`; "" if it is not."""
    everywhere: bool = False
    """One of its pods is on every node."""

    @property
    def node(self) -> Node:
        """It as a node of the graph."""
        return Node(self.kind, self.namespace, self.name)

    @property
    def plural(self) -> str:
        """The resource that rules name: all kinds that run pods have a plain plural."""
        return f"{self.kind.lower()}s"


class Surroundings(msgspec.Struct, frozen=True):
    """All of it, of one cluster."""

    accounts: tuple[Account, ...] = ()
    workloads: tuple[Workload, ...] = ()
    levels: Mapping[str, str | None] = {}
    """By namespace, the level of Pod Security that it enforces; "" without a label, None if its Namespace
    was not among what was read."""
    pods: Mapping[tuple[str, str], Workload] = {}
    """Live pods by namespace and name, with whom they belong to."""
    get_executes: bool = True
    """`get` on pods/exec is enough, as before Kubernetes 1.35."""

    def names(self) -> Iterator[str]:
        """Yield the namespaces, in order."""
        accounts = (one.namespace for one in self.accounts)
        yield from sorted({*self.levels, *accounts, *(one.namespace for one in self.workloads)})

    def lets_in(self, namespace: str) -> bool:
        """Tell whether a namespace lets privileged pods in; where its label is not known, it does."""
        return (self.levels.get(namespace) or "") in OPEN

    def level(self, namespace: str) -> str:
        """Say what a namespace that lets privileged pods in enforces."""
        found = self.levels.get(namespace)
        if found is None:
            return "whose Pod Security level is not known"
        return f"which enforces {found}" if found else "which enforces no Pod Security level"

"""Who reaches what, by plain closure: everybody asks the authoriser for everything, until nothing is new.

It shares no code with the graph but the authoriser, which is proven by the API server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product

from auditor.access.attributes import Attributes
from auditor.access.authoriser import Authoriser
from auditor.access.identity import Identity, account_name, service_account, user
from auditor.access.roles import RBAC, Binding, Role, Subject, SubjectKind, effective
from auditor.access.surroundings import Surroundings, Workload
from auditor.model import ResourceRef

GROUP = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
WRITES = ("create", "update", "patch")
CHANGES = ("update", "patch")

NAMES = ("web", "boss", "one", "two", "*", "unheard-of")
"""Names that rules use, and one that they do not."""

Fact = Identity | tuple[str, ...]
"""Somebody, ("workload", kind, namespace, name), ("everything", namespace) or the name of a sink."""


class Naive:
    """One world, looked at without any thought of speed."""

    def __init__(self, roles: list[Role], bindings: list[Binding], around: Surroundings) -> None:
        self.roles = roles
        self.bindings = bindings
        self.around = around
        self.spaces = list(around.names())
        everything = {
            role.ref
            for role in roles
            if any(
                "*" in one.verbs and "*" in one.groups and "*" in one.resources and not one.names
                for one in role.rules
            )
        }
        self.all = Authoriser(roles, bindings)
        # cluster admin ends a path: what it gives too does not count
        rest = [one for one in bindings if one.ref.namespace or one.role not in everything]
        # whoever binds a role to himself is somebody to whom it is bound, and nothing else
        made = [
            self._made(role, space)
            for role, space in product(roles, ("", *self.spaces))
            if role.ref.kind == "ClusterRole" or role.ref.namespace == space
        ]
        self.rest = Authoriser(
            roles, [*rest, *(one for one in made if one.ref.namespace or one.role not in everything)]
        )
        self.admins = Authoriser(roles, [*bindings, *made])
        self.named = {
            subject
            for one in bindings
            for written in one.subjects
            if (subject := effective(written, one.ref.namespace))
        }
        self.leads = cache(self._leads)

    def _made(self, role: Role, space: str) -> Binding:
        kind = "RoleBinding" if space else "ClusterRoleBinding"
        who = Subject(SubjectKind.USER, f"made {space} {role.ref}")
        return Binding(ResourceRef(RBAC, kind, f"made {role.ref}", space), role.ref, (who,))

    def sinks(self, start: Fact) -> set[str]:
        """What is reached from somebody or something."""
        found, waiting = {start}, [start]
        while waiting:
            for one in self.leads(waiting.pop()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        words = {one[0] for one in found if isinstance(one, tuple)}
        ends = {"cluster_admin", "all_secrets", "node_root", "control_admission"}
        return {"node_root" if one == "one_node" else one for one in words} & ends

    def _leads(self, fact: Fact) -> tuple[Fact, ...]:
        if isinstance(fact, Identity):
            return tuple(self._somebody(fact))
        return tuple(self._something(*fact))

    def _something(self, kind: str, *rest: str) -> Iterator[Fact]:
        if kind == "workload":
            (one,) = [one for one in self.around.workloads if (one.kind, one.namespace, one.name) == rest]
            if one.account:
                yield service_account(one.namespace, one.account)
            if one.root:
                yield ("node_root",) if one.everywhere or self._closes(one) else ("one_node",)
        if kind == "node_root":
            yield from map(fact, self.around.workloads)
        if kind == "one_node":
            yield from (fact(one) for one in self.around.workloads if one.everywhere)
        if kind == "mutating":
            yield from (("control_admission",), ("cluster_admin",))
        if kind == "all_secrets":
            yield from (
                service_account(one.namespace, one.name) for one in self.around.accounts if one.tokens
            )
        if kind == "everything":
            here = [one for one in self.around.accounts if one.namespace == rest[0]]
            yield from (service_account(one.namespace, one.name) for one in here)
            yield from self._nameable(rest[0])
            yield from (fact(one) for one in self.around.workloads if one.namespace == rest[0])
            yield ("node_root",)

    def _closes(self, one: Workload) -> bool:
        return bool(one.account) and self._may(service_account(one.namespace, one.account), CHANGES, "nodes")

    def _may(
        self, who: Identity, verbs: Iterable[str], what: str, name: str = "", space: str = "", group: str = ""
    ) -> bool:
        resource, _, sub = what.partition("/")
        return any(self.rest.can(who, Attributes(verb, group, resource, sub, name, space)) for verb in verbs)

    def _somebody(self, who: Identity) -> Iterator[Fact]:
        # what a group leads to, it does for each of its members
        yield from (identity(Subject(SubjectKind.GROUP, group)) for group in who.groups)
        yield from self._cluster(who)
        yield from self._impersonated(who)
        yield from self._roles(who)
        for space in self.spaces:
            yield from self._inside(who, space)
            yield from self._among(who, space)

    def _cluster(self, who: Identity) -> Iterator[Fact]:
        if self.admins.can(who, Attributes("*", "*", "*")):
            yield ("cluster_admin",)
        proxied = ("get", *WRITES, "delete")
        if self._may(who, proxied, "nodes/proxy"):
            yield ("node_root",)
        if any(self._may(who, proxied, "nodes/proxy", name) for name in NAMES):
            yield ("one_node",)
        if self._may(who, ("get", "list", "watch"), "secrets"):
            yield ("all_secrets",)
        for webhooks, fact in (("mutating", "mutating"), ("validating", "control_admission")):
            plural = f"{webhooks}webhookconfigurations"
            # which of them there are is not known
            changes = any(self._may(who, CHANGES, plural, name, "", ADMISSION) for name in NAMES)
            if changes or self._may(who, ["create"], plural, group=ADMISSION):
                yield (fact,)
        if self._approves(who):
            yield ("cluster_admin",)

    def _approves(self, who: Identity) -> bool:
        signer, approval = "kubernetes.io/kube-apiserver-client", "certificatesigningrequests/approval"
        return (
            self._may(who, ["create"], "certificatesigningrequests", group=CERTIFICATES)
            and any(self._may(who, CHANGES, approval, name, "", CERTIFICATES) for name in NAMES)
            and self._may(who, ["approve"], "signers", signer, group=CERTIFICATES)
        )

    def _impersonated(self, who: Identity) -> Iterator[Fact]:
        for name in {*NAMES, *(one.name for one in self.named if one.kind == SubjectKind.USER)}:
            if self._may(who, ["impersonate"], "users", name):
                yield user(name)
        as_user = any(self._may(who, ["impersonate"], "users", name) for name in NAMES)
        as_account = any(
            self._may(who, ["impersonate"], "serviceaccounts", name, one)
            for name in NAMES
            for one in self.spaces
        )
        for name in ("system:masters", *NAMES) if as_user or as_account else ():
            if self._may(who, ["impersonate"], "groups", name):
                yield (
                    ("cluster_admin",) if name == "system:masters" else Identity("", user("x", [name]).groups)
                )

    def _starts(self, who: Identity, space: str) -> bool:
        there = [
            one.name for one in self.around.workloads if (one.kind, one.namespace) == ("Deployment", space)
        ]
        return (
            self._may(who, ["create"], "pods", space=space)
            or self._may(who, ["create"], "deployments", space=space, group="apps")
            or any(self._may(who, CHANGES, "deployments", name, space, "apps") for name in there)
        )

    def _inside(self, who: Identity, space: str) -> Iterator[Fact]:
        """What comes with a namespace as a whole."""
        everybody = [
            service_account(space, one.name) for one in self.around.accounts if one.namespace == space
        ]
        if self._starts(who, space):
            yield from everybody
            labels = self._may(who, CHANGES, "namespaces", space, space)
            volumes = self._may(who, ["create"], "persistentvolumes")
            if self.around.lets_in(space) or labels or volumes:
                yield ("node_root",)
        reading = any(
            self._may(who, ("get", "list", "watch", *CHANGES), "secrets", name, space) for name in NAMES
        )
        if self._may(who, ["create"], "secrets", space=space) and reading:
            yield from everybody
        if self._may(who, "*", "*", space=space, group="*"):
            yield ("everything", space)

    def _among(self, who: Identity, space: str) -> Iterator[Fact]:
        """What is asked for one by one."""
        for one in self.around.accounts:
            read = any(
                self._may(who, ("get", "list", "watch"), "secrets", name, space) for name in one.tokens
            )
            issued = self._may(who, ["create"], "serviceaccounts/token", one.name, space)
            if one.namespace == space and (read or issued):
                yield service_account(space, one.name)
        # the names of pods are known of those that are there; of the others, any may be met
        pods = [(name, one) for (home, name), one in self.around.pods.items() if home == space]
        pods += [("unheard-of", one) for one in self.around.workloads if one.namespace == space]
        for name, running in pods:
            if self._may(who, ["create"], "pods/exec", name, space) or self._may(
                who, CHANGES, "pods", name, space
            ):
                yield fact(running)
        for person in self._nameable(space):
            if self._may(who, ["impersonate"], "serviceaccounts", person.user.rpartition(":")[2], space):
                yield person

    def _nameable(self, space: str) -> Iterator[Identity]:
        names = {one.name for one in self.around.accounts if one.namespace == space}
        names |= {one.name for one in self.named if one.namespace == space}
        yield from (service_account(space, name) for name in sorted({*names, *NAMES}))

    def _roles(self, who: Identity) -> Iterator[Fact]:
        """What can be bound to oneself, and what can be written into what is."""
        whole = self._binds(who, "", "clusterrolebindings")
        if whole:
            yield ("cluster_admin",)
        elif self._binds(who, "", "rolebindings"):
            yield ("all_secrets",)
        for space in ("", *self.spaces):
            gain = ("everything", space) if space else ("cluster_admin",)
            if not whole and self._binds(who, space, _plural(space)):
                yield gain
            for role in self.roles:
                if role.ref.namespace != space and (role.ref.kind == "Role" or role.ref.namespace):
                    continue
                kind = f"{role.ref.kind.lower()}s"
                binds = self._may(who, ["bind"], kind, role.ref.name, space, GROUP)
                if binds and not whole and self._writes_binding(who, role, space):
                    yield Identity(f"made {space} {role.ref}")
                place = (kind, role.ref.name, role.ref.namespace, GROUP)
                escalates = self._may(who, ["escalate"], *place) and self._may(who, CHANGES, *place)
                if escalates and self._bound(who, role, space):
                    yield gain

    def _binds(self, who: Identity, space: str, plural: str) -> bool:
        """Whether any ClusterRole can be bound, cluster-admin too."""
        anything = self._may(who, ["bind"], "clusterroles", "cluster-admin", space, GROUP)
        return anything and self._may(who, ["create"], plural, space=space, group=GROUP)

    def _writes_binding(self, who: Identity, role: Role, space: str) -> bool:
        there = [one for one in self.bindings if one.ref.namespace == space and one.role == role.ref]
        return self._may(who, ["create"], _plural(space), space=space, group=GROUP) or any(
            self._may(who, CHANGES, _plural(space), one.ref.name, space, GROUP) for one in there
        )

    def _bound(self, who: Identity, role: Role, space: str) -> bool:
        bindings = [one for one in self.rest.bindings if one.ref.namespace == space and one.role == role.ref]
        return any(
            one.user == who.user if one.user else one.name in who.groups
            for binding in bindings
            for written in binding.subjects
            if (one := effective(written, space))
        )


def fact(one: Workload) -> tuple[str, ...]:
    """A workload as a fact."""
    return ("workload", one.kind, one.namespace, one.name)


def _plural(space: str) -> str:
    return "rolebindings" if space else "clusterrolebindings"


def identity(one: Subject) -> Identity:
    """Who a subject is."""
    if one.kind != SubjectKind.GROUP:
        return user(account_name(one.namespace, one.name) if one.namespace else one.name)
    if one.name == "system:unauthenticated":
        return Identity("", frozenset({one.name}))
    all_accounts = {"system:serviceaccounts"} if one.name.startswith("system:serviceaccounts:") else set()
    return Identity("", frozenset({one.name, "system:authenticated", *all_accounts}))

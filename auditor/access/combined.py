"""Where two powers of one subject lead that neither leads alone to.

Both must be its own, or those of its groups: what two subjects of a path hold is not put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from auditor.access.attributes import Attributes
from auditor.access.given import Given, Halves, Holding, given
from auditor.access.graph import ANY_NODE, CLUSTER_ADMIN, Move, Node, Place
from auditor.access.identity import MASTERS
from auditor.access.moves import Lead, Moves, inside
from auditor.access.power import Power
from auditor.access.roles import Binding, Role, SubjectKind
from auditor.access.surroundings import Surroundings
from auditor.model import ResourceRef

_SIGNERS = frozenset({"kubernetes.io/kube-apiserver-client", "kubernetes.io/*"})
"""Those with which a certificate for any user is issued; `*` after the slash is a name that is asked for."""

_REQUEST = Attributes("create", "certificates.k8s.io", "certificatesigningrequests")


class Combined:
    """The ways on that take two powers, of one cluster."""

    def __init__(
        self, roles: Iterable[Role], bindings: Iterable[Binding], around: Surroundings, moves: Moves
    ) -> None:
        """`bindings` are those whose role exists."""
        self._around = around
        self._moves = moves
        self._roles = {_key(one.ref): one for one in roles}
        self._bindings = tuple(bindings)
        self.bound: dict[Node, Given] = {}
        """Roles that somebody could bind, by their place in the graph."""
        self.spread: dict[Node, list[Node]] = {}
        """Places that stand for several of them."""

    def of(self, halves: Halves) -> Iterator[Lead]:
        """Yield where pairs of the powers lead."""
        for way in _WAYS:
            yield from way(self, halves)

    def _bind(self, halves: Halves) -> Iterator[Lead]:
        """Yield what can be bound to oneself; where that is cluster-admin, nothing else."""
        whole = [
            one for one in halves.pairs(Power.BIND, Power.BINDING_WRITE, shared=True) if _binds_all(*one)
        ]
        for bind, write, _ in whole:
            if halves.owns(bind.given, write.given):
                yield CLUSTER_ADMIN, both(bind, write, "bind any ClusterRole", second="clusterrolebindings")
        for bind, write, place in () if whole else halves.pairs(Power.BIND, Power.BINDING_WRITE):
            if "clusterrolebindings" in write.power.resources and not place:
                how = both(bind, write, "bind ClusterRoles", second="clusterrolebindings")
                yield from self._bindable(bind, write, "", how, cluster=True)
            if "rolebindings" in write.power.resources:
                how = both(bind, write, f"bind roles {inside(place)}", second="rolebindings")
                yield from self._bindable(bind, write, place, how, cluster=False)

    def _bindable(
        self, bind: Holding, write: Holding, place: str, how: Move, *, cluster: bool
    ) -> Iterator[Lead]:
        """Yield the roles that can be bound to oneself."""
        if "create" not in write.power.verbs:
            for one in self._bindings:
                if self._widens(bind, write, place, one, cluster=cluster):
                    yield self._bound(self._roles[_key(one.role)], one.ref.namespace), how
            return
        names, resources = bind.power.names, bind.power.resources
        if "clusterroles" in resources and not names:
            yield Node(Place.EVERYTHING, place), how
        elif "clusterroles" in resources:
            roles = (self._roles.get(("ClusterRole", "", name)) for name in names)
            for role in filter(None, roles):
                yield (self._bound(role, place) if place or cluster else self._everywhere(role)), how
        if "roles" in resources and not cluster:
            for target in self._own(place, names):
                yield target, how

    def _own(self, place: str, names: tuple[str, ...]) -> Iterator[Node]:
        """Yield the Roles of a namespace, or of all, that can be bound: those with these names, if any."""
        near = [
            role
            for role in self._roles.values()
            if role.ref.kind == "Role" and place in ("", role.ref.namespace)
        ]
        if names:
            yield from (self._bound(role, role.ref.namespace) for role in near if role.ref.name in names)
        elif near:
            everyone = Node(Place.ROLES, place)
            self.spread.setdefault(everyone, [self._bound(role, role.ref.namespace) for role in near])
            yield everyone

    def _widens(self, bind: Holding, write: Holding, place: str, one: Binding, *, cluster: bool) -> bool:
        """Tell whether one may name oneself in a binding that is there: its role does not change."""
        kind = "ClusterRoleBinding" if cluster else "RoleBinding"
        plural = f"{one.role.kind.lower()}s"
        return (
            one.ref.kind == kind
            and place in ("", one.ref.namespace)
            and (not write.power.names or one.ref.name in write.power.names)
            and plural in bind.power.resources
            and (not bind.power.names or one.role.name in bind.power.names)
        )

    def _bound(self, role: Role, namespace: str) -> Node:
        """Return a role as a place, bound in a namespace or, for "", by a ClusterRoleBinding."""
        one = given(role, namespace)
        self.bound.setdefault(one.node, one)
        return one.node

    def _everywhere(self, role: Role) -> Node:
        """Return a ClusterRole as a place, bound by RoleBindings wherever one likes."""
        place = Node(Place.ROLES, "", role.ref.name)
        self.spread.setdefault(place, [self._bound(role, name) for name in self._around.names()])
        return place

    def _escalate(self, halves: Halves) -> Iterator[Lead]:
        """Yield what one comes to hold by writing more into a role that one is bound to."""
        for escalate, write, place in halves.pairs(Power.ESCALATE, Power.ROLE_WRITE, shared=True):
            if write.power.verbs == ("create",):
                continue  # a new role is bound to nobody
            for one in halves.given:
                ref = one.role.ref
                plural = f"{ref.kind.lower()}s"
                written = plural in escalate.power.resources and plural in write.power.resources
                named = all(
                    not half.power.names or ref.name in half.power.names for half in (escalate, write)
                )
                reaches = ref.kind == "ClusterRole" or place in ("", ref.namespace)
                own = halves.owns(escalate.given, write.given, one)
                if written and named and reaches and own:
                    target = Node(Place.EVERYTHING, one.namespace) if one.namespace else CLUSTER_ADMIN
                    yield (
                        target,
                        both(escalate, write, f"write any right into {ref}", first=plural, second=plural),
                    )

    def _approve(self, halves: Halves) -> Iterator[Lead]:
        for update, sign, _ in halves.pairs(Power.CSR_APPROVE, Power.SIGNER_APPROVE, shared=True):
            able = not sign.power.names or not _SIGNERS.isdisjoint(sign.power.names)
            asking = (one for one in halves.given if _requests(one))
            if able and any(halves.owns(update.given, sign.given, one) for one in asking):
                yield CLUSTER_ADMIN, both(update, sign, "approve a client certificate for any user")

    def _impersonate(self, halves: Halves) -> Iterator[Lead]:
        """Yield the groups that can be impersonated: with any user, or any account, before them."""
        for group, user, _ in halves.pairs(Power.IMPERSONATE, Power.IMPERSONATE):
            if "groups" in group.power.resources and not {"users", "serviceaccounts"}.isdisjoint(
                user.power.resources
            ):
                how = both(group, user, "impersonate groups", first="groups")
                if not group.power.names:
                    yield CLUSTER_ADMIN, how
                for name in group.power.names:
                    yield (CLUSTER_ADMIN if name == MASTERS else Node(SubjectKind.GROUP, "", name)), how

    def _label(self, halves: Halves) -> Iterator[Lead]:
        for label, create, place in halves.pairs(Power.NAMESPACE_LABEL, Power.WORKLOAD_CREATE):
            names = label.power.names
            spaces = self._around.names() if place == "" else [place]
            creating = self._moves.spaces(create)
            for one in spaces:
                if (not names or one in names) and not {"", one}.isdisjoint(creating):
                    yield (
                        ANY_NODE,
                        both(label, create, f"label Namespace {one}, and run privileged pods in it"),
                    )
                    return

    def _volume(self, halves: Halves) -> Iterator[Lead]:
        for volume, create, _ in halves.pairs(Power.VOLUME_CREATE, Power.WORKLOAD_CREATE):
            for space in self._moves.spaces(create):
                words = f"create a volume of the node's disk, and run pods {inside(space)} with it"
                yield ANY_NODE, both(volume, create, words)
                return

    def _token(self, halves: Halves) -> Iterator[Lead]:
        done = set()
        for power in (Power.SECRET_READ, Power.SECRET_CHANGE):
            for create, read, place in halves.pairs(Power.SECRET_CREATE, power):
                if place not in done:
                    done.add(place)
                    words = f"make Secrets with tokens, and read them, {inside(place)}"
                    yield Node(Place.ACCOUNTS, place), both(create, read, words)


_WAYS: tuple[Callable[[Combined, Halves], Iterator[Lead]], ...] = (
    Combined._bind,
    Combined._escalate,
    Combined._approve,
    Combined._impersonate,
    Combined._label,
    Combined._volume,
    Combined._token,
)


def _key(ref: ResourceRef) -> tuple[str, str, str]:
    return ref.kind, ref.namespace, ref.name


def both(one: Holding, other: Holding, words: str, *, first: str = "", second: str = "") -> Move:
    """Return the move that takes both; `first` and `second` are the resources that matter of each."""
    grounds = (Holding(one.given, one.power, first), Holding(other.given, other.power, second))
    return Move(one.power.power.value, words, grounds)


def _binds_all(bind: Holding, write: Holding, place: str) -> bool:
    """Tell whether it takes no more to bind cluster-admin to oneself."""
    able = "clusterroles" in bind.power.resources and not bind.power.names
    return (
        able
        and not place
        and "create" in write.power.verbs
        and "clusterrolebindings" in write.power.resources
    )


def _requests(given: Given) -> bool:
    """Tell whether a certificate can be requested with it."""
    return not given.namespace and any(rule.allows(_REQUEST) for rule in given.role.rules)

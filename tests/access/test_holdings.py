"""What subjects make of several bindings, where it is borne, and who holds more than a binding gives."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from auditor.access.combinations import Combination
from auditor.access.holdings import Holdings, holding
from auditor.access.power import Power
from auditor.access.roles import RBAC, Binding, Role, Subject
from auditor.access.rule import Rule
from auditor.model import ResourceRef
from tests.access.test_rule import rule

CREATE = rule("create", "-", "secrets")
READ = rule("get", "-", "secrets")
BIND = rule("bind", "rbac.authorization.k8s.io", "clusterroles")
BIND_ROLES = rule("bind", "rbac.authorization.k8s.io", "roles")
WRITE = rule("create", "rbac.authorization.k8s.io", "rolebindings")
WRITE_CLUSTER = rule("create", "rbac.authorization.k8s.io", "clusterrolebindings")
MOVE = rule("patch", "-", "nodes")
EVICT = rule("create", "-", "pods/eviction")
HARMLESS = rule("get list watch", "-", "pods")

WEB = Subject("ServiceAccount", "web", "shop")
ALICE = Subject("User", "alice")


class Bound:
    """One binding and its role."""

    def __init__(self, name: str, namespace: str, subject: Subject | None, *rules: Rule, ships: bool = False):
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        self.ref = ResourceRef(RBAC, kind, name, namespace)
        role = Role(ResourceRef(RBAC, "ClusterRole", f"role-{name}"), rules)
        subjects = (subject,) if subject else ()
        self.held = holding(Binding(self.ref, role.ref, subjects), role, ships=ships)


def holdings(*bound: Bound, accounts: Iterable[Subject] | None = None) -> Holdings:
    existing = None if accounts is None else frozenset(accounts)
    return Holdings((one.held for one in bound if one.held), existing)


def borne(*bound: Bound) -> dict[str, set[str]]:
    """Return by the name of the binding which combinations it bears."""
    found = holdings(*bound)
    joined = {one.ref.name: found.joined(one.held) for one in bound if one.held and not one.held.ships}
    return {name: set(made) for name, made in joined.items() if made}


def group(name: str) -> Subject:
    return Subject("Group", name)


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        # one binding that gives both, to whom it may
        ([Bound("a", "shop", ALICE, CREATE, READ)], {"a": {"account_token"}}),
        # the first by kind, name and namespace bears what two give
        ([Bound("b", "shop", WEB, READ), Bound("a", "shop", WEB, CREATE)], {"a": {"account_token"}}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "", WEB, READ)], {"b": {"account_token"}}),
        # not twice, where one of them gives both
        ([Bound("a", "shop", WEB, CREATE, READ), Bound("b", "shop", WEB, READ)], {"a": {"account_token"}}),
        ([Bound("a", "bank", WEB, CREATE), Bound("b", "bank", WEB, READ), Bound("c", "", WEB, CREATE, READ)],
         {"c": {"account_token"}}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", WEB, CREATE, READ)], {"b": {"account_token"}}),
        # but where the one that gives both does so in another namespace
        ([Bound("a", "bank", WEB, CREATE, READ), Bound("b", "shop", WEB, CREATE),
          Bound("c", "shop", WEB, READ)],
         {"a": {"account_token"}, "b": {"account_token"}}),
        # halves that never meet: another namespace, another subject
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "bank", WEB, READ)], {}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", ALICE, READ)], {}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", WEB, MOVE)], {}),
        # by groups that one is certain to be in
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", group("system:serviceaccounts:shop"), READ)],
         {"a": {"account_token"}}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", group("system:serviceaccounts"), READ)],
         {"a": {"account_token"}}),
        ([Bound("a", "shop", WEB, CREATE), Bound("b", "shop", group("system:serviceaccounts:bank"), READ)],
         {}),
        ([Bound("a", "shop", ALICE, CREATE), Bound("b", "shop", group("system:authenticated"), READ)],
         {"a": {"account_token"}}),
        ([Bound("a", "shop", group("ops"), CREATE), Bound("b", "shop", group("system:authenticated"), READ)],
         {"a": {"account_token"}}),
        ([Bound("a", "shop", group("system:unauthenticated"), CREATE),
          Bound("b", "shop", group("system:authenticated"), READ)], {}),
        ([Bound("a", "shop", group("system:serviceaccounts:shop"), CREATE),
          Bound("b", "shop", group("system:serviceaccounts"), READ)], {"a": {"account_token"}}),
        # a binding that ships bears nothing, and completes what others give
        ([Bound("a", "shop", WEB, CREATE, ships=True), Bound("b", "shop", WEB, READ)],
         {"b": {"account_token"}}),
        ([Bound("a", "shop", WEB, CREATE, ships=True), Bound("b", "shop", WEB, READ, ships=True),
          Bound("c", "shop", WEB, EVICT)], {}),
        # a role is bound where both halves are, and a ClusterRoleBinding takes ClusterRoles alone
        ([Bound("a", "", WEB, BIND, WRITE_CLUSTER)], {"a": {"role_grant"}}),
        ([Bound("a", "", WEB, BIND_ROLES, WRITE)], {"a": {"role_grant"}}),
        ([Bound("a", "", WEB, BIND_ROLES, WRITE_CLUSTER)], {}),
        ([Bound("a", "shop", WEB, BIND), Bound("b", "", WEB, WRITE_CLUSTER)], {}),
        ([Bound("a", "shop", WEB, BIND), Bound("b", "", WEB, WRITE)], {"b": {"role_grant"}}),
        ([Bound("a", "", WEB, MOVE), Bound("b", "shop", WEB, EVICT)], {"a": {"pod_move"}}),
    ],
)  # fmt: skip
def test_combinations(bound: list[Bound], expected: dict[str, set[str]]) -> None:
    assert borne(*bound) == expected


def test_who_holds_both_is_told() -> None:
    subjects = [Subject("ServiceAccount", name, "shop") for name in ("web", "api")]
    makes = [Bound(f"a-{one.name}", "shop", one, CREATE) for one in subjects]
    reads = Bound("b", "shop", group("system:serviceaccounts:shop"), READ)
    found = holdings(*makes, reads)
    for one, subject in zip(makes, subjects, strict=True):
        assert one.held
        (joined,) = found.joined(one.held)[Combination.ACCOUNT_TOKEN]
        assert joined.subjects == (subject,)
        assert (joined.pair.first.binding, joined.pair.second.binding) == (one.ref, reads.ref)


def test_what_a_group_makes_alone_is_told_of_the_group() -> None:
    makes = Bound("a", "shop", group("system:serviceaccounts:shop"), CREATE)
    reads = Bound("b", "shop", group("system:authenticated"), READ)
    own = Bound("c", "shop", WEB, EVICT)
    assert makes.held
    (joined,) = holdings(makes, reads, own).joined(makes.held)[Combination.ACCOUNT_TOKEN]
    assert joined.subjects == (group("system:serviceaccounts:shop"),)


def test_pairs_differ_in_names_alone() -> None:
    named = [rule("get", "-", "secrets", name) for name in ("x", "y", "x")]
    one = Bound("a", "shop", WEB, CREATE, CREATE, *named)
    assert one.held
    found = holdings(one).joined(one.held)[Combination.ACCOUNT_TOKEN]
    assert [joined.pair.second.held.names for joined in found] == [("x",), ("y",)]


def test_nothing_is_held_without_subjects_or_powers() -> None:
    assert Bound("a", "shop", None, READ).held is None
    assert Bound("a", "", Subject("ServiceAccount", "web"), READ).held is None  # of no namespace: nobody
    assert Bound("a", "shop", WEB, HARMLESS).held is None


# --- who is stronger ------------------------------------------------------------------------------

API = Subject("ServiceAccount", "api", "shop")


@pytest.mark.parametrize(
    ("other", "stronger"),
    [
        (Bound("b", "shop", API, CREATE, READ), True),
        (Bound("b", "shop", API, READ), False),  # as much
        (Bound("b", "", API, READ), True),  # the same, everywhere
        (Bound("b", "bank", API, READ), True),  # the same, elsewhere
        (Bound("b", "shop", API, EVICT, rule("patch", "-", "pods/status")), False),  # slight powers
        (Bound("b", "shop", API, HARMLESS), False),
        (Bound("b", "shop", ALICE, CREATE), False),  # no ServiceAccount
        (Bound("b", "shop", WEB, CREATE), False),  # its own subject
        (Bound("b", "shop", Subject("ServiceAccount", "api", "bank"), CREATE), False),  # of another namespace
    ],
)
def test_stronger_in_a_namespace(other: Bound, stronger: bool) -> None:
    found = holdings(Bound("a", "shop", WEB, READ), other).stronger("shop", [Power.SECRET_READ], [WEB])
    assert found == ((API,) if stronger else ())


@pytest.mark.parametrize(
    ("other", "stronger"),
    [
        (Bound("b", "bank", API, CREATE), True),
        (Bound("b", "bank", API, READ), False),  # the whole cluster has it in it
        (Bound("b", "bank", WEB, CREATE), False),
    ],
)
def test_stronger_in_the_cluster(other: Bound, stronger: bool) -> None:
    found = holdings(Bound("a", "", WEB, READ), other).stronger("", [Power.SECRET_READ], [WEB])
    assert found == ((API,) if stronger else ())


def test_an_account_that_does_not_exist_is_not_stronger() -> None:
    bound = Bound("b", "shop", API, CREATE)
    assert holdings(bound, accounts=[API]).stronger("shop", [], []) == (API,)
    assert holdings(bound, accounts=[WEB]).stronger("shop", [], []) == ()

"""What ships with Kubernetes is known by its name, its label, and by having nothing more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.access.aggregate import summed
from auditor.access.resources import VERSION
from auditor.access.roles import RBAC, Binding, Role, Subject
from auditor.access.rule import Rule
from auditor.access.shipped import LABEL, is_pinned, nearest, pinned, shipped
from auditor.model import ResourceRef

SHIPPED = shipped()
VIEW = SHIPPED.roles[ResourceRef(RBAC, "ClusterRole", "view")]
DISCOVERY = SHIPPED.bindings[ResourceRef(RBAC, "ClusterRoleBinding", "system:discovery")]
READER = Rule(("get",), ("",), ("secrets",))
JANE = Subject("User", "jane")


def other(one: Role | Binding, **fields: Any) -> Any:
    return msgspec.structs.replace(one, **fields)


def test_versions() -> None:
    newest = pinned()[-1]
    assert newest == VERSION
    assert nearest("") == nearest("nonsense") == nearest("v1.999.0") == newest
    assert nearest(f"{newest}.3+k3s1") == nearest(newest.removeprefix("v")) == newest
    assert nearest("v1.2") == pinned()[0]
    assert is_pinned(f"{newest}.9")
    assert not is_pinned("v1.2")
    assert not is_pinned("")


def test_as_it_ships_it_is_shipped() -> None:
    assert all(map(SHIPPED.has_role, SHIPPED.roles.values()))
    assert all(map(SHIPPED.has_binding, SHIPPED.bindings.values()))
    assert SHIPPED.role("view") == VIEW
    assert SHIPPED.role("mine") is None


def test_sums_have_their_rules() -> None:
    """Manifests are judged by them: a controller has written them, and we would write the same."""
    whole = {role.ref: role for role in summed(SHIPPED.roles.values())}
    assert all(frozenset(role.rules) == frozenset(whole[ref].rules) for ref, role in SHIPPED.roles.items())
    assert len(VIEW.rules) > 5


@pytest.mark.parametrize(
    ("role", "ships"),
    [
        (other(VIEW, rules=VIEW.rules[:3]), True),
        (other(VIEW, rules=tuple(reversed(VIEW.rules))), True),
        (other(VIEW, rules=(Rule(("get",), ("",), ("pods",), ("web",)),)), True),
        (other(VIEW, labels={}), False),
        (other(VIEW, labels={LABEL: "mine"}), False),
        (other(VIEW, rules=(*VIEW.rules, READER)), False),
        (other(VIEW, ref=ResourceRef(RBAC, "ClusterRole", "system:mine")), False),
        (other(VIEW, ref=ResourceRef(RBAC, "Role", "view", "shop")), False),
    ],
)
def test_a_role_ships_by_name_label_and_rules(role: Role, ships: bool) -> None:
    assert SHIPPED.has_role(role) is ships


@pytest.mark.parametrize(
    ("binding", "ships"),
    [
        (other(DISCOVERY, subjects=()), True),
        (other(DISCOVERY, subjects=(*DISCOVERY.subjects, Subject("ServiceAccount", "nobody"))), True),
        (other(DISCOVERY, subjects=(*DISCOVERY.subjects, JANE)), False),
        (other(DISCOVERY, labels={}), False),
        (other(DISCOVERY, role=VIEW.ref), False),
        (other(DISCOVERY, role=VIEW.ref, subjects=()), False),
        (other(DISCOVERY, ref=ResourceRef(RBAC, "ClusterRoleBinding", "kubeadm:get-nodes")), False),
    ],
)
def test_a_binding_ships_by_name_label_role_and_subjects(binding: Binding, ships: bool) -> None:
    assert SHIPPED.has_binding(binding) is ships


def test_what_is_more_is_told() -> None:
    rules = (Rule(("get", "delete"), ("",), ("pods",)), *VIEW.rules, Rule(("get",), paths=("/metrics",)))
    first, last = SHIPPED.extra_rules(other(VIEW, rules=rules))
    assert (first.rule, first.gives) == (0, (Rule(("delete",), ("",), ("pods",)),))
    assert (last.rule, last.gives) == (len(rules) - 1, (rules[-1],))
    subjects = (JANE, *DISCOVERY.subjects, Subject("ServiceAccount", "web", "shop"))
    assert SHIPPED.extra_subjects(other(DISCOVERY, subjects=subjects)) == (0, 2)
    assert SHIPPED.extra_subjects(other(DISCOVERY, subjects=subjects, role=VIEW.ref)) == (0, 1, 2)


def test_a_user_called_like_an_account_is_that_account() -> None:
    ref = ResourceRef(RBAC, "ClusterRoleBinding", "system:controller:job-controller")
    account = Subject("User", "system:serviceaccount:kube-system:job-controller")
    assert SHIPPED.has_binding(other(SHIPPED.bindings[ref], subjects=(account,)))

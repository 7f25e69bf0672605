"""`auditor access`: how a subject is written, and what is answered, as table and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.access.roles import Subject, SubjectKind
from auditor.access.subject_access import subject
from auditor.cli.access import answer
from auditor.cli.app import run
from auditor.errors import UsageError
from auditor.model import Body, Gap
from auditor.report.access import AccessTable
from tests import factories as make
from tests.access.escapes import RBAC, accounts, admin, bind, grant, role, rule, space
from tests.access.test_who_can import manifests

HOSTILE = "\x1b[31mred\u202e[bold]x"
BODIES = [
    space("shop", "restricted"),
    *accounts("shop/web shop/boss"),
    *admin("shop/boss"),
    *grant("issue", "shop/web", rule("create", "serviceaccounts/token"), namespace="shop"),
    *grant(
        "look", "group system:authenticated", rule("get", "pods", names="a b"), rule("list", "jobs", "batch")
    ),
]


@pytest.mark.parametrize(
    ("text", "kind", "name", "namespace"),
    [
        ("shop/web", SubjectKind.SERVICE_ACCOUNT, "web", "shop"),
        ("serviceaccount/user/group", SubjectKind.SERVICE_ACCOUNT, "group", "user"),
        ("sa/shop/web", SubjectKind.SERVICE_ACCOUNT, "web", "shop"),
        ("system:serviceaccount:shop:web", SubjectKind.SERVICE_ACCOUNT, "web", "shop"),
        ("user/system:serviceaccount:shop:web", SubjectKind.SERVICE_ACCOUNT, "web", "shop"),
        ("user/https://login.example.com/jane", SubjectKind.USER, "https://login.example.com/jane", ""),
        ("Group/dev", SubjectKind.GROUP, "dev", ""),
    ],
)
def test_subjects_are_understood(text: str, kind: SubjectKind, name: str, namespace: str) -> None:
    assert subject(text) == Subject(kind, name, namespace)


@pytest.mark.parametrize("text", ["", "jane", "/", "shop/", "/web", "a/b/c", "sa/web/", "user/"])
def test_what_names_nobody(text: str) -> None:
    with pytest.raises(UsageError, match="names no subject"):
        subject(text)


def test_the_nearest_form_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'user'"):
        subject("usr/https://x")


def asked(text: str, *bodies: Body, gaps: tuple[Gap, ...] = ()) -> tuple[Any, str]:
    resources = map(make.resource, bodies)
    return answer(make.FakeSource(*resources, *gaps), subject(text))


def test_grants_name_binding_role_and_group() -> None:
    found, note = asked("shop/web", *BODIES)
    assert note == ""
    assert [(one.binding, one.role, one.namespace, one.subject) for one in found.grants] == [
        ("ClusterRoleBinding look", "ClusterRole look", "", "Group system:authenticated"),
        ("RoleBinding shop/issue", "ClusterRole issue", "shop", "ServiceAccount shop/web"),
    ]
    assert found.grants[1].check == (
        "kubectl auth can-i --list --namespace=shop --as=system:serviceaccount:shop:web"
    )


def test_each_step_has_the_command_that_asks_for_it() -> None:
    found, _ = asked("shop/web", *BODIES)
    [reach] = found.reaches
    assert [(step["edge"], step["checks"]) for step in reach.path] == [
        (
            "token_request",
            [
                "kubectl auth can-i create serviceaccounts --subresource=token --namespace=shop "
                "--as=system:serviceaccount:shop:web"
            ],
        ),
        (
            "cluster_admin",
            ["kubectl auth can-i '*' '*' --all-namespaces --as=system:serviceaccount:shop:boss"],
        ),
    ]


def test_membership_is_shown_by_whoami() -> None:
    found, _ = asked("shop/web", *accounts("shop/web"), *admin("group system:serviceaccounts"))
    assert found.reaches[0].path[0]["checks"] == ["kubectl auth whoami --as=system:serviceaccount:shop:web"]


def test_a_workload_is_shown_as_it_is() -> None:
    steps = grant("x", "user jane", rule("create", "pods/exec"), namespace="shop")
    body = make.deployment(make.pod_spec(serviceAccountName="boss"))
    found, _ = asked("user/jane", *BODIES, *steps, body)
    assert found.reaches[0].path[1]["checks"] == ["kubectl get deployment web --namespace=shop -o yaml"]


def test_two_grants_that_make_one_step_are_both_named() -> None:
    halves = [
        *grant("a", "shop/web", rule("bind", "clusterroles", RBAC)),
        *grant("b", "shop/web", rule("create", "clusterrolebindings", RBAC)),
    ]
    found, _ = asked("shop/web", *accounts("shop/web"), *halves)
    [step] = found.reaches[0].path
    assert step["binding"] == "ClusterRoleBinding a"
    assert step["with"] == [{"binding": "ClusterRoleBinding b", "role": "ClusterRole b", "rule": 0}]
    assert len(step["checks"]) == 2


def test_who_is_named_nowhere_is_told_with_the_nearest() -> None:
    _, note = asked("shop/wep", *BODIES)
    assert note.endswith("did you mean 'serviceaccount/shop/web'?")


def test_what_was_not_read_is_told() -> None:
    gap = Gap("ClusterRole", "403: forbidden", "nothing")
    broken: Body = {**role("r"), "rules": [{"verbs": "get"}]}
    found, _ = asked(
        "shop/web", *BODIES, broken, make.obj("Namespace", name="n", labels={"a": 1}), gaps=(gap,)
    )
    assert sorted(one.kind for one in found.unread) == ["ClusterRole", "ClusterRole", "Namespace"]


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = manifests(tmp_path, *BODIES)
    assert run(["access", "shop/web", "-f", str(path), "-o", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["subject", "grants", "reaches", "unread", "beside"]
    assert found["subject"] == {"kind": "ServiceAccount", "name": "web", "namespace": "shop"}
    step = found["reaches"][0]["path"][0]
    assert {"from", "to", "edge", "binding", "role", "rule"} <= step.keys()


def test_lines_for_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = manifests(tmp_path, *BODIES)
    assert run(["access", "shop/web", "-f", str(path)]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["grant", "grant", "grant", "cluster_admin", "cluster_admin"]
    assert lines[0][6] == "get pods named a, b"
    assert lines[1][6] == "list jobs of batch"
    assert lines[2][1:6] == [
        "ServiceAccount shop/web",
        "RoleBinding shop/issue",
        "ClusterRole issue",
        "0",
        "shop",
    ]
    assert lines[3][1:5] == ["1", "ServiceAccount shop/web", "ServiceAccount shop/boss", "token_request"]


def screen(text: str, *bodies: Body) -> str:
    found, _ = asked(text, *bodies)
    out = io.StringIO()
    AccessTable(tty=True, width=200).render(found, out)
    return out.getvalue()


def test_a_screen() -> None:
    shown = screen("shop/web", *BODIES)
    assert "in all namespaces, by ClusterRoleBinding look of ClusterRole look, as a member of Group" in shown
    assert "  cluster admin, in 2 steps\n" in shown
    assert "1. ServiceAccount shop/web: request tokens in shop -> ServiceAccount shop/boss" in shown
    assert "RoleBinding shop/issue gives ClusterRole issue, rule 1" in shown


def test_a_screen_of_nobody() -> None:
    shown = screen("user/jane")
    assert "nothing: no binding names it" in shown
    assert "none of cluster admin" in shown


def test_names_from_the_cluster_stay_names() -> None:
    bodies = [
        role("r", rule(HOSTILE, "pods")),
        bind("b", f"user {HOSTILE}", role="r"),
        *admin(f"user {HOSTILE}"),
    ]
    for tty in (True, False):
        found, _ = asked(f"user/{HOSTILE}", *bodies)
        out = io.StringIO()
        AccessTable(tty=tty, width=200).render(found, out)
        assert "\x1b" not in out.getvalue()
        assert "\u202e" not in out.getvalue()
        assert "[bold]" in out.getvalue()

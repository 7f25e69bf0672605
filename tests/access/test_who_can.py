"""`auditor who-can`: the holders that it names are those whom the API server lets through, and no others."""

from __future__ import annotations

import json
import re
import shlex
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.access.attributes import Attributes
from auditor.access.identity import Identity, service_account, user
from auditor.access.objects import BINDINGS, ROLES
from auditor.access.roles import SubjectKind
from auditor.access.who_can import attributes, who_can
from auditor.cli.app import run
from auditor.errors import UsageError
from tests.access.reviews import Server
from tests.access.worlds import Maker, World
from tests.live.live import audit

QUESTIONS = 60
COMMANDS = 6
"""How many of the commands that are shown are run: each is a process."""

ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "readers", "labels": {"sum": "all"}},
    "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
}
SUM = {
    **ROLE,
    "metadata": {"name": "everything"},
    "rules": [],
    "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"sum": "all"}}]},
}
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "all", "namespace": "shop"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "everything"},
    "subjects": [
        {"kind": "ServiceAccount", "name": "web"},
        {"kind": "User", "name": "system:serviceaccount:tools:runner"},
    ],
}


@pytest.fixture(scope="module")
def made(server: Server) -> Iterator[tuple[Maker, World]]:
    """A world that is written, and its maker."""
    maker = Maker(f"c{uuid.uuid4().hex[:8]}", 7)
    world = maker.world()
    server.write(world)
    yield maker, world
    server.erase(world)


def manifests(folder: Path, *objects: Any) -> Path:
    """Write objects into one file; return its path."""
    path = folder / "rbac.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    return path


def test_holders_are_those_whom_the_server_lets_through(server: Server, made: tuple[Maker, World]) -> None:
    maker, world = made
    authoriser = server.authoriser()
    asked = [asked for _, asked in maker.questions(world, QUESTIONS)]
    questions, expected = [], []
    for one in asked:
        held = who_can(authoriser, one).subjects
        names = {(holder.kind, holder.name, holder.namespace) for holder in held}
        for person in world.people:
            account = _account(person)
            own = account in names or (SubjectKind.USER, person.user, "") in names
            questions.append((person, one))
            expected.append(own or any((SubjectKind.GROUP, group, "") in names for group in person.groups))
    answers = [review.allowed for review in server.review(questions)]
    assert [one for one in zip(questions, answers, expected, strict=True) if one[1] != one[2]] == []
    assert any(answers)
    assert not all(answers)


def _account(person: Identity) -> tuple[str, str, str]:
    namespace, _, name = person.user.removeprefix("system:serviceaccount:").partition(":")
    return (SubjectKind.SERVICE_ACCOUNT, name, namespace)


def test_the_commands_that_are_shown_say_yes(server: Server, made: tuple[Maker, World]) -> None:
    maker, world = made
    authoriser = server.authoriser()
    shown = {
        holder.check
        for _, asked in maker.questions(world, QUESTIONS)
        # kubectl asks the server which resources there are, and looks at no other
        if asked.resource in ("pods", "secrets", "namespaces", "nodes") and asked.group == ""
        for holder in who_can(authoriser, asked).subjects
        if not re.search(r"[\x00-\x1f]", holder.name)  # no header of HTTP can hold these
    }
    assert len(shown) >= COMMANDS
    for command in sorted(shown)[:COMMANDS]:
        _, *words = shlex.split(command)
        assert server.plane.kubectl(*words).strip().endswith("yes"), command


def test_a_cluster_is_asked(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["who-can", "*", "*", "--kubeconfig", str(server.plane.kubeconfig), "-o", "json"])
    held = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {"kind": "Group", "name": "system:masters"}.items() <= held["subjects"][0].items()
    assert held["subjects"][0]["via"][0]["binding"] == "ClusterRoleBinding cluster-admin"


def test_what_may_not_be_read_is_told(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--kubeconfig", str(server.plane.kubeconfig), "--context", "nobody"]
    code = run(["who-can", "get", "secrets", *words, "-o", "json"])
    assert code == 3
    assert "forbidden" in capsys.readouterr().err


def test_a_snapshot_answers_as_its_cluster(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], made: tuple[Maker, World]
) -> None:
    _, world = made
    file, kubeconfig = tmp_path / "cluster.snapshot", ("--kubeconfig", str(server.plane.kubeconfig))
    audit(tmp_path / "audit.json", "--policy", "rbac_broad_group", *kubeconfig, "--save-snapshot", file)
    capsys.readouterr()
    for asked in (("get", "secrets", "-n", world.namespaces[0]), ("*", "*"), ("get", "/metrics")):
        answers = []
        for source in (kubeconfig, ("--snapshot", str(file))):
            assert run(["who-can", *asked, *source, "-o", "json"]) == 0
            answers.append(json.loads(capsys.readouterr().out))
        assert answers[0]["subjects"]
        assert answers[0] == answers[1]


def test_a_snapshot_without_bindings_says_so(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kubeconfig = tmp_path / "cluster.snapshot", ("--kubeconfig", server.plane.kubeconfig)
    audit(tmp_path / "audit.json", "--policy", "host_pid", *kubeconfig, "--save-snapshot", file)
    capsys.readouterr()
    assert run(["who-can", "get", "secrets", "--snapshot", str(file), "-o", "json"]) == 3
    unread = json.loads(capsys.readouterr().out)["unread"]
    assert sorted(one["kind"] for one in unread) == sorted((*ROLES, *BINDINGS))


def test_sums_count_in_manifests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = manifests(tmp_path, ROLE, SUM, BINDING)
    assert run(["who-can", "get", "secrets", "-n", "shop", "-f", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ServiceAccount shop/web\tRoleBinding shop/all\tClusterRole everything\t0",
        "ServiceAccount tools/runner\tRoleBinding shop/all\tClusterRole everything\t0",
    ]


def test_a_manifest_may_bind_a_role_that_ships(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`edit` is in every cluster, and in no file."""
    edit = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    bound = {**BINDING, "roleRef": edit}
    path = manifests(tmp_path, bound)
    assert run(["who-can", "get", "secrets", "-n", "shop", "-f", str(path)]) == 0
    assert [line.rpartition("\t")[0] for line in capsys.readouterr().out.splitlines()] == [
        "ServiceAccount shop/web\tRoleBinding shop/all\tClusterRole edit",
        "ServiceAccount tools/runner\tRoleBinding shop/all\tClusterRole edit",
    ]


def test_a_binding_of_another_namespace_gives_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = manifests(tmp_path, ROLE, SUM, BINDING)
    assert run(["who-can", "get", "secrets", "-n", "tools", "-f", str(path)]) == 0
    assert capsys.readouterr().out == ""


def test_a_credential_in_an_annotation_hides_no_role(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2huIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
    metadata = {"name": "readers", "labels": {"sum": "all"}, "annotations": {"token": token}}
    odd = {**ROLE, "metadata": metadata}
    path = manifests(tmp_path, odd, SUM, BINDING)
    assert run(["who-can", "get", "secrets", "-n", "shop", "-f", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_role_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {**ROLE, "rules": [{"apiGroups": [""], "resources": "secrets", "verbs": ["get"]}]}
    path = manifests(tmp_path, broken, SUM, BINDING)
    assert run(["who-can", "get", "secrets", "-n", "shop", "-f", str(path), "-o", "json"]) == 3
    unread = json.loads(capsys.readouterr().out)["unread"]
    assert [one["kind"] for one in unread] == ["ClusterRole"]
    assert "resources" in unread[0]["reason"]


def test_a_namespace_is_asked_for_inside_itself() -> None:
    assert attributes("patch", "namespaces", "shop", "") == (
        Attributes("patch", "", "namespaces", "", "shop", "shop"),
        [],
    )


@pytest.mark.parametrize(
    ("what", "group", "resource", "sub"),
    [
        ("pods", "", "pods", ""),
        ("events", "", "events", ""),
        ("deployments/scale", "apps", "deployments", "scale"),
        ("certificates.cert-manager.io", "cert-manager.io", "certificates", ""),
        ("*", "*", "*", ""),
    ],
)
def test_resources_are_understood(what: str, group: str, resource: str, sub: str) -> None:
    asked, _ = attributes("get", what, "", "shop")
    assert (asked.group, asked.resource, asked.subresource) == (group, resource, sub)


def test_unknown_words_are_told() -> None:
    with pytest.raises(UsageError, match="unknown resource 'podz'; did you mean 'pods'"):
        attributes("get", "podz", "", "shop")
    assert "did you mean 'get'" in attributes("gets", "pods", "", "shop")[1][0]


def test_who_people_are() -> None:
    assert "system:serviceaccounts:shop" in service_account("shop", "web").groups
    assert user("system:serviceaccount:shop:web") == service_account("shop", "web")
    assert user("jane").groups == {"system:authenticated"}
    assert user("system:anonymous").groups == {"system:unauthenticated"}

"""On a real API server: each step that is shown is allowed, and what it is said to lead to can be done."""

from __future__ import annotations

import json
import shlex
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.app import run
from auditor.model import Body
from tests import factories as make
from tests.access.escapes import RBAC, accounts, bind, role, rule
from tests.access.reviews import Server
from tests.live.live import audit
from tools.cluster.plane import ClusterError

RIGHTS = {
    "binder": [rule("bind", "clusterroles", RBAC), rule("create", "clusterrolebindings", RBAC)],
    "writer": [rule("escalate update patch get", "clusterroles", RBAC)],
    "labeller": [rule("get update patch create", "clusterroles", RBAC)],
    "actor": [rule("impersonate", "users groups")],
    "sharer": [rule("create", "clusterrolebindings", RBAC)],
}
"""What each account holds in the whole cluster."""

EVERYTHING: Body = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


class Place:
    """A namespace with accounts that hold little, each of which may come to more, or may not."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name

    def objects(self) -> list[Body]:
        own = self.name
        found: list[Body] = [
            make.obj("Namespace", name=own, labels={"pod-security.kubernetes.io/enforce": "restricted"})
        ]
        found += accounts(" ".join(f"{own}/{name}" for name in (*RIGHTS, "boss", "web", "chief")))
        for name, rules in RIGHTS.items():
            found += [role(f"{own}-{name}", *rules), bind(f"{own}-{name}", f"{own}/{name}")]
        found.append(bind(f"{own}-boss", f"{own}/boss", role="cluster-admin"))
        found.append(bind("chief", f"{own}/chief", role="cluster-admin", namespace=own))
        issuing = rule("create", "serviceaccounts/token", names="boss")
        return [
            *found,
            role("issuer", issuing, namespace=own),
            bind("issuer", f"{own}/web", namespace=own, own=True),
        ]

    def user(self, name: str) -> str:
        return f"system:serviceaccount:{self.name}:{name}"

    def kubectl(self, *words: str, by: str, body: Body | None = None) -> str:
        """Do something as an account."""
        text = json.dumps(body) if body else None
        return self.server.plane.kubectl(*words, f"--as={self.user(by)}", input=text)

    def token(self, of: str, *, by: str = "") -> str:
        words = [f"--as={self.user(by)}"] if by else []
        return self.server.plane.kubectl("create", "token", of, f"--namespace={self.name}", *words).strip()

    def is_admin(self, *words: str) -> bool:
        """Ask the server as whomever the words say; kubectl fails where the answer is no."""
        try:
            return self.server.plane.kubectl("auth", "can-i", "*", "*", *words).strip().endswith("yes")
        except ClusterError:
            return False


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    """All of it, and that it is gone afterwards from where it would count for others."""
    found = Place(server, f"p{uuid.uuid4().hex[:8]}")
    bodies = found.objects()
    listed = {"apiVersion": "v1", "kind": "List", "items": bodies}
    server.plane.kubectl("create", "-f", "-", input=json.dumps(listed))
    yield found
    names = [body["metadata"]["name"] for body in bodies if body["kind"] == "ClusterRoleBinding"]
    server.plane.kubectl("delete", "clusterrolebinding", f"{found.name}-new", *names, "--ignore-not-found")
    server.plane.kubectl("delete", "namespace", found.name, "--wait=false")


def access(place: Place, capsys: pytest.CaptureFixture[str], name: str) -> dict[str, Any]:
    """What is said of an account."""
    words = [
        "access",
        f"{place.name}/{name}",
        "--kubeconfig",
        str(place.server.plane.kubeconfig),
        "-o",
        "json",
    ]
    assert run(words) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def edges(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {one["sink"]: [step["edge"] for step in one["path"]] for one in answer["reaches"]}


def refused(place: Place, words: Sequence[str], by: str, body: Body | None = None) -> str:
    with pytest.raises(ClusterError) as error:
        place.kubectl(*words, by=by, body=body)
    return str(error.value)


@pytest.mark.parametrize("name", ["web", "binder", "writer", "actor", "chief"])
def test_the_commands_that_are_shown_say_yes(
    place: Place, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    answer = access(place, capsys, name)
    assert answer["reaches"]
    shown = {check for one in answer["reaches"] for step in one["path"] for check in step["checks"]}
    assert shown
    for command in sorted(shown):
        _, *words = shlex.split(command)
        assert place.server.plane.kubectl(*words).strip().endswith("yes"), command


def test_grants_are_what_the_server_lists(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    answer = access(place, capsys, "web")
    own = [one for one in answer["grants"] if one["binding"] == f"RoleBinding {place.name}/issuer"]
    assert [one["rules"][0]["resources"] for one in own] == [["serviceaccounts/token"]]
    for one in answer["grants"]:
        _, *words = shlex.split(one["check"])
        listed = place.server.plane.kubectl(*words)
        for written in one["rules"]:
            for text in (*written.get("resources", ()), *written.get("nonResourceURLs", ())):
                assert text in listed


def test_a_token_that_is_issued_is_that_of_an_admin(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert edges(access(place, capsys, "web")) == {"cluster_admin": ["token_request", "cluster_admin"]}
    assert place.is_admin(f"--token={place.token('boss', by='web')}")
    assert "forbidden" in refused(place, ["create", "token", "chief", f"--namespace={place.name}"], "web")


def test_who_binds_makes_himself_admin(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert edges(access(place, capsys, "binder"))["cluster_admin"] == ["bind"]
    assert edges(access(place, capsys, "sharer")) == {}
    name = f"{place.name}-new"
    new = bind(name, f"{place.name}/binder, {place.name}/sharer", role="cluster-admin")
    assert "attempting to grant RBAC permissions not currently held" in refused(
        place, ["create", "-f", "-"], "sharer", new
    )
    place.kubectl("create", "-f", "-", by="binder", body=new)
    assert place.is_admin(f"--as={place.user('binder')}")
    place.server.plane.kubectl("delete", "clusterrolebinding", name)


def test_who_escalates_writes_himself_admin(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert edges(access(place, capsys, "writer"))["cluster_admin"] == ["escalate"]
    name = f"{place.name}-writer"
    patch = json.dumps([{"op": "add", "path": "/rules/-", "value": EVERYTHING}])
    words = ["patch", "clusterrole", name, "--type=json", f"--patch={patch}"]
    assert "attempting to grant RBAC permissions not currently held" in refused(place, words, "labeller")
    place.kubectl(*words, by="writer")
    assert place.is_admin(f"--as={place.user('writer')}")


def test_a_label_gives_nobody_what_who_writes_it_lacks(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edges(access(place, capsys, "labeller")) == {}
    label = [
        "label",
        "clusterrole",
        "system:kube-scheduler",
        "rbac.authorization.k8s.io/aggregate-to-view=true",
    ]
    assert "attempting to grant RBAC permissions not currently held" in refused(place, label, "labeller")
    sums: Body = {
        **role(f"{place.name}-sum"),
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
    }
    assert "must have cluster-admin privileges" in refused(place, ["create", "-f", "-"], "labeller", sums)


def test_who_impersonates_groups_is_a_master(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert edges(access(place, capsys, "actor"))["cluster_admin"] == ["impersonate"]
    assert place.is_admin(f"--token={place.token('actor')}", "--as=anybody", "--as-group=system:masters")
    other = f"--token={place.token('web')}"
    assert not place.is_admin(other, "--as=anybody", "--as-group=system:masters")


def test_everything_in_a_namespace_lets_privileged_pods_in(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edges(access(place, capsys, "chief"))["node_root"] == ["cluster_admin"]
    context = {"privileged": True}
    pod = make.pod(make.pod_spec(containers=[make.container(securityContext=context)]), namespace=place.name)
    assert "violates PodSecurity" in refused(place, ["create", "-f", "-"], "chief", pod)
    label = "pod-security.kubernetes.io/enforce=privileged"
    place.kubectl("label", "namespace", place.name, label, "--overwrite", by="chief")
    place.kubectl("create", "-f", "-", by="chief", body=pod)
    assert "forbidden" in refused(place, ["label", "namespace", "default", label], "chief")


def test_an_audit_finds_the_path_of_what_is_exposed_and_nothing_else(place: Place, tmp_path: Path) -> None:
    spec = make.pod_spec(serviceAccountName="web", hostNetwork=True)
    outer = {"selector": {"matchLabels": {"app": "x"}}, "replicas": 0}
    body = make.workload("Deployment", spec, outer=outer, namespace=place.name, name="x")
    body["spec"]["template"]["metadata"] = {"labels": {"app": "x"}}
    place.server.plane.kubectl("create", "-f", "-", input=json.dumps(body))
    config = ["--kubeconfig", str(place.server.plane.kubeconfig), "--policy", "rbac_escalation_path"]
    ended = audit(tmp_path / "audit.json", *config)
    assert ended.record["not_evaluated"] == []
    assert [(one["resource"]["kind"], one["resource"]["name"]) for one in ended.record["findings"]] == [
        ("Deployment", "x")
    ]
    [found] = ended.record["findings"]
    assert (found["severity"], found["evidence"]["sink"]) == ("critical", "cluster_admin")
    assert [step["edge"] for step in found["evidence"]["path"]] == [
        "runs_as",
        "token_request",
        "cluster_admin",
    ]


def test_a_snapshot_answers_like_the_cluster(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--kubeconfig", str(place.server.plane.kubeconfig), "--save-snapshot", str(tmp_path / "kept")]
    audit(tmp_path / "audit.json", *config, "--policy", "rbac_escalation_path")
    capsys.readouterr()
    words = ["access", f"{place.name}/web", "-o", "json", "--snapshot"]
    assert run([*words, str(tmp_path / "kept")]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept == access(place, capsys, "web")
    config[-1] = str(tmp_path / "other")
    audit(tmp_path / "audit.json", *config, "--policy", "host_port")
    capsys.readouterr()
    assert run([*words, str(tmp_path / "other")]) == 3
    missing = {one["kind"] for one in json.loads(capsys.readouterr().out)["unread"]}
    assert missing >= {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}

"""What a kubeconfig says about the user reaches the server as the real kubectl sends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auditor.collect.connect import connect
from auditor.errors import SourceError
from tests.live import users
from tests.live.as_kubectl import kubectl, status, whoami
from tests.live.live import cluster_of, source, write_kubeconfig
from tests.live.recorder import ELSEWHERE, Recorder, recorder
from tests.live.users import User
from tools.cluster import ControlPlane

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """A server that remembers who called."""
    with recorder(tmp_path_factory.mktemp("recorder") / "made") as running:
        yield running


USERS: dict[str, Callable[[Recorder, Path], User]] = {
    "token": lambda *_: {"token": "t"},
    "token file": lambda _, folder: users.token_file(folder),
    "token and token file": lambda _, folder: {"token": "t", **users.token_file(folder)},
    "token and empty token file": lambda _, folder: {"token": "t", **users.token_file(folder, "\n")},
    "token and no token file": lambda *_: {"token": "t", "tokenFile": "gone"},
    "password": lambda *_: {"username": "jörg", "password": "ä:b c"},
    "certificate in files": users.certificate_files,
    "certificate in the kubeconfig": users.certificate_data,
    "certificate and token": lambda *given: {**users.certificate_files(*given), "token": "t"},
    "certificate and password": lambda *given: {**users.certificate_files(*given), "username": "u"},
    "certificate and plugin": lambda *given: {
        **users.certificate_files(*given),
        **users.token_of_plugin(given[1]),
    },
    "key without certificate": lambda *_: {"client-key": "gone", "token": "t"},
    "token of a plugin": lambda _, folder: users.token_of_plugin(folder),
    "certificate of a plugin": users.certificate_of_plugin,
    "token and certificate of a plugin": lambda *given: users.certificate_of_plugin(*given, token="p"),
    "token before plugin": lambda _, folder: {**users.token_of_plugin(folder), "token": "t"},
    "token before OpenID": lambda *_: {**users.oidc(), "token": "t"},
    "OpenID": lambda *_: users.oidc(),
    "impersonation": lambda *_: users.impersonating(),
    "impersonation of a uid": lambda *_: users.impersonating(**{"as-uid": "1-2"}),
    "impersonation of groups": lambda *_: users.impersonating(**{"as-groups": ["b", "a, c", "b", ""]}),
    "impersonation of more": lambda *_: users.impersonating(
        **{"as-user-extra": {"a/b c%ü": ["1", "2"], "Scopes": ["x"], "none": []}}
    ),
    "nulls": lambda *_: {"token": "t", "as": None, "as-groups": None, "exec": None, "tokenFile": None},
}


@pytest.mark.parametrize("name", USERS)
def test_who_calls(server: Recorder, tmp_path: Path, name: str) -> None:
    user = USERS[name](server, tmp_path)
    file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), user)
    before = len(server.callers)
    run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}")
    assert run.returncode == 0, run.stderr
    assert status(connect(str(file), None, {}), "/version") == 200
    kubectls, ours = server.callers[before:]
    assert ours == kubectls
    assert ours.headers or ours.certificate


@pytest.mark.parametrize("user", [{}, {"password": "p"}, {"as": "u"}])
def test_nobody(server: Recorder, tmp_path: Path, user: User) -> None:
    """Here kubectl asks for a name and a password; Kubernetes would take neither."""
    file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), user)
    run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}")
    assert run.stdout == "Please enter Username: "
    before = len(server.callers)
    assert status(connect(str(file), None, {}), "/version") == 200
    assert server.callers[before].headers == ((("impersonate-user", "u"),) if "as" in user else ())


def test_impersonation(control_plane: ControlPlane, tmp_path: Path) -> None:
    groups = ["system:authenticated", "a, b", "c"]
    extra = {"example.com/Scopes%": ["x", "z"]}
    user = {"token": control_plane.token("admin"), "as": "jörg", "as-uid": "7", "as-groups": groups}
    file = write_kubeconfig(
        tmp_path / "kubeconfig", cluster_of(control_plane), {**user, "as-user-extra": extra}
    )
    connection = connect(str(file), None, {})
    body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    answer = connection.pool.request("POST", connection.server + path, body=body, headers=JSON)
    found = json.loads(answer.data)["status"]["userInfo"]
    assert found == whoami(tmp_path, f"--kubeconfig={file}")
    assert (found["username"], found["uid"], sorted(found["groups"])) == ("jörg", "7", sorted(groups))
    assert found["extra"]["example.com/scopes%"] == ["x", "z"]


def test_impersonation_that_is_forbidden(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = {"token": control_plane.token("nobody"), "as": "admin"}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    with pytest.raises(SourceError, match=r"refused: .*User .nobody. cannot impersonate"):
        source(file).facts()
    assert "Forbidden" in kubectl(tmp_path, "get", "pods", f"--kubeconfig={file}").stderr


def test_password(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Kubernetes knows none since 1.19; what stands before a server may."""
    user = {"username": "admin", "password": "secret"}
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    with pytest.raises(SourceError, match="not logged in: ") as refused:
        source(file).facts()
    assert "secret" not in str(refused.value)
    assert kubectl(tmp_path, "auth", "whoami", f"--kubeconfig={file}").returncode != 0


def test_redirect_is_not_followed(server: Recorder, tmp_path: Path) -> None:
    """It may lead anywhere, and the token would go with it."""
    file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), {"token": "t"})
    before = len(server.callers)
    answer = connect(str(file), None, {}).pool.request("GET", server.url + ELSEWHERE, redirect=True)
    assert (answer.status, len(server.callers)) == (307, before + 1)

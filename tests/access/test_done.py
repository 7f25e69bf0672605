"""What powers and combinations claim, tried on a real API server by those who hold them, or half of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
import urllib3

from tests.access.reviews import Server
from tests.access.worlds import API, World

Rules = tuple[tuple[str, str, str, str, str], ...]
"""Of one user: where (`here`, or "" for the cluster), verbs, group, resource, and names or ""."""

BIND = ("here", "bind", API, "clusterroles", "")
BINDINGS = ("here", "create", API, "rolebindings", "")
EVERYWHERE = ("", "create", API, "clusterrolebindings", "")
CREATE = ("here", "create", "", "secrets", "")


class Case(NamedTuple):
    """Who holds what, and one request of theirs."""

    rules: Rules
    method: str
    path: str
    status: int
    """What the server answers."""
    body: Mapping[str, Any] | None = None


def binding(role: str, kind: str = "RoleBinding") -> dict[str, Any]:
    ref = {"apiGroup": API, "kind": "ClusterRole", "name": role}
    subjects = [{"apiGroup": API, "kind": "User", "name": "anybody"}]
    metadata = {"generateName": "made-"}
    return {
        "apiVersion": f"{API}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": ref,
        "subjects": subjects,
    }


BIND_HERE = f"/apis/{API}/v1/namespaces/HERE/rolebindings"
BIND_ALL = f"/apis/{API}/v1/clusterrolebindings"
SECRETS = "/api/v1/namespaces/HERE/secrets"
LABELS = {"metadata": {"labels": {"a": "b"}}}

CASES = {
    "a role is bound that is not held": Case((BIND, BINDINGS), "POST", BIND_HERE, 201, binding("admin")),
    "not without bind": Case((BINDINGS,), "POST", BIND_HERE, 403, binding("admin")),
    "not without the right to write bindings": Case((BIND,), "POST", BIND_HERE, 403, binding("admin")),
    "bind on bindings gives nothing": Case(
        (BINDINGS, ("here", "bind", API, "rolebindings", "")), "POST", BIND_HERE, 403, binding("admin")
    ),
    "bind of Roles gives no ClusterRole": Case(
        (BINDINGS, ("here", "bind", API, "roles", "")), "POST", BIND_HERE, 403, binding("admin")
    ),
    "bind of one role": Case(
        (BINDINGS, ("here", "bind", API, "clusterroles", "view")), "POST", BIND_HERE, 201, binding("view")
    ),
    "and no other": Case(
        (BINDINGS, ("here", "bind", API, "clusterroles", "view")), "POST", BIND_HERE, 403, binding("edit")
    ),
    "bind in a namespace gives nothing in the cluster": Case(
        (BIND, EVERYWHERE), "POST", BIND_ALL, 403, binding("admin", "ClusterRoleBinding")
    ),
    "bind in the cluster does": Case(
        (("", "bind", API, "clusterroles", ""), EVERYWHERE),
        *("POST", BIND_ALL, 201, binding("admin", "ClusterRoleBinding")),
    ),
    "a RoleBinding gives its own namespace": Case(
        (("here", "patch", "", "namespaces", ""),), "PATCH", "/api/v1/namespaces/HERE", 200, LABELS
    ),
    "and no other namespace": Case(
        (("here", "patch", "", "namespaces", ""),), "PATCH", "/api/v1/namespaces/default", 403, LABELS
    ),
    "a named secret is listed by its name": Case(
        (("here", "list", "", "secrets", "a"),), "GET", f"{SECRETS}?fieldSelector=metadata.name=a", 200
    ),
    "and not with others": Case((("here", "list", "", "secrets", "a"),), "GET", SECRETS, 403),
    "a name gives no right to create it": Case(
        (("here", "create", "", "secrets", "a"),), "POST", SECRETS, 403, {"metadata": {"name": "a"}}
    ),
    "ClusterRoles are not escalated by a RoleBinding": Case(
        (("here", "escalate patch", API, "clusterroles", ""),),
        *("PATCH", f"/apis/{API}/v1/clusterroles/view", 403, LABELS),
    ),
}


class Place:
    """A namespace, and a user for each case."""

    def __init__(self, server: Server) -> None:
        """Create the namespace and the rights of the users."""
        self.tag = f"d{uuid.uuid4().hex[:8]}"
        self.namespace = f"{self.tag}-here"
        self._server = server
        self.users = {name: f"{self.tag}-{index}" for index, name in enumerate([*CASES, "token"])}
        rights = {**{name: case.rules for name, case in CASES.items()}, "token": (CREATE,)}
        objects = [one for name in rights for one in self._rights(self.users[name], rights[name])]
        self.world = World((self.namespace,), tuple(objects), ())
        server.write(self.world)

    def _rights(self, user: str, rules: Rules) -> Iterator[dict[str, Any]]:
        for index, (where, verbs, group, resource, names) in enumerate(rules):
            name = f"{user}-{index}"
            rule: dict[str, Any] = {"apiGroups": [group], "resources": [resource], "verbs": verbs.split()}
            rule |= {"resourceNames": names.split()} if names else {}
            base = {"apiVersion": f"{API}/v1", "metadata": {"name": name}}
            yield {**base, "kind": "ClusterRole", "rules": [rule]}
            home = {"namespace": self.namespace} if where else {}
            yield {
                **binding(name, "RoleBinding" if where else "ClusterRoleBinding"),
                "metadata": {"name": name, **home},
                "subjects": [{"apiGroup": API, "kind": "User", "name": user}],
            }

    def send(self, user: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and answer of a request under the name of a user."""
        plane = self._server.plane
        headers = {
            "Authorization": f"Bearer {plane.token('admin')}",
            "Impersonate-User": user,
            "Content-Type": f"application/{'merge-patch+' if method == 'PATCH' else ''}json",
        }
        with urllib3.PoolManager(ca_certs=str(plane.ca)) as pool:
            url = plane.url + path.replace("HERE", self.namespace)
            answer = pool.request(
                method, url, headers=headers, body=None if body is None else json.dumps(body)
            )
            return answer.status, answer.json()


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    """The rights of all cases, which are taken away in the end."""
    found = Place(server)
    yield found
    server.erase(found.world)


@pytest.mark.parametrize("name", CASES)
def test_it_is_as_we_say(place: Place, name: str) -> None:
    case = CASES[name]
    path = case.path if case.method == "GET" else f"{case.path}?dryRun=All"
    status, answer = place.send(place.users[name], case.method, path, case.body)
    assert status == case.status, answer


def test_a_secret_becomes_a_token_of_another_account(place: Place, server: Server) -> None:
    user, secret = place.users["token"], f"{SECRETS}/stolen"
    body = {
        "metadata": {"name": "stolen", "annotations": {"kubernetes.io/service-account.name": "default"}},
        "type": "kubernetes.io/service-account-token",
    }
    deadline = time.monotonic() + 60
    while (made := place.send(user, "POST", SECRETS, body))[0] == 403 and time.monotonic() < deadline:
        time.sleep(0.1)  # until the account is there
    assert made[0] == 201, made
    assert place.send(user, "GET", secret)[0] == 403, "the other half is missing"
    own = secret.replace("HERE", place.namespace)
    while "token" not in server.send("GET", own).get("data", {}):
        assert time.monotonic() < deadline, "no controller filled it in"
        time.sleep(0.1)

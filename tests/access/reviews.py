"""A real API server, asked who may do what."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import urllib3

from auditor.access import objects
from auditor.access.attributes import Attributes
from auditor.access.authoriser import Authoriser
from auditor.access.identity import Identity
from tests.access.worlds import API, Object, World
from tools.cluster import ControlPlane

THREADS = 4
PLURALS = {
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
}
_REASON = re.compile(r'RBAC: allowed by (RoleBinding|ClusterRoleBinding) "([^"]+)" of ')


class Review(NamedTuple):
    """What the server said."""

    allowed: bool
    binding: str
    """The binding that it names, as `Kind name` or `Kind namespace/name`; "" if it names none."""


class Server:
    """The API server, as admin."""

    def __init__(self, plane: ControlPlane) -> None:
        """`plane` runs."""
        self.plane = plane
        self._url = plane.url
        self._headers = {"Authorization": f"Bearer {plane.token('admin')}"}
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca), maxsize=THREADS)

    def send(self, method: str, path: str, body: Any = None) -> Object:
        """Return the answer; fail if it was refused."""
        answer = self._pool.request(method, self._url + path, headers=self._headers, json=body)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.data.decode()}\n{body}"
        found: Object = answer.json()
        return found

    def write(self, world: World) -> None:
        """Create a world and wait until the server goes by it."""
        for namespace in world.namespaces:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            self.send("POST", "/api/v1/namespaces", body)
        for found in world.objects:
            self.send("POST", path(found), found)
        self._wait_for_sums()
        self._wait_for_sight(world.namespaces[0])

    def erase(self, world: World) -> None:
        """Delete the bindings, so that nothing is granted to those who live in the next world too."""
        for found in world.objects:
            if found["kind"] in objects.BINDINGS:
                self.send("DELETE", f"{path(found)}/{found['metadata']['name']}")

    def authoriser(self) -> Authoriser:
        """Return ours, of all roles and bindings that the server has."""
        bodies = {kind: self.listed(kind) for kind in PLURALS}
        return Authoriser(
            [objects.role(body) for kind in objects.ROLES for body in bodies[kind]],
            [objects.binding(body) for kind in objects.BINDINGS for body in bodies[kind]],
        )

    def written(self, world: World) -> list[Object]:
        """Return the objects of a world as the server has them."""
        names = {found["metadata"]["name"] for found in world.objects}
        return [body for kind in PLURALS for body in self.listed(kind) if body["metadata"]["name"] in names]

    def review(self, asked: Iterable[tuple[Identity, Attributes]]) -> list[Review]:
        """Return what the server says to each question."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda one: self._reviewed(*one), asked))

    def _reviewed(self, identity: Identity, asked: Attributes) -> Review:
        spec: Object = {"user": identity.user, "groups": sorted(identity.groups)}
        if asked.path:
            spec["nonResourceAttributes"] = {"verb": asked.verb, "path": asked.path}
        else:
            spec["resourceAttributes"] = {
                "verb": asked.verb,
                "group": asked.group,
                "resource": asked.resource,
                "subresource": asked.subresource,
                "name": asked.name,
                "namespace": asked.namespace,
            }
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        status = self.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]
        named = _REASON.match(status.get("reason", ""))
        return Review(status["allowed"], _binding(*named.groups()) if named else "")

    def found(self, called: str) -> Object:
        """Return an object by `Kind name` or `Kind namespace/name`."""
        kind, _, whole = called.partition(" ")
        namespace, _, name = whole.rpartition("/")
        home = {"namespace": namespace} if namespace else {}
        base = {"apiVersion": f"{API}/v1", "kind": kind, "metadata": home}
        return {**base, **self.send("GET", f"{path(base)}/{name}")}

    def listed(self, kind: str) -> list[Object]:
        """Return all objects of a kind."""
        items: list[Object] = self.send("GET", f"/apis/{API}/v1/{PLURALS[kind]}")["items"]
        return [{"kind": kind, **item} for item in items]

    def _wait_for_sums(self) -> None:
        """Wait until the controller has written the rules of aggregated roles, and changes them no more."""
        seen, since, deadline = None, time.monotonic(), time.monotonic() + 60
        while time.monotonic() - since < 1.5:
            assert time.monotonic() < deadline, "aggregated roles keep changing"
            time.sleep(0.2)
            found = [
                (body["metadata"]["name"], str(body.get("rules")))
                for body in self.listed("ClusterRole")
                if body.get("aggregationRule")
            ]
            if found != seen:
                seen, since = found, time.monotonic()

    def _wait_for_sight(self, namespace: str) -> None:
        """Wait until the authoriser has seen what was written last of each kind."""
        name = f"seen-{namespace}"
        rules = [{"verbs": ["see"], "apiGroups": ["sight"], "resources": [name]}]
        for role, binding, home in (
            ("ClusterRole", "ClusterRoleBinding", ""),
            ("Role", "RoleBinding", namespace),
        ):
            metadata = {"name": name, **({"namespace": home} if home else {})}
            ref = {"apiGroup": API, "kind": role, "name": name}
            subjects = [{"apiGroup": API, "kind": "User", "name": f"{name}{home}"}]
            base: Object = {"apiVersion": f"{API}/v1", "metadata": metadata}
            for one in (
                {**base, "kind": role, "rules": rules},
                {**base, "kind": binding, "roleRef": ref, "subjects": subjects},
            ):
                self.send("POST", path(one), one)
            asked = Attributes("see", "sight", name, namespace=namespace)
            deadline = time.monotonic() + 60
            while not self._reviewed(Identity(f"{name}{home}"), asked).allowed:
                assert time.monotonic() < deadline, "the authoriser does not see what was written"
                time.sleep(0.05)


def path(found: Object) -> str:
    """Return where an object of its kind is created."""
    namespace = found["metadata"].get("namespace")
    inside = f"namespaces/{namespace}/" if namespace else ""
    return f"/apis/{API}/v1/{inside}{PLURALS[found['kind']]}"


def _binding(kind: str, name: str) -> str:
    # The server writes a RoleBinding as name/namespace.
    own, _, namespace = name.partition("/")
    return f"{kind} {namespace}/{own}" if namespace else f"{kind} {own}"

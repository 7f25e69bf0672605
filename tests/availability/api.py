"""The API server, as the tests of availability use it: many small objects, and answers as they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import urllib3

from auditor.document.kinds import KINDS
from tests.cluster.custom_kinds import definition
from tools.cluster import ControlPlane

Object = dict[str, Any]

GROUP = "availability.example.dev"
"""Of the kinds that we define."""

CUSTOM = {"Scaled": "scaleds", "Unscaled": "unscaleds"}
"""Kinds with and without a scale subresource."""

NODES = 8
"""Of the control plane; each has room for 500 pods."""

THREADS = 8
STILL = 1.5
"""Seconds without a change that count as the end of all changes."""


class Answer(NamedTuple):
    """What the server said."""

    status: int
    body: Object


class Api:
    """Requests as admin."""

    def __init__(self, plane: ControlPlane) -> None:
        """`plane` runs."""
        self.plane = plane
        self._headers = {"Authorization": f"Bearer {plane.token('admin')}"}
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca), maxsize=THREADS)

    def send(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Answer:
        """Return the answer to one request."""
        headers = {**self._headers, "Content-Type": content}
        answer = self._pool.request(method, self.plane.url + path, headers=headers, json=body)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.status, answer.json() if is_json else {"text": answer.data.decode()})

    def ask(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Object:
        """Return what was asked for; fail if it was refused."""
        answer = self.send(method, path, body, content)
        assert answer.status < 300, f"{method} {path}: {answer}"
        return answer.body

    def namespace(self, name: str) -> None:
        """Create a namespace and wait until pods are admitted there."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        self.ask("POST", "/api/v1/namespaces", body)
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        until(lambda: self.send("GET", account).status == 200)

    def create(self, namespace: str, objects: Iterable[Object]) -> list[Object]:
        """Create objects side by side; return them as the server has them."""

        def one(body: Object) -> Object:
            return self.ask("POST", path(namespace, body), body)

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, objects))

    def listed(self, namespace: str, kind: str) -> list[Object]:
        """Return the objects of a kind that we know in a namespace."""
        known = KINDS[kind]
        body = {"apiVersion": known.api_version, "kind": kind}
        items: list[Object] = self.ask("GET", path(namespace, body))["items"]
        return items

    def delete(self, path: str) -> None:
        """Delete one object, or all of a list, and wait for nothing."""
        self.send("DELETE", path, {"propagationPolicy": "Background"})

    def evict(self, namespace: str, pod: str) -> Answer:
        """Return the answer to an eviction that is only tried."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod},
            "deleteOptions": {"dryRun": ["All"]},
        }
        return self.send("POST", f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction", body)

    def status(self, namespace: str, pod: str, **status: Any) -> None:
        """Write the status of a pod that no node runs."""
        merge = "application/merge-patch+json"
        self.ask("PATCH", f"/api/v1/namespaces/{namespace}/pods/{pod}/status", {"status": status}, merge)

    def settled(self, namespace: str, kind: str, seconds: float = 300) -> list[Object]:
        """Return the objects of a kind once none of them has changed for a while."""
        deadline = time.monotonic() + seconds
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < STILL:
            assert time.monotonic() < deadline, f"{kind} objects keep changing"
            time.sleep(0.3)
            found = self.listed(namespace, kind)
            versions = hash(tuple(sorted(one["metadata"]["resourceVersion"] for one in found)))
            if versions != seen:
                seen, since = versions, time.monotonic()
        return found

    def define_kinds(self) -> None:
        """Define the kinds of `CUSTOM`, once for the control plane."""
        base = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for kind, plural in CUSTOM.items():
            answer = self.send("POST", base, definition(f"{GROUP}/v1", kind, plural, scaled=kind == "Scaled"))
            assert answer.status in (201, 409), answer

        def served() -> bool:
            answer = self.send("GET", f"/apis/{GROUP}/v1")
            names = {one["name"] for one in answer.body.get("resources", ())}
            return set(CUSTOM.values()) <= names

        until(served)


def path(namespace: str, body: Object) -> str:
    """Return the path of the list that an object belongs to."""
    version, kind = body["apiVersion"], body["kind"]
    plural = CUSTOM[kind] if kind in CUSTOM else KINDS[kind].plural
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{plural}"


def until(true: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for a condition; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the condition did not come about"
        time.sleep(0.2)

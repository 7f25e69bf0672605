"""A real API server: what it stores of policies, what it refuses, and which other engines it serves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from auditor.cli.reach_diff import read
from auditor.cli.source import Scope, choose_source
from auditor.document.kinds import KINDS
from auditor.document.network import Parts
from auditor.model import ResourceRef
from auditor.network.objects import network_policy
from tests.cluster.custom_kinds import definition
from tests.network.naive import Object
from tests.network.shop import REFUSED, policy
from tests.network.worlds import NAMESPACES, Maker
from tools.cluster import ControlPlane

WORLDS = 20


class Server:
    """The API server, as admin."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._headers = {"Authorization": f"Bearer {plane.token('admin')}"}
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca))

    def post(self, path: str, body: Any) -> int:
        """Return the status of the answer."""
        return self._pool.request("POST", self._plane.url + path, headers=self._headers, json=body).status

    def plurals(self, version: str) -> list[str]:
        """Return the resources of a group and version; none while it is not served."""
        answer = self._pool.request("GET", f"{self._plane.url}/apis/{version}", headers=self._headers)
        return [one["name"] for one in answer.json()["resources"]] if answer.status == 200 else []

    def read(self) -> Parts:
        """Return what `auditor reach` reads."""
        return read(choose_source(Scope(kubeconfig=str(self._plane.kubeconfig), context="admin")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An API server with the namespaces of random worlds, and without controllers."""
    folder = tmp_path_factory.mktemp("network") / "plane"
    with ControlPlane(folder, nodes=0, controllers=False) as plane:
        found = Server(plane)
        for name in NAMESPACES:
            body = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
            assert found.post("/api/v1/namespaces", body) == 201
        yield found


def test_policies_are_those_that_were_written(server: Server) -> None:
    expected = {}
    for seed in range(WORLDS):
        for written in Maker(seed).world().network_policies:
            named = {**written["metadata"], "name": f"{written['metadata']['name']}-{seed}"}
            body = {**written, "metadata": named}
            assert server.post(_path(body), body) == 201, body
            ref = ResourceRef("networking.k8s.io/v1", "NetworkPolicy", named["name"], named["namespace"])
            expected[ref] = network_policy(ref, body)
    found = server.read()
    assert not found.unread
    assert {one.ref: one for one in found.policies} == expected


@pytest.mark.parametrize("spec", [spec for spec, _ in REFUSED])
def test_what_we_refuse_it_refuses(server: Server, spec: Object) -> None:
    body = policy(spec, namespace="x", name="refused")
    assert server.post(_path(body), body) in (400, 422)


def test_other_engines_are_found(server: Server) -> None:
    kind = KINDS["CiliumNetworkPolicy"]
    _define(server, definition(kind.api_version, "CiliumNetworkPolicy", kind.plural))
    assert not server.read().opaque
    body = {"apiVersion": kind.api_version, "kind": "CiliumNetworkPolicy", "metadata": {"name": "a"}}
    assert server.post(f"/apis/{kind.api_version}/namespaces/x/{kind.plural}", body) == 201
    [opaque] = server.read().opaque
    assert (opaque.namespace, opaque.reason) == ("x", "other policy engine: CiliumNetworkPolicy")
    newer = definition("k8s.ovn.org/v7", "EgressFirewall", "egressfirewalls")
    _define(server, newer)
    found = server.read()
    assert [one.kind for one in found.unread] == ["EgressFirewall"]
    assert "EgressFirewall objects could not be read" in [one.reason for one in found.opaque]


def _define(server: Server, body: Object) -> None:
    assert server.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body) == 201
    spec = body["spec"]
    version, deadline = f"{spec['group']}/{spec['versions'][0]['name']}", time.monotonic() + 60
    while spec["names"]["plural"] not in server.plurals(version):
        assert time.monotonic() < deadline, f"{version} is not served"
        time.sleep(0.1)


def _path(body: Object) -> str:
    return f"/apis/networking.k8s.io/v1/namespaces/{body['metadata']['namespace']}/networkpolicies"

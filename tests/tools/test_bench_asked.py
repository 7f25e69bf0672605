"""What an audit asked for, and the floor that asks for the same."""

from __future__ import annotations

import json
import ssl
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cluster.conftest import control_plane, namespace
from tools.bench import floor
from tools.bench.asked import Log, summary
from tools.cluster import ControlPlane

__all__ = ["control_plane", "namespace"]

POD = {"resource": "pods", "apiVersion": "v1"}
DEPLOYMENT = {"resource": "deployments", "apiGroup": "apps", "apiVersion": "v1"}


def event(second: int, verb: str, uri: str, reference: dict[str, str] | None = None) -> dict[str, Any]:
    """Return an event as it stands in the audit log."""
    found = {"objectRef": reference} if reference else {}
    time = f"2026-01-01T00:00:{second:02}.000000Z"
    return {
        "verb": verb,
        "requestURI": uri,
        "requestReceivedTimestamp": time,
        "userAgent": "auditor/1",
        **found,
    }


def test_requests_of_an_audit() -> None:
    asked = summary(
        [
            event(4, "list", "/apis/apps/v1/deployments?limit=500", DEPLOYMENT),
            event(3, "list", "/api/v1/pods?limit=500&continue=a%3D", POD),  # logged late
            event(2, "list", "/api/v1/pods?limit=500", POD),
            event(1, "get", "/version"),
        ]
    )
    assert asked.lists == ("/api/v1/pods?limit=500", "/apis/apps/v1/deployments?limit=500")
    assert (asked.requests, asked.pages, asked.beyond) == (4, 3, 1)
    assert asked.resources == {"pods", "deployments.apps"}
    assert asked.verbs == {"get": {"/version"}, "list": {"pods", "deployments.apps"}}
    assert asked.agent == "auditor/1"


def test_log_has_what_was_asked_since(control_plane: ControlPlane, namespace: str) -> None:
    log = Log(control_plane)
    path = f"/api/v1/namespaces/{namespace}/configmaps?limit=1"
    headers = {"Authorization": f"Bearer {control_plane.token('admin')}", "User-Agent": "auditor/of-a-test"}
    request = urllib.request.Request(control_plane.url + path, headers=headers)
    tls = ssl.create_default_context(cafile=control_plane.ca)
    urllib.request.urlopen(request, context=tls).close()
    assert path in log.asked().lists  # others may audit the same cluster now
    assert path not in Log(control_plane).asked().lists


def order(plane: ControlPlane, *lists: str) -> dict[str, Any]:
    """Return what the floor is told."""
    address = urlsplit(plane.url)
    return {
        "host": address.hostname,
        "port": address.port,
        "ca": str(plane.ca),
        "token": plane.token("admin"),
        "agent": "floor",
        "lists": lists,
    }


def test_floor_reads_every_page(control_plane: ControlPlane, namespace: str) -> None:
    text = "a text that is long enough to be told from the rest" * 40
    for number in range(5):
        control_plane.kubectl(
            "create", "configmap", f"c{number}", "-n", namespace, f"--from-literal=text={text}"
        )
    control_plane.kubectl("wait", "--for=create", "configmap/kube-root-ca.crt", "-n", namespace)
    path = f"/api/v1/namespaces/{namespace}/configmaps?limit=2"
    said = floor.main(order(control_plane, path))
    assert said["requests"] == 3
    assert said["kinds"] == {path: said["bytes"]}
    assert 5 * len(text) < said["bytes"] < 10 * len(text)


def test_floor_reads_every_page_of_custom_resources(control_plane: ControlPlane, namespace: str) -> None:
    group = f"{namespace}.example.dev"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [version],
        },
    }
    kubectl = control_plane.kubectl
    kubectl("create", "-f", "-", input=json.dumps(definition))
    try:
        kubectl("wait", "--for=condition=Established", f"crd/things.{group}", "--timeout=60s")
        items = [
            {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": f"t{number}"}}
            for number in range(5)
        ]
        things = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        kubectl("create", "-n", namespace, "-f", "-", input=things)
        said = floor.main(order(control_plane, f"/apis/{group}/v1/things?limit=2"))
        assert said["requests"] == 3
    finally:
        kubectl("delete", "crd", f"things.{group}", "--wait=false")


def test_floor_refuses_to_count_an_error(control_plane: ControlPlane) -> None:
    with pytest.raises(SystemExit, match=r"/api/v1/nothing\?limit=2: 404"):
        floor.main(order(control_plane, "/api/v1/nothing?limit=2"))

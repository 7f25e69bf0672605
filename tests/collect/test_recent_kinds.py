"""Kinds of Kubernetes itself that not every version has: discovery decides, and they are no gap."""

from __future__ import annotations

import json
from typing import Any

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import Connection
from auditor.collect.identity import nobody
from auditor.collect.transport import pool
from auditor.errors import SourceError
from auditor.model import Gap, Glimpse
from tests import factories as make
from tests.collect.scripted import Asked, Reply, serving

GROUP = "admissionregistration.k8s.io"
VERSION = f"/apis/{GROUP}/v1"
POLICIES = {
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "MutatingAdmissionPolicy": "mutatingadmissionpolicies",
}


def answers(*plurals: str) -> dict[str, Any]:
    """What a server says that has the group, with these kinds in it."""
    found = {"items": [make.obj("ValidatingAdmissionPolicy", {}, name="owners")], "metadata": {}}
    return {
        "/version": {"gitVersion": "v1.35.0"},
        "/api": {"versions": ["v1"]},
        "/apis": {"groups": [{"versions": [{"groupVersion": f"{GROUP}/v1"}]}]},
        VERSION: {"resources": [{"name": plural} for plural in plurals]},
        f"{VERSION}/validatingadmissionpolicies": found,
        f"{VERSION}/mutatingadmissionpolicies": {"items": [], "metadata": {}},
    }


def unasked() -> Connection:
    raise SourceError("there is nothing to renew")


def read(*plurals: str) -> tuple[list[str], set[str]]:
    """Return the kinds of what was read, gaps among them, and the paths that were asked for."""
    table = answers(*plurals)

    def script(asked: Asked) -> Reply:
        body = table.get(asked.path.partition("?")[0])
        return Reply(404) if body is None else Reply(body=json.dumps(body).encode())

    with serving(script) as server:
        source = ClusterSource(Connection(pool(nobody), "only", server.url, unasked))
        source.facts()
        parts = list(source.read(frozenset(POLICIES)))
        kinds = [
            f"gap {one.kind}" if isinstance(one, Gap) else one.ref.kind
            for one in parts
            if not isinstance(one, Glimpse)
        ]
        return kinds, {asked.path.partition("?")[0] for asked in server.asked}


def test_one_that_this_version_lacks_is_not_asked_for() -> None:
    kinds, asked = read("validatingadmissionpolicies")
    assert kinds == ["ValidatingAdmissionPolicy"]
    assert f"{VERSION}/validatingadmissionpolicies" in asked
    assert f"{VERSION}/mutatingadmissionpolicies" not in asked


def test_one_that_it_has_is_read() -> None:
    _, asked = read(*POLICIES.values())
    assert {f"{VERSION}/{plural}" for plural in POLICIES.values()} <= asked

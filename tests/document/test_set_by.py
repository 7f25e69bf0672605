"""What is kept of who set the number of replicas.

What the API server records is proven in tests/availability/test_set_by.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.document.keep import restore
from auditor.document.normalise import meta
from auditor.document.set_by import LAST_APPLIED
from auditor.model import Body
from tests import factories as make

OWNED: Body = {"f:spec": {"f:replicas": {}, "f:selector": {}}}
EDIT = {"manager": "kubectl-edit", "operation": "Update", "time": "2026-05-01T08:00:00Z", "fieldsV1": OWNED}


def kept(body: Body) -> Any:
    """What a policy sees of it; nothing of the rest is kept."""
    found = make.resource(body)
    assert b"managedFields" not in found.content.json
    assert b"last-applied" not in found.content.json
    again = restore(body["kind"], found.content.json)
    assert again.json == found.content.json
    return meta(found.body).get("set_by")


def deployment(*fields: Any, applied: str | None = None, replicas: Any = 3, kind: str = "Deployment") -> Body:
    metadata: Body = {"managedFields": list(fields)} if fields else {}
    if applied is not None:
        metadata["annotations"] = {LAST_APPLIED: applied}
    return make.workload(kind, outer={} if replicas is None else {"replicas": replicas}, **metadata)


def test_owners() -> None:
    scale = {"manager": "hpa", "operation": "Update", "subresource": "scale", "fieldsV1": OWNED}
    status = {"manager": "controller", "operation": "Update", "fieldsV1": {"f:status": {"f:replicas": {}}}}
    assert kept(deployment(EDIT, status, scale)) == {
        "replicas": {
            "managers": [
                {"manager": "kubectl-edit", "operation": "Update", "time": "2026-05-01T08:00:00Z"},
                {"manager": "hpa", "operation": "Update", "subresource": "scale"},
            ]
        }
    }
    assert kept(deployment(status)) is None


def test_what_was_applied() -> None:
    applied = json.dumps({"spec": {"replicas": 0, "template": {"env": "hunter2"}}})
    assert kept(deployment(EDIT, applied=applied))["replicas"]["applied"] == 0
    assert "applied" not in kept(deployment(EDIT, applied="{}"))["replicas"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '{"spec": 5}', '{"spec": {"replicas": true}}', "[" * 10_000]
)
def test_what_was_applied_may_be_anything(text: str) -> None:
    assert "applied" not in kept(deployment(EDIT, applied=text))["replicas"]


def test_a_manifest_declares_it() -> None:
    assert kept(deployment()) == {"replicas": {"declared": 3}}
    assert kept(deployment(replicas=0)) == {"replicas": {"declared": 0}}
    assert kept(deployment(replicas=None)) is None
    assert "declared" not in kept(deployment(EDIT))["replicas"]


@pytest.mark.parametrize("fields", [5, [5], [{"fieldsV1": 5}], [{"fieldsV1": {"f:spec": 5}}]])
def test_managed_fields_may_be_anything(fields: Any) -> None:
    body = deployment()
    body["metadata"]["managedFields"] = fields
    assert kept(body) is None


def test_entries_may_be_of_any_type_and_number() -> None:
    odd = {"manager": 5, "operation": None, "time": "", "fieldsV1": OWNED}
    found = kept(deployment(odd, *[EDIT] * 50))["replicas"]["managers"]
    assert found[0] == {}
    assert len(found) == 20


def test_nobody_says_it_of_himself() -> None:
    body = deployment(replicas=None)
    body["metadata"]["setBy"] = {"replicas": {"applied": 3}}
    assert kept(body) is None


@pytest.mark.parametrize("kind", ["DaemonSet", "Job", "CronJob", "Pod"])
def test_kinds_that_nobody_scales(kind: str) -> None:
    assert kept(make.workload(kind, managedFields=[EDIT])) is None

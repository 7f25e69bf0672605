"""Lines of an audit log as an API server writes them."""

from __future__ import annotations

import json
from typing import Any

AT = "2026-05-01T10:00:00.000000Z"

READERS = 'RoleBinding "readers/shop" of Role "reader" to User "alice"'


def event(verb: str = "get", resource: str = "pods", name: str = "", /, **more: Any) -> dict[str, Any]:
    """Return an event: a request of alice for pods in `shop`, which has ended.

    `by` is what allowed it, "" if nothing did; `at` when; `path` that of a URL, then without a resource.
    """
    by = more.pop("by", READERS)
    reason = {"authorization.k8s.io/reason": f"RBAC: allowed by {by}" if by else ""}
    path = more.pop("path", "")
    reference = {"resource": resource, "namespace": "shop", "name": name, "apiVersion": "v1"}
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "6a0f",
        "stage": more.pop("stage", "ResponseComplete"),
        "requestURI": path or f"/api/v1/namespaces/shop/{resource}/{name}?limit=500",
        "verb": verb,
        "user": {"username": more.pop("user", "alice"), "groups": ["system:authenticated"]},
        "sourceIPs": ["10.0.0.1"],
        **({} if path else {"objectRef": reference | more.pop("reference", {})}),
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": AT,
        "stageTimestamp": more.pop("at", AT),
        "annotations": {"authorization.k8s.io/decision": "allow" if by else "forbid", **reason},
        **more,
    }


def lines(*events: Any) -> bytes:
    """Return the file of these events."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)

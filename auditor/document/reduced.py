"""What is kept of kinds whose objects are large, and of which little is judged.

An EndpointSlice has up to a thousand addresses, of which it matters how many are ready; the schema of
a custom kind may have more than 256 KiB, and matters to nobody here. What a Secret holds is never kept.
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.document import secrets
from auditor.model import Body


def reduced(body: Body) -> Body:
    """Return an object of any kind, of some with less in it; what has the wrong type stays for `shape.py`."""
    match body["kind"]:
        case "EndpointSlice" if isinstance(listed := body.get("endpoints") or [], list):
            return {**body, "endpoints": {"total": len(listed), "ready": sum(map(_is_ready, listed))}}
        case "EndpointSlice":
            return {**body, "endpoints": "no list"}
        case "CustomResourceDefinition" if isinstance(spec := body.get("spec"), Mapping):
            return {**body, "spec": {key: value for key, value in spec.items() if key != "versions"}}
        case secrets.SECRET:
            return secrets.without_contents(body)
        case _:
            return body


def _is_ready(endpoint: Any) -> bool:
    """Whether requests go to it: what says nothing is ready."""
    conditions = endpoint.get("conditions") if isinstance(endpoint, Mapping) else None
    return not isinstance(conditions, Mapping) or conditions.get("ready") is not False

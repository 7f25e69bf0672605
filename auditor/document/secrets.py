"""What is kept of a Secret, wherever it comes from: metadata, its type, and whether a copy lies in it."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.document.set_by import LAST_APPLIED
from auditor.model import Body

SECRET = "Secret"
TOKEN = "kubernetes.io/service-account-token"

COPIED = "lastApplied"
"""Where is kept that `kubectl apply` left a copy of the values in an annotation, which is dropped."""


def without_contents(body: Body) -> Body:
    """Return a Secret without what it holds; of a type nothing is known where only metadata was read."""
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    kept: Body = {key: body[key] for key in ("apiVersion", "kind", "metadata") if key in body}
    if isinstance(body.get("type"), str):
        kept["type"] = body["type"]
    if isinstance(annotations, Mapping) and LAST_APPLIED in annotations:
        kept[COPIED] = True
    return kept

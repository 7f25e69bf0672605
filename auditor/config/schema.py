"""The JSON Schema of auditor.yaml, made from its types; the committed copy is docs/schema/config-v1.json."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from auditor.config.settings import Settings
from auditor.rules import Severity

ID = "https://auditor.dev/schema/config-v1.json"
"""What the schema is called, not a place to load it from: nothing is ever fetched."""

TERMS = {
    "max_days": "Days from `created`, or the last review, to the end, by severity of the finding.",
    "expiring_days": "So many days before its end a waiver is `expiring`.",
    "broad_matches": "A waiver that covers more findings is too broad.",
    "approvers": "Who may approve, by severity; without an entry anybody but the owner.",
    "ticket": "What a ticket must look like: a regular expression for the whole of it.",
}
"""What editors show of the keys whose types are those of waivers (auditor/waiver.py)."""


def schema(formats: Collection[str]) -> dict[str, Any]:
    """Return the schema of the file (JSON Schema 2020-12), for editors; `formats` are those of `output`."""
    # Through JSON and back: defaults are tuples otherwise, which no schema that was read equals.
    generated: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(Settings)))
    properties = generated["$defs"]["Settings"]["properties"]
    properties["output"]["items"]["pattern"] = f"^({'|'.join(formats)})(=.+)?$"
    terms = generated["$defs"]["WaiverSettings"]["properties"]
    for key, text in TERMS.items():
        terms[key]["description"] = text
    for key in ("max_days", "approvers"):
        terms[key]["propertyNames"] = {"enum": [one.value for one in Severity]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "auditor.yaml",
        **generated,
    }

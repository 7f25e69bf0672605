"""The JSON Schema of the record, made from its types; the committed copy is docs/schema/auditor-v1.json."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.record import SCHEMA, Audit

ID = "https://auditor.dev/schema/auditor-v1.json"
"""What the schema is called, not a place to load it from: nothing is ever fetched."""


def schema() -> dict[str, Any]:
    """Return the schema of `-o json` (JSON Schema 2020-12), with the docstrings as descriptions."""
    # Through JSON and back: defaults are tuples otherwise, which no schema that was read equals.
    generated: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(Audit)))
    # Every writer names the schema, though the type has a default for it.
    generated["$defs"]["Audit"]["required"].insert(0, "schema")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": SCHEMA,
        "description": "The record of one audit. Fields are only ever added.",
        **generated,
    }

"""JSON: the record as it is, indented for people who compare two of them."""

from __future__ import annotations

from typing import IO, Any

import msgspec

from auditor.errors import UsageError
from auditor.record import SCHEMA, Audit
from auditor.report.text import visible


class JsonRenderer:
    """Writes the record: fields in the order of the schema, free mappings sorted by key."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the record to `out`, with a final newline. The same record gives the same bytes."""
        fields: dict[str, Any] = msgspec.to_builtins(audit, order="deterministic")
        # The schema's name comes first, so that a reader of the first line knows what this is.
        ordered = {"schema": fields.pop("schema"), **fields}
        try:
            encoded = msgspec.json.encode(ordered)
        except UnicodeEncodeError:
            encoded = msgspec.json.encode(_mend(ordered))
        out.write(msgspec.json.format(encoded, indent=2).decode())
        out.write("\n")


def load(data: bytes, name: str = "the audit") -> Audit:
    """Read a record back from the JSON of `JsonRenderer`.

    Raises `UsageError`, which starts with `name` (a path, for instance), if it is no such record.
    """
    try:
        return msgspec.json.decode(data, type=Audit)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{name}: not an audit of the schema {SCHEMA}: {error}",
            hint="name a file that `auditor audit -o json=FILE` wrote",
        ) from error


def _mend(value: Any) -> Any:
    """Spell out lone surrogates, which no encoding has: names of files that are not UTF-8."""
    if isinstance(value, str):
        return "".join(visible(char) if "\ud800" <= char <= "\udfff" else char for char in value)
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mend(item) for item in value]
    return value

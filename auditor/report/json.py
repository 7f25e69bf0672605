"""JSON: the record as it is, indented for people who compare two of them."""

from __future__ import annotations

from typing import IO, Any

import msgspec

from auditor.access.subject_access import SubjectAccess
from auditor.access.who_can import WhoCan
from auditor.errors import UsageError
from auditor.judge.diff import Diff
from auditor.judge.dry_run import DryRun
from auditor.network.change import Change
from auditor.network.reach import Reach
from auditor.record import SCHEMA, Audit
from auditor.surrogates import mended


class JsonRenderer:
    """Writes the record: fields in the order of the schema, free mappings sorted by key."""

    def render(
        self, audit: Audit | DryRun | Diff | WhoCan | SubjectAccess | Reach | Change, out: IO[str]
    ) -> None:
        """Write the record to `out`, with a final newline. The same record gives the same bytes.

        It is written piece by piece: as a whole it would be in memory four times over.
        """
        names = sorted(audit.__struct_fields__, key=lambda name: name != "schema")
        # The schema's name comes first, so that a reader of the first line knows what this is.
        for number, name in enumerate(names):
            out.write("{\n  " if number == 0 else ",\n  ")
            out.write(f'"{name}": ')
            value = getattr(audit, name)
            if isinstance(value, tuple) and value:
                for place, entry in enumerate(value):
                    out.write("[\n    " if place == 0 else ",\n    ")
                    out.write(_indented(entry, 4))
                out.write("\n  ]")
            else:
                out.write(_indented(value, 2))
        out.write("\n}\n")


def _indented(value: Any, depth: int) -> str:
    """One value of the record as JSON whose further lines are `depth` deeper."""
    try:
        encoded = msgspec.json.encode(value, order="deterministic")
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(mended(msgspec.to_builtins(value, order="deterministic")))
    # no string holds a line break: JSON escapes them
    return msgspec.json.format(encoded, indent=2).decode().replace("\n", "\n" + " " * depth)


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

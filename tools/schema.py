"""Writes the JSON Schemas in docs/schema from the types that they describe.

    .venv/bin/python -m tools.schema

auditor-v1.json is that of the record. Whoever reads our JSON relies on what it promised once, so it
only ever grows, and this refuses to take anything away. The others are for editors of the files that
people write; they say what this version takes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from auditor.cli.formats import FORMATS
from auditor.config import schema as config
from auditor.config import waivers
from auditor.evaluate import frameworks
from auditor.report.schema import schema

PATH = Path(__file__).resolve().parent.parent / "docs" / "schema" / "auditor-v1.json"

EDITORS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "config-v1.json": lambda: config.schema(tuple(FORMATS)),
    "framework-v1.json": frameworks.schema,
    "waivers-v1.json": waivers.schema,
}
"""The schemas for editors, by file beside that of the record."""

_PROSE = frozenset({"$schema", "$id", "title", "description"})
_SETS = frozenset({"enum", "anyOf"})
_MAPS = frozenset({"properties", "$defs"})


def text(value: Mapping[str, Any] | None = None) -> str:
    """Return a schema as it is committed; that of the record, if none is given."""
    return json.dumps(value or schema(), indent=2, ensure_ascii=False) + "\n"


def losses(old: Any, new: Any, at: str = "#") -> Iterator[str]:
    """Yield what the old schema promised and the new one does not, each with its JSON pointer.

    New properties, definitions and enum values are growth. Everything else that differs is a loss, as
    is a property that was optional and is required now: older records would no longer be valid.
    """
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield f"{at} has changed"
        return
    for key in [*old, *(key for key in new if key not in old)]:
        if key in _PROSE:
            continue
        before, after, where = old.get(key), new.get(key), f"{at}/{key}"
        if key in _MAPS:
            yield from _missing(before or {}, after or {}, where)
        elif key == "required" and sorted(before or []) != sorted(after or []):
            yield f"{where} has changed"
        elif key in _SETS:
            yield from (f"{where} lost {value}" for value in before or [] if value not in (after or []))
        elif key != "required":
            yield from losses(before, after, where)


def _missing(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[str]:
    for name, value in old.items():
        if name in new:
            yield from losses(value, new[name], f"{at}/{name}")
        else:
            yield f"{at}/{name} is gone"


def main() -> int:
    """Write the files; 1 if that of the record would lose something."""
    if PATH.exists():
        lost = list(losses(json.loads(PATH.read_text(encoding="utf-8")), schema()))
        if lost:
            print(f"{PATH} only ever grows, and this would be lost:", *lost, sep="\n  ", file=sys.stderr)
            return 1
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), encoding="utf-8")
    for name, made in EDITORS.items():
        PATH.with_name(name).write_text(text(made()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

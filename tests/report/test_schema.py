"""The published schema is the types' own, fits what we write, and only grows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.record import Audit
from auditor.report.json import JsonRenderer
from auditor.report.schema import schema
from tests.report.records import audit, clean_audit, cluster
from tools import schema as tool


def test_committed_schema_is_the_generated_one() -> None:
    assert tool.PATH.read_text(encoding="utf-8") == tool.text(), "run: python -m tools.schema"
    assert list(tool.losses(json.loads(tool.PATH.read_text(encoding="utf-8")), schema())) == []


@pytest.mark.parametrize("record", [audit(), cluster(audit()), clean_audit()])
def test_a_record_is_valid(record: Audit) -> None:
    out = io.StringIO()
    JsonRenderer().render(record, out)
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    validator.validate(json.loads(out.getvalue()))


def test_what_is_no_record_is_invalid() -> None:
    out = io.StringIO()
    JsonRenderer().render(audit(), out)
    record = json.loads(out.getvalue())
    validator = jsonschema.Draft202012Validator(schema())
    for broken in ({**record, "schema": "auditor/v2"}, {k: v for k, v in record.items() if k != "summary"}):
        assert not validator.is_valid(broken)
    record["findings"][0]["severity"] = "dreadful"
    assert not validator.is_valid(record)


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "new property": lambda defs: defs["Finding"]["properties"].update(confidence={"type": "string"}),
    "new definition": lambda defs: defs.update(Confidence={"type": "object"}),
    "new severity": lambda defs: defs["Severity"]["enum"].append("unknown"),
    "other words": lambda defs: defs["Finding"].update(description="Something else."),
    "property gone": lambda defs: defs["Finding"]["properties"].pop("path"),
    "definition gone": lambda defs: defs.pop("Place"),
    "severity gone": lambda defs: defs["Severity"]["enum"].remove("info"),
    "other type": lambda defs: defs["Finding"]["properties"].update(path={"type": "integer"}),
    "required now": lambda defs: defs["Finding"]["required"].append("waiver"),
    "optional now": lambda defs: defs["Finding"]["required"].remove("policy"),
    "tighter": lambda defs: defs["Finding"]["properties"]["path"].update(maxLength=10),
}


def changed(edit: str) -> dict[str, Any]:
    """Return the schema after one edit."""
    new = schema()
    EDITS[edit](new["$defs"])
    return new


@pytest.mark.parametrize("edit", ["new property", "new definition", "new severity", "other words"])
def test_growth_is_no_loss(edit: str) -> None:
    assert list(tool.losses(schema(), changed(edit))) == []


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        ("property gone", "#/$defs/Finding/properties/path is gone"),
        ("definition gone", "#/$defs/Place is gone"),
        ("severity gone", "#/$defs/Severity/enum lost info"),
        ("other type", "#/$defs/Finding/properties/path/type has changed"),
        ("required now", "#/$defs/Finding/required has changed"),
        ("optional now", "#/$defs/Finding/required has changed"),
        ("tighter", "#/$defs/Finding/properties/path/maxLength has changed"),
    ],
)
def test_everything_else_is_a_loss(edit: str, where: str) -> None:
    assert where in list(tool.losses(schema(), changed(edit)))


def test_tool_writes_what_grew_and_refuses_what_shrank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "schema.json"
    monkeypatch.setattr(tool, "PATH", path)
    assert tool.main() == 0
    assert path.read_text(encoding="utf-8") == tool.text()
    path.write_text(json.dumps(changed("property gone")), encoding="utf-8")
    assert tool.main() == 0
    richer = json.dumps(changed("new property"))
    path.write_text(richer, encoding="utf-8")
    assert tool.main() == 1
    assert "#/$defs/Finding/properties/confidence is gone" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == richer

"""JSON is the record: the same bytes for the same record, and back again."""

from __future__ import annotations

import io
import json

import msgspec
import pytest

from auditor.errors import UsageError
from auditor.record import Audit
from auditor.report.json import JsonRenderer, load
from tests.report.records import audit, clean_audit, finding


def rendered(record: Audit) -> str:
    out = io.StringIO()
    JsonRenderer().render(record, out)
    return out.getvalue()


@pytest.mark.parametrize("record", [audit(), clean_audit()])
def test_json_comes_back_as_the_same_record(record: Audit) -> None:
    assert load(rendered(record).encode()) == record


def test_json_names_the_schema_first_and_ends_in_a_newline() -> None:
    text = rendered(audit())
    assert text.startswith('{\n  "schema": "auditor/v1",\n  "audit": {')
    assert text.endswith("}\n")


def test_json_does_not_depend_on_the_order_of_evidence() -> None:
    one = finding(evidence={"a": 1, "b": {"c": 2, "d": 3}})
    other = finding(evidence={"b": {"d": 3, "c": 2}, "a": 1})
    texts = {rendered(msgspec.structs.replace(audit(), findings=(f,))) for f in (one, other)}
    assert len(texts) == 1


def test_json_writes_what_is_hard_to_write() -> None:
    evidence = {"nul": "a\x00b", "file": "caf\udce9", "\udcff": [{"x": "\ud800"}], "big": 2**70, "none": None}
    record = msgspec.structs.replace(audit(), findings=(finding(evidence=evidence),))
    text = rendered(record)
    assert text.encode("utf-8")
    back = json.loads(text)["findings"][0]["evidence"]
    assert back["nul"] == "a\x00b"
    assert back["file"] == r"caf\udce9"
    assert back[r"\udcff"] == [{"x": r"\ud800"}]
    assert back["big"] == 2**70
    assert load(text.encode()).findings[0].evidence["file"] == r"caf\udce9"


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"\xff", b'{"schema": "auditor/v2"}', b"[" * 100_000],
    ids=["empty", "list", "no fields", "not UTF-8", "another schema", "deep"],
)
def test_load_names_what_is_no_record(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"^old\.json: not an audit of the schema auditor/v1: "):
        load(data, "old.json")

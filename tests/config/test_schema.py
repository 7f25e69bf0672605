"""The schemas for editors, and the page for people: both say what the program takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.cli.formats import FORMATS
from auditor.cli.wanted import SETTINGS
from auditor.collect.yaml import documents
from auditor.config.effective import leaves
from auditor.config.file import read_config
from auditor.config.schema import schema
from auditor.config.settings import PolicySettings, Settings
from tools import schema as tool

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def validator() -> Any:
    made = schema(tuple(FORMATS))
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def example() -> str:
    [text] = re.findall(r"```yaml\n(.+?)```", PAGE.read_text(), re.DOTALL)
    return str(text)


@pytest.mark.parametrize("name", tool.EDITORS)
def test_committed_schemas_are_the_generated_ones(name: str) -> None:
    committed = tool.PATH.with_name(name).read_text(encoding="utf-8")
    assert committed == tool.text(tool.EDITORS[name]()), "run: python -m tools.schema"


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text(example())
    [document] = documents(path.read_bytes())
    validator().validate(document.value)  # type: ignore[union-attr]
    settings = read_config(path).settings
    assert settings.namespaces.parameters["legacy-*"] == {"*": {"pss_version": "v1.30"}}


def test_the_first_line_of_the_example_leads_to_the_schema() -> None:
    [place] = re.findall(r"\A# yaml-language-server: \$schema=(\S+)$", example(), re.MULTILINE)
    assert (PAGE.parent / place).samefile(tool.PATH.with_name("config-v1.json"))


def test_the_page_has_every_key_and_its_flag() -> None:
    rows = re.findall(r"^\| `([a-zA-Z_.]+)` \| (?:`(-[a-z-]+)`)? ?\|", PAGE.read_text(), re.MULTILINE)
    keys = {".".join(keys) for keys, _ in leaves(Settings())} - {"policies"}
    keys |= {f"policies.ID.{name}" for name in PolicySettings.__struct_fields__}
    assert {key for key, _ in rows} == keys
    assert len(rows) == len(keys)
    flags = {".".join(keys): written.partition(" ")[0] for keys, written in SETTINGS.values()}
    assert {key: flag for key, flag in rows if flag} == flags


WRONG: dict[str, dict[str, Any]] = {
    "key": {"polices": {}},
    "key below": {"source": {"namespace": []}},
    "severity": {"policies": {"a": {"severity": "hihg"}}},
    "format": {"output": ["tabel"]},
    "path": {"output": ["json="]},
    "type": {"fail_on_system": "yes"},
    "range": {"min_coverage": 101},
    "severity of a term": {"waivers": {"max_days": {"critcal": 3}}},
    "values": {"namespaces": {"parameters": {"a": {"host_pid": 3}}}},
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_editors_see_what_is_wrong(value: dict[str, Any]) -> None:
    assert not validator().is_valid(value)


def test_editors_show_what_a_key_is_for() -> None:
    made = schema(tuple(FORMATS))
    for name, struct in made["$defs"].items():
        for key, below in struct.get("properties", {}).items():
            assert "description" in below or "$ref" in below, (name, key)


def test_the_tool_writes_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "PATH", tmp_path / "auditor-v1.json")
    assert tool.main() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"auditor-v1.json", *tool.EDITORS}
    for name in tool.EDITORS:
        assert json.loads((tmp_path / name).read_text())["$schema"].endswith("/2020-12/schema")

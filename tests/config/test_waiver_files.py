"""Where waivers are read from: files, folders, mounted ConfigMaps; and what editors are told of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.collect.yaml import documents
from auditor.config.waivers import load_waivers, schema
from auditor.errors import ConfigError
from auditor.waiver import Acceptances, Terms
from tests.config.test_waivers import FAULTS, GOOD, changed
from tests.judge.accepting import TODAY

# --- files and folders ----------------------------------------------------------------------------


def entry(name: str) -> str:
    return GOOD.split("attestations:", maxsplit=1)[0].replace("id: w-1", f"id: {name}")


def names(*paths: Path) -> list[str]:
    return [one.id for one in load_waivers(paths, Terms(), TODAY).waivers]


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.yaml", "a.yml", "deep/c.YAML", "notes.md", "d.json"):
        (tmp_path / name).write_text(entry(name.replace("/", "-")) if "." in name else "")
    assert names(tmp_path) == ["a.yml", "b.yaml", "deep-c.YAML"]


def test_a_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "accepted").write_text(entry("one"))
    assert names(tmp_path / "accepted") == ["one"]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    """The kubelet writes a hidden folder, and links to it: https://kubernetes.io/docs/concepts/storage/volumes/."""
    data = tmp_path / "..2026_11_24"
    data.mkdir()
    (data / "w.yaml").write_text(entry("one"))
    (tmp_path / "..data").symlink_to(data.name)
    (tmp_path / "w.yaml").symlink_to("..data/w.yaml")
    assert names(tmp_path) == ["one"]
    assert names(tmp_path, tmp_path / "w.yaml", data) == ["one"]


def test_what_is_hidden_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/a.yaml", ".b.yaml", "c.yaml"):
        (tmp_path / name).write_text(entry(name.split("/")[-1].strip(".")))
    assert names(tmp_path) == ["c.yaml"]


def test_a_folder_in_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "w.yaml").write_text(entry("one"))
    assert names(tmp_path) == ["one"]


def test_an_empty_folder_holds_no_waivers(tmp_path: Path) -> None:
    assert load_waivers([tmp_path], Terms(), TODAY) == Acceptances()


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(entry("one"))
    (tmp_path / "b.yaml").write_text(entry("One"))
    with pytest.raises(ConfigError) as error:
        names(tmp_path)
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    assert str(error.value) == f"{b}:2: waivers.0.id: 'One' is taken by {a}:2; no id is used twice"


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to("nowhere")
    for path in (tmp_path / "x", tmp_path / "link.yaml"):
        with pytest.raises(ConfigError) as error:
            names(path)
        assert str(error.value) == f"{path}: cannot be read: No such file or directory"


def test_a_file_in_a_folder_that_cannot_be_read_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").symlink_to("nowhere")
    with pytest.raises(ConfigError, match=r"w\.yaml: cannot be read: "):
        names(tmp_path)


def test_the_digest_is_that_of_the_contents(tmp_path: Path) -> None:
    def digest(**files: str) -> str:
        folder = tmp_path / str(len(os.listdir(tmp_path)))
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        return load_waivers([folder], Terms(), TODAY).digest

    one = digest(a=entry("w-x"), b=entry("w-y"))
    assert one == digest(b=entry("w-x"), a=entry("w-y"))
    assert one != digest(a=entry("w-x"))
    assert one != digest(a=entry("w-x"), b=entry("w-y") + "# looked at again\n")
    assert digest() == ""


# --- the schema for editors -----------------------------------------------------------------------


def value(text: str) -> Any:
    (document,) = documents(text.encode())
    assert not isinstance(document, Exception)
    return document.value


def test_the_schema_accepts_what_the_loader_accepts(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    validator.validate(value(GOOD))
    assert json.loads(json.dumps(schema())) == schema()


@pytest.mark.parametrize(
    "fault", ["unknown key", "unknown key of a match", "never ends", "reason short", "list of namespaces"]
)
def test_the_schema_refuses_what_an_editor_can_see(fault: str) -> None:
    old, new, _ = FAULTS[fault]
    assert not jsonschema.Draft202012Validator(schema()).is_valid(value(changed(old, new)))

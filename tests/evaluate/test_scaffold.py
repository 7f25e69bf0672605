"""A new policy passes as it is, and is written with care."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.errors import OutputError, UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.command import run_opa
from auditor.evaluate.rego_test import run_rego_tests
from auditor.evaluate.scaffold import scaffold
from auditor.evaluate.stage import custom_modules


def test_it_loads_and_passes_its_own_tests(opa: Path, tmp_path: Path) -> None:
    files = scaffold("image_too_old", tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in files} == {
        "image_too_old/image_too_old.rego",
        "image_too_old/image_too_old_test.rego",
        "image_too_old/samples/pass.yaml",
        "image_too_old/samples/fail.yaml",
    }
    with load_bundle(opa, [tmp_path]) as bundle:
        policy = bundle.policies["image_too_old"]
        tests = run_rego_tests(opa, custom_modules([tmp_path], []), [policy])
    assert len(tests) == 2
    assert all(test.passed for test in tests)
    assert policy.reads == ("containers",)


def test_it_is_formatted_and_strict(opa: Path, tmp_path: Path) -> None:
    files = [path for path in scaffold("image_too_old", tmp_path) if path.suffix == ".rego"]
    assert run_opa(opa, ["fmt", "--list", *files]) == b""
    run_opa(opa, ["check", "--strict", *files])


@pytest.mark.parametrize("name", ["", "Image", "image-old", "a\n", "../a", "a_test"])
def test_no_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no policy id"):
        scaffold(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(UsageError, match="mine: exists already"):
        scaffold("mine", tmp_path)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=f"file{os.sep}mine: cannot be written: Not a directory"):
        scaffold("mine", tmp_path / "file")

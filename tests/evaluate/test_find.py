"""Where OPA is looked for, in which order, and which one is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.errors import EngineError
from auditor.evaluate import find
from auditor.evaluate.find import find_opa, opa_identity, opa_version

WHEEL = Path(__file__).parents[2] / "tools" / "opa-wheel" / "auditor_opa"


def executable(path: Path, script: str = "exit 0") -> Path:
    """Write a shell script that stands in for OPA, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the distribution auditor-opa, should it be installed here."""
    monkeypatch.setitem(sys.modules, "auditor_opa", None)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make auditor-opa importable as its wheel installs it; give its binary."""
    home = tmp_path / "site"
    home.mkdir()
    shutil.copytree(WHEEL, home / "auditor_opa", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.delitem(sys.modules, "auditor_opa", raising=False)
    monkeypatch.syspath_prepend(home)
    yield executable(home / "auditor_opa" / "bin" / "opa")
    sys.modules.pop("auditor_opa", None)


def test_each_place_comes_before_the_next(tmp_path: Path, package: Path) -> None:
    flag = executable(tmp_path / "flag" / "my-opa")
    variable = executable(tmp_path / "variable" / "my-opa")
    on_path = executable(tmp_path / "path" / "opa")
    built = executable(tmp_path / "cache" / "tools" / "opa-0123456789ab" / "bin" / "opa")
    environ = {
        "AUDITOR_OPA": str(variable),
        "PATH": str(on_path.parent),
        "AUDITOR_CACHE": str(tmp_path / "cache"),
    }

    assert find_opa(str(flag), environ) == flag
    assert find_opa(None, environ) == variable
    del environ["AUDITOR_OPA"]
    assert find_opa(None, environ) == package
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "auditor_opa", None)
        assert find_opa(None, environ) == on_path
        environ["PATH"] = str(tmp_path)
        assert find_opa(None, environ) == built


@pytest.mark.usefixtures("no_package")
def test_the_newest_whole_build_is_taken(tmp_path: Path) -> None:
    for age, folder in enumerate(["opa-bbb.partial", "opa-aaa", "opa-ccc", "opatool-ddd"]):
        opa = executable(tmp_path / "tools" / folder / "bin" / "opa")
        os.utime(opa, (1_000_000 - age, 1_000_000 - age))

    found = find_opa(None, {"AUDITOR_CACHE": str(tmp_path)})

    assert found == tmp_path / "tools" / "opa-aaa" / "bin" / "opa"


@pytest.mark.usefixtures("no_package")
@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_cache_folder_is_the_one_of_the_build(tmp_path: Path, level: int) -> None:
    """The same folder as tools/build.py says, whichever variable moves it."""
    variables = [("HOME", "h"), ("XDG_CACHE_HOME", "x"), ("AUDITOR_CACHE", "a")][: level + 1]
    environ = {name: str(tmp_path / folder) for name, folder in variables}
    script = [sys.executable, str(WHEEL.parents[1] / "build.py"), "--print", "opa"]
    run = subprocess.run(script, env=environ, capture_output=True, text=True, check=True)
    built = executable(Path(run.stdout.strip()) / "opa")

    assert find_opa(None, environ) == built


@pytest.mark.usefixtures("no_package")
def test_finding_none_names_every_way_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not found") as caught:
        find_opa(None, {"HOME": str(tmp_path), "PATH": ""})
    for way in ("make setup", "the wheel auditor-opa", "--opa", "AUDITOR_OPA"):
        assert way in caught.value.hint


@pytest.mark.usefixtures("no_package")
def test_a_user_without_a_home_has_none_built() -> None:
    with pytest.raises(EngineError, match="not found"):
        find_opa(None, {"HOME": "~no-such-user", "PATH": ""})


def test_a_named_file_that_is_missing_is_no_reason_to_take_another(tmp_path: Path, package: Path) -> None:
    missing = str(tmp_path / "missing")
    with pytest.raises(EngineError, match=f"^--opa: {missing} is not a file"):
        find_opa(missing, {})
    with pytest.raises(EngineError, match=f"^AUDITOR_OPA: {missing} is not a file"):
        find_opa(None, {"AUDITOR_OPA": missing})


def test_a_relative_path_survives_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opa = executable(tmp_path / "opa")
    monkeypatch.chdir(tmp_path)
    assert find_opa("./opa", {}) == opa


def test_the_real_opa_answers_whatever_its_own_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    opa = find_opa(None, os.environ)
    monkeypatch.setenv("OPA_VERSION_CHECK", "nonsense")
    raw = subprocess.run([opa, "version"], capture_output=True, text=True, check=False)
    assert raw.returncode != 0, "OPA no longer reads OPA_*: this test proves nothing"

    assert opa_version(opa).startswith("1.")


@pytest.mark.parametrize("version", ["1.0.0", "1.22.2", "1.99.0-dev"])
def test_versions_that_we_can_use(tmp_path: Path, version: str) -> None:
    opa = executable(tmp_path / "opa", f"echo Version: {version}; echo Build Commit:")
    assert opa_version(opa) == version


@pytest.mark.parametrize("version", ["0.70.0", "2.0.0", "10.1.0"])
def test_other_versions_are_refused_by_name(tmp_path: Path, version: str) -> None:
    opa = executable(tmp_path / "opa", f"echo Version: {version}")
    with pytest.raises(EngineError) as caught:
        opa_version(opa)
    assert str(caught.value) == f"{opa}: is OPA {version}, needed is at least 1.0.0 and below 2.0.0"


def test_another_program_is_not_opa(tmp_path: Path) -> None:
    opa = executable(tmp_path / "opa", "printf 'opa \\377 the dog\\n'")
    with pytest.raises(EngineError, match="is not OPA"):
        opa_version(opa)


def test_what_cannot_be_run_is_said_with_the_reason(tmp_path: Path) -> None:
    opa = executable(tmp_path / "opa")
    opa.write_bytes(b"\x7fELF of another machine")
    with pytest.raises(EngineError, match="cannot be run as OPA: Exec format error"):
        opa_version(opa)
    opa.chmod(0o644)
    with pytest.raises(EngineError, match="cannot be run as OPA: Permission denied"):
        opa_version(opa)


def test_one_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "PATIENCE", 0.2)
    opa = executable(tmp_path / "opa", "exec sleep 60")
    with pytest.raises(EngineError, match="no answer"):
        opa_version(opa)


# --- whether it is still the same one -----------------------------------------------------------


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """Something that is no script."""
    path = tmp_path / "opa-1.22"
    path.write_bytes(b"\x7fELF one")
    os.utime(path, (1, 1))
    return path


def test_the_same_file_is_the_same_opa(binary: Path) -> None:
    found = opa_identity(binary)
    assert found is not None
    binary.read_bytes()
    assert opa_identity(binary) == found


def test_another_file_is_another_opa(binary: Path, tmp_path: Path) -> None:
    found = [opa_identity(binary)]
    link = tmp_path / "opa"
    link.symlink_to(binary)
    found.append(opa_identity(link))
    link.unlink()
    link.symlink_to(shutil.copy2(binary, tmp_path / "opa-1.23"))
    found.append(opa_identity(link))
    os.utime(binary, (2, 2))
    found.append(opa_identity(binary))
    binary.write_bytes(b"\x7fELF longer")
    os.utime(binary, (1, 1))
    found.append(opa_identity(binary))
    assert None not in found
    assert len({repr(one) for one in found}) == len(found)


def test_a_file_with_the_old_size_and_date_is_another_opa(binary: Path) -> None:
    found, before = opa_identity(binary), binary.stat()
    while binary.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of the file system is coarse
        binary.write_bytes(b"\x7fELF two")
        os.utime(binary, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = binary.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert found
    assert opa_identity(binary) != found


def test_what_decides_anew_which_opa_it_starts_is_never_the_same(tmp_path: Path) -> None:
    manager = tmp_path / "version-manager"
    manager.write_bytes(b"\x7fELF")
    (tmp_path / "opa").symlink_to(manager)
    assert opa_identity(tmp_path / "opa") is None
    assert opa_identity(executable(tmp_path / "scripts" / "opa")) is None


def test_what_cannot_be_read_is_never_the_same(tmp_path: Path) -> None:
    (tmp_path / "opa").symlink_to("opa")
    for path in (tmp_path / "opa", tmp_path / "opa-missing", tmp_path):
        assert opa_identity(path) is None

"""A bundle is built once: then it comes from the cache, the same, and nothing else ever does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import msgspec
import pytest

from auditor import data
from auditor.errors import BundleError, ConfigError, EngineError
from auditor.evaluate import dependencies, ingredients
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import keep
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.ingredients import Ingredients, bundle_key
from auditor.evaluate.overrides import Overrides
from auditor.evaluate.stage import Module
from auditor.model import Verdict
from auditor.rules import Bundle
from tests.cli.manifests import deployment, write
from tests.cli.program import ROOT, ended, powerless
from tests.evaluate.custom import small_shipped, write_policy, write_text
from tests.evaluate.questions import ask, document


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of OPA that were started."""
    commands: list[str] = []

    class Popen(subprocess.Popen[bytes]):
        def __init__(self, args: list[Any], **options: Any) -> None:
            commands.append(str(args[1]))
            super().__init__(args, **options)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    return commands


class Place(msgspec.Struct, frozen=True):
    """All that a bundle is made of here, to be changed at will."""

    opa: Path
    shipped: Path
    mine: Path
    cache: Path

    def load(self, *, opa: Path | None = None, cached: bool = True, **overrides: Any) -> Bundle:
        """Load and give what remains, with the bytes of the archive in place of its path."""
        cache = self.cache if cached else None
        with load_bundle(opa or self.opa, [self.mine], Overrides(**overrides), cache=cache) as bundle:
            archive = Path(bundle.archive)
            assert not archive.is_relative_to(self.cache)
            assert (archive.stat().st_mode | archive.parent.stat().st_mode) & 0o022 == 0
            content = archive.read_bytes()
        assert not archive.exists()
        return msgspec.structs.replace(bundle, archive=content.hex())

    def entries(self) -> list[Path]:
        """The files that are kept."""
        return sorted(self.cache.glob("bundles/*"))


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What OPA said of modules in other tests is left out."""
    with mock.patch.dict(dependencies.KNOWN, clear=True):
        yield


@pytest.fixture
def place(opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Two shipped policies, one framework and two policies of a user."""
    shipped = small_shipped(tmp_path / "shipped")
    text = "id: own\ntitle: t\nversion: v\ncontrols: [{id: a, title: b, policies: [host_pid]}]\n"
    (shipped / "frameworks/own.yaml").write_text(text)
    monkeypatch.setattr(data, "policies", lambda: shipped)
    write_policy(tmp_path / "mine", custom={"parameters": {"limit": 3, "anything": None}})
    write_policy(tmp_path / "mine", "other")
    return Place(opa, shipped, tmp_path / "mine", tmp_path / "cache")


def test_the_second_time_opa_is_not_started(place: Place, started: list[str]) -> None:
    overrides: Mapping[str, Any] = {
        "enabled": {"mine": False},
        "parameters": {"*": {"pss_version": "v1.30"}, "mine": {"anything": {"1": [2.0, "ü", None]}}},
    }
    first = place.load(**overrides)
    assert {"version", "inspect", "build", "deps"} <= set(started)
    started.clear()
    again = place.load(**overrides)
    assert started == []
    assert again == first
    assert place.load(cached=False, **overrides) == first
    assert repr(again) == repr(first)  # 2 is no 2.0
    assert [path.is_file() for path in place.entries()] == [True]


def test_all_that_ships_is_the_same_from_the_cache(opa: Path, tmp_path: Path) -> None:
    found = []
    for cache in (None, tmp_path, tmp_path):
        with load_bundle(opa, cache=cache) as bundle:
            found.append(msgspec.structs.replace(bundle, archive=Path(bundle.archive).read_bytes().hex()))
    assert found[0] == found[1] == found[2]
    assert found[2].frameworks


def test_what_is_kept_is_judged_by(place: Place) -> None:
    place.load()
    with (
        load_bundle(place.opa, [place.mine], cache=place.cache) as bundle,
        OpaEngine(place.opa, bundle) as engine,
    ):
        [answer] = engine.evaluate(ask(["mine"], [document("x")]))
    verdict = answer.verdicts["mine"]
    assert isinstance(verdict, Verdict)
    assert len(verdict.fail) == 1


# --- what makes it another bundle ---------------------------------------------------------------


def _append(path: Path, text: str = "\n# more\n") -> None:
    path.write_text(path.read_text() + text)


def _renamed(place: Place) -> None:
    shutil.rmtree(place.mine / "other")
    write_policy(place.mine, "another")


CHANGES: Mapping[str, Callable[[Place], object]] = {
    "a shipped policy": lambda place: _append(place.shipped / "k8s/host_pid/host_pid.rego"),
    "a custom policy": lambda place: _append(place.mine / "mine/mine.rego"),
    "one more policy": lambda place: write_policy(place.mine, "more"),
    "one policy less": lambda place: shutil.rmtree(place.shipped / "k8s/unsafe_sysctl"),
    "another name": _renamed,
    "whose it is": lambda place: shutil.move(place.mine / "other", place.shipped / "k8s/other"),
    "the library": lambda place: _append(place.shipped / "lib/seccomp/seccomp.rego"),
    "the router": lambda place: _append(place.shipped / "main/main.rego"),
    "a framework": lambda place: _append(place.shipped / "frameworks/own.yaml"),
    "one framework less": lambda place: (place.shipped / "frameworks/own.yaml").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_makes_another(
    place: Place, started: list[str], change: Callable[[Place], object]
) -> None:
    place.load()
    started.clear()
    change(place)
    changed = place.load()
    assert "build" in started
    assert changed == place.load(cached=False)
    assert len(place.entries()) == 2


@pytest.mark.parametrize(
    "overrides",
    [
        {"enabled": {"mine": False}},
        {"parameters": {"mine": {"limit": 4}}},
        {"parameters": {"mine": {"limit": 3}}},  # the default, but said
        {"parameters": {"*": {"pss_version": "v1.30"}}},
    ],
)
def test_an_override_makes_another(place: Place, started: list[str], overrides: Mapping[str, Any]) -> None:
    plain = place.load()
    started.clear()
    changed = place.load(**overrides)
    assert "build" in started
    assert changed == place.load(cached=False, **overrides)
    started.clear()
    assert place.load() == plain
    assert place.load(**overrides) == changed
    assert started == []


def test_every_byte_has_its_place(opa: Path) -> None:
    def key(*modules: tuple[str, bytes], custom: bool = False, **files: bytes) -> str:
        found = [Module(name, Path(name), custom=custom, source=source) for name, source in modules]
        return bundle_key(opa, Ingredients(found, files, {}), {})

    keys = [
        key(("a", b"12"), ("b", b"3")),
        key(("a", b"1"), ("b", b"23")),
        key(("b", b"12"), ("a", b"3")),
        key(("a", b"12"), ("b", b"3"), custom=True),
        key(("a", b"12"), b=b"3"),
        key(("a12", b""), ("b", b"3")),
    ]
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in keys)
    assert len(set(keys)) == len(keys)


def test_our_own_code_makes_another(
    place: Place, started: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.load()
    for name in ("model.py", "document/kinds.py", "evaluate/capabilities.py"):
        package = tmp_path / "code" / name / "auditor"
        shutil.copytree(ingredients.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
        with monkeypatch.context() as patch:
            patch.setattr(ingredients, "PACKAGE", package)
            started.clear()
            place.load()
            assert started == [], "the same code elsewhere"
        shutil.copytree(package, package.with_name("edited"))
        _append(package.with_name("edited") / name)
        with monkeypatch.context() as patch:
            patch.setattr(ingredients, "PACKAGE", package.with_name("edited"))
            place.load()
            assert "build" in started, name


def test_another_opa_makes_another(place: Place, started: list[str], tmp_path: Path) -> None:
    opa = Path(shutil.copy2(place.opa, tmp_path / "opa"))
    try:
        place.load()
        started.clear()
        place.load(opa=opa)
        assert "build" in started, "another path"
        started.clear()
        place.load(opa=opa)
        assert started == []
        os.utime(opa, (1, 1))
        place.load(opa=opa)
        assert "build" in started, "another date"
    finally:
        opa.unlink()  # it is large, and pytest keeps the folders of tests


def test_an_opa_that_is_replaced_while_it_builds_is_not_remembered(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opa = Path(shutil.copy2(place.opa, tmp_path / "opa"))
    try:
        with monkeypatch.context() as patch:
            build = subprocess.run

            def replaced(*arguments: Any, **options: Any) -> Any:
                os.utime(opa, (1, 1))
                return build(*arguments, **options)

            patch.setattr(subprocess, "run", replaced)
            bundle = place.load(opa=opa)
        assert place.entries() == []
        assert place.load(opa=opa) == bundle
        assert len(place.entries()) == 1
    finally:
        opa.unlink()


def test_a_script_is_asked_each_time(place: Place, started: list[str], tmp_path: Path) -> None:
    """The way in which version managers decide anew which OPA they start."""
    script = tmp_path / "opa"
    script.write_text(f'#!/bin/sh\nexec {place.opa} "$@"\n')
    script.chmod(0o755)
    place.load(opa=script)
    started.clear()
    place.load(opa=script)
    assert "version" in started
    assert place.entries() == []


def test_where_it_lies_makes_no_difference(place: Place, started: list[str]) -> None:
    first = place.load()
    moved = msgspec.structs.replace(place, mine=place.mine.rename(place.mine.with_name("moved here")))
    started.clear()
    assert moved.load() == first
    assert started == []


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", ["fail contains {", "fail contains {} if http.send({})", "x := 1"])
def test_an_error_is_told_each_time(place: Place, rules: str) -> None:
    place.load()
    write_policy(place.mine, "broken", rules)
    said = []
    for cached in (True, True, False):
        with pytest.raises(BundleError) as caught:
            place.load(cached=cached)
        said.append((str(caught.value), caught.value.hint))
    assert said[0] == said[1] == said[2]
    assert said[0][0].startswith(str(place.mine / "broken/broken.rego"))
    assert len(place.entries()) == 1


def test_a_file_that_may_not_be_used_is_refused_before_anything_else(place: Place) -> None:
    place.load()
    write_text(place.mine, "host_pid", b"package k8s.host_pid\n")
    with pytest.raises(BundleError, match="is taken by a shipped policy"):
        place.load()


def test_an_override_that_json_would_change_is_not_taken_for_another(place: Place) -> None:
    place.load(parameters={"mine": {"anything": {"1": 2}}})
    with pytest.raises(ConfigError, match="holds what JSON has no word for"):
        place.load(parameters={"mine": {"anything": {1: 2}}})
    place.load(enabled={"mine": True})
    with pytest.raises(ConfigError, match="unknown policy 'mime'"):
        place.load(enabled={"mime": True})


def test_an_opa_that_cannot_be_used_is_refused(place: Place, tmp_path: Path) -> None:
    place.load()
    for name, message in (("missing", "No such file"), ("opa", "Exec format error")):
        opa = tmp_path / name
        if name == "opa":
            opa.write_bytes(b"\x7fELF of another machine")
            opa.chmod(0o755)
        with pytest.raises(EngineError, match=f"cannot be run as OPA: {message}"):
            place.load(opa=opa)
    assert len(place.entries()) == 1


# --- damage -------------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: Mapping[str, Callable[[Path], object]] = {
    "a bit": _flip,
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "well sealed, but nothing": lambda path: keep(path.parent, path.name, b""),
    "well sealed, but no JSON": lambda path: keep(path.parent, path.name, b"\xff"),
    "well sealed, but incomplete": lambda path: keep(path.parent, path.name, b'{"archive": ""}'),
    "well sealed, but of another form": lambda path: keep(
        path.parent, path.name, b'{"archive": "", "policies": {}, "frameworks": {}, "more": 1}'
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_built_anew(
    place: Place, started: list[str], damage: Callable[[Path], object]
) -> None:
    first = place.load()
    [entry] = place.entries()
    damage(entry)
    started.clear()
    assert place.load() == first
    assert "build" in started
    started.clear()
    assert place.load() == first
    assert started == []
    assert place.entries() == [entry]


def test_entries_that_are_exchanged_are_built_anew(place: Place, started: list[str]) -> None:
    on, off = place.load(), place.load(enabled={"mine": False})
    first, second = place.entries()
    first.rename(first.with_name("aside"))
    second.rename(first)
    first.with_name("aside").rename(second)
    started.clear()
    assert (place.load(), place.load(enabled={"mine": False})) == (on, off)
    assert started.count("build") == 2


def test_four_at_once(place: Place) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(lambda _: place.load(), range(4)))
    assert found == [found[0]] * 4
    assert len(place.entries()) == 1


# --- where nothing can be kept ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "link", "open to others"])
def test_a_folder_that_cannot_be_used_costs_time_only(place: Place, started: list[str], kind: str) -> None:
    folder = place.cache / "bundles"
    if kind == "file":
        place.cache.write_text("")
    else:
        folder.parent.mkdir()
        (folder.parent / "real").mkdir(mode=0o700)
        folder.symlink_to("real")
    if kind == "open to others":
        folder.unlink()
        folder.mkdir()
        folder.chmod(0o777)
    first = place.load()
    started.clear()
    assert place.load() == first
    assert "build" in started
    assert place.entries() == []


LOAD = """
import subprocess, sys, pathlib
from auditor.evaluate.bundle import load_bundle
opa, cache, may_start = map(pathlib.Path, sys.argv[1:])
if str(may_start) == "no":
    del subprocess.Popen
with load_bundle(opa, cache=cache) as bundle:
    print(bundle.digest)
"""


def test_a_file_system_that_is_read_only(opa: Path, tmp_path: Path) -> None:
    """Modes stand in for it, in a process that not even root's rights help past them."""

    def digest(before: list[str], cache: Path, may_start: str) -> str:
        command = [*before, sys.executable, "-c", LOAD, str(opa), str(cache), may_start]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = powerless()
    (tmp_path / "empty").mkdir(mode=0o500)
    built = digest(before, tmp_path / "empty", "yes")
    assert list((tmp_path / "empty").iterdir()) == []
    assert digest([], tmp_path / "full", "yes") == built
    [entry] = (tmp_path / "full/bundles").iterdir()
    entry.chmod(0o400)
    entry.parent.chmod(0o500)
    assert digest(before, tmp_path / "full", "no") == built


@pytest.fixture
def home() -> Iterator[Path]:
    """Short, for the socket of the engine is below it."""
    with TemporaryDirectory(prefix="kept-") as name:
        yield Path(name)


@pytest.mark.parametrize("command", ["audit", "policies list"])
def test_the_program_keeps_it_in_the_home_of_the_user(home: Path, tmp_path: Path, command: str) -> None:
    manifest = write(tmp_path / "web.yaml", deployment())
    arguments = [*command.split(), *(["-f", str(manifest)] if command == "audit" else [])]
    first = ended(*arguments, home=home)
    [entry] = (home / ".cache/auditor/bundles").iterdir()
    os.utime(entry, (1, 1))
    inode = entry.stat().st_ino
    second = ended(*arguments, home=home)
    assert (second.returncode, second.stderr) == (first.returncode, first.stderr)
    assert first.returncode in {0, 1}
    assert entry.stat().st_ino == inode, "it was built anew"
    assert entry.stat().st_mtime > 1, "it was not used"

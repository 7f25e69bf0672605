"""OPA is asked once for each module: what it said holds for the same module and library, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from auditor.evaluate import dependencies
from auditor.evaluate.command import run_opa
from auditor.evaluate.dependencies import Dependencies, Memory
from auditor.evaluate.stage import Module

LIBRARY = {"lib/a/a.rego": b"package lib.a\n\nnamed if input.meta.name\n"}
OTHER = {"lib/a/a.rego": b"package lib.a\n\nnamed if input.spec.name\n"}
META, SPEC = ("input", "meta", "name"), ("input", "spec", "name")


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What this process knows already is left out."""
    with mock.patch.dict(dependencies.KNOWN, clear=True):
        yield


class Place:
    """A module and a library on disk, as a stage has them."""

    def __init__(self, folder: Path, opa: Path) -> None:
        self.folder, self.opa, self.asked = folder, opa, 0

    def ask(
        self, source: str, library: dict[str, bytes] = LIBRARY, cache: Path | None = None
    ) -> Dependencies:
        path = self.folder / "mine.rego"
        path.write_text(source)
        lib = self.folder / "lib.rego"
        lib.write_bytes(library["lib/a/a.rego"])
        memory = Memory(self.opa, library, cache)

        def counted(*arguments: object) -> bytes:
            self.asked += 1
            return run_opa(*arguments)  # type: ignore[arg-type]

        with mock.patch.object(dependencies, "run_opa", counted):
            found = memory.ask(Module("mine", path, custom=True, source=path.read_bytes()), [path, lib])
        memory.keep()
        return found


@pytest.fixture
def place(tmp_path: Path, opa: Path) -> Place:
    return Place(tmp_path, opa)


MINE = "package k8s.mine\n\nimport data.lib.a\n\nfail contains 1 if a.named\n"
CHANGED = MINE + "\nskip contains input.pod.path\n"


def test_the_same_is_asked_once(place: Place) -> None:
    assert place.ask(MINE) == place.ask(MINE)
    assert place.asked == 1
    assert place.ask(MINE).base == (META,)


def test_another_module_or_library_is_asked_anew(place: Place) -> None:
    assert place.ask(MINE).base == (META,)
    assert ("input", "pod", "path") in place.ask(CHANGED).base
    assert place.ask(MINE, OTHER).base == (SPEC,)
    assert place.asked == 3


def test_another_process_need_not_ask(place: Place, tmp_path: Path) -> None:
    first = place.ask(MINE, cache=tmp_path / "cache")
    dependencies.KNOWN.clear()
    assert place.ask(MINE, cache=tmp_path / "cache") == first
    assert place.asked == 1
    dependencies.KNOWN.clear()
    assert place.ask(MINE, OTHER, cache=tmp_path / "cache").base == (SPEC,)


def test_what_was_damaged_is_asked_anew(place: Place, tmp_path: Path) -> None:
    place.ask(MINE, cache=tmp_path / "cache")
    [entry] = (tmp_path / "cache" / "reads").iterdir()
    entry.write_bytes(entry.read_bytes()[:-1] + b"!")
    dependencies.KNOWN.clear()
    assert place.ask(MINE, cache=tmp_path / "cache").base == (META,)
    assert place.asked == 2


def test_an_opa_that_cannot_be_told_from_others_is_always_asked(place: Place, tmp_path: Path) -> None:
    script = tmp_path / "opa"
    script.write_text(f'#!/bin/sh\nexec {place.opa} "$@"\n')
    script.chmod(0o755)
    place.opa = script
    assert place.ask(MINE, cache=tmp_path / "cache") == place.ask(MINE, cache=tmp_path / "cache")
    assert place.asked == 2


def test_what_fails_is_not_kept(place: Place) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="undefined"):
            place.ask("package k8s.mine\n\nfail contains 1 if unknown_thing(1)\n")
    assert place.asked == 2

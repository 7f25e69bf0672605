"""Runs the Rego tests of a module against its mutants: a mutant that no test notices survives.

All mutants of a module run in one `opa test`, each with its own copy of the tests, in packages of
their own; one process for each would take ten times as long. Those that do not compile are taken
out, they are no mutants. What survives gets a second chance with the tests of everything.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.mutants import Mutant, mutants

_BROKEN = re.compile(r"\bm(\d+)/\w+\.rego:\d+: ")

CONTROL = 0
"""The number of the copy without a fault: if its tests fail, they prove nothing."""


@dataclass(frozen=True)
class Score:
    """What became of the mutants of one module."""

    path: Path
    killed: int
    survivors: Sequence[Mutant]


def mutate(opa: Path, policies: Path, modules: Sequence[Path], parameters: Mapping[str, Any]) -> list[Score]:
    """Return the score of each module, `policies` being the folder that holds them all.

    `parameters` are the values of `data.parameters`. Two processes run at a time.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda path: _score(opa, policies, path, parameters), modules))


def _score(opa: Path, policies: Path, path: Path, parameters: Mapping[str, Any]) -> Score:
    text = path.read_text(encoding="utf-8")
    candidates = dict(enumerate([Mutant(0, "nothing", text), *mutants(opa, path)]))
    test = path.with_name(f"{path.stem}_test.rego")
    with TemporaryDirectory(prefix="auditor-mutation-") as name:
        folder = Path(name)
        # the router is tested by what it routes to
        stage(folder, policies, parameters, "**/*.rego" if is_router(path) else "lib/**/*.rego")
        for number, mutant in candidates.items():
            own = folder / f"m{number}"
            own.mkdir()
            (own / path.name).write_text(_moved(mutant.source, path, number), encoding="utf-8")
            if test.is_file():
                (own / test.name).write_text(_moved(test.read_text("utf-8"), path, number), "utf-8")
        noticed = _run(opa, folder, candidates)
    if CONTROL in noticed or CONTROL not in candidates:
        raise SystemExit(f"{path}: its tests fail without any fault")
    del candidates[CONTROL]
    survivors = [mutant for number, mutant in candidates.items() if number not in noticed]
    survivors = [one for one in survivors if not _noticed_by_all(opa, policies, path, one, parameters)]
    return Score(path, len(candidates) - len(survivors), survivors)


def stage(target: Path, policies: Path, parameters: Mapping[str, Any], pattern: str = "**/*.rego") -> None:
    """Lay out, for `opa test` in `target`, the modules that match and the values of `data.parameters`."""
    for source in policies.glob(pattern):
        place = target / source.relative_to(policies)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    (target / "data.json").write_text(json.dumps({"parameters": parameters}), encoding="utf-8")


def is_router(path: Path) -> bool:
    """Tell whether a module is main/main.rego."""
    return path.parts[-2:] == ("main", "main.rego")


def _moved(source: str, path: Path, number: int) -> str:
    """Give a mutant, or its tests, a package of its own on the same lines."""
    package = path.stem if is_router(path) else f"{path.parent.parent.name}.{path.stem}"
    moved = f"{package}_m{number}"
    source = re.sub(rf"^package {package}(_test)?$", rf"package {moved}\1", source, flags=re.MULTILINE)
    return re.sub(
        rf"^import data\.{package}$", f"import data.{moved} as {path.stem}", source, flags=re.MULTILINE
    )


def _run(opa: Path, folder: Path, candidates: dict[int, Mutant]) -> set[int]:
    """Return the numbers of the mutants that a test noticed; take out those that do not compile."""
    while True:
        done = _test(opa, folder, "--run", r"_m\d+_test\.", "--max-errors", "100000")
        if done.returncode in (0, 2):
            break
        broken = {int(number) for number in _BROKEN.findall(done.stderr)}
        if not broken:
            raise SystemExit(f"opa test: {done.stderr.strip()}")
        for number in broken:
            del candidates[number]
            shutil.rmtree(folder / f"m{number}")
    noticed = set()
    for case in json.loads(done.stdout or "[]") or ():
        if case.get("fail") or case.get("error"):
            noticed.add(int(case["package"].rpartition("_m")[2].removesuffix("_test")))
    return noticed


def _noticed_by_all(
    opa: Path, policies: Path, path: Path, mutant: Mutant, parameters: Mapping[str, Any]
) -> bool:
    with TemporaryDirectory(prefix="auditor-mutation-") as name:
        folder = Path(name)
        stage(folder, policies, parameters)
        (folder / path.relative_to(policies)).write_text(mutant.source, encoding="utf-8")
        return _test(opa, folder).returncode != 0


def _test(opa: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [opa, "test", "--format", "json", *options, "."]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)

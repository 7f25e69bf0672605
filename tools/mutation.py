"""Runs the Rego tests of a module against its mutants: a mutant that no test notices survives.

All mutants of a module run in one `opa test`, each with its own copy of the tests, in packages of
their own; one process for each would take ten times as long. Those that do not compile are taken
out, they are no mutants. Only the module's own tests count: so what is proven of it depends on its
`sources` and on nothing else.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.mutants import Mutant, mutants

_BROKEN = re.compile(r"\bm(\d+)/\w+\.rego:\d+: ")
_NAMED = re.compile(r"\bdata\.(lib|k8s)\.(\w+)")

CONTROL = 0
"""The number of the copy without a fault: if its tests fail, they prove nothing."""


TIME = ("--timeout", "60s")
"""For one test: OPA's own 5 s are too few where others work, and running out of time is not noticing."""


@dataclass(frozen=True)
class Score:
    """What became of the mutants of one module."""

    path: Path
    killed: int
    survivors: Sequence[Mutant]


def mutate(
    opa: Path, policies: Path, modules: Sequence[Path], parameters: Mapping[str, Any]
) -> Iterator[Score]:
    """Yield the score of each module, `policies` being the folder that holds them all.

    `parameters` are the values of `data.parameters`. Two processes run at a time.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield from pool.map(lambda path: _score(opa, policies, path, parameters), modules)


def own_test(path: Path) -> Path:
    """Return where the tests of a module are."""
    return path.with_name(f"{path.stem}_test.rego")


def sources(policies: Path, path: Path) -> list[Path]:
    """Return the module, its tests, and every module that they name, directly or not, in order."""
    found: set[Path] = set()
    left = [path, own_test(path)]
    while left:
        one = left.pop()
        if one not in found and one.is_file():
            found.add(one)
            named = _NAMED.findall(one.read_text(encoding="utf-8"))
            left += [policies / root / name / f"{name}.rego" for root, name in named]
    return sorted(found)


def _score(opa: Path, policies: Path, path: Path, parameters: Mapping[str, Any]) -> Score:
    text = path.read_text(encoding="utf-8")
    candidates = dict(enumerate([Mutant(0, "nothing", text), *mutants(opa, path)]))
    test = own_test(path)
    others = [one for one in sources(policies, path) if one not in (path, test)]
    with TemporaryDirectory(prefix="auditor-mutation-") as name:
        folder = Path(name)
        stage(folder, policies, parameters, others)
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
    return Score(path, len(candidates) - len(survivors), survivors)


def stage(target: Path, policies: Path, parameters: Mapping[str, Any], modules: Iterable[Path]) -> None:
    """Lay out, for `opa test` in `target`, these modules and the values of `data.parameters`."""
    for source in modules:
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


def _test(opa: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    # one test at a time: two of us run already
    command: list[str | Path] = [opa, "test", "--format", "json", *TIME, "--parallel", "1", *options, "."]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)

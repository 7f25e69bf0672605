"""The gates that Rego passes before it ships.

    .venv/bin/python -m tools.rego check          strict compiler, allow-list, format, rules of the house
    .venv/bin/python -m tools.rego fmt            write the format
    .venv/bin/python -m tools.rego test           every Rego test, every line covered
    .venv/bin/python -m tools.rego mutate         every fault put into a module must break a test of it

`mutate` leaves out what was proven as it is now (tools/proven.txt); it takes ids of modules, or
`--all`, and `--write` notes what it has proven. What is wrong is printed line by line; exit 1 if anything is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditor.errors import AuditorError, did_you_mean
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.capabilities import write_allow_list
from auditor.evaluate.rules import check_rules
from tools.build import ROOT, BuildError, tool_bin
from tools.mutation import TIME, is_router, mutate, stage
from tools.policy_rules import broken_rules, imported
from tools.proven import Proven

POLICIES = ROOT / "policies"
PROVEN = ROOT / "tools" / "proven.txt"
"""Which modules were proven, and as what they were."""


def check(opa: Path) -> int:
    """Compile strictly, hold what ships against the allow-list, compare the format, apply our rules."""
    with TemporaryDirectory(prefix="auditor-check-") as name:
        capabilities = write_allow_list(opa, Path(name) / "capabilities.json")
        everything = sorted(POLICIES.rglob("*.rego"))
        commands: Sequence[Sequence[str | Path]] = (
            ["check", "--strict", "--capabilities", capabilities, *_modules()],
            ["check", "--strict", *everything],
        )
        failed = [one for one in commands if subprocess.run([opa, *one], cwd=ROOT, check=False).returncode]
    if failed:
        return 1
    listed = subprocess.run([opa, "fmt", "--list", *everything], check=True, capture_output=True, text=True)
    for unformatted in listed.stdout.splitlines():
        print(f"{unformatted}: is not formatted; make fmt does it")
    if listed.stdout:
        return 1
    with load_bundle(opa) as bundle:
        for policy in bundle.policies:
            path = POLICIES / "k8s" / policy / f"{policy}.rego"
            check_rules(opa, path, policy, str(path))
        broken = list(broken_rules(POLICIES, bundle))
    for line in broken:
        print(line)
    return 1 if broken else 0


def fmt(opa: Path) -> int:
    """Write the format into the files."""
    return subprocess.run([opa, "fmt", "--write", POLICIES], check=False).returncode


def test(opa: Path) -> int:
    """Run every Rego test, and name each line of a policy or of the library that none of them reaches."""
    with TemporaryDirectory(prefix="auditor-rego-") as name:
        stage(Path(name), POLICIES, _parameters(opa), POLICIES.rglob("*.rego"))
        command: list[str | Path] = [opa, "test", *TIME]
        run = subprocess.run([*command, "."], cwd=name, check=False, capture_output=True, text=True)
        print(run.stdout.strip() or run.stderr.strip())
        if run.returncode:
            return 1
        report = subprocess.run(
            [*command, "--coverage", "--format", "json", "."], cwd=name, check=True, capture_output=True
        )
    files = json.loads(report.stdout)["files"]
    bare = 0
    for path in _modules():
        place = path.relative_to(POLICIES).as_posix()
        covered = files.get(place, {"not_covered": [{"start": {"row": 1}, "end": {"row": 1}}]})
        for part in covered.get("not_covered", ()):
            bare += 1
            print(f"policies/{place}:{part['start']['row']}: not covered up to line {part['end']['row']}")
    return 1 if bare else 0


def mutation(opa: Path, names: Sequence[str], *, every: bool = False, write: bool = False) -> int:
    """Put faults into modules and print those that no test of the module notices.

    Into those with these names, into `every` one, or else into those that are not proven as they are
    now. With `write` it is noted which of them now are.
    """
    begin = time.monotonic()
    libraries = imported(POLICIES)
    modules = {
        path.stem: path
        for path in _modules()
        if path.parts[-3] == "k8s" or path.stem in libraries or is_router(path)
    }
    for name in names:
        if name not in modules:
            print(f"unknown module {name!r}{did_you_mean(name, modules)}")
            return 1
    proven = Proven(PROVEN, POLICIES)
    before = {name for name, path in modules.items() if proven.holds(path)}
    chosen = [name for name in modules if name in names or (not names and (every or name not in before))]
    survived, killed = 0, 0
    for score in mutate(opa, POLICIES, [modules[name] for name in chosen], _parameters(opa)):
        for mutant in score.survivors:
            print(f"{score.path.relative_to(ROOT)}:{mutant.line}: no test notices: {mutant.what}", flush=True)
        survived += len(score.survivors)
        killed += score.killed
        proven.note(score.path, holds=not score.survivors)
    if write:
        proven.write(modules.values())
    seconds = time.monotonic() - begin
    rest = f", {len(modules) - len(chosen)} modules left out" if not names else ""
    print(f"{len(chosen)} modules, {killed + survived} mutants: {survived} survived ({seconds:.0f} s){rest}")
    return 1 if survived or (chosen and not killed) else 0


def _parameters(opa: Path) -> dict[str, Mapping[str, Any]]:
    with load_bundle(opa) as bundle:
        return {policy.id: policy.parameters for policy in bundle.policies.values()}


def _modules() -> list[Path]:
    return [path for path in sorted(POLICIES.rglob("*.rego")) if not path.stem.endswith("_test")]


def main(arguments: list[str] | None = None) -> int:
    """Run one gate and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.rego", description="The gates that Rego passes.")
    parser.add_argument("gate", choices=["check", "fmt", "test", "mutate"])
    parser.add_argument("names", nargs="*", metavar="ID", help="mutate: only these modules")
    parser.add_argument("--all", action="store_true", help="mutate: every module, proven or not")
    parser.add_argument("--write", action="store_true", help=f"mutate: note in {PROVEN.name} what is proven")
    options = parser.parse_args(arguments)
    if (options.names or options.all or options.write) and options.gate != "mutate":
        parser.error(f"{options.gate} takes no names and none of these flags")
    if options.names and options.all:
        parser.error("name modules or say --all")
    try:
        opa = tool_bin("opa") / "opa"
        if options.gate == "mutate":
            return mutation(opa, options.names, every=options.all, write=options.write)
        return {"check": check, "fmt": fmt, "test": test}[options.gate](opa)
    except (AuditorError, BuildError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

"""Builds the real parts that tests, demo and benchmarks run, once, into a cache folder.

    python3 tools/build.py opa               tools/opa/go.mod: every `tool` it lists
    python3 tools/build.py oracle/podsecurity     tests/oracles/podsecurity: a program of our own

prints the folder with the binaries. Standard library only: it runs before the venv exists. A new
tool is a new folder with go.mod and go.sum; only what a plain build gets wrong stands in `RECIPES`.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ERROR_LINES = 30
"""How much of Go's output an error shows."""


class BuildError(Exception):
    """A tool is unknown or could not be built; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Recipe:
    """What differs from a plain static build of one go.mod."""

    stamped: tuple[str, str] = ("", "")
    """Module whose version is written into a Go package (module, package), as Kubernetes expects."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Binaries that get another name than Go gives them."""
    tags: tuple[str, ...] = ()
    """Go build tags."""


RECIPES = {
    "etcd": Recipe(renamed={"server": "etcd"}),
    # Without the stamp the API server calls itself v0.0.0.
    "kubernetes": Recipe(stamped=("k8s.io/kubernetes", "k8s.io/component-base/version")),
    # Without the clients of all clouds, which take longer to build than the rest.
    "prometheus": Recipe(tags=("remove_all_sd", "enable_kubernetes_sd")),
}


def cache_folder() -> Path:
    """Return the folder that holds every built tool."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auditor"
    return Path(os.environ.get("AUDITOR_CACHE") or user).absolute() / "tools"


def source_folder(tool: str) -> Path:
    """Return the folder with the go.mod of a tool; raise `BuildError` if there is none."""
    kind, _, name = tool.rpartition("/")
    parents = {"": ROOT / "tools", "oracle": ROOT / "tests" / "oracles"}
    if kind in parents and re.fullmatch(r"[a-z0-9_-]+", name):
        folder = parents[kind] / name
        if (folder / "go.mod").is_file():
            return folder
    raise BuildError(f"unknown tool {tool!r}; there are: {', '.join(tools())}")


def tools() -> list[str]:
    """Return the name of everything that can be built."""
    found = [path.parent.name for path in sorted((ROOT / "tools").glob("*/go.mod"))]
    return found + [f"oracle/{path.parent.name}" for path in sorted(ROOT.glob("tests/oracles/*/go.mod"))]


def flags(tool: str) -> list[str]:
    """Return the flags that Go builds a tool with."""
    recipe = RECIPES.get(tool, Recipe())
    module, package = recipe.stamped
    linker = ["-s", "-w"]
    if module:
        major, minor, patch = module_version(tool, module)
        stamps = {"gitVersion": f"v{major}.{minor}.{patch}", "gitMajor": major, "gitMinor": minor}
        linker += [f"-X {package}.{name}={value}" for name, value in stamps.items()]
    tags = [f"-tags={','.join(recipe.tags)}"] if recipe.tags else []
    return ["-trimpath", "-buildvcs=false", *tags, f"-ldflags={' '.join(linker)}"]


def module_version(tool: str, module: str) -> tuple[str, str, str]:
    """Return (major, minor, patch) of a module in a tool's go.mod; raise `BuildError` if it is not there."""
    go_mod = source_folder(tool) / "go.mod"
    pattern = rf"^\s*(?:require )?{re.escape(module)} v(\d+)\.(\d+)\.(\d+)\b"
    match = re.search(pattern, go_mod.read_text(), re.MULTILINE)
    if not match:
        raise BuildError(
            f"{go_mod}: does not require {module}, whose version the build writes into the binary"
        )
    return match[1], match[2], match[3]


def target(tool: str) -> Path:
    """Return the folder of one build of a tool: `<name>-<12 hex>`, with the binaries in `bin/`.

    The digest is sha256 over go.mod, go.sum, the program's own Go files (an oracle has some) and
    the flags joined by newlines; Go's own version is left out, so a newer Go rebuilds nothing.
    """
    folder = source_folder(tool)
    digest = hashlib.sha256()
    for path in [folder / "go.mod", folder / "go.sum", *sorted(folder.glob("*.go"))]:
        digest.update(path.read_bytes() if path.exists() else b"")
    digest.update("\n".join(flags(tool)).encode())
    return cache_folder() / f"{tool.replace('/', '-')}-{digest.hexdigest()[:12]}"


def tool_bin(tool: str) -> Path:
    """Return the folder with the binaries of a tool, built first if they are not there yet.

    Safe when several processes ask at once: one builds, the others wait. Raises `BuildError`.
    """
    final = target(tool)
    if not final.is_dir():
        final.parent.mkdir(parents=True, exist_ok=True)
        with _locked(final.with_suffix(".lock"), tool):
            if not final.is_dir():
                _build(tool, final)
    return final / "bin"


@contextmanager
def _locked(path: Path, tool: str) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{tool}: another process is building it, waiting", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(tool: str, final: Path) -> None:
    """Build beside `final` and rename, so that it is there whole or not at all."""
    partial = final.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "bin").mkdir(parents=True)
    print(f"{tool}: building with Go, once ...", end="", file=sys.stderr, flush=True)
    begin = time.monotonic()
    try:
        _run_go(tool, partial / "bin")
        for built, name in RECIPES.get(tool, Recipe()).renamed.items():
            (partial / "bin" / built).rename(partial / "bin" / name)
        partial.rename(final)
    except BaseException:
        print(" failed", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(f" {time.monotonic() - begin:.0f} s", file=sys.stderr)


def _run_go(tool: str, bin_folder: Path) -> None:
    go = shutil.which("go")
    if not go:
        raise BuildError(f"{tool} has to be built, and there is no `go` on PATH: install Go 1.26 or newer")
    own_program = tool.startswith("oracle/")
    what = (
        ["build", "-o", f"{bin_folder}/", *flags(tool), "."]
        if own_program
        else ["install", *flags(tool), "tool"]
    )
    # A go.work somewhere above would replace the pinned versions.
    env = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOBIN": str(bin_folder)}
    folder = source_folder(tool)
    run = subprocess.run([go, *what], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if run.returncode:
        tail = "\n".join((run.stdout + run.stderr).splitlines()[-ERROR_LINES:])
        raise BuildError(f"{tool} could not be built: `go {what[0]}` in {folder} ended with:\n{tail}")


def main(arguments: list[str] | None = None) -> int:
    """Build the tools named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="tools/build.py", description="Build pinned tools into the cache folder."
    )
    parser.add_argument(
        "tool", nargs="+", help="a folder of tools/, or oracle/NAME for one of tests/oracles/"
    )
    parser.add_argument("--print", action="store_true", help="say where the binaries belong, build nothing")
    options = parser.parse_args(arguments)
    try:
        for tool in options.tool:
            print(target(tool) / "bin" if options.print else tool_bin(tool))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

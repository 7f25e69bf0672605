"""Writes policies/reads.json: what OPA says that the shipped policies read, so that no audit has to ask.

    .venv/bin/python -m tools.reads [--check]

It has to be written anew when a policy or the library has changed, or OPA; `--check` tells that it has to.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from auditor import data
from auditor.evaluate.dependencies import Memory, Shipped, library_digest, module_digest
from auditor.evaluate.find import opa_version
from auditor.evaluate.ingredients import READS
from auditor.evaluate.stage import lay_out, library, shipped_modules
from tools.build import tool_bin


def asked(opa: Path, home: Path) -> Shipped:
    """Return what OPA says of the policies in a folder."""
    modules, lib = shipped_modules(home), library(home)
    memory = Memory(opa, lib)
    with TemporaryDirectory(prefix="auditor-reads-") as name, ThreadPoolExecutor(max_workers=4) as pool:
        stage = Path(name) / "stage"
        lay_out(stage, modules, lib, None)
        paths = [[stage / "k8s" / one.id / f"{one.id}.rego", stage / "lib"] for one in modules]
        found = list(pool.map(memory.ask, modules, paths))
    told = dict(sorted(zip(map(module_digest, modules), found, strict=True)))
    return Shipped(opa_version(opa), library_digest(lib), told)


def is_current(opa: Path, home: Path) -> bool:
    """Tell whether the file is of these policies, this library and this OPA; what it says is not asked."""
    file = home / READS
    if not file.is_file():
        return False
    told = msgspec.json.decode(file.read_bytes(), type=Shipped)
    return (told.opa, told.library, set(told.modules)) == (
        opa_version(opa),
        library_digest(library(home)),
        {module_digest(one) for one in shipped_modules(home)},
    )


def encoded(told: Shipped) -> bytes:
    """Return the content of the file: a line for each module."""
    head = msgspec.json.encode({"opa": told.opa, "library": told.library}).decode().removesuffix("}")
    lines = [
        f"{msgspec.json.encode(name).decode()}:{msgspec.json.encode(one).decode()}"
        for name, one in told.modules.items()
    ]
    return (head + ',"modules":{\n' + ",\n".join(lines) + "\n}}\n").encode()


def main() -> int:
    """Write the file, or say whether it is as it should be; return the exit code."""
    opa, home = tool_bin("opa") / "opa", data.policies()
    if sys.argv[1:] != ["--check"]:
        (home / READS).write_bytes(encoded(asked(opa, home)))
    elif not is_current(opa, home):
        print(f"{home / READS}: is not of these policies, or of this OPA; make reads writes it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

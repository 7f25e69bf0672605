"""Which Rego modules were proven by mutation: of an unchanged one nothing needs to be proven again.

A line of the file is the place of a module below `policies` and, before it, the sha256 of all that
its mutants and their fate depend on: its sources, how mutants are made and run, and the version of
OPA. The file is a note of a run, nothing trusts it for good: `make proof` mutates every module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tools.build import ROOT
from tools.mutation import sources

MAKERS = tuple(ROOT / "tools" / name for name in ("mutants.py", "mutation.py", "opa/go.mod"))
"""What makes mutants and decides on them."""


class Proven:
    """The file, with what was learnt since it was read."""

    def __init__(self, file: Path, policies: Path) -> None:
        """Read the file; without it nothing is proven, and a line that is none of ours proves nothing."""
        self._file = file
        self._policies = policies
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        self._digests = {place: digest for digest, _, place in (line.partition("  ") for line in lines)}
        self._seen: dict[Path, str] = {}
        """Digests of modules as they were when first asked for: before their run, not after it."""

    def holds(self, module: Path) -> bool:
        """Tell whether the module was proven, and nothing that matters has changed since."""
        return self._digests.get(self._place(module)) == self._digest(module)

    def note(self, module: Path, *, holds: bool) -> None:
        """Note how a run over the module ended."""
        self._digests[self._place(module)] = self._digest(module) if holds else ""

    def write(self, modules: Iterable[Path]) -> None:
        """Write the file, of these modules those that are proven."""
        lines = [f"{self._digest(one)}  {self._place(one)}\n" for one in sorted(modules) if self.holds(one)]
        self._file.write_text("".join(lines), encoding="utf-8")

    def _place(self, module: Path) -> str:
        return module.relative_to(self._policies).as_posix()

    def _digest(self, module: Path) -> str:
        if module not in self._seen:
            digest = hashlib.sha256()
            for path in (*sources(self._policies, module), *MAKERS):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
            self._seen[module] = digest.hexdigest()
        return self._seen[module]

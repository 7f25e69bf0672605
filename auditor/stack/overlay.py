"""A user's own overlay, rendered by the kustomize or the kubectl on PATH."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from auditor.errors import IncompleteError, UsageError

PROGRAMS = (("kustomize", "build"), ("kubectl", "kustomize"))
"""Who can, in the order in which they are asked for."""


def build(folder: Path, environment: Mapping[str, str]) -> tuple[str, bytes]:
    """Return who rendered a folder, and what it printed.

    Raises `IncompleteError` if neither program is on PATH, and `UsageError` with the words of the
    program if it refuses.
    """
    if not folder.is_dir():
        raise UsageError(f"-k {folder}: no such folder", "name the folder of a kustomization.yaml")
    path = environment.get("PATH", "")
    found = [(name, verb, which) for name, verb in PROGRAMS if (which := shutil.which(name, path=path))]
    if not found:
        raise IncompleteError(
            f"-k {folder}: neither kustomize nor kubectl is on PATH",
            "install one of them; profiles and components need neither: --profile",
        )
    name, verb, program = found[0]
    # Absolute, so that no name of a folder can be taken for an option.
    run = subprocess.run(
        [program, verb, folder.absolute()], capture_output=True, env=dict(environment), check=False
    )
    if run.returncode:
        said = (
            run.stderr.decode(errors="replace").strip() or f"it ended with {run.returncode} and said nothing"
        )
        raise UsageError(
            f"-k {folder}: {name} refuses it: {said.removeprefix('Error: ').removeprefix('error: ')}"
        )
    return f"{name} ({program})", run.stdout

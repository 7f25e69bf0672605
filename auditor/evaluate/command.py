"""Runs one OPA command to its end: build, inspect, deps, test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from auditor.errors import BundleError, EngineError
from auditor.evaluate.find import HINT, scrubbed

PATIENCE = 120.0
"""Seconds that a command may take; they need well under one each."""


def run_opa(opa: Path, arguments: Sequence[str | Path], folder: Path | None = None) -> bytes:
    """Return what the command printed.

    `folder` is where it runs. Raises `BundleError` with OPA's own words if the command fails, and
    `EngineError` if it cannot be run, dies or does not end.
    """
    done = attempt_opa(opa, arguments, folder)
    if done.returncode < 0:
        raise EngineError(f"opa {arguments[0]} was ended by signal {-done.returncode}", HINT)
    if done.returncode != 0:
        message = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise BundleError(message or f"opa {arguments[0]} ended with status {done.returncode}")
    return done.stdout


def attempt_opa(
    opa: Path, arguments: Sequence[str | Path], folder: Path | None = None, patience: float = PATIENCE
) -> subprocess.CompletedProcess[bytes]:
    """Run the command and return how it ended, whatever its status.

    Raises `EngineError` if it cannot be run or does not end within `patience` seconds.
    """
    try:
        return subprocess.run(
            [opa, *arguments],
            cwd=folder,
            env=scrubbed(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"opa {arguments[0]} did not end within {patience:g} s", HINT) from error
    except OSError as error:
        raise EngineError(f"{opa} cannot be run: {error.strerror}", HINT) from error

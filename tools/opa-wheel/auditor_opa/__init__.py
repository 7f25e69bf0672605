"""The Open Policy Agent binary, carried by a wheel so that users need neither Go nor a download."""

from __future__ import annotations

from pathlib import Path

__version__ = "1.22.2.1"
"""OPA's own version, and a digit that counts the packagings of it."""


def binary() -> Path:
    """Return the path of the OPA binary of this wheel."""
    return Path(__file__).parent / "bin" / "opa"

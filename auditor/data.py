"""Where the files that ship beside the code are: policies, report templates, the reference stack.

A wheel carries them in `auditor/_data` (pyproject.toml puts them there). In a checkout, and so in
an editable install, they are folders of the project.
"""

from __future__ import annotations

from pathlib import Path

from auditor.errors import BundleError

_PACKAGE = Path(__file__).parent


def policies() -> Path:
    """Return the folder of the shipped policies; raises `BundleError` if it is missing."""
    return _folder("policies", "policies")


def templates() -> Path:
    """Return the folder of the report templates; raises `BundleError` if it is missing."""
    return _folder("templates", "reports/templates")


def deploy() -> Path:
    """Return the folder of the reference stack's sources; raises `BundleError` if it is missing."""
    return _folder("deploy", "deploy")


def stack() -> Path:
    """Return the file of the reference stack as it was rendered; raises `BundleError` if it is missing."""
    candidates = (_PACKAGE / "_data" / "stack.json", _PACKAGE.parent / "build" / "stack.json")
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise BundleError(
        f"the rendered stack is missing: neither {candidates[0]} nor {candidates[1]} is a file",
        hint="in a checkout: make stack; else the installation is incomplete: install auditor again",
    )


def _folder(installed: str, checkout: str) -> Path:
    candidates = (_PACKAGE / "_data" / installed, _PACKAGE.parent / checkout)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise BundleError(
        f"the {installed} of auditor are missing: neither {candidates[0]} nor {candidates[1]} is a folder",
        hint="the installation is incomplete: install auditor again",
    )

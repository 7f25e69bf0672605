"""Puts the rendered stack into sdist and wheel, and refuses to build one without it or with an old one."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RENDERED = "build/stack.json"
PLACES = {"sdist": RENDERED, "wheel": "auditor/_data/stack.json"}


class RenderedStack(BuildHookInterface[Any]):
    """Adds build/stack.json, which git ignores; an editable install finds it in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file; abort if it is missing, or was not rendered of deploy/ as it is."""
        if version == "editable":
            return
        rendered = Path(self.root, RENDERED)
        wanted = _digest(Path(self.root))
        if not rendered.is_file() or json.loads(rendered.read_bytes()).get("source") != wanted:
            self.app.abort(f"{rendered} is missing or not of this deploy/: run `make stack` first")
        build_data["force_include"][str(rendered)] = PLACES[self.target_name]


def _digest(root: Path) -> str:
    """Ask the module of the package by its file: nothing is installed yet when a wheel is built."""
    spec = importlib.util.spec_from_file_location("digest", root / "auditor" / "stack" / "digest.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.digest(root / "deploy"))

"""A real OPA, and bundles made of policies that stand in the tests."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from auditor import data
from auditor.evaluate.stage import RULES
from auditor.rules import Bundle
from tools.build import tool_bin

Bundler = Callable[[Mapping[str, str]], Bundle]
"""Rules by policy id -> a bundle of them."""


@pytest.fixture(scope="session")
def opa() -> Path:
    return tool_bin("opa") / "opa"


@pytest.fixture
def bundle_of(opa: Path, tmp_path: Path) -> Bundler:
    def build(policies: Mapping[str, str]) -> Bundle:
        staged = tmp_path / "staged"
        (staged / "main").mkdir(parents=True)
        (staged / "main/main.rego").write_bytes((data.policies() / "main/main.rego").read_bytes())
        for policy, rules in policies.items():
            folder = staged / "k8s" / policy
            folder.mkdir(parents=True)
            (folder / f"{policy}.rego").write_text(f"package k8s.{policy}\n\n{rules}\n")
        listed = {"policies": dict.fromkeys(policies, dict.fromkeys(RULES, False)), "parameters": {}}
        (staged / "data.json").write_text(json.dumps(listed))
        archive = tmp_path / "bundle.tar.gz"
        subprocess.run([opa, "build", "-b", ".", "-o", archive], cwd=staged, check=True)
        digest = "sha256:" + hashlib.sha256(archive.read_bytes()).hexdigest()
        return Bundle(str(archive), digest, policies={}, frameworks={})

    return build

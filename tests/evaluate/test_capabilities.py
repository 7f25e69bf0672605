"""The allow-list holds nothing impure, and nothing that this OPA does not know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.evaluate.capabilities import ALLOWED, allow_list, write_allow_list
from auditor.evaluate.command import run_opa


def current(opa: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(run_opa(opa, ["capabilities", "--current"]))
    return found


def test_every_name_is_one_of_opa(opa: Path) -> None:
    builtins = current(opa)["builtins"]
    assert isinstance(builtins, list)
    assert {builtin["name"] for builtin in builtins} >= ALLOWED


def test_nothing_that_opa_calls_nondeterministic(opa: Path, tmp_path: Path) -> None:
    """What reads network, clock, chance or runtime has this mark in OPA's own list."""
    cut = json.loads(write_allow_list(opa, tmp_path / "capabilities.json").read_bytes())
    marked = [builtin["name"] for builtin in cut["builtins"] if builtin.get("nondeterministic")]
    assert marked == []
    assert cut["allow_net"] == []
    assert {builtin["name"] for builtin in cut["builtins"]} == ALLOWED


@pytest.mark.parametrize(
    "family", ["http.", "io.jwt.", "crypto.x509.", "rand.", "opa.", "providers.", "graphql."]
)
def test_no_member_of_these_families(family: str) -> None:
    assert not [name for name in ALLOWED if name.startswith(family)]


def test_a_new_builtin_is_refused_until_it_was_looked_at() -> None:
    names = ["json.fetch", "array.shuffle", "count"]
    cut = allow_list({"builtins": [{"name": name} for name in names], "allow_net": None, "features": ["x"]})
    assert cut == {"builtins": [{"name": "count"}], "allow_net": [], "features": ["x"]}

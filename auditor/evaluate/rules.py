"""What a custom module may state: its own package, and rules of the form that the router collects.

A `fail` that is no set would be undefined where nothing fails, and what is written into another
package would change what others say. Both are seen in the syntax tree, before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BundleError
from auditor.evaluate.command import run_opa

VERDICT_RULES = ("fail", "skip", "unknown")


def check_rules(opa: Path, staged: Path, policy_id: str, where: str) -> None:
    """Parse a module and hold it against the contract; `where` is its file, for messages.

    Raises `BundleError` for another package than the policy's own, for a module without `fail`,
    for a verdict rule that is no set, for a `default` or function of that name, and, in the words
    of OPA and naming `staged`, for a syntax error.
    """
    module = msgspec.json.decode(run_opa(opa, ["parse", "--format", "json", staged]))
    package = _dotted(module["package"]["path"][1:])
    if package != f"k8s.{policy_id}":
        raise BundleError(
            f"{where}: states package {package}, but may only state package k8s.{policy_id}",
            "a custom policy adds a package of its own and cannot write into a shipped one",
        )
    names = set()
    for rule in module.get("rules") or ():
        name = str(rule["head"]["ref"][0]["value"])
        names.add(name)
        if name in VERDICT_RULES and not _is_set(rule):
            raise BundleError(f"{where}: `{name}` is no set", f"{name} contains entry if {{ ... }}")
    if "fail" not in names:
        raise BundleError(f"{where}: has no rule `fail`", "fail contains finding if { ... }")


def _is_set(rule: Mapping[str, Any]) -> bool:
    head = rule["head"]
    return "key" in head and "value" not in head and "args" not in head and len(head["ref"]) == 1


def _dotted(path: Iterator[Mapping[str, Any]] | list[Mapping[str, Any]]) -> str:
    return ".".join(str(term["value"]) for term in path)

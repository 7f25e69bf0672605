"""What a custom module may state: its own package, and rules of the form that the router collects.

A `fail` that is no set would be undefined where nothing fails, and what is written into another
package would change what others say. Both are seen in the syntax tree, before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BundleError, EngineError
from auditor.evaluate.command import attempt_opa

VERDICT_RULES = ("fail", "skip", "unknown")

PATIENCE = 10.0
"""Seconds for parsing one module, which takes hundredths; OPA needs hours for some of 100 KiB."""


def check_rules(opa: Path, staged: Path, policy_id: str, where: str) -> None:
    """Parse a module and hold it against the contract; `where` is its file, for messages.

    Raises `BundleError` for a syntax error, for another package than the policy's own, for a module
    without `fail`, for a verdict rule that is no set (`default` and functions are none), and for
    `print`, which no capability takes away: `opa build` leaves it in, and the server prints.
    """
    module = _parse(opa, staged, where)
    package = ".".join(str(term["value"]) for term in module["package"]["path"][1:])
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
    if any(words == ["print"] for words in _references(module)):
        raise BundleError(f"{where}: calls print, which would show documents in the log of OPA")
    if "fail" not in names:
        raise BundleError(f"{where}: has no rule `fail`", "fail contains finding if { ... }")


def _parse(opa: Path, staged: Path, where: str) -> Mapping[str, Any]:
    try:
        done = attempt_opa(opa, ["parse", "--format", "json", staged], patience=PATIENCE)
    except EngineError as error:
        raise BundleError(f"{where}: {error}") from None
    if done.returncode == 0:
        module: Mapping[str, Any] = msgspec.json.decode(done.stdout)
        return module
    try:
        first = msgspec.json.decode(done.stderr, type=_Errors).errors[0]
    except (msgspec.MsgspecError, IndexError):
        raise BundleError(f"{where}: cannot be parsed: {done.stderr.decode(errors='replace')}") from None
    raise BundleError(f"{where}:{first.location.row}: {first.message}")


class _Location(msgspec.Struct, frozen=True):
    row: int = 0


class _Error(msgspec.Struct):
    message: str
    location: _Location = _Location()


class _Errors(msgspec.Struct):
    errors: list[_Error]


def _references(node: Any) -> Iterator[list[Any]]:
    """The path of every reference below a node; calls refer to what they call."""
    if isinstance(node, dict):
        if node.get("type") == "ref":
            yield [term["value"] for term in node["value"]]
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from _references(value)


def _is_set(rule: Mapping[str, Any]) -> bool:
    head = rule["head"]
    return "key" in head and "value" not in head and "args" not in head and len(head["ref"]) == 1

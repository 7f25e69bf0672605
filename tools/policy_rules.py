"""The rules of the house for shipped policies, beyond what OPA and the loader check.

What a folder must hold, and what METADATA must say to a reviewer. Each broken rule is one line that
names the file and what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from auditor.model import Status
from auditor.rules import Bundle, Policy

MAX_LINES = 60
"""Of a policy's module: what is longer belongs into the library, or into Python as a relation."""

LAYOUT = re.compile(r"main/main(?:_test)?\.rego|lib/(\w+)/\1(_test)?\.rego|k8s/(\w+)/\3(_test)?\.rego")
"""Where Rego is loaded from; a file elsewhere would silently be dead."""

_IMPORT = re.compile(r"^import data\.lib\.(\w+)", re.MULTILINE)
_PACKAGE = re.compile(r"^package (\S+)$", re.MULTILINE)


def broken_rules(policies: Path, bundle: Bundle) -> Iterator[str]:
    """Yield a line for each broken rule, `policies` being the shipped folder and `bundle` made of it."""
    for path in sorted(policies.rglob("*.rego")):
        yield from _module(policies, path)
    for library in sorted(imported(policies)):
        folder = policies / "lib" / library
        if not (folder / f"{library}_test.rego").is_file():
            yield f"{folder}: has no {library}_test.rego"
    mapped = {
        policy
        for framework in bundle.frameworks.values()
        for control in framework.controls
        for policy in control.policies
    }
    for policy in bundle.policies.values():
        folder = policies / "k8s" / policy.id
        yield from _folder(folder, policy)
        yield from _metadata(folder / f"{policy.id}.rego", policy)
        # one that is off would keep its control incomplete for ever
        if policy.enabled and policy.id not in mapped:
            yield f"{folder}: answers no control; name it in one of policies/frameworks"


def imported(policies: Path) -> set[str]:
    """Return the names of the library modules that policies use; the others serve tests only."""
    return {
        name
        for path in policies.glob("*/*/*.rego")
        if not path.stem.endswith("_test")
        for name in _IMPORT.findall(path.read_text(encoding="utf-8"))
    }


def _module(policies: Path, path: Path) -> Iterator[str]:
    place = path.relative_to(policies)
    if not LAYOUT.fullmatch(place.as_posix()):
        yield f"{path}: is no module: folder and file of a policy or a library have the same name"
        return
    parts = (path.stem,) if place.parts[0] == "main" else (place.parts[0], path.stem)
    packages = _PACKAGE.findall(path.read_text(encoding="utf-8"))
    if packages != [".".join(parts)]:
        yield f"{path}: must state package {'.'.join(parts)}"


def _folder(folder: Path, policy: Policy) -> Iterator[str]:
    module = folder / f"{policy.id}.rego"
    lines = len(module.read_text(encoding="utf-8").splitlines())
    if lines > MAX_LINES:
        yield f"{module}: has {lines} lines, {MAX_LINES} at most"
    if not (folder / f"{policy.id}_test.rego").is_file():
        yield f"{folder}: has no {policy.id}_test.rego"
    verdicts = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".rego" or path.is_dir():
            continue
        verdict = next(
            (one for one in Status if re.fullmatch(rf"{one}([._-][\w.-]+)?\.yaml", path.name)), None
        )
        if path.parent != folder / "samples" or not verdict:
            names = ", ".join(f"samples/{one}*.yaml" for one in Status)
            yield f"{path}: does not belong here; a policy's folder holds Rego and {names}"
        verdicts.add(verdict)
    for needed in (Status.PASS, Status.FAIL):
        if needed not in verdicts:
            yield f"{folder}: has no sample samples/{needed}*.yaml"


def _metadata(module: Path, policy: Policy) -> Iterator[str]:
    if not policy.title or policy.title.endswith("."):
        yield f"{module}: the title is a name for the fault, without a full stop"
    for name, text in (("description", policy.description), ("remediation", policy.remediation)):
        if not re.fullmatch(r"[A-Za-z/].{20,}\.", text):
            yield f"{module}: the {name} is no sentence"
    for name, parameter in policy.declared.items():
        if not parameter.description:
            yield f"{module}: parameter {name} has no description"
    if not policy.references:
        yield f"{module}: has no related_resources"
    for reference in policy.references:
        if not reference.startswith("https://"):
            yield f"{module}: related resource {reference} is no https link"

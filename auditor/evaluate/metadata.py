"""METADATA of a policy: its schema, and what makes it a `model.Policy`.

METADATA is written once, beside the rules, and read by `opa inspect`. Unknown keys are refused:
a misspelt `enabeld: false` must not switch anything on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from auditor import rules
from auditor.document.kinds import KIND_SETS, KINDS
from auditor.document.relations.table import INPUTS, RELATIONS
from auditor.errors import BundleError, did_you_mean
from auditor.rules import Policy, Severity, type_name

ID = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")
"""Policy ids: snake_case, the same for id, folder and package."""

Category = Literal[
    "pod_security",
    "supply_chain",
    "availability",
    "retention",
    "rbac",
    "network",
    "namespace",
    "secrets",
    "control_plane",
    "stack",
]


class Parameter(rules.Parameter, frozen=True, forbid_unknown_fields=True):
    """A parameter with more to say than its default, and what its values must be."""

    @property
    def declared(self) -> rules.Parameter:
        """What the policy says of it."""
        return rules.Parameter(self.default, self.description, self.pattern, self.choices)

    def fault(self, value: Any) -> str:
        """Say what is wrong with a value, "" if it may be used.

        It is of the type of the default. Of a list, each entry is of the type of the default's first
        one, and limits are for each entry.
        """
        wanted = type_name(self.default)
        if self.default is not None and type_name(value) != wanted:
            return f"expected {wanted}, got {type_name(value)}"
        if not _is_json(value):
            return "holds what JSON has no word for"
        entries = value if isinstance(value, list) else [value]
        first = self.default[0] if isinstance(self.default, list) and self.default else None
        for entry in entries:
            if first is not None and type_name(entry) != type_name(first):
                return f"expected a list of {type_name(first)}s, got an entry that is {type_name(entry)}"
            if self.choices and entry not in self.choices:
                return f"{entry!r} is none of {', '.join(map(str, self.choices))}"
            if self.pattern and isinstance(entry, str) and not re.fullmatch(self.pattern, entry):
                return f"{entry!r} does not match {self.pattern}"
        return ""


class _Custom(msgspec.Struct, forbid_unknown_fields=True):
    severity: Severity | list[Severity]
    category: Category
    kinds: list[str]
    remediation: str
    needs: list[str] = []
    wants: list[str] = []
    excuses: list[str] = []
    about: list[str] = []
    counts: list[str] = []
    none_found: str = ""
    enabled: bool = True
    supersedes: list[str] = []
    retired_ids: list[str] = []
    same_as: list[str] = []
    parameters: dict[str, Any] = {}


class _Reference(msgspec.Struct, forbid_unknown_fields=True):
    ref: str
    description: str = ""


class _Annotations(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    description: str
    custom: _Custom
    scope: str = "package"
    related_resources: list[_Reference] = []


class Declaration(msgspec.Struct, frozen=True):
    """A policy as its module declares it, before parameters and read set are known."""

    policy: Policy
    parameters: Mapping[str, Parameter]


def declare(policy_id: str, annotations: Mapping[str, Any], where: str, *, custom: bool) -> Declaration:
    """Check the package annotations of one module.

    `where` is the file, for messages. Raises `BundleError` naming file and key.
    """
    try:
        found = msgspec.convert(annotations, _Annotations)
    except msgspec.ValidationError as error:
        raise BundleError(f"{where}: METADATA: {error}", "every key: docs/writing-policies.md") from None
    block = found.custom
    texts = {"title": found.title, "description": found.description, "remediation": block.remediation}
    for key, text in texts.items():
        if not text.strip():
            raise BundleError(f"{where}: METADATA: {key} is empty")
    severities = block.severity if isinstance(block.severity, list) else [block.severity]
    if not severities or not block.kinds:
        raise BundleError(f"{where}: METADATA: severity and kinds must name at least one")
    _check_joins(block, where)
    parameters = {name: _parameter(name, value, where) for name, value in block.parameters.items()}
    policy = Policy(
        id=policy_id,
        title=found.title,
        description=" ".join(found.description.split()),
        severities=tuple(severities),
        category=block.category,
        kinds=_kinds(block.kinds, where),
        remediation=" ".join(block.remediation.split()),
        references=tuple(reference.ref for reference in found.related_resources),
        needs=tuple(block.needs),
        wants=tuple(block.wants),
        excuses=tuple(block.excuses),
        about=tuple(block.about),
        counts=tuple(block.counts),
        none_found=" ".join(block.none_found.split()),
        enabled=block.enabled,
        supersedes=tuple(block.supersedes),
        retired_ids=tuple(block.retired_ids),
        same_as=tuple(block.same_as),
        declared={name: one.declared for name, one in parameters.items()},
        custom=custom,
    )
    return Declaration(policy, parameters)


def _check_joins(block: _Custom, where: str) -> None:
    """Check the relations and inputs that a policy names."""
    known_names = (*RELATIONS, *INPUTS)
    named = (*block.needs, *block.wants, *block.excuses)
    for name in named:
        if name not in known_names:
            near = did_you_mean(name, known_names)
            known = f"known: {', '.join(known_names)}"
            raise BundleError(f"{where}: METADATA: unknown relation {name!r}{near}", known)
        if named.count(name) > 1:
            raise BundleError(
                f"{where}: METADATA: names {name!r} twice; a relation is one of needs, wants and excuses"
            )
    _check_about(block, where)
    if block.counts and "results" not in block.needs:
        raise BundleError(f"{where}: METADATA: counts is for a policy that needs results")


def _check_about(block: _Custom, where: str) -> None:
    """Check what a policy is about: names of one relation that it needs, and that files by them."""
    relations = {name.partition(".")[0] for name in block.about}
    if len(relations) > 1 or not relations <= set(block.needs):
        raise BundleError(f"{where}: METADATA: about names what one relation of its needs has")
    known = [f"{name}.{one}" for name in relations if name in RELATIONS for one in RELATIONS[name].files]
    for name in block.about:
        if name not in known:
            hint = f"known: {', '.join(known)}" if known else "of that relation nothing is filed by name"
            raise BundleError(
                f"{where}: METADATA: about: nothing is called {name!r}{did_you_mean(name, known)}", hint
            )


def _kinds(names: Iterable[str], where: str) -> tuple[str, ...]:
    resolved: dict[str, None] = {}
    for name in names:
        if name in KIND_SETS:
            resolved.update(dict.fromkeys(KIND_SETS[name]))
        elif name in KINDS:
            resolved[name] = None
        else:
            near = did_you_mean(name, (*KIND_SETS, *KINDS))
            known = f"known: {', '.join((*KIND_SETS, *KINDS))}"
            raise BundleError(f"{where}: METADATA: unknown kind {name!r}{near}", known)
    return tuple(resolved)


def _parameter(name: str, value: Any, where: str) -> Parameter:
    """Read a plain default, or a mapping with `default` and limits."""
    if not (isinstance(value, Mapping) and "default" in value):
        return Parameter(value)
    try:
        parameter = msgspec.convert(value, Parameter)
        re.compile(parameter.pattern)
    except (msgspec.ValidationError, re.error) as error:
        raise BundleError(f"{where}: METADATA: parameter {name}: {error}") from None
    if fault := parameter.fault(parameter.default):
        raise BundleError(f"{where}: METADATA: parameter {name}: default: {fault}")
    return parameter


def _is_json(value: Any) -> bool:
    """Whether it is the same again after a way through JSON: no date, no NaN, no number as a key."""
    try:
        return bool(msgspec.json.decode(msgspec.json.encode(value)) == value)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        return False

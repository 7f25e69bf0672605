"""What a configuration changes in the policies, held against what they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from auditor.errors import ConfigError, did_you_mean
from auditor.evaluate.metadata import Declaration, Parameter
from auditor.model import Lines
from auditor.rules import Severity

ALL = "*"
"""In place of a policy id: every policy that declares a parameter of that name."""

Values = Mapping[str, Mapping[str, Any]]
"""Values of parameters, by policy id or `ALL`."""


class Overrides(msgspec.Struct, frozen=True):
    """The changes."""

    enabled: Mapping[str, bool] = {}
    """By policy id."""
    severity: Mapping[str, Severity] = {}
    """By policy id."""
    parameters: Values = {}
    namespaces: Mapping[str, Values] = {}
    """By pattern of namespaces."""
    origin: str = ""
    """The file they come from, for messages."""
    lines: Lines | None = None
    """Where in it each of them stands."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """All that makes another bundle, as JSON."""
        return {
            "enabled": self.enabled,
            "severity": self.severity,
            "parameters": self.parameters,
            "namespaces": self.namespaces,
        }

    def fault(self, message: str, *keys: str) -> ConfigError:
        """Say what is wrong at these keys of the file."""
        if self.lines is None:
            return ConfigError(f"{self.origin or 'configuration'}: {message}")
        pointer = "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)
        return ConfigError(f"{self.origin}:{self.lines.line(pointer)}: {'.'.join(keys)}: {message}")


class Settled(msgspec.Struct, frozen=True):
    """The values of all parameters, of every policy."""

    parameters: Mapping[str, Mapping[str, Any]]
    """By policy id."""
    namespaces: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """By policy id and pattern: what is other there. Empty where no namespace changes the policy."""
    patterns: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """By pattern and policy id: all values, complete."""


def settle(declared: Sequence[Declaration], overrides: Overrides) -> Settled:
    """Return the value of every parameter of every policy.

    Raises `ConfigError` for a policy or a parameter that does not exist, and for a value that does not
    fit.
    """
    known = {one.policy.id: one.parameters for one in declared}
    for policy in (*overrides.enabled, *overrides.severity):
        _exists(policy, known, overrides, ("policies",))
    _check(known, overrides.parameters, overrides, ())
    parameters = {
        policy: {name: _value(policy, name, one, overrides.parameters) for name, one in own.items()}
        for policy, own in known.items()
    }
    changed: dict[str, dict[str, dict[str, Any]]] = {policy: {} for policy in known}
    for pattern, values in overrides.namespaces.items():
        _check(known, values, overrides, ("namespaces", "parameters", pattern))
        for policy, own in known.items():
            named = {**values.get(ALL, {}), **values.get(policy, {})}
            changed[policy][pattern] = {
                name: _value(policy, name, one, values) for name, one in own.items() if name in named
            }
    return Settled(
        parameters=parameters,
        namespaces={
            policy: by_pattern if any(by_pattern.values()) else {} for policy, by_pattern in changed.items()
        },
        patterns={
            pattern: {policy: {**values, **changed[policy][pattern]} for policy, values in parameters.items()}
            for pattern in overrides.namespaces
        },
    )


_Known = Mapping[str, Mapping[str, Parameter]]


def _check(known: _Known, values: Values, overrides: Overrides, at: tuple[str, ...]) -> None:
    """Raise `ConfigError` unless all values are of parameters that exist, and fit them."""
    for policy, changes in values.items():
        if policy != ALL:
            _exists(policy, known, overrides, at or ("policies",))
        for name, value in changes.items():
            keys = _keys(policy, name, at)
            meant = _meant(policy, name, known, values)
            if not meant:
                asked = known.values() if policy == ALL else [known[policy]]
                names = {name for own in asked for name in own}
                owner = "no policy has a" if policy == ALL else f"policy {policy} has no"
                raise overrides.fault(f"{owner} parameter {name!r}{did_you_mean(name, names)}", *keys)
            for owner, parameter in meant.items():
                if fault := parameter.fault(value):
                    raise overrides.fault(f"parameter {name} of {owner}: {fault}", *keys)


def _meant(policy: str, name: str, known: _Known, values: Values) -> Mapping[str, Parameter]:
    """The parameters that a value is for: of all policies, those without a value of their own.

    What nobody takes must fit as well: it may be taken tomorrow.
    """
    declared = {one: own[name] for one, own in known.items() if name in own and policy in (one, ALL)}
    free = {one: own for one, own in declared.items() if name not in values.get(one, {})}
    return free or declared


def _exists(policy: str, known: _Known, overrides: Overrides, at: tuple[str, ...]) -> None:
    if policy not in known:
        raise overrides.fault(f"unknown policy {policy!r}{did_you_mean(policy, known)}", *at, policy)


def _value(policy: str, name: str, parameter: Parameter, values: Values) -> Any:
    """The value that stands nearest to the policy."""
    own = values.get(policy, {})
    return own[name] if name in own else values.get(ALL, {}).get(name, parameter.default)


def _keys(policy: str, name: str, at: tuple[str, ...]) -> tuple[str, ...]:
    """Where the value of a parameter stands: for a namespace, or for all."""
    if at:
        return (*at, policy, name)
    return ("parameters", name) if policy == ALL else ("policies", policy, "parameters", name)

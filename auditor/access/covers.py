"""What of a rule others do not give.

As the API server decides whether somebody may create a role: rights are compared one by one, and each
must be given by a single rule. So a rule with all eight verbs does not give `*`, and one with names
does not give what has none.
https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import msgspec

from auditor.access.rule import ALL, Rule

MAX_TARGETS = 10_000
"""Groups times resources times names of a role that are looked at: nobody shall make us count on and on."""


class Extra(msgspec.Struct, frozen=True):
    """What a rule gives that others do not."""

    rule: int
    """Position in the rules of the role, counted from 0."""
    gives: tuple[Rule, ...]
    """Each about one resource and at most one name, or about one path."""


class _Target(NamedTuple):
    """What one right is about."""

    group: str
    resource: str
    name: str | None
    """None for all names."""


def extra(owner: Collection[Rule], rules: Sequence[Rule]) -> tuple[Extra, ...]:
    """Return what rules give that no rule of `owner` does, in order; none if all is given.

    Those that come after `MAX_TARGETS` things count as they are written, unless `owner` has the very same.
    """
    found, left = [], MAX_TARGETS
    for index, rule in enumerate(rules):
        if rule in owner:
            continue
        left -= len(rule.groups) * len(rule.resources) * max(len(rule.names), 1) + len(rule.paths)
        gives = (*_resources(owner, rule), *_paths(owner, rule)) if left >= 0 else (rule,)
        if gives:
            found.append(Extra(index, gives))
    return tuple(found)


def _resources(owner: Collection[Rule], rule: Rule) -> Iterator[Rule]:
    for target in map(_Target._make, product(rule.groups, rule.resources, rule.names or (None,))):
        if verbs := _left(rule, (one for one in owner if _about(one, target))):
            names = () if target.name is None else (target.name,)
            yield Rule(verbs, (target.group,), (target.resource,), names)


def _paths(owner: Collection[Rule], rule: Rule) -> Iterator[Rule]:
    for path in rule.paths:
        if verbs := _left(rule, (one for one in owner if any(_below(path, whole) for whole in one.paths))):
            yield Rule(verbs, paths=(path,))


def _left(rule: Rule, givers: Iterator[Rule]) -> tuple[str, ...]:
    """Return the verbs that none of those who are about the same thing has."""
    given = {verb for giver in givers for verb in giver.verbs}
    return () if ALL in given else tuple(verb for verb in rule.verbs if verb not in given)


def _about(rule: Rule, target: _Target) -> bool:
    if ALL not in rule.groups and target.group not in rule.groups:
        return False
    if rule.names and target.name not in rule.names:
        return False
    _, slash, subresource = target.resource.partition("/")
    return (
        ALL in rule.resources
        or target.resource in rule.resources
        or (bool(slash) and f"{ALL}/{subresource}" in rule.resources)
    )


def _below(path: str, whole: str) -> bool:
    return path == whole or (whole.endswith(ALL) and path.startswith(whole.rstrip(ALL)))

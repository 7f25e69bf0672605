"""What a role gives of the powers: exactly where a request that makes one would be allowed.

A role that gives none is harmless. Requests are matched as `Rule.allows` matches them, but once for each
rule, and only those whose resource it names: there are thousands of roles, and few give anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from auditor.access.power import EXTRAS, REQUESTS, Power, Requests
from auditor.access.roles import Role
from auditor.access.rule import ALL, Rule


class Held(msgspec.Struct, frozen=True, order=True):
    """One power, and what of one rule gives it."""

    power: Power
    rule: int
    """Position in the rules of the role, counted from 0."""
    verbs: tuple[str, ...]
    """Of the power, those that the rule allows, whether it names them or says `*`; for the wildcards
    what the rule says."""
    resources: tuple[str, ...]
    """Likewise, as rules write them: `pods/exec`."""
    names: tuple[str, ...] = ()
    """`resourceNames`, if it gives it for these objects only."""
    groups: tuple[str, ...] = ()
    """Of a wildcard, the `apiGroups` of the rule."""


class _Gift(msgspec.Struct, frozen=True):
    """What a rule allows of one line of `REQUESTS`, wherever it is bound."""

    power: Power
    requests: Requests
    verbs: frozenset[str]


_Line = tuple[Power, Requests]

_LINES: tuple[_Line, ...] = tuple((power, one) for power, requests in REQUESTS.items() for one in requests)


def _filed() -> Mapping[str, list[_Line]]:
    """Return the lines of `REQUESTS` by what a rule may write for their resource, but for `*`."""
    found: dict[str, list[_Line]] = {}
    for line in _LINES:
        resource = line[1].resource
        found.setdefault(resource, []).append(line)
        sub = resource.partition("/")[2]
        if sub and resource != EXTRAS:
            found.setdefault(f"{ALL}/{sub}", []).append(line)
    return found


_FILED = _filed()


def held(role: Role, namespace: str) -> tuple[Held, ...]:
    """Return what a role gives that is bound in a namespace, or for "" by a ClusterRoleBinding.

    In the order of its rules. What is in no namespace is not given by a RoleBinding, and of `namespaces` the
    one that it is in.
    """
    return tuple(_held(role, namespace))


def _held(role: Role, namespace: str) -> Iterator[Held]:
    for index, rule in enumerate(role.rules):
        word, gifts = _given(rule)
        if word:
            yield Held(word, index, rule.verbs, rule.resources, rule.names, rule.groups)
        verbs: dict[Power, set[str]] = {}
        resources: dict[Power, set[str]] = {}
        for gift in gifts:
            if allowed := _in_scope(gift, rule, namespace):
                verbs.setdefault(gift.power, set()).update(allowed)
                resources.setdefault(gift.power, set()).add(gift.requests.resource)
        for power, found in verbs.items():
            yield Held(power, index, tuple(sorted(found)), tuple(sorted(resources[power])), rule.names)


def _in_scope(gift: _Gift, rule: Rule, namespace: str) -> frozenset[str]:
    """Which of the verbs of a gift are allowed where it is bound."""
    asked = gift.requests
    if not namespace:
        return gift.verbs
    if asked.only not in ("", namespace) or not asked.namespaced:
        return frozenset()
    if asked.resource == "namespaces":
        # the Namespace itself is all that there is of them in it, and a list of them is in none
        mine = not rule.names or namespace in rule.names
        return frozenset(verb for verb in gift.verbs if mine and asked.named(verb))
    return gift.verbs


@lru_cache(maxsize=100_000)
def _given(rule: Rule) -> tuple[Power | None, tuple[_Gift, ...]]:
    """What a rule gives; the same rule is looked through once, whatever roles and bindings it is in."""
    gifts = []
    for power, asked in _lines(rule):
        verbs = _allowed(rule, asked)
        if verbs:
            gifts.append(_Gift(power, asked, verbs))
    return _wildcard(rule), tuple(gifts)


def _lines(rule: Rule) -> Iterable[_Line]:
    """The lines of `REQUESTS` whose resource a rule names, each once."""
    if ALL in rule.resources:
        return _LINES
    names = (EXTRAS if _is_extra(written) else written for written in rule.resources)
    return dict.fromkeys(line for name in names for line in _FILED.get(name, ()))


def _is_extra(written: str) -> bool:
    resource, _, key = written.partition("/")
    return bool(key) and resource == "userextras"


def _allowed(rule: Rule, asked: Requests) -> frozenset[str]:
    """Which of the verbs a rule allows, if it names the resource."""
    if not ({ALL, asked.group} & set(rule.groups) or (asked.group == ALL and rule.groups)):
        return frozenset()
    if rule.names and asked.whole:
        return frozenset()
    return frozenset(
        verb
        for verb in asked.verbs
        if (ALL in rule.verbs or verb in rule.verbs) and (not rule.names or asked.named(verb))
    )


def _wildcard(rule: Rule) -> Power | None:
    """Which of the powers that are about the words of a rule it gives."""
    if not rule.resources:
        return None
    if ALL in rule.verbs and ALL in rule.resources:
        whole = ALL in rule.groups and not rule.names
        return Power.CLUSTER_ADMIN if whole else Power.WILDCARD_RULE
    stars = ALL in rule.verbs or ALL in rule.resources or ALL in rule.groups
    return Power.WILDCARD_PARTIAL if stars else None

"""The rules of Prometheus, in files and in objects of its operator: what policies judge of each.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.document import promql
from auditor.model import Body

MAX_JOINTS = 10_000
"""Brackets and operators that are read of the rules of one object; five hundred rules have about as many."""


class Rule(msgspec.Struct, omit_defaults=True):
    """What is kept of a rule."""

    alert: str | None = None
    record: str | None = None
    severity: str | None = None
    """Its label of this name, or that of its group."""
    annotated: list[str] | None = None
    """The names of its annotations, sorted; those that are empty left out."""
    query: promql.Query | None = None


class Group(msgspec.Struct, omit_defaults=True):
    """What is kept of a group of rules."""

    name: str | None = None
    rules: list[Rule] | None = None


class _Rule(msgspec.Struct):
    alert: str | None = None
    record: str | None = None
    expr: str | int | float | None = None
    labels: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None


class _Group(msgspec.Struct):
    name: str | None = None
    labels: dict[str, Any] | None = None
    rules: list[_Rule] | None = None


class Written(msgspec.Struct):
    """Groups as they are written: what a file is held against, before it is read as rules."""

    groups: list[_Group] | None = None


def written(value: Any) -> bool:
    """Tell whether a value under `groups` looks like groups of rules, and not like another program's."""
    return isinstance(value, list) and any(
        isinstance(one, dict) and isinstance(one.get("rules"), list) for one in value
    )


class Allowance:
    """What may still be read of the expressions of one object."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self._left = MAX_JOINTS

    def query(self, expression: str) -> promql.Query:
        """Return the facts of an expression, while there is something left."""
        self._left -= promql.joints(expression)
        return promql.query(expression) if self._left >= 0 else promql.Query(unread=True)


def told(groups: list[Body], allowance: Allowance) -> list[Body]:
    """Return what is kept of groups whose types are right; of expressions only facts are left."""
    kept = []
    for group in msgspec.convert(groups, list[_Group]):
        rules = []
        for rule in group.rules or ():
            expression = "" if rule.expr is None else str(rule.expr)
            rules.append(_rule(rule, group, allowance.query(expression)))
        kept.append(Group(group.name, rules))
    builtins: list[Body] = msgspec.to_builtins(kept)
    return builtins


def with_queries(body: Body) -> Body:
    """Return a PrometheusRule whose rules tell what policies judge, beside what they are.

    What has a wrong type stays as it is: then nothing judges the object.
    """
    spec = body.get("spec")
    try:
        groups = msgspec.convert(spec, Written, strict=True).groups
    except msgspec.ValidationError:
        return body
    if not isinstance(spec, dict) or not groups:
        return body
    joined = [
        {
            **group,
            "rules": [
                {**rule, **more} for rule, more in zip(group["rules"], facts.get("rules", ()), strict=True)
            ],
        }
        if group.get("rules")
        else group
        for group, facts in zip(spec["groups"], told(spec["groups"], Allowance()), strict=True)
    ]
    return {**body, "spec": {**spec, "groups": joined}}


def _rule(rule: _Rule, group: _Group, query: promql.Query) -> Rule:
    severity = (rule.labels or {}).get("severity") or (group.labels or {}).get("severity")
    annotated = sorted(name for name, text in (rule.annotations or {}).items() if text not in (None, ""))
    return Rule(rule.alert, rule.record, str(severity) if severity else None, annotated, query)

"""What a running Prometheus says of its rules, held against the series that it has.

    rules        {alerts, records}: how many there are
    silent       alerts that have no result for want of a series, [{rule, missing}]
    failing      rules whose last evaluation failed, [{rule, error}]
    gauges       rules that take a gauge for a counter, [{rule, metrics}]

A series counts as there if it was in the last 24 hours, or if a target describes it now: what counts errors
may have none before the first. Types are those that targets tell; of a series without one nothing is said.
https://prometheus.io/docs/prometheus/latest/querying/api/#rules
https://prometheus.io/docs/prometheus/latest/querying/api/#querying-metric-metadata
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from auditor.collect.runtime.client import Client, UnansweredError
from auditor.document import promql

WINDOW = 24 * 3600
"""Seconds within which a series must have been there."""

MOST = 200
"""Rules that each list names at most; how many there are is told all the same."""

_PARTS = {"histogram": ("_bucket", "_count", "_sum"), "summary": ("_count", "_sum"), "counter": ("_total",)}

Data = TypeVar("Data")


class _Rule(msgspec.Struct, rename="camel"):
    name: str
    query: str
    type: str
    health: str = ""
    last_error: str = ""


class _Group(msgspec.Struct):
    rules: list[_Rule]


class _Groups(msgspec.Struct):
    groups: list[_Group]


class _Description(msgspec.Struct):
    type: str


class _Rules(msgspec.Struct):
    data: _Groups


class _Names(msgspec.Struct):
    data: list[str]


class _Metadata(msgspec.Struct):
    data: dict[str, list[_Description]]


def ask(client: Client) -> dict[str, Any]:
    """Return what it tells; raises `UnansweredError`."""
    groups = _decoded(client, "/api/v1/rules?exclude_alerts=true", _Rules).data.groups
    rules = [rule for group in groups for rule in group.rules]
    start = int(time.time()) - WINDOW
    names = _decoded(client, f"/api/v1/label/__name__/values?start={start}", _Names).data
    described = _decoded(client, "/api/v1/metadata?limit_per_metric=1", _Metadata).data
    types = {name: found[0].type for name, found in described.items() if found}
    known = {*names, *(name for family, kind in types.items() for name in _series(family, kind))}
    alerts = [rule for rule in rules if rule.type == "alerting"]
    return {
        "rules": {"alerts": len(alerts), "records": len(rules) - len(alerts)},
        "silent": _listed(
            [(rule, missing) for rule in alerts if (missing := promql.dead(rule.query, known))], "missing"
        ),
        "failing": _listed(
            [(rule, rule.last_error[:200]) for rule in rules if rule.health == "err"], "error"
        ),
        "gauges": _listed(
            [(rule, found) for rule in rules if (found := list(_gauges(rule, types)))], "metrics"
        ),
    }


def _series(family: str, kind: str) -> Iterator[str]:
    """The names that the series of a family may have."""
    yield family
    for part in _PARTS.get(kind, ()):
        yield f"{family}{part}"


def _gauges(rule: _Rule, types: dict[str, str]) -> Iterator[str]:
    return (name for name in promql.query(rule.query).rates if types.get(name) == "gauge")


def _listed(found: Sequence[tuple[_Rule, Any]], word: str) -> dict[str, Any]:
    """`{total, items}`; a name that several rules have stands there once, with what is said of the first."""
    by_name = {rule.name: said for rule, said in reversed(found)}
    items = [{"rule": name, word: by_name[name]} for name in sorted(by_name)]
    return {"total": len(items), "items": items[:MOST]}


def _decoded(client: Client, path: str, kind: type[Data]) -> Data:
    try:
        return msgspec.json.decode(client.get(path), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        page = path.partition("?")[0]
        raise UnansweredError(f"{page}: what came is not what Prometheus says") from None

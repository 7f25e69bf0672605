"""The record of `auditor diff`, schema `auditor/diff/v1`: two audits side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from auditor.judge.delta import between
from auditor.past import Against, KnownFinding, RuleChanges, UnknownFinding
from auditor.record import Audit, Finding
from auditor.rules import Severity


class Side(msgspec.Struct, frozen=True):
    """One of the two audits: which it is, of what, by which rules."""

    id: str
    started_at: str
    auditor_version: str
    source: Mapping[str, Any]
    bundle: str
    """The digest of its bundle."""
    findings: Mapping[Severity, int]
    """All of them by severity, waived and superseded ones and those in system namespaces included."""
    coverage: float


class Difference(msgspec.Struct, frozen=True):
    """The delta of a report, with the new findings whole: only one of the two audits has them."""

    against: Against
    new: tuple[Finding, ...]
    """Worst first."""
    unchanged: int
    resolved: tuple[KnownFinding, ...]
    unknown: tuple[UnknownFinding, ...]
    rules: RuleChanges


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record."""

    schema: Literal["auditor/diff/v1"] = "auditor/diff/v1"
    a: Side
    b: Side
    warnings: tuple[str, ...]
    """Why the two can hardly be compared: other clusters, other manifests, the wrong order."""
    changes: tuple[str, ...]
    """What else was not the same: auditor, bundle, auditor.yaml, waivers."""
    delta: Difference


def diff(a: Audit, b: Audit) -> Diff:
    """Compare two audits; `a` is meant to be the earlier one."""
    found = between(a, b)
    new = frozenset(found.new)
    return Diff(
        a=_side(a),
        b=_side(b),
        warnings=tuple(warnings(a, b)),
        changes=tuple(_changes(a, b)),
        delta=Difference(
            against=found.against,
            new=tuple(one for one in b.findings if one.fingerprint in new),
            unchanged=found.unchanged,
            resolved=found.resolved,
            unknown=found.unknown,
            rules=found.rules,
        ),
    )


def _side(audit: Audit) -> Side:
    run, counted = audit.audit, Counter(one.severity for one in audit.findings)
    return Side(
        id=run.id,
        started_at=run.started_at,
        auditor_version=run.auditor_version,
        source=run.source,
        bundle=run.bundle.digest,
        findings={severity: counted[severity] for severity in Severity if counted[severity]},
        coverage=audit.summary.coverage,
    )


def warnings(a: Audit, b: Audit, names: tuple[str, str] = ("A", "B")) -> Iterator[str]:
    """Yield why two audits are hard to compare; `names` are what the two are called."""
    one, other = a.audit.source, b.audit.source
    first, second = names
    if a.audit.id == b.audit.id:
        yield f"{first} and {second} are the same audit"
    elif a.audit.started_at > b.audit.started_at:
        times = f"({a.audit.started_at}, {second} {b.audit.started_at})"
        yield f"{first} was made after {second} {times}: name the earlier one first"
    if one.get("kind") != other.get("kind"):
        sorts = f"{first} is an audit of {_sort(one)}, {second} of {_sort(other)}"
        yield f"{sorts}: nothing of {first} can be resolved"
    elif one.get("kind") == "manifests":
        if _named(one, "paths") != _named(other, "paths"):
            old, new = _listed(one, "paths"), _listed(other, "paths")
            yield f"not the same manifests: {first} is of {old}, {second} of {new}"
    elif reason := _other_cluster(one, other):
        yield f"{reason}: {first} is of {_at(one)}, {second} of {_at(other)}"
    if _named(one, "namespaces") != _named(other, "namespaces"):
        yield f"not the same namespaces: {first} is of {_spaces(one)}, {second} of {_spaces(other)}"


def _changes(a: Audit, b: Audit) -> Iterator[str]:
    old, new = a.audit, b.audit
    if old.auditor_version != new.auditor_version:
        yield f"auditor {old.auditor_version} became {new.auditor_version}"
    if old.bundle.digest != new.bundle.digest:
        yield f"bundle {old.bundle.digest} became {new.bundle.digest}"
        if not (old.bundle.rules and new.bundle.rules):
            yield "one of the audits does not list its rules: which policies changed cannot be told"
    if old.config != new.config:
        yield "another auditor.yaml was in force"
    if old.waivers != new.waivers:
        yield "other waivers were in force"


def _sort(source: Mapping[str, Any]) -> str:
    return "a cluster" if source.get("kind") == "cluster" else "manifests"


def _other_cluster(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Say that two clusters are not the same, "" if they are; their address alone proves nothing."""
    if one.get("cluster_id") and other.get("cluster_id"):
        return "not the same cluster" if one["cluster_id"] != other["cluster_id"] else ""
    return "perhaps not the same cluster" if one.get("server") != other.get("server") else ""


def _at(source: Mapping[str, Any]) -> str:
    return f"{source.get('name') or '(unnamed)'} at {source.get('server') or 'an unknown address'}"


def _named(source: Mapping[str, Any], field: str) -> frozenset[str]:
    return frozenset(source.get(field, ()))


def _listed(source: Mapping[str, Any], field: str) -> str:
    return ", ".join(source.get(field, ())) or "none"


def _spaces(source: Mapping[str, Any]) -> str:
    return _listed(source, "namespaces") if source.get("namespaces") else "all namespaces"

"""The nouns of time: when a finding was first seen, what is new, and the place of an audit in history.

Data only, frozen. The record (`record.py`) holds them; a store (`ports.Store`) keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from auditor.objects import ResourceEntry
from auditor.rules import Severity

Cause = Literal["cluster_changed", "policy_changed", "first_looked_at", "waiver_expired", "baseline"]
"""Why a finding was not there before: only the first and `waiver_expired` are news from the cluster."""


class FirstSeen(msgspec.Struct, frozen=True):
    """Since when a finding is known, without a break."""

    at: str
    """RFC 3339, UTC: when the audit began that found it first."""
    cause: Cause


class KnownFinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding of an earlier audit, as much of it as is needed to say what became of it."""

    fingerprint: str
    policy: str
    """The id that the policy had then."""
    title: str
    severity: Severity
    resource: ResourceEntry
    path: str
    status: Literal["open", "waived", "expired_waiver"] = "open"
    superseded: bool = False
    """Another finding tells the same root cause."""
    system: bool = False
    first_seen: FirstSeen | None = None
    first_id: str = ""
    """The id of the policy that is part of the fingerprint, where it is another."""


class UnknownFinding(msgspec.Struct, frozen=True):
    """A finding of an earlier audit of which this one cannot say whether it is still there."""

    finding: KnownFinding
    reason: str
    """Why it was not looked at."""


class RuleChanges(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changed in the rules between two audits; ids of policies, sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Their module, or the library that it imports."""
    parameters: tuple[str, ...] = ()
    """Their parameters, those for single namespaces included."""
    severity: tuple[str, ...] = ()
    """What auditor.yaml makes of their severity."""
    selected: tuple[str, ...] = ()
    """In both bundles, but only judged by the later audit."""
    deselected: tuple[str, ...] = ()
    """In both bundles, but only judged by the earlier audit."""


class Against(msgspec.Struct, frozen=True):
    """The audit, or the state of the history, that another is compared with."""

    kind: Literal["baseline", "history", "audit"]
    """`history`: all that is open in the store, whichever audit saw it last."""
    audit: str
    """Its id; of the history, the id of the last audit in it."""
    at: str
    """When it began, RFC 3339, UTC."""


class Delta(msgspec.Struct, frozen=True):
    """The difference of two audits."""

    against: Against
    new: tuple[str, ...]
    """Fingerprints of findings that were not known, sorted."""
    unchanged: int
    """Findings that were known and are still there."""
    resolved: tuple[KnownFinding, ...]
    """Known, looked for, and not there any more."""
    unknown: tuple[UnknownFinding, ...]
    """Known, but not looked at: never taken for resolved."""
    rules: RuleChanges = RuleChanges()


class TrendPoint(msgspec.Struct, frozen=True):
    """An earlier audit of the same, as its record in the history tells."""

    at: str
    """When it began, RFC 3339, UTC."""
    findings: Mapping[str, int]
    """Those that counted, by severity, and those that were waived."""
    coverage: float
    """0 to 1."""
    bundle: str
    """Digest of the rules: where it changes, figures before and after are of different rules."""


class HistoryEntry(msgspec.Struct, frozen=True):
    """The place of an audit in the hash chain of a store."""

    seq: int
    """Counted from 1, without a hole."""
    head: str
    """`sha256:` and the hexadecimal hash of its record, which covers all records before it."""
    previous: str = ""
    """The head before it; empty for the first one."""

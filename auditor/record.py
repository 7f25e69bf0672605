"""The record of one audit: schema `auditor/v1`, the one thing that every report is made from.

These types are the JSON contract (`docs/schema/auditor-v1.json` is generated from them): fields
are only ever added. `findings` is complete: superseded, waived and system ones are in it, marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from auditor.model import PodCount
from auditor.rules import Severity

SCHEMA: Literal["auditor/v1"] = "auditor/v1"

ControlStatus = Literal[
    "attested", "manual", "fail", "incomplete", "pass_with_waivers", "pass", "not_applicable"
]


class Place(msgspec.Struct, frozen=True):
    """Where in the manifests something stands."""

    path: str
    document: int
    """Counted from 1."""
    line: int
    """Counted from 1."""


class ObjectRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """An object named in the record."""

    kind: str
    name: str
    apiVersion: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class ResourceEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The object that a finding sits on."""

    apiVersion: str
    kind: str
    namespace: str
    """Empty for cluster-wide kinds."""
    name: str
    source: Place | None = None
    managed_by: ObjectRef | None = None

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failed result with identity, severity and evidence."""

    fingerprint: str
    policy: str
    title: str
    severity: Severity
    category: str
    status: Literal["open", "waived", "expired_waiver"]
    resource: ResourceEntry
    path: str
    """JSON pointer into the object."""
    message: str
    evidence: Mapping[str, Any]
    remediation: str
    controls: tuple[str, ...]
    """As `framework/control`."""
    related: tuple[Any, ...] = ()
    patch: Any = None
    superseded_by: str | None = None
    """The policy whose finding tells the same root cause."""
    system: bool = False
    """In a system namespace: a section of its own, outside --fail-on."""
    first_seen: Mapping[str, Any] | None = None
    waiver: str | None = None
    pods: PodCount | None = None


class NotEvaluated(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy without a verdict: for one object, or for a kind as a whole."""

    policy: str
    reason: str
    resource: ResourceEntry | None = None
    kind: str | None = None


class GapEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What could not be read."""

    kind: str | None = msgspec.field()
    reason: str
    effect: str
    namespace: str | None = None
    source: Place | None = None


class SkippedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file or document that is no manifest."""

    path: str
    reason: str
    line: int | None = None


class ControlEntry(msgspec.Struct, frozen=True):
    """The state of one control."""

    framework: str
    control: str
    title: str
    status: ControlStatus
    partial: bool
    policies: tuple[str, ...]
    failing: int
    """Open findings behind it, superseded ones included."""


class Remark(msgspec.Struct, frozen=True):
    """Something about one object that is no fault, but should be known."""

    resource: ResourceEntry
    text: str


class Counts(msgspec.Struct, frozen=True):
    """Shown findings by severity: open, not superseded, outside system namespaces."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0
    waived: int = 0


class Summary(msgspec.Struct, frozen=True):
    """The figures of the audit."""

    resources: int
    documents: int
    evaluations: int
    """(policy, document) pairs that got a verdict."""
    findings: Counts
    coverage: float
    """0 to 1."""
    scores: Mapping[str, float | None]
    """Per framework, 0 to 1; null when nothing is decided."""


class BundleEntry(msgspec.Struct, frozen=True):
    """The rules in force."""

    digest: str
    policies: tuple[str, ...]
    """Ids of the policies that were selected."""


class Run(msgspec.Struct, frozen=True):
    """When, with what, and on what."""

    id: str
    started_at: str
    """RFC 3339, UTC."""
    finished_at: str
    auditor_version: str
    source: Mapping[str, Any]
    """`kind` is `cluster` or `manifests`; the rest as in `model.SourceFacts`."""
    bundle: BundleEntry


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record."""

    schema: Literal["auditor/v1"] = SCHEMA
    audit: Run
    summary: Summary
    findings: tuple[Finding, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    out_of_reach: tuple[GapEntry, ...] = ()
    gaps: tuple[GapEntry, ...] = ()
    skipped_files: tuple[SkippedEntry, ...] = ()
    controls: tuple[ControlEntry, ...] = ()
    waivers: tuple[Mapping[str, Any], ...] = ()
    remarks: tuple[Remark, ...] = ()

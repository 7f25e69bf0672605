"""The record of one audit: schema `auditor/v1`, the one thing that every report is made from.

These types are the JSON contract (`docs/schema/auditor-v1.json` is generated from them): fields
are only ever added. `findings` is complete: superseded, waived and system ones are in it, marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from auditor.model import Obstacle, PodCount, SetBy
from auditor.objects import Place, ResourceEntry
from auditor.past import Delta, FirstSeen, HistoryEntry, TrendPoint
from auditor.rules import ByHand, Severity

SCHEMA: Literal["auditor/v1"] = "auditor/v1"

ControlStatus = Literal[
    "attested", "manual", "fail", "incomplete", "pass_with_waivers", "pass", "not_applicable"
]

WaiverState = Literal["active", "expiring", "expired", "unused", "too_broad", "conflicting"]


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
    first_seen: FirstSeen | None = None
    waiver: str | None = None
    """Id of the waiver that accepts it, or did until it expired."""
    waiver_request: str = ""
    """What the object asks for in its annotation `auditor.dev/request-waiver`; it waives nothing."""
    owner: str = ""
    """Whom its owner label names; empty where auditor.yaml names no such label."""
    pods: PodCount | None = None
    set_by: SetBy | None = None
    """Who set what is at the path; None where the cluster does not tell, and for manifests."""


class NotEvaluated(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy without a verdict: for one object, or for a kind as a whole."""

    policy: str
    reason: str
    resource: ResourceEntry | None = None
    kind: str | None = None
    obstacle: Obstacle | None = None
    """What kept it from one; records of earlier versions do not say."""


class GapEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What could not be read."""

    kind: str | None = msgspec.field()
    reason: str
    effect: str
    namespace: str | None = None
    source: Place | None = None
    policy: str = ""
    """The policy that was not to judge, where that is all; its kind and namespace are empty."""


class SkippedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file or document that is no manifest."""

    path: str
    reason: str
    line: int | None = None


class ControlEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one control."""

    framework: str
    control: str
    title: str
    status: ControlStatus
    partial: bool
    policies: tuple[str, ...]
    failing: int
    """Open findings behind it, superseded ones included."""
    level: str = ""
    """The profile of the framework that it belongs to."""
    manual: ByHand | None = None
    """What a person does for it, or for the part of it that no policy answers."""


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


class RuleEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One policy as it was in force: what later audits tell a change of the rules by."""

    policy: str
    digest: str
    """sha256 of the module and of the library that it imports; parameters are not in it."""
    first_id: str = ""
    """The id that is part of fingerprints, where it is another."""
    parameters: Mapping[str, Any] = {}
    severity: Severity | None = None
    """What auditor.yaml made of its severity."""
    namespaces: Mapping[str, Mapping[str, Any]] = {}
    """Parameters for single namespaces, by pattern."""
    kinds: tuple[str, ...] = ()
    """What it judges; empty in records that do not say."""


class BundleEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rules in force."""

    digest: str
    policies: tuple[str, ...]
    """Ids of the policies that were selected."""
    rules: tuple[RuleEntry, ...] = ()
    """Every policy of the bundle, selected or not, by id."""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """When, with what, and on what."""

    id: str
    started_at: str
    """RFC 3339, UTC."""
    finished_at: str
    auditor_version: str
    source: Mapping[str, Any]
    """`kind` is `cluster` or `manifests`; the rest as in `model.SourceFacts`."""
    bundle: BundleEntry
    snapshot: str = ""
    """sha256 over all that was read, as it was kept."""
    config: str = ""
    """sha256 of auditor.yaml."""
    waivers: str = ""
    """sha256 of the waiver files."""


class PolicyText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a policy says of itself, once for all of its findings."""

    policy: str
    title: str
    severity: Severity
    """Of a finding that names none."""
    category: str
    description: str
    remediation: str
    references: tuple[str, ...] = ()
    """Addresses: text, that nobody has looked up."""


class FrameworkText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a framework says of itself."""

    framework: str
    title: str
    version: str
    source: str = ""
    """The address of what its controls stand for; empty if it is our own."""
    notice: str = ""


class PopulationEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the objects of one kind: the five figures after `listed` add up to it."""

    kind: str
    listed: int
    """Objects that were read, and manifests that were too broken to be."""
    judged: int = 0
    """Some policy has a verdict on the object itself."""
    through_owner: int = 0
    """Live pods, and the ReplicaSets and Jobs between, that are judged with their owner."""
    not_judged: int = 0
    """Policies were to judge it, or its owner, and none has a verdict."""
    out_of_reach: int = 0
    """In namespaces that auditor.yaml leaves out."""
    context: int = 0
    """Not judged itself: read so that others can be, or it has ended."""
    unread: str = ""
    """Why the kind, or a part of it, could not be read: then nobody knows how many there are."""
    beyond: str = ""
    """Why nobody expected to read it, or a part of it."""


class InventoryEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The objects of one namespace that were put before policies."""

    namespace: str
    """Empty for cluster-wide kinds."""
    kinds: Mapping[str, int]
    """How many, by kind."""
    system: bool = False


class WaiverEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An accepted exception, or a human answer to a manual control, and what became of it."""

    id: str
    kind: Literal["waiver", "attestation"]
    state: WaiverState
    reason: str
    owner: str
    approver: str
    """As the file says it: nobody has verified it."""
    created: str
    """A day, UTC."""
    expires: str
    """The last day on which it is valid, UTC; earlier than written where its term is too long."""
    policy: str = ""
    control: str = ""
    """Of an attestation, as `framework/control`."""
    message: str = ""
    """Why the state is what it is, where that needs words."""
    ticket: str = ""
    risk: str = ""
    compensating_control: str = ""
    evidence: str = ""
    matched: int = 0
    """Findings that it covers."""
    source: Place | None = None


class Cut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a report is limited to, where it is not the whole audit."""

    namespaces: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    findings: Counts = Counts()
    """Those of the whole audit."""


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
    waivers: tuple[WaiverEntry, ...] = ()
    remarks: tuple[Remark, ...] = ()
    policies: tuple[PolicyText, ...] = ()
    """The policies that were selected, by id."""
    frameworks: tuple[FrameworkText, ...] = ()
    population: tuple[PopulationEntry, ...] = ()
    """Every kind that was asked for, by name."""
    inventory: tuple[InventoryEntry, ...] = ()
    """By namespace."""
    cut: Cut | None = None
    """None for the whole audit."""
    trend: tuple[TrendPoint, ...] = ()
    """Earlier audits of the same, oldest first; empty without a history."""
    delta: Delta | None = None
    """None where there is nothing to compare with."""
    history: HistoryEntry | None = None
    """None where nothing is stored."""

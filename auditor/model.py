"""The nouns of an audit on its way in: what is read, what is judged, and what the engine answers.

Data only, frozen, without I/O. What comes out at the end, the record of the run, is `record.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from auditor.rules import Policy, Severity

Body = dict[str, Any]
"""A Kubernetes object as decoded from JSON or YAML."""


class Status(StrEnum):
    """What became of one (policy, document) pair."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"


class ResourceRef(msgspec.Struct, frozen=True, order=True):
    """Which object; free of uids, so that it names the same thing tomorrow."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    def __str__(self) -> str:
        """Kind and name as people write them: `Deployment shop/web`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Lines(Protocol):
    """Where in its file each part of an object stands."""

    def line(self, pointer: str) -> int:
        """Return the line, counted from 1, of a JSON pointer or of its nearest existing parent."""


class Origin(msgspec.Struct, frozen=True):
    """The place of an object in the manifests."""

    path: str
    """File as the user named it; "-" is standard input."""
    document: int
    """Position in the file, counted from 1."""
    line: int
    """First line of the object, counted from 1."""


class Owner(msgspec.Struct, frozen=True):
    """The controller that the metadata of an object names."""

    ref: ResourceRef
    uid: str


class Manager(msgspec.Struct, frozen=True, array_like=True):
    """An entry of managedFields, as much of it as is kept."""

    manager: str
    operation: str
    """`Update` or `Apply`."""
    time: str
    """When it last changed any of its fields, RFC 3339; "" if that is not known."""
    subresource: str
    fields: bytes
    """fieldsV1 as canonical JSON."""


class SetBy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who set what a finding is about, as managedFields of the object tell it."""

    manager: str
    operation: str = ""
    """`Update` or `Apply`."""
    time: str = ""
    """When this manager last changed any field of the object that it owns, RFC 3339; maybe another one."""
    subresource: str = ""
    path: str = ""
    """JSON pointer of what it put there, where the place of the finding only lies in that."""


class Content(msgspec.Struct, frozen=True, eq=False):
    """What is kept of an object: no nulls, no copies of itself, no credentials."""

    json: bytes
    """Canonical JSON (sorted keys); `{}` if it is refused."""
    refused: str = ""
    """Which field has the wrong type, so that nothing may judge the object; empty if none has."""
    managers: tuple[Manager, ...] = ()
    """Who set what of it, where it came from a cluster: no part of a document."""

    @property
    def body(self) -> Body:
        """The object, decoded anew each time: as bytes it needs a tenth of the memory."""
        body: Body = msgspec.json.decode(self.json)
        return body


class Resource(msgspec.Struct, frozen=True, eq=False):
    """One object, as much of it as is kept: a row, and a content that pods which look alike share."""

    ref: ResourceRef
    content: Content
    uid: str = ""
    owner: Owner | None = None
    finished: bool = False
    """Nothing of it runs any more: a pod that has ended, a ReplicaSet that was emptied."""
    labels: Mapping[str, Any] | None = None
    """Of a pod, where they are not those in its content; None where they are."""
    origin: Origin | None = None
    lines: Lines | None = None

    @property
    def body(self) -> Body:
        """What is kept of the object; of pods that look alike, the first one by name."""
        return self.content.body


class Gap(msgspec.Struct, frozen=True):
    """Something that should have been read and could not be."""

    kind: str | None
    """The kind that is missing; None when a document was too broken to tell."""
    reason: str
    """What happened, with file and line or with the API server's answer."""
    effect: str
    """What the audit is blind to because of it."""
    namespace: str | None = None
    origin: Origin | None = None
    out_of_reach: bool = False
    """Nobody expected this to be readable (cluster kinds in namespace mode): listed, not counted."""


class Glimpse(msgspec.Struct, frozen=True, eq=False):
    """What is known of a source while the rest is read: it may be judged ahead, and counts for nothing."""

    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...] = ()


class SkippedFile(msgspec.Struct, frozen=True):
    """A file, or one document of it, that is no Kubernetes manifest."""

    path: str
    reason: str
    line: int | None = None


class SourceFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which source was read, as whom, and what it says of itself."""

    kind: str
    """`cluster` or `manifests`."""
    name: str = ""
    """Context name of the cluster; empty for manifests."""
    server: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    """Namespaces the audit was limited to; empty means all."""
    paths: tuple[str, ...] = ()
    version: str = ""
    """Kubernetes version as `v1.36.3`, empty if unknown."""
    apis: tuple[str, ...] = ()
    """Group-versions that the server offers, as `apps/v1`."""
    read_at: str = ""
    """When a cluster was read, RFC 3339; the audit of a snapshot may come much later."""
    cluster_id: str = ""
    """uid of the namespace kube-system, which tells clusters apart; empty where it was not read."""
    insecure: bool = False
    """The server's certificate was not verified."""
    clock_skew: int | None = None
    """By how many seconds the server's clock is ahead, negative if behind; None if it does not say."""


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a running program says of itself, or why it says nothing; or what a log tells."""

    program: str
    """`prometheus` or `alertmanager`; `audit_log`, which is that of no object, for what API servers wrote."""
    namespace: str
    name: str
    """Of the workload, or the operator's object, that it runs for, as the user says."""
    url: str
    """Where it was asked, or read: what the user configured."""
    at: str
    """When, RFC 3339."""
    told: Mapping[str, Any] = {}
    """Plain JSON; which keys is said where each is asked or read (collect/runtime, access/usage.py)."""
    failure: str = ""


class Snapshot(msgspec.Struct, frozen=True, eq=False):
    """All that was read from one source."""

    facts: SourceFacts
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    kinds: frozenset[str] = frozenset()
    """The kinds that were asked for: of others it says nothing."""
    status: bool = False
    """Whether pods were asked for with their status."""
    observations: tuple[Observation, ...] = ()
    """What running programs say of themselves, in the order in which they were configured."""


class Part(msgspec.Struct, frozen=True):
    """One part of a document, encoded once: sent as it is, and known by its digest."""

    digest: str
    """sha256 of `json`, hexadecimal."""
    json: bytes
    """Canonical JSON (sorted keys)."""
    filed: frozenset[str] | None = None
    """Of a relation that files what it tells by name: the relation, and each name with something under it.

    None if it files nothing, or has something else to say, that concerns every policy.
    """


class PodCount(msgspec.Struct, frozen=True):
    """How many live pods a document, or a finding, stands for."""

    affected: int
    total: int


class Document(msgspec.Struct, frozen=True, eq=False):
    """A resource together with everything a policy may need to judge it."""

    ref: ResourceRef
    """Whose verdict this is. For a variant: the owner."""
    parts: Mapping[str, Part]
    """By name: meta, spec, status, pod, containers, cluster, and `related.<relation>`."""
    content: Content
    """The object behind it: for identities."""
    pod_path: str = ""
    """JSON pointer of the pod spec in it, as `/spec/template/spec`; empty if there is none."""
    origin: Origin | None = None
    lines: Lines | None = None
    managed_by: ResourceRef | None = None
    """The owner outside the kinds we list, or the node of a mirror pod."""
    missing: Mapping[str, str] = {}
    """Relations that could not be joined, with the reason."""
    pods: PodCount | None = None
    """Live pods that look like this; None where there are none to count."""
    pod_names: tuple[str, ...] = ()
    """The first of them by name, where they are no template's."""
    variant: bool = False
    """Built from live pods that differ from their owner's template."""
    variants: int = 0
    """How many its owner has; without a template, how many sorts of pods."""
    refused: str = ""
    """Why no engine may judge it (too large, a field of the wrong type); empty if it may."""
    hollow: str = ""
    """That it is a workload without containers, about which a verdict would say nothing; empty if not."""
    owner: str = ""
    """Whom the owner label names, its own or that of its namespace; empty where no label is asked for."""
    waiver_request: str = ""
    """What its annotation asks for, cut off where it is too long; a variant has its owner's."""

    @property
    def body(self) -> Body:
        """What is kept of the object behind it."""
        return self.content.body


class Violation(msgspec.Struct, frozen=True):
    """One entry of a policy's `fail` set."""

    path: str
    """JSON pointer into the object."""
    message: str
    evidence: Mapping[str, Any] = {}
    key: str | None = None
    """Identity among the violations of one document, where the path does not give it."""
    severity: Severity | None = None
    related: tuple[Any, ...] = ()
    patch: Any = None


class Verdict(msgspec.Struct, frozen=True):
    """What a policy emitted for one document."""

    fail: tuple[Violation, ...] = ()
    skip: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


PASS = Verdict()
"""Nothing emitted; one for all, since most verdicts are this one."""


class Failure(msgspec.Struct, frozen=True):
    """Why the engine has no verdict for one (policy, document) pair."""

    reason: str


class Question(msgspec.Struct, frozen=True, eq=False):
    """One document, and the policies that shall judge it."""

    document: Document
    policies: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, eq=False):
    """The engine's answer: every policy that was asked is a key of `verdicts`."""

    document: Document
    verdicts: Mapping[str, Verdict | Failure]


class Obstacle(StrEnum):
    """What kept a policy from a verdict."""

    UNREADABLE = "unreadable"
    """The object, or something that it needs, could not be read."""
    UNKNOWN = "unknown"
    """It was read, and the policy could not tell."""
    POLICY_ERROR = "policy_error"
    """The policy or the engine failed."""


class Result(msgspec.Struct, frozen=True, eq=False):
    """One (policy, document) pair, judged."""

    policy: Policy
    document: Document
    status: Status
    violations: tuple[Violation, ...] = ()
    places: tuple[str, ...] = ()
    """Where each violation is, whatever the kind of the object and the order of its lists."""
    keys: tuple[str, ...] = ()
    """The identity of each violation within its object."""
    reasons: tuple[str, ...] = ()
    """Why it is not_applicable or not_evaluated; with a fail, what else is unknown."""
    set_by: tuple[SetBy | None, ...] = ()
    """Who set what each violation is about; empty where nothing is known of that."""
    obstacle: Obstacle | None = None
    """Of one that is not_evaluated."""

"""The nouns of acceptance: waivers, attestations, and the terms that both must keep.

Data only, frozen. Read from files by `config/waivers.py`, applied by `judge/waivers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from auditor.objects import Place
from auditor.rules import Severity


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which findings of a policy a waiver accepts: each field exact, or a pattern with `*` and `?`.

    An empty field accepts everything; at least one other than `cluster` must be there.
    """

    cluster: str = ""
    """The id or the context name of the cluster."""
    namespace: str = ""
    kind: str = ""
    name: str = ""
    """Of the object, or of the outside owner that bears the finding."""
    path: str = ""
    fingerprint: str = ""


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A renewal: reviews are appended, never replaced."""

    at: str
    """A day, UTC."""
    by: str
    note: str


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What waiver and attestation have in common."""

    id: str
    reason: str
    owner: str
    approver: str
    """Another person or team than the owner."""
    created: str
    """A day, UTC."""
    expires: str
    """The last day on which it is valid, UTC."""
    ticket: str = ""
    evidence: str = ""
    """A link or a digest."""
    review: tuple[Review, ...] = ()
    source: Place | None = None
    """Where it is written."""


class Waiver(Acceptance, frozen=True, kw_only=True):
    """An accepted exception."""

    policy: str
    match: Match
    risk: str = ""
    compensating_control: str = ""


class Attestation(Acceptance, frozen=True, kw_only=True):
    """A human answer to a manual control."""

    framework: str
    control: str


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What auditor.yaml demands of waivers, under its key `waivers`."""

    max_days: Mapping[Severity, int] = msgspec.field(
        default_factory=lambda: {
            Severity.CRITICAL: 30,
            Severity.HIGH: 90,
            Severity.MEDIUM: 180,
            Severity.LOW: 180,
            Severity.INFO: 180,
        }
    )
    """Days from `created` to `expires`, by the severity of the finding; attestations have the last."""
    expiring_days: int = 14
    """So many days before its end it is `expiring`."""
    broad_matches: int = 25
    """A waiver that covers more findings is too broad."""
    approvers: Mapping[Severity, tuple[str, ...]] = {}
    """Who may approve, by severity; without an entry anybody but the owner."""


class Acceptances(msgspec.Struct, frozen=True):
    """All that was read from waiver files."""

    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    digest: str = ""
    """sha256 over the files, empty without files."""

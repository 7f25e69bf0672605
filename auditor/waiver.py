"""The nouns of acceptance: waivers, attestations, and the terms that both must keep.

Data only, frozen. `Waiver` and `Attestation` are the file format: what is no field of them is refused.
Read from files by `config/waivers.py`, applied by `judge/waivers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from auditor.objects import Place
from auditor.rules import Severity

MIN_TEXT = 20
"""Characters that a reason must have: "ok" and "legacy" tell a reviewer nothing."""

LONGEST_DAYS: Mapping[Severity, int] = {
    Severity.CRITICAL: 30,
    Severity.HIGH: 90,
    Severity.MEDIUM: 180,
    Severity.LOW: 180,
    Severity.INFO: 180,
}
"""How long a finding may be accepted, in days, unless auditor.yaml says otherwise."""

# The rules stand in config/waivers.py, which tells a fault better; here they are only told to editors.
Text = Annotated[str, msgspec.Meta(extra_json_schema={"minLength": MIN_TEXT})]
Name = Annotated[str, msgspec.Meta(extra_json_schema={"minLength": 1})]
Day = Annotated[
    str, msgspec.Meta(description="A day in UTC, as 2026-11-24.", extra_json_schema={"format": "date"})
]


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
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
    """A renewal, from which the longest term runs anew: reviews are appended, never replaced."""

    at: Day
    by: Name
    """Who approved it: another than the owner."""
    note: Name


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What waiver and attestation have in common."""

    id: Name
    reason: Text
    owner: Name
    approver: Name
    """Another person or team than the owner."""
    created: Day
    expires: Day
    """The last day on which it is valid."""
    ticket: str = ""
    evidence: str = ""
    """A link or a digest."""
    review: tuple[Review, ...] = ()


class Waiver(Acceptance, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An accepted exception."""

    policy: Name
    """Its id, a former id of it, or a pattern."""
    match: Match
    risk: str = ""
    compensating_control: str = ""


class Attestation(Acceptance, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A human answer to a manual control."""

    framework: Name
    control: Name


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What auditor.yaml demands of waivers, under its key `waivers`."""

    max_days: Mapping[Severity, Annotated[int, msgspec.Meta(ge=1)]] = msgspec.field(
        default_factory=lambda: dict(LONGEST_DAYS)
    )
    """Days from `created`, or the last review, to the end, by the severity of the finding.

    Attestations have that of info. A severity that is not named has its default.
    """
    expiring_days: Annotated[int, msgspec.Meta(ge=0)] = 14
    """So many days before its end it is `expiring`."""
    broad_matches: Annotated[int, msgspec.Meta(ge=1)] = 25
    """A waiver that covers more findings is too broad."""
    approvers: Mapping[Severity, tuple[str, ...]] = {}
    """Who may approve, by severity; without an entry anybody but the owner. Attestations: info."""
    ticket: str = r"https?://\S+|[A-Z][A-Z0-9]*-[0-9]+"
    """What a ticket must look like, as a regular expression for the whole of it."""

    def days(self, severity: Severity) -> int:
        """Return how many days a finding of this severity may be accepted."""
        return self.max_days.get(severity, LONGEST_DAYS[severity])


class Acceptances(msgspec.Struct, frozen=True):
    """All that was read from waiver files."""

    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    places: Mapping[str, Place] = {}
    """Where each of them is written, by id."""
    digest: str = ""
    """sha256 over the files, empty without files."""

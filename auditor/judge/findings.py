"""From failed results to findings: identity, severity, evidence, controls, supersession."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.document.pointer import canonical, related
from auditor.judge.families import Bearer, Failed, Family, bearer_of
from auditor.judge.requests import requested
from auditor.model import Document, ResourceRef
from auditor.objects import ObjectRef, Place, ResourceEntry
from auditor.past import KnownFinding
from auditor.record import Finding
from auditor.rules import Policy, Severity

EVIDENCE_LIMIT = 4096
"""Bytes of JSON that the evidence of one finding may have."""


def findings(families: Iterable[Family], controls: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Return every finding, worst first, superseded ones marked.

    `controls` are the `framework/control` names by policy id. The order is the same for the same
    findings, whatever order they came in.
    """
    by_bearer: dict[Bearer, list[tuple[Family, list[Failed]]]] = {}
    for family in families:
        if failed := family.failed():
            by_bearer.setdefault(family.bearer, []).append((family, failed))
    found = []
    for group in by_bearer.values():
        for family, failed in group:
            names = controls.get(family.policy.id, ())
            found += [_finding(family, one, _superseder(family, one, group), names) for one in failed]
    return sorted(found, key=order)


def fingerprint(policy: Policy, bearer: Bearer, key: str) -> str:
    """Identity of a finding over time: no uid, no time, no cluster, and no list position."""
    identity = [
        policy.first_id,
        bearer.group,
        bearer.kind,
        bearer.namespace,
        bearer.name,
        bearer.source,
        key,
    ]
    return hashlib.sha256(canonical.encode(identity)).hexdigest()


def entry(document: Document) -> ResourceEntry:
    """The object of a document as the record names it."""
    ref, origin, owner = document.ref, document.origin, document.managed_by
    return ResourceEntry(
        apiVersion=ref.api_version,
        kind=ref.kind,
        name=ref.name,
        namespace=ref.namespace,
        source=Place(origin.path, origin.document, origin.line) if origin else None,
        managed_by=_object(owner) if owner else None,
    )


def _object(ref: ResourceRef) -> ObjectRef:
    return ObjectRef(kind=ref.kind, name=ref.name, apiVersion=ref.api_version, namespace=ref.namespace)


def _finding(family: Family, failed: Failed, superseded_by: str | None, controls: tuple[str, ...]) -> Finding:
    policy, document, violation = family.policy, failed.document, failed.violation
    resource = entry(document)
    if document.lines and document.origin:
        line = document.lines.line(violation.path)
        resource = msgspec.structs.replace(
            resource, source=Place(document.origin.path, document.origin.document, line)
        )
    message = violation.message
    if failed.only_live and failed.pods:
        message += f" Only in {failed.pods.affected} of {failed.pods.total} live pods, not in the template."
    evidence = dict(violation.evidence)
    if failed.pod_names and (failed.only_live or document.managed_by):
        evidence["pods"] = list(failed.pod_names)
    if failed.unknown:
        evidence["unknown"] = list(failed.unknown)
    return Finding(
        fingerprint=fingerprint(policy, family.bearer, failed.key),
        policy=policy.id,
        title=policy.title,
        severity=_severity(family, failed),
        category=policy.category,
        status="open",
        resource=resource,
        path=violation.path,
        message=message,
        evidence=_bounded(evidence),
        remediation=policy.remediation,
        controls=controls,
        related=violation.related,
        patch=None if failed.only_live else violation.patch,
        superseded_by=superseded_by,
        system=family.system,
        waiver_request=requested(document.waiver_request, policy),
        owner=document.owner,
        pods=failed.pods,
        set_by=failed.set_by,
    )


def _superseder(family: Family, failed: Failed, group: Iterable[tuple[Family, list[Failed]]]) -> str | None:
    """The policy that names this one as the same root cause and fails at the same place, no less severely.

    Of a chain it is the one that is shown. A custom policy hides nothing of ours.
    """
    here, rank = _pointer(failed), _severity(family, failed).rank
    found = [
        other.policy
        for other, others in group
        if family.policy.id in other.policy.supersedes
        and (family.policy.custom or not other.policy.custom)
        and any(related(_pointer(one), here) and _severity(other, one).rank <= rank for one in others)
    ]
    shown = (one.id for one in found if not any(one.id in other.supersedes for other in found))
    return next(shown, None)


def _severity(family: Family, failed: Failed) -> Severity:
    policy = family.policy
    return policy.override or failed.violation.severity or policy.severity


def _pointer(failed: Failed) -> str:
    """The place of a violation, the same in a template and in a live pod."""
    return f"/{failed.place}" if failed.place else ""


def _bounded(evidence: dict[str, Any]) -> dict[str, Any]:
    size = len(canonical.encode(evidence))
    if size <= EVIDENCE_LIMIT:
        return evidence
    kept: dict[str, Any] = {"truncated": {"bytes": size, "fields": len(evidence)}}
    for name in sorted(evidence, key=lambda name: len(canonical.encode(evidence[name]))):
        fits = {**kept, name: evidence[name]}
        if len(canonical.encode(fits)) > EVIDENCE_LIMIT:
            break
        kept = fits
    return kept


def uncovered(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, those shown again of which no unwaived one tells the root cause.

    A waiver accepts what it names, and not what another policy finds at the same place.
    """
    found = list(findings)
    covering: dict[tuple[str, Bearer, str], list[Finding]] = {}
    for one in found:
        covering.setdefault((one.policy, *_whose(one)), []).append(one)

    def bare(one: Finding) -> bool:
        above = covering.get((one.superseded_by or "", *_whose(one)), ())
        standing = [other for other in above if other.status != "waived"]
        # without a waiver among them it is as it was; with one, the place must be that of another
        return len(standing) < len(above) and not any(related(other.path, one.path) for other in standing)

    return [
        msgspec.structs.replace(one, superseded_by=None) if one.superseded_by and bare(one) else one
        for one in found
    ]


def _whose(finding: Finding) -> tuple[Bearer, str]:
    """Who bears a finding, and in which definition of it."""
    source = finding.resource.source
    return bearer_of(finding.resource), f"{source.path}#{source.document}" if source else ""


def order(finding: Finding | KnownFinding) -> tuple[Any, ...]:
    """Return the key by which findings stand in a record or a delta, worst first."""
    resource = finding.resource
    return (
        finding.severity.rank,
        resource.namespace,
        resource.kind,
        resource.name,
        finding.policy,
        finding.path,
        finding.fingerprint,
    )

"""The page of one finding: what `auditor explain FINGERPRINT` prints, before the page of its policy."""

from __future__ import annotations

import json
from collections.abc import Iterator

from auditor.record import Audit, Finding
from auditor.report import set_by
from auditor.report.by_hand import command
from auditor.report.policy_page import Block, Facts, Heading, Item, Listing, Text


def page(finding: Finding, audit: Audit) -> Iterator[Block]:
    """Yield all that an audit says of one of its findings."""
    yield Heading(f"{finding.policy}: {finding.resource}", 1)
    yield Text(finding.message)
    rows = (
        (name, (Item(text, code=name in ("path", "fingerprint")),)) for name, text in _facts(finding, audit)
    )
    yield Facts(tuple((name, items) for name, items in rows if items[0].text))
    if finding.evidence:
        yield Heading("Evidence")
        yield Listing(_json(finding.evidence), "json")
    if shown := command(finding):
        yield Heading("See for yourself")
        yield Listing(shown, "sh")
    yield Heading("What to do")
    yield Text(finding.remediation)
    if finding.patch is not None:
        yield Heading("Patch")
        yield Listing(_json(finding.patch), "json")


def _facts(finding: Finding, audit: Audit) -> Iterator[tuple[str, str]]:
    yield "severity", finding.severity.value
    status = finding.status.replace("_", " ")
    yield "status", f"{status}, waiver {finding.waiver}" if finding.waiver else status
    yield "path", finding.path
    source = finding.resource.source
    yield "file", f"{source.path}:{source.line}" if source else ""
    yield "managed by", str(finding.resource.managed_by or "")
    yield "live pods", f"{finding.pods.affected} of {finding.pods.total}" if finding.pods else ""
    yield "set by", set_by.words(finding.set_by, audit.audit.started_at) if finding.set_by else ""
    seen = finding.first_seen
    yield "first seen", f"{seen.at}, {seen.cause.replace('_', ' ')}" if seen else ""
    yield "owner", finding.owner
    yield "controls", ", ".join(finding.controls)
    yield "superseded by", finding.superseded_by or ""
    yield "namespace of Kubernetes", "yes: it does not count" if finding.system else ""
    yield "fingerprint", finding.fingerprint
    yield "audit", f"{audit.audit.id}, {audit.audit.started_at}"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)

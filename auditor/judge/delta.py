"""The difference of two audits: new, unchanged, resolved, and what could not be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from auditor.judge.bundles import Rules, rule_changes
from auditor.judge.findings import order
from auditor.judge.sight import Sight
from auditor.past import Against, Delta, KnownFinding, RuleChanges, UnknownFinding
from auditor.record import Audit, Finding


def delta(audit: Audit, known: Iterable[KnownFinding], against: Against, before: Audit | None) -> Delta:
    """Compare an audit with findings of an earlier one, or of the history.

    `against` says what they are from, `before` is that audit, whose rules are compared: of the
    history, the last audit in it; None leaves the rules out. Every finding of the audit is either
    new or unchanged; every known one is unchanged, resolved or, if it was not looked at, unknown.
    """
    here = {one.fingerprint for one in audit.findings}
    earlier = {one.fingerprint: one for one in known}
    sight = Sight(audit)
    resolved: list[KnownFinding] = []
    unknown: list[UnknownFinding] = []
    for one in sorted(earlier.values(), key=order):
        if one.fingerprint in here:
            continue
        if reason := sight.missed(one):
            unknown.append(UnknownFinding(one, reason))
        else:
            resolved.append(one)
    return Delta(
        against=against,
        new=tuple(sorted(here - earlier.keys())),
        unchanged=len(here & earlier.keys()),
        resolved=tuple(resolved),
        unknown=tuple(unknown),
        rules=rule_changes(before.audit.bundle, audit.audit.bundle) if before else RuleChanges(),
    )


def between(before: Audit, audit: Audit, kind: Literal["baseline", "audit"] = "audit") -> Delta:
    """Compare an audit with one earlier audit."""
    against = Against(kind, before.audit.id, before.audit.started_at)
    return delta(audit, known(before).values(), against, before)


def known(audit: Audit) -> dict[str, KnownFinding]:
    """Return every finding of an audit as later ones know it, by fingerprint, in the order of the audit."""
    rules = Rules(audit.audit.bundle)
    return {one.fingerprint: _known(one, rules) for one in audit.findings}


def lapsed(old: KnownFinding | None, now: KnownFinding) -> bool:
    """Tell whether a finding was waived when it was last known, and is not any more."""
    return old is not None and old.status == "waived" and now.status != "waived"


def _known(finding: Finding, rules: Rules) -> KnownFinding:
    return KnownFinding(
        fingerprint=finding.fingerprint,
        policy=finding.policy,
        title=finding.title,
        severity=finding.severity,
        resource=finding.resource,
        path=finding.path,
        status=finding.status,
        superseded=finding.superseded_by is not None,
        system=finding.system,
        first_seen=finding.first_seen,
        first_id=rules.first_id(finding.policy),
    )

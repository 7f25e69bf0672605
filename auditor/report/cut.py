"""A report for one team: what of an audit is theirs, and nothing of the others but totals.

What says how a whole cluster is (scores, controls, the population) is left out of a cut by namespace or
owner: a part of it would be wrong, and the whole is not theirs. Evidence may name objects of others, where a
finding is about what they can do.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditor.errors import UsageError, did_you_mean
from auditor.objects import ResourceEntry
from auditor.past import Delta, KnownFinding
from auditor.record import Audit, Counts, Cut, Finding, GapEntry, WaiverEntry
from auditor.report import view
from auditor.rules import Severity


def cut(
    audit: Audit, *, namespaces: Iterable[str], owners: Iterable[str], frameworks: Iterable[str]
) -> Audit:
    """Return what of an audit is in one of the namespaces, of one of the owners, and about the frameworks.

    Empty is no limit. Raises `UsageError` for a name that the audit does not have: its report would be clean.
    """
    wanted = Cut(tuple(namespaces), tuple(owners), tuple(frameworks), audit.summary.findings)
    if not (wanted.namespaces or wanted.owners or wanted.frameworks):
        return audit
    _check(audit, wanted)
    found = tuple(one for one in audit.findings if _is_theirs(one, wanted))
    for_a_team = bool(wanted.namespaces or wanted.owners)
    left = _of_team(audit, wanted, found) if for_a_team else audit
    left = _of_frameworks(left, wanted) if wanted.frameworks else left
    run = msgspec.structs.replace(left.audit, bundle=msgspec.structs.replace(left.audit.bundle, rules=()))
    left = msgspec.structs.replace(left, audit=run, findings=found, trend=(), cut=wanted)
    return msgspec.structs.replace(
        left,
        summary=msgspec.structs.replace(left.summary, findings=_counts(left)),
        waivers=_waivers(left, found),
        delta=_delta(left.delta, found, wanted) if left.delta else None,
    )


def _check(audit: Audit, wanted: Cut) -> None:
    theirs = {one.namespace for one in audit.inventory} | {_home(one.resource) for one in audit.findings}
    for flag, names, known in (
        ("--namespace", wanted.namespaces, theirs),
        ("--owner", wanted.owners, {one.owner for one in audit.findings}),
        ("--framework", wanted.frameworks, set(audit.summary.scores)),
    ):
        for name in names:
            if name not in known:
                have = ", ".join(sorted(known - {""})) or "none"
                raise UsageError(
                    f"{flag} {name}: the audit has none{did_you_mean(name, known)}", f"it has: {have}"
                )


def _home(resource: ResourceEntry) -> str:
    return resource.name if resource.kind == "Namespace" else resource.namespace


def _is_theirs(finding: Finding, wanted: Cut) -> bool:
    named = {control.partition("/")[0] for control in finding.controls}
    return (
        (not wanted.namespaces or _home(finding.resource) in wanted.namespaces)
        and (not wanted.owners or finding.owner in wanted.owners)
        and (not wanted.frameworks or not named.isdisjoint(wanted.frameworks))
    )


def _of_team(audit: Audit, wanted: Cut, found: Iterable[Finding]) -> Audit:
    theirs = {one.resource for one in found}

    def own(resource: ResourceEntry) -> bool:
        # whose an object is, only its findings tell
        return resource in theirs if wanted.owners else _home(resource) in wanted.namespaces

    def concerns(gap: GapEntry) -> bool:
        return gap.source is None and (gap.namespace is None or gap.namespace in wanted.namespaces)

    return msgspec.structs.replace(
        audit,
        summary=msgspec.structs.replace(audit.summary, scores={}),
        not_evaluated=tuple(one for one in audit.not_evaluated if not one.resource or own(one.resource)),
        gaps=tuple(filter(concerns, audit.gaps)),
        out_of_reach=tuple(filter(concerns, audit.out_of_reach)),
        skipped_files=(),
        controls=(),
        frameworks=(),
        population=(),
        inventory=tuple(one for one in audit.inventory if one.namespace in wanted.namespaces),
        remarks=tuple(one for one in audit.remarks if own(one.resource)),
    )


def _of_frameworks(audit: Audit, wanted: Cut) -> Audit:
    controls = tuple(one for one in audit.controls if one.framework in wanted.frameworks)
    about = {policy for one in controls for policy in one.policies}
    scores = {name: score for name, score in audit.summary.scores.items() if name in wanted.frameworks}
    return msgspec.structs.replace(
        audit,
        summary=msgspec.structs.replace(audit.summary, scores=scores),
        not_evaluated=tuple(one for one in audit.not_evaluated if not about or one.policy in about),
        out_of_reach=tuple(one for one in audit.out_of_reach if not one.policy or one.policy in about),
        controls=controls,
        frameworks=tuple(one for one in audit.frameworks if one.framework in wanted.frameworks),
    )


def _counts(audit: Audit) -> Counts:
    figures = {severity.value: 0 for severity in Severity}
    for one in view.shown(audit):
        figures[one.severity.value] += 1
    return Counts(**figures, waived=len(view.waived(audit)))


def _waivers(audit: Audit, found: Iterable[Finding]) -> tuple[WaiverEntry, ...]:
    used = {one.waiver for one in found if one.waiver}
    answered = {f"{one.framework}/{one.control}" for one in audit.controls}
    return tuple(one for one in audit.waivers if one.id in used or one.control in answered)


def _delta(delta: Delta, found: Iterable[Finding], wanted: Cut) -> Delta:
    """What changed of theirs; of a finding that is gone only its place is known."""
    left = {one.fingerprint for one in found}
    new = tuple(one for one in delta.new if one in left)
    by_place = bool(wanted.namespaces) and not (wanted.owners or wanted.frameworks)

    def theirs(one: KnownFinding) -> bool:
        return one.fingerprint in left or (by_place and _home(one.resource) in wanted.namespaces)

    return msgspec.structs.replace(
        delta,
        new=new,
        unchanged=len(left) - len(new),
        resolved=tuple(filter(theirs, delta.resolved)),
        unknown=tuple(one for one in delta.unknown if theirs(one.finding)),
    )

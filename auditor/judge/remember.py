"""Holds an audit against the past: since when each finding is known, why it is new, what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from auditor.judge.bundles import Rules, same_rule
from auditor.judge.delta import between, delta, known, lapsed
from auditor.judge.sight import Sight
from auditor.judge.waiver_findings import ATTESTATION_EXPIRED, WAIVER_EXPIRED
from auditor.past import Against, Cause, Delta, FirstSeen, KnownFinding
from auditor.ports import Past, Remembered
from auditor.record import Audit, Finding

_EXPIRY = (WAIVER_EXPIRED.id, ATTESTATION_EXPIRED.id)


def remember(audit: Audit, past: Past, *, baseline: Audit | None = None) -> Remembered:
    """Give every finding its `first_seen` and the audit its delta.

    The delta is against the baseline if there is one, else against the history; None if there is
    neither. `resolved` is about the history, with a baseline too. Without a store, the past is `Past()`.
    """
    earlier = iter(past.audits())
    latest = next(earlier, None)
    history = _history(audit, past, latest)
    difference = between(baseline, audit, "baseline") if baseline else history
    before = chain([latest] if latest else [], earlier, [baseline] if baseline else [])
    return Remembered(
        audit=msgspec.structs.replace(
            audit, findings=_dated(audit, past, baseline, before), delta=difference, trend=past.trend
        ),
        resolved=tuple(one.fingerprint for one in history.resolved) if history else (),
    )


def _history(audit: Audit, past: Past, latest: Audit | None) -> Delta | None:
    if latest is None and not past.standing:
        return None
    run = latest.audit if latest else None
    against = Against("history", run.id if run else "", run.started_at if run else "")
    return delta(audit, past.standing.values(), against, latest)


def _dated(audit: Audit, past: Past, baseline: Audit | None, before: Iterator[Audit]) -> tuple[Finding, ...]:
    """The findings with their `first_seen`; `before` is taken from only as far as it is needed."""
    accepted = known(baseline) if baseline else {}
    since = baseline.audit.started_at if baseline else ""
    now, dates = audit.audit.started_at, dict[str, FirstSeen]()
    new: dict[str, KnownFinding] = {}
    for name, finding in known(audit).items():
        old, based = past.standing.get(name), accepted.get(name)
        if lapsed(old or based, finding):
            dates[name] = FirstSeen(now, "waiver_expired")
        elif old and old.first_seen:
            dates[name] = old.first_seen
        elif based:
            dates[name] = FirstSeen(since, "baseline")
        else:
            new[name] = finding
    for name, cause in _causes(audit, new, before):
        dates[name] = FirstSeen(now, cause)
    return tuple(msgspec.structs.replace(one, first_seen=dates[one.fingerprint]) for one in audit.findings)


def _causes(
    audit: Audit, new: dict[str, KnownFinding], before: Iterable[Audit]
) -> Iterator[tuple[str, Cause]]:
    """Say why findings are new: the latest audit that looked for one of them, and did not find it, tells.

    Audits that could not look are passed over: what came while nobody could see it is still news. No
    news is a pod whose owner was known until it could not be read.
    """
    sight = Sight(audit)
    waiting = {name: finding for name, finding in new.items() if not sight.mistaken(finding.resource)}
    yield from ((name, "first_looked_at") for name in new.keys() - waiting.keys())
    if not waiting:
        return
    unheard, any_before = set(waiting), False
    for one in before:
        any_before, then = True, Sight(one)
        for name, finding in list(waiting.items()):
            if then.rules.known(finding):
                unheard.discard(name)
            learnt = then.rules.selected(finding) and not then.rules.judges(finding)
            if learnt or not then.missed(finding):
                del waiting[name]
                yield name, "policy_changed" if learnt else _changed(sight.rules, then.rules, finding)
        if not waiting:
            return
    for name in waiting:
        yield name, "policy_changed" if any_before and name in unheard else "first_looked_at"


def _changed(now: Rules, then: Rules, finding: KnownFinding) -> Cause:
    """What changed since an audit that did not find it; the cluster, where the record does not tell."""
    if finding.policy in _EXPIRY:
        return "waiver_expired"
    rule, old = now.rule(finding), then.rule(finding)
    return "policy_changed" if rule and old and not same_rule(rule, old) else "cluster_changed"

"""What an audit must not do whatever happens to it: claim something of what it did not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.document.relations.table import relation_kinds
from auditor.errors import AuditorError
from auditor.judge.outcome import outcome
from auditor.judge.selection import Selection
from auditor.model import Answer, Failure, Question, ResourceRef, Snapshot, Verdict
from auditor.ports import Engine
from auditor.record import Audit, Finding, GapEntry
from auditor.rules import Policy, Severity

PASS = Verdict()
REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


class Pair(NamedTuple):
    """A policy and what it judged."""

    policy: str
    ref: ResourceRef
    variant: bool
    pod_names: tuple[str, ...]


class Listening:
    """An `Engine` that remembers the verdicts of another one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.verdicts: dict[Pair, Verdict | Failure] = {}

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        for answer in self._engine.evaluate(questions):
            one = answer.document
            for policy, verdict in answer.verdicts.items():
                self.verdicts[Pair(policy, one.ref, one.variant, one.pod_names)] = verdict
            yield answer


class Ran(NamedTuple):
    """What became of one audit."""

    selection: Selection
    verdicts: Mapping[Pair, Verdict | Failure]
    snapshot: Snapshot | None = None
    record: Audit | None = None
    error: AuditorError | None = None

    @property
    def ending(self) -> str:
        """`SourceError`, `gaps` or `whole`."""
        if self.record is None:
            return type(self.error).__name__
        return "gaps" if self.record.gaps else "whole"


def breaches(ran: Ran, still: Ran, secrets: Sequence[str]) -> list[str]:
    """Say in which ways an audit is wrong, compared with the undisturbed one of the same state."""
    if ran.record is None:
        return [*_message(str(ran.error), secrets), *_message(getattr(ran.error, "hint", ""), secrets)]
    assert still.record
    found = [breach for gap in ran.record.gaps for breach in _gap(gap, secrets)]
    found += ["the record quotes a token"] * any(one in _text(ran.record) for one in secrets)
    if ran.record.gaps:
        return [
            *found,
            *_ending(ran),
            *_controls(ran, still.record),
            *_lists(ran, still),
            *_passes(ran, still),
            *_lost(ran, still.record),
            *_seeing(ran, still),
        ]
    if plain(ran.record, anonymous=True) != plain(still.record, anonymous=True):
        found.append("there is no gap, and the record differs from the undisturbed one")
    elif plain(ran.record) != plain(still.record) and "user" in ran.record.audit.source:
        found.append("there is no gap, and it was read as somebody else")
    return found


def plain(record: Audit, *, anonymous: bool = False) -> bytes:
    """Return the record as JSON, without id, times, clocks, and the port of the server that was asked.

    Also without who asked, if `anonymous`: a server need not tell.
    """
    own = {"read_at", "server", "clock_skew", *(("user", "groups") if anonymous else ())}
    source = {name: value for name, value in record.audit.source.items() if name not in own}
    run = msgspec.structs.replace(record.audit, id="", started_at="", finished_at="", source=source)
    return msgspec.json.encode(msgspec.structs.replace(record, audit=run))


def blind(policy: Policy, gaps: Iterable[GapEntry]) -> bool:
    """Tell whether a policy looks, by its METADATA, at something that was not read."""
    wished = {kind for want in policy.wants for kind in relation_kinds(want)}
    return any(gap.kind is None or gap.kind in needed(policy) | wished for gap in gaps)


def out_of_reach(policy: Policy, beyond: set[str]) -> bool:
    """Tell whether a policy judges nothing, since kinds are beyond the audit."""
    related = {kind for name in (*policy.needs, *policy.wants) for kind in relation_kinds(name)}
    return bool(related & beyond) or set(policy.kinds) <= beyond


def unexcused(policy: Policy, gaps: Iterable[GapEntry]) -> bool:
    """Tell whether something was not read that, by its METADATA, only excuses: it then finds more."""
    kinds = {kind for name in policy.excuses for kind in relation_kinds(name)}
    return any(gap.kind in kinds for gap in gaps)


def needed(policy: Policy) -> set[str]:
    """Return the kinds without which a policy cannot judge all that it judges.

    A workload is judged with its pods, which are found through whatever owns them. What others found is
    found in workloads.
    """
    kinds = {*policy.kinds, *(kind for need in policy.needs for kind in relation_kinds(need))}
    if "results" in policy.needs:
        kinds |= set(WORKLOADS)
    return kinds | set(WORKLOADS) if kinds & set(WORKLOADS) else kinds


def _text(record: Audit) -> str:
    return msgspec.json.encode(record).decode()


def _gap(gap: GapEntry, secrets: Sequence[str]) -> Iterator[str]:
    if not (gap.kind and gap.reason and gap.effect):
        yield f"a gap without kind, reason or effect: {gap}"
    yield from _message(gap.reason, secrets)
    yield from _message(gap.effect, secrets)


def _message(text: str, secrets: Sequence[str]) -> Iterator[str]:
    if not text.isprintable():
        yield f"more than a line: {text!r}"
    if len(text) > 1000:
        yield f"a message of {len(text)} characters: {text[:100]!r}"
    if any(one in text for one in secrets):
        yield f"a message quotes a token: {text!r}"


def _ending(ran: Ran) -> Iterator[str]:
    """An audit with a gap is not a clean one, unless what was not read only excuses.

    It may also be read for policies alone that are out of reach: what a RoleBinding gives is not judged
    without ClusterRoles, as in an audit of namespaces.
    """
    record = ran.record
    assert record
    beyond = {gap.kind for gap in record.out_of_reach if gap.kind}
    unasked = {gap.policy for gap in record.out_of_reach}
    policies = [
        policy
        for policy in ran.selection.policies.values()
        if policy.id not in unasked and not out_of_reach(policy, beyond)
    ]
    if not any(blind(policy, record.gaps) for policy in policies):
        return
    if record.summary.coverage >= 1:
        yield f"coverage is {record.summary.coverage} with {_names(record.gaps)} unread"
    if (end := outcome(record, fail_on=Severity.HIGH)).code not in (1, 3):
        yield f"exit {end.code}: {end.reason}"


def _names(gaps: Iterable[GapEntry]) -> list[str]:
    return sorted({f"{gap.namespace or ''}/{gap.kind}" for gap in gaps})


def _controls(ran: Ran, still: Audit) -> Iterator[str]:
    """No control passes that does not pass in the undisturbed audit, save where all of it was excused."""
    record = ran.record
    assert record
    policies = ran.selection.policies
    true = {(one.framework, one.control): one.status for one in still.controls}
    for one in record.controls:
        if one.status in ("pass", "pass_with_waivers") and true[one.framework, one.control] != one.status:
            was = true[one.framework, one.control]
            named = [policies[name] for name in one.policies if name in policies]
            if was == "not_applicable" and any(unexcused(policy, record.gaps) for policy in named):
                continue
            yield f"control {one.framework}/{one.control} is {one.status}, and was {was}"


def _lists(ran: Ran, still: Ran) -> Iterator[str]:
    """A kind was read completely, or there is a gap and nothing of it."""
    assert ran.snapshot
    assert still.snapshot
    found, true = _contents(ran.snapshot), _contents(still.snapshot)
    missing = {(gap.kind, gap.namespace) for gap in ran.snapshot.gaps}
    for kind, namespace in found.keys() | true.keys():
        place = (kind, namespace)
        gap = place in missing or (kind, None) in missing
        if found.get(place) != true.get(place) and not (gap and place not in found):
            yield f"of {namespace}/{kind} something else was read: gap {gap}"


def _contents(snapshot: Snapshot) -> dict[tuple[str, str], Counter[object]]:
    """What was read of each kind and namespace.

    What is kept of those that may stand between pods and owners depends on both: that is left out.
    """
    found: dict[tuple[str, str], Counter[object]] = {}
    for one in snapshot.resources:
        where = one.ref.namespace or (one.ref.name if one.ref.kind == "Namespace" else "")
        content = b"" if one.ref.kind in ("ReplicaSet", "Job") else one.content.json
        found.setdefault((one.ref.kind, where), Counter())[one.ref, one.uid, one.owner, content] += 1
    return found


def _passes(ran: Ran, still: Ran) -> Iterator[str]:
    """What passes was read, and would pass if all had been read."""
    assert ran.record
    policies = ran.selection.policies
    missing = {(gap.kind, gap.namespace) for gap in ran.record.gaps}
    unjudged = {(one.policy, one.kind or str(one.resource)) for one in ran.record.not_evaluated}
    for pair, verdict in ran.verdicts.items():
        if verdict != PASS or {(pair.policy, pair.ref.kind), (pair.policy, str(pair.ref))} & unjudged:
            continue
        true = still.verdicts.get(pair, PASS)
        excused = (
            isinstance(true, Verdict) and true.skip and unexcused(policies[pair.policy], ran.record.gaps)
        )
        if true != PASS and not excused:
            yield f"{pair} passes, and should be {true}"
        for kind in {pair.ref.kind, "Pod"} if pair.pod_names else {pair.ref.kind}:
            if {(kind, None), (kind, pair.ref.namespace)} & missing and not _confirmed(ran, kind):
                yield f"{pair} passes, and its kind was not read"


def _confirmed(ran: Ran, kind: str) -> bool:
    """Whether the gap of a kind is about single objects that others name: the list was read."""
    assert ran.record
    return all("is not in the list" in gap.reason for gap in ran.record.gaps if gap.kind == kind)


def _lost(ran: Ran, still: Audit) -> Iterator[str]:
    """A finding that is missing is of a policy that misses something, and that is told."""
    assert ran.record
    here = {one.fingerprint for one in ran.record.findings}
    told = {one.policy for one in ran.record.not_evaluated}
    for one in still.findings:
        if one.fingerprint in here:
            continue
        policy = ran.selection.policies[one.policy]
        open_ = blind(policy, ran.record.gaps) or unexcused(policy, ran.record.gaps)
        if one.policy not in told or not open_:
            yield f"a finding is missing: {one.policy} of {one.resource}"
    for control in ran.record.controls:
        named = [ran.selection.policies[name] for name in control.policies if name in ran.selection.policies]
        if any(blind(one, ran.record.gaps) for one in named) and control.status not in ("fail", "incomplete"):
            yield f"a policy of {control.framework}/{control.control} is blind, and it is {control.status}"


def _seeing(ran: Ran, still: Ran) -> Iterator[str]:
    """A policy that misses nothing has exactly the undisturbed results."""
    assert ran.record
    assert still.record
    for policy in ran.selection.policies.values():
        if blind(policy, ran.record.gaps) or unexcused(policy, ran.record.gaps):
            continue
        if _of(policy, ran.verdicts) != _of(policy, still.verdicts):
            yield f"{policy.id} misses nothing, and has other verdicts"
        if _findings(policy, ran.record) != _findings(policy, still.record):
            yield f"{policy.id} misses nothing, and has other findings"
        if policy.id in _untold(ran.record) - _untold(still.record):
            yield f"{policy.id} misses nothing, and is not evaluated"


def _untold(record: Audit) -> set[str]:
    return {one.policy for one in record.not_evaluated}


def _of(policy: Policy, verdicts: Mapping[Pair, Verdict | Failure]) -> dict[Pair, Verdict | Failure]:
    return {pair: verdict for pair, verdict in verdicts.items() if pair.policy == policy.id}


def _findings(policy: Policy, record: Audit) -> list[Finding]:
    return [one for one in record.findings if one.policy == policy.id]

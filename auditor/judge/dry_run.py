"""The record of a dry run, schema `auditor/dry-run/v1`: what an audit would see and not see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from auditor import __version__
from auditor.document.kinds import KINDS
from auditor.judge.outcome import Outcome
from auditor.judge.rights import Right, State, excusing, unjudged, wanting
from auditor.model import SourceFacts
from auditor.record import BundleEntry
from auditor.rules import Policy


class RightEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One right: a kind, a place, a verb."""

    kind: str
    group: str
    version: str
    resource: str
    verb: str
    allowed: bool | None
    """Null where nobody said: see `state`."""
    state: State
    reason: str
    """The server's own words, empty if it gives none."""
    policies: tuple[str, ...]
    """Ids of the policies that cannot judge all they should without it."""
    wanted_by: tuple[str, ...] = ()
    """Ids of those that find faults without it, but pass nothing."""
    excuses: tuple[str, ...] = ()
    """Ids of those that judge without it, but may find what it would excuse."""
    namespace: str | None = None
    """None: the whole cluster."""
    confirms: bool = False
    """It only confirms that a single object is absent: without it an audit is not blind."""


class BlindEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One kind that an audit would not see in one place: it would be a gap."""

    kind: str
    reason: str
    effect: str
    """In plain words."""
    not_evaluated: Mapping[str, tuple[str, ...]]
    """By policy id, the kinds that it would not be evaluated on."""
    judged_without: tuple[str, ...] = ()
    """Ids of the policies that would find faults without it, but pass nothing."""
    excuses: tuple[str, ...] = ()
    """Ids of the policies that would judge without it, but may find what it would excuse."""
    namespace: str | None = None


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule that would give missing rights, as a ClusterRole has it, or a Role in `namespace`."""

    apiGroups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    namespace: str | None = None


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record."""

    schema: Literal["auditor/dry-run/v1"] = "auditor/dry-run/v1"
    auditor_version: str = __version__
    source: Mapping[str, Any]
    """As in the record of an audit."""
    bundle: BundleEntry
    requests: int
    """That an audit sends at least to read objects: one page for each kind and place."""
    kinds: tuple[RightEntry, ...]
    blind: tuple[BlindEntry, ...] = ()
    missing_rules: tuple[Rule, ...] = ()


def dry_run(
    facts: SourceFacts, rights: Collection[Right], policies: Collection[Policy], digest: str
) -> DryRun:
    """Say what these rights mean for an audit by these policies; `digest` is that of their bundle."""
    ordered = sorted(rights, key=lambda one: (one.confirms, one.state.rank, one.kind, one.namespace))
    reads = [right for right in ordered if not right.confirms]
    sent = [one for one in reads if one.state not in (State.NOT_OFFERED, State.OUT_OF_REACH)]
    return DryRun(
        source=msgspec.to_builtins(facts),
        bundle=BundleEntry(digest, tuple(sorted(policy.id for policy in policies))),
        requests=len(sent),
        kinds=tuple(_entry(right, policies) for right in ordered),
        blind=tuple(_blind(right, policies) for right in reads if right.state.blinds),
        missing_rules=tuple(_rules(ordered)),
    )


def ending(record: DryRun, policies: Iterable[Policy]) -> Outcome:
    """Decide how a dry run ends: 0 if an audit would see all that is within reach, else 3."""
    judged = {kind for policy in policies for kind in policy.kinds}
    kinds = {one.kind for one in record.kinds}
    if record.blind:
        missing = {one.kind for one in record.blind}
        return Outcome(3, f"blind to {len(missing)} of {_kinds(len(kinds))}")
    if not judged:
        return Outcome(3, "no policy is selected")
    seen = {one.kind for one in record.kinds if one.allowed and not one.confirms}
    if not seen & judged:
        return Outcome(3, "nothing that the policies judge is within reach")
    if seen == kinds:
        return Outcome(0, f"{_kinds(len(kinds))} can be read")
    return Outcome(0, f"{len(seen)} of {_kinds(len(kinds))} can be read, no other is within reach")


def _kinds(number: int) -> str:
    return "1 kind" if number == 1 else f"{number} kinds"


def _entry(right: Right, policies: Collection[Policy]) -> RightEntry:
    kind = KINDS[right.kind]
    answers = {State.ALLOWED: True, State.DENIED: False}
    return RightEntry(
        kind=right.kind,
        group=kind.group,
        version=kind.api_version.rpartition("/")[2],
        resource=kind.plural,
        verb=right.verb,
        allowed=answers.get(right.state),
        state=right.state,
        reason=right.reason,
        policies=tuple(unjudged(policies, right.kind)),
        wanted_by=wanting(policies, right.kind),
        excuses=excusing(policies, right.kind),
        namespace=right.namespace or None,
        confirms=right.confirms,
    )


def _blind(right: Right, policies: Collection[Policy]) -> BlindEntry:
    without = unjudged(policies, right.kind)
    return BlindEntry(
        kind=right.kind,
        reason=right.reason or f"nothing grants {right.verb} on it",
        effect="; ".join(_effects(right.kind, policies)),
        not_evaluated=without,
        judged_without=wanting(policies, right.kind),
        excuses=excusing(policies, right.kind),
        namespace=right.namespace or None,
    )


def _effects(kind: str, policies: Collection[Policy]) -> Iterator[str]:
    """What is not seen, each a clause; the policies are told beside it."""
    wanted, excused = wanting(policies, kind), excusing(policies, kind)
    lost = {one for kinds in unjudged(policies, kind).values() for one in kinds}
    if kind in lost:
        yield f"no {kind} is judged"
    if others := sorted(lost - {kind}):
        yield f"without it, no verdict on {', '.join(others)}"
    if kind == "Pod" and lost:
        yield "what differs in live pods from the template of their owner is not seen"
    if len(wanted) == 1:
        yield "1 policy finds faults without it, but passes nothing"
    elif wanted:
        yield f"{len(wanted)} policies find faults without it, but pass nothing"
    if len(excused) == 1:
        yield "1 policy may find what it would excuse"
    elif excused:
        yield f"{len(excused)} policies may find what it would excuse"


def _rules(rights: Iterable[Right]) -> Iterator[Rule]:
    """The missing rights of each place, as few rules as there are groups and sets of verbs."""
    missing: dict[tuple[str, str], set[str]] = {}
    for right in rights:
        if right.state in (State.DENIED, State.UNKNOWN):
            missing.setdefault((right.namespace, right.kind), set()).add(right.verb)
    resources: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (namespace, name), verbs in missing.items():
        kind = KINDS[name]
        resources.setdefault((namespace, kind.group, tuple(sorted(verbs))), []).append(kind.plural)
    for (namespace, group, together), plurals in sorted(resources.items()):
        yield Rule((group,), tuple(sorted(plurals)), together, namespace or None)

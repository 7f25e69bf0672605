"""Puts the record of an audit together from its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from auditor import __version__
from auditor.document.kinds import SYSTEM_NAMESPACES
from auditor.document.relations.usage import USAGE
from auditor.document.snapshot_digest import snapshot_digest
from auditor.judge.controls import control_names, controls, scores
from auditor.judge.coverage import blind, coverage, unreadable
from auditor.judge.families import families
from auditor.judge.findings import entry, findings, order, uncovered
from auditor.judge.in_force import framework_texts, policy_texts
from auditor.judge.matching import Looked, by_policy, cluster_names, hiding
from auditor.judge.namespaces import excluded, undecided
from auditor.judge.namespaces import out_of_reach as unread
from auditor.judge.population import inventory, population
from auditor.judge.requests import malformed
from auditor.judge.results import Results
from auditor.judge.selection import Selection
from auditor.judge.waivers import apply
from auditor.model import Document, Gap, Obstacle, Snapshot, Status
from auditor.objects import Place
from auditor.record import (
    Audit,
    BundleEntry,
    Counts,
    Finding,
    GapEntry,
    NotEvaluated,
    Remark,
    RuleEntry,
    Run,
    SkippedEntry,
    Summary,
)
from auditor.rules import Policy
from auditor.waiver import Acceptances, Terms

NO_ACCEPTANCES = Acceptances()
USUAL_TERMS = Terms()

_UNASKED = "judges what running programs say of themselves, and no address of one is given"

_UNLOGGED = "judges what an audit log tells, and none is given: --audit-log"

MANY_VARIANTS = 50
"""What one owner may have of them before the record says so."""


class Stamp(msgspec.Struct, frozen=True):
    """What makes two audits of the same thing differ."""

    digest: str
    """Of the bundle."""
    rules: tuple[RuleEntry, ...]
    """The policies of the bundle as they are in force."""
    run_id: str
    started: str
    """RFC 3339, UTC."""
    finished: str
    config: str = ""
    """Digest of auditor.yaml."""


def record(
    snapshot: Snapshot,
    documents: Sequence[Document],
    results: Sequence[Results],
    selection: Selection,
    stamp: Stamp,
    *,
    acceptances: Acceptances = NO_ACCEPTANCES,
    terms: Terms = USUAL_TERMS,
) -> Audit:
    """Return the record of an audit of the snapshot, in which these documents had these results.

    What `acceptances` accept is decided for the day on which it began, in UTC.
    """
    policies = selection.policies.values()
    grouped = families(results)
    unmet = _none_found(results, snapshot, selection)
    unjudged = [*_not_evaluated(results, snapshot.gaps, selection), *unmet]
    gaps = tuple(_gaps(snapshot.gaps, out_of_reach=False))
    out = excluded(snapshot, selection.namespaces, policies)
    out_of_reach = (*_gaps(snapshot.gaps, out_of_reach=True), *_declined(selection), *unread(out))
    looked = _looked(snapshot, selection, unjudged, hiding(gaps, out_of_reach))
    applied = apply(
        findings(grouped, control_names(selection.frameworks)),
        acceptances,
        terms,
        date.fromisoformat(stamp.started[:10]),
        looked,
    )
    found = sorted((*uncovered(applied.findings), *applied.told), key=order)
    incomplete = _incomplete(selection, unjudged, snapshot.gaps) | undecided(out, policies)
    entries = controls(selection.frameworks, selection.policies, results, found, incomplete, applied.attested)
    return Audit(
        audit=_run(snapshot, selection, stamp, acceptances),
        summary=Summary(
            resources=len(snapshot.resources),
            documents=len(documents),
            evaluations=sum(one.evaluated for one in results),
            findings=_counts(found),
            coverage=coverage(_without(policies, unmet), results, snapshot.gaps, len(documents)),
            scores=scores(entries),
        ),
        findings=tuple(found),
        not_evaluated=tuple(unjudged),
        out_of_reach=out_of_reach,
        gaps=gaps,
        skipped_files=tuple(SkippedEntry(one.path, one.reason, one.line) for one in snapshot.skipped),
        controls=tuple(entries),
        waivers=applied.entries,
        remarks=tuple(_remarks(documents)),
        policies=policy_texts(policies),
        frameworks=framework_texts(selection.frameworks),
        population=population(snapshot, documents, results, selection),
        inventory=inventory(documents),
    )


def _run(snapshot: Snapshot, selection: Selection, stamp: Stamp, acceptances: Acceptances) -> Run:
    return Run(
        id=stamp.run_id,
        started_at=stamp.started,
        finished_at=stamp.finished,
        auditor_version=__version__,
        source=msgspec.to_builtins(snapshot.facts),
        bundle=BundleEntry(stamp.digest, tuple(sorted(selection.policies)), stamp.rules),
        snapshot=snapshot_digest(snapshot),
        config=stamp.config,
        waivers=acceptances.digest,
    )


def _incomplete(selection: Selection, unjudged: Iterable[NotEvaluated], gaps: Sequence[Gap]) -> set[str]:
    """The policies that did not say of everything that decides controls what they were asked."""
    known = {
        policy for framework in selection.frameworks for one in framework.controls for policy in one.policies
    }
    everywhere = {policy.id for policy in selection.policies.values() if policy.decides_everywhere}
    own = {
        one.policy
        for one in unjudged
        if one.policy in everywhere or not (one.resource and one.resource.namespace in SYSTEM_NAMESPACES)
    }
    blinded = {policy.id for policy in selection.policies.values() if blind(policy, gaps)}
    return own | blinded | (known - set(selection.policies))


def _looked(
    snapshot: Snapshot, selection: Selection, unjudged: Sequence[NotEvaluated], gaps: Sequence[GapEntry]
) -> Looked:
    def ids(policies: Iterable[Policy]) -> dict[str, tuple[str, ...]]:
        return {policy.id: (policy.id, *policy.retired_ids) for policy in policies}

    return Looked(
        policies=ids(selection.policies.values()),
        others=ids(
            (*selection.declined, *selection.confidential, *selection.unreachable, *selection.unobserved)
        ),
        controls={
            f"{framework.id}/{control.id}": control.policies
            for framework in selection.frameworks
            for control in framework.controls
        },
        clusters=cluster_names(msgspec.to_builtins(snapshot.facts)),
        namespaces=snapshot.facts.namespaces,
        not_evaluated=by_policy(unjudged),
        gaps=gaps,
    )


def _not_evaluated(
    results: Iterable[Results], gaps: Sequence[Gap], selection: Selection
) -> list[NotEvaluated]:
    """Every policy without a verdict: per object, and per kind that could not be read."""
    single = [
        NotEvaluated(
            policy=result.policy.id,
            reason="; ".join(result.reasons),
            resource=entry(result.document),
            obstacle=result.obstacle,
        )
        for one in results
        for result in one.told
        if result.status is Status.NOT_EVALUATED
    ]
    whole = [
        NotEvaluated(policy=policy.id, reason=reason, kind=kind, obstacle=Obstacle.UNREADABLE)
        for policy in selection.policies.values()
        for kind in policy.kinds
        if (reason := unreadable(policy, kind, gaps))
    ]
    return sorted(single, key=lambda one: (one.policy, str(one.resource), one.reason)) + whole


def _none_found(results: Iterable[Results], snapshot: Snapshot, selection: Selection) -> list[NotEvaluated]:
    """The policies that applied to nothing in a whole cluster, where that is no verdict.

    A managed control plane shows no pod of its API server: nobody expects to judge it, so it stays out of
    the coverage, but it is told, and a control that asks for it stays open.
    """
    if snapshot.facts.kind != "cluster" or snapshot.facts.namespaces:
        return []
    applied: set[str] = set()
    for one in results:
        applied.update(one.passed, (result.policy.id for result in one.told))
    return [
        NotEvaluated(policy=policy.id, reason=policy.none_found, obstacle=Obstacle.UNKNOWN)
        for policy in selection.policies.values()
        if policy.none_found
        and policy.id not in applied
        and not any(unreadable(policy, kind, snapshot.gaps) for kind in policy.kinds)
    ]


def _without(policies: Iterable[Policy], entries: Iterable[NotEvaluated]) -> list[Policy]:
    names = {one.policy for one in entries}
    return [policy for policy in policies if policy.id not in names]


def _declined(selection: Selection) -> Iterator[GapEntry]:
    for policy in selection.declined:
        yield _undone(policy, "is switched off")
    for policy in selection.confidential:
        yield _undone(policy, "reads the metadata of Secrets, which --with-secrets allows")
    for policy in selection.unreachable:
        what = "live status" if "status" in policy.reads else "how old something is"
        yield _undone(policy, f"judges {what}, which manifests do not have")
    for policy in selection.unobserved:
        yield _undone(policy, _UNLOGGED if USAGE.name in policy.needs else _UNASKED)


def _undone(policy: Policy, why: str) -> GapEntry:
    reason, effect = f"policy {policy.id} {why}", f"not judged: {policy.title}"
    return GapEntry(kind=None, reason=reason, effect=effect, policy=policy.id)


def _gaps(gaps: Iterable[Gap], *, out_of_reach: bool) -> Iterator[GapEntry]:
    for gap in gaps:
        if gap.out_of_reach is out_of_reach:
            source = Place(gap.origin.path, gap.origin.document, gap.origin.line) if gap.origin else None
            yield GapEntry(
                kind=gap.kind, reason=gap.reason, effect=gap.effect, namespace=gap.namespace, source=source
            )


def _remarks(documents: Sequence[Document]) -> Iterator[Remark]:
    """Owners with very many variants, whose pods something rewrites; requests that are none."""
    told = set()
    for document in documents:
        owner = document.managed_by if document.ref.kind == "Pod" else None
        if document.variants > MANY_VARIANTS and (owner or document.ref) not in told:
            told.add(owner or document.ref)
            total = document.pods.total if document.pods else 0
            text = f"its {total} live pods come in {document.variants} variants; all of them were judged"
            yield Remark(resource=entry(document), text=text)
    for document, text in malformed(documents):
        yield Remark(resource=entry(document), text=text)


def _counts(found: Iterable[Finding]) -> Counts:
    figures = dict.fromkeys(Counts.__struct_fields__, 0)
    for finding in found:
        if finding.status == "waived":
            figures["waived"] += 1
        elif not finding.superseded_by and not finding.system:
            figures[finding.severity.value] += 1
    return Counts(**figures)

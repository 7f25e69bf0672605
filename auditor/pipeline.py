"""The steps of an audit, in their order: collect, document, evaluate, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import msgspec

from auditor import __version__
from auditor.document.assemble import assemble, wanted_kinds
from auditor.document.kinds import SYSTEM_NAMESPACES
from auditor.judge.controls import control_names, controls, scores
from auditor.judge.coverage import blind, coverage, unreadable
from auditor.judge.families import families
from auditor.judge.findings import entry, findings
from auditor.judge.results import hollow, missing_need
from auditor.judge.results import results as judged
from auditor.judge.selection import Selection, within_reach
from auditor.model import (
    Answer,
    Document,
    Failure,
    Gap,
    Origin,
    Question,
    Resource,
    ResourceRef,
    Result,
    SkippedFile,
    Snapshot,
    Status,
)
from auditor.ports import Engine, Source
from auditor.record import (
    Audit,
    BundleEntry,
    Counts,
    Finding,
    GapEntry,
    NotEvaluated,
    Place,
    Run,
    SkippedEntry,
    Summary,
)


def run(
    source: Source,
    engine: Engine,
    selection: Selection,
    *,
    digest: str,
    run_id: str,
    clock: Callable[[], datetime],
) -> Audit:
    """Audit one source and return the record.

    `digest` is that of the bundle that the engine runs, `clock` returns the present time with its
    zone. Raises `SourceError` if nothing can be read and `EngineError` if the engine is gone.
    """
    started = clock()
    snapshot, documents, results = judge(source, engine, selection)
    selection = within_reach(selection, snapshot.facts)
    return _record(snapshot, documents, results, selection, _Stamp(digest, run_id, started, clock()))


def judge(
    source: Source, engine: Engine, selection: Selection
) -> tuple[Snapshot, list[Document], list[Result]]:
    """Collect, assemble and evaluate; what it means is not yet said. Raises as `run` does."""
    snapshot = collect(source, selection)
    selection = within_reach(selection, snapshot.facts)
    documents = list(_documents(snapshot, selection))
    return snapshot, documents, list(_evaluate(documents, engine, selection))


def collect(source: Source, selection: Selection) -> Snapshot:
    """Read the kinds that the selected policies judge or need."""
    policies = selection.policies.values()
    kinds = wanted_kinds(
        chain.from_iterable(policy.kinds for policy in policies),
        chain.from_iterable((*policy.needs, *policy.wants) for policy in policies),
    )
    facts = source.facts()
    read = list(source.read(kinds))
    # sorted: the record must not depend on the order in which an API server or a folder lists
    return Snapshot(
        facts=facts,
        resources=tuple(sorted((item for item in read if isinstance(item, Resource)), key=_resource_order)),
        gaps=tuple(sorted((item for item in read if isinstance(item, Gap)), key=_gap_order)),
        skipped=tuple(
            sorted(
                (item for item in read if isinstance(item, SkippedFile)),
                key=lambda one: (one.path, one.line or 0, one.reason),
            )
        ),
    )


def _resource_order(resource: Resource) -> tuple[ResourceRef, str, int, int]:
    return (resource.ref, *_place_order(resource.origin))


def _gap_order(gap: Gap) -> tuple[str, str, str, int, int, str]:
    return (gap.kind or "", gap.namespace or "", *_place_order(gap.origin), gap.reason)


def _place_order(origin: Origin | None) -> tuple[str, int, int]:
    return (origin.path, origin.document, origin.line) if origin else ("", 0, 0)


class _Stamp(msgspec.Struct, frozen=True):
    """What makes two audits of the same thing differ."""

    digest: str
    run_id: str
    started: datetime
    finished: datetime


def _documents(snapshot: Snapshot, selection: Selection) -> Iterator[Document]:
    policies = selection.policies.values()
    return assemble(
        snapshot,
        kinds=frozenset(chain.from_iterable(policy.kinds for policy in policies)),
        relations=frozenset(chain.from_iterable((*policy.needs, *policy.wants) for policy in policies)),
        parts=frozenset(chain.from_iterable(policy.reads for policy in policies)),
    )


def _evaluate(documents: Sequence[Document], engine: Engine, selection: Selection) -> Iterator[Result]:
    """Ask the engine what it can answer; what it cannot is not_evaluated without asking.

    An engine that forgets a question must not make the audit look complete.
    """
    questions: dict[int, Question] = {}
    for document in documents:
        able = []
        for policy in selection.policies.values():
            if document.ref.kind not in policy.kinds:
                continue
            if reason := missing_need(policy, document) or hollow(document):
                yield Result(policy, document, Status.NOT_EVALUATED, reasons=(reason,))
            else:
                able.append(policy.id)
        if able:
            questions[id(document)] = Question(document, tuple(able))
    forgotten = dict(questions)
    for answer in engine.evaluate(questions.values()):
        if question := forgotten.pop(id(answer.document), None):
            yield from judged(_complete(answer, question.policies), selection.policies)
    for question in forgotten.values():
        yield from judged(_complete(Answer(question.document, {}), question.policies), selection.policies)


def _complete(answer: Answer, asked: Iterable[str]) -> Answer:
    forgotten = Failure("the engine gave no verdict")
    return Answer(answer.document, {name: answer.verdicts.get(name, forgotten) for name in asked})


def _record(
    snapshot: Snapshot,
    documents: Sequence[Document],
    results: Sequence[Result],
    selection: Selection,
    stamp: _Stamp,
) -> Audit:
    policies = selection.policies.values()
    grouped = families(results)
    found = findings(grouped, control_names(selection.frameworks))
    unjudged = _not_evaluated(results, snapshot.gaps, selection)
    known = {
        policy for framework in selection.frameworks for one in framework.controls for policy in one.policies
    }
    own = {
        one.policy for one in unjudged if not (one.resource and one.resource.namespace in SYSTEM_NAMESPACES)
    }
    incomplete = own | (known - set(selection.policies))
    incomplete |= {policy.id for policy in policies if blind(policy, snapshot.gaps)}
    entries = controls(selection.frameworks, grouped, found, incomplete)
    return Audit(
        audit=Run(
            id=stamp.run_id,
            started_at=_time(stamp.started),
            finished_at=_time(stamp.finished),
            auditor_version=__version__,
            source=msgspec.to_builtins(snapshot.facts),
            bundle=BundleEntry(stamp.digest, tuple(sorted(selection.policies))),
        ),
        summary=Summary(
            resources=len(snapshot.resources),
            documents=len(documents),
            evaluations=sum(result.status is not Status.NOT_EVALUATED for result in results),
            findings=_counts(found),
            coverage=coverage(policies, results, snapshot.gaps),
            scores=scores(entries),
        ),
        findings=tuple(found),
        not_evaluated=tuple(unjudged),
        out_of_reach=tuple(_gaps(snapshot.gaps, out_of_reach=True)) + tuple(_declined(selection)),
        gaps=tuple(_gaps(snapshot.gaps, out_of_reach=False)),
        skipped_files=tuple(SkippedEntry(one.path, one.reason, one.line) for one in snapshot.skipped),
        controls=tuple(entries),
    )


def _not_evaluated(
    results: Iterable[Result], gaps: Sequence[Gap], selection: Selection
) -> list[NotEvaluated]:
    """Every policy without a verdict: per object, and per kind that could not be read."""
    single = [
        NotEvaluated(
            policy=result.policy.id, reason="; ".join(result.reasons), resource=entry(result.document)
        )
        for result in results
        if result.status is Status.NOT_EVALUATED
    ]
    whole = [
        NotEvaluated(policy=policy.id, reason=reason, kind=kind)
        for policy in selection.policies.values()
        for kind in policy.kinds
        if (reason := unreadable(policy, kind, gaps))
    ]
    return sorted(single, key=lambda one: (one.policy, str(one.resource), one.reason)) + whole


def _declined(selection: Selection) -> Iterator[GapEntry]:
    for policy in selection.declined:
        yield GapEntry(
            kind=None, reason=f"policy {policy.id} is switched off", effect=f"not judged: {policy.title}"
        )
    for policy in selection.unreachable:
        reason = f"policy {policy.id} judges live status, which manifests do not have"
        yield GapEntry(kind=None, reason=reason, effect=f"not judged: {policy.title}")


def _gaps(gaps: Iterable[Gap], *, out_of_reach: bool) -> Iterator[GapEntry]:
    for gap in gaps:
        if gap.out_of_reach is out_of_reach:
            source = Place(gap.origin.path, gap.origin.document, gap.origin.line) if gap.origin else None
            yield GapEntry(
                kind=gap.kind, reason=gap.reason, effect=gap.effect, namespace=gap.namespace, source=source
            )


def _counts(found: Iterable[Finding]) -> Counts:
    figures = dict.fromkeys(Counts.__struct_fields__, 0)
    for finding in found:
        if finding.status == "waived":
            figures["waived"] += 1
        elif not finding.superseded_by and not finding.system:
            figures[finding.severity.value] += 1
    return Counts(**figures)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

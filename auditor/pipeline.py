"""The steps of an audit, in their order: collect, document, evaluate, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain

import msgspec

from auditor.document.absent import absent
from auditor.document.assemble import Made, assemble
from auditor.document.relations.table import OBSERVED
from auditor.judge.able import Able
from auditor.judge.in_force import rule_entries
from auditor.judge.recording import NO_ACCEPTANCES, USUAL_TERMS, Stamp, record
from auditor.judge.results import Results, judged, results
from auditor.judge.rights import kinds_read
from auditor.judge.second_pass import Tally, passes
from auditor.judge.selection import Selection, within_reach
from auditor.model import (
    Answer,
    Document,
    Failure,
    Gap,
    Glimpse,
    Origin,
    Question,
    Resource,
    ResourceRef,
    Result,
    SkippedFile,
    Snapshot,
    SourceFacts,
)
from auditor.ports import Engine, Runtime, Source
from auditor.record import Audit
from auditor.rules import Bundle
from auditor.waiver import Acceptances, Terms


def run(
    source: Source,
    engine: Engine,
    selection: Selection,
    *,
    bundle: Bundle,
    run_id: str,
    clock: Callable[[], datetime],
    save: Callable[[Snapshot], None] | None = None,
    foresee: Callable[[Iterable[Question]], None] | None = None,
    acceptances: Acceptances = NO_ACCEPTANCES,
    terms: Terms = USUAL_TERMS,
    config: str = "",
    runtime: Runtime | None = None,
) -> Audit:
    """Audit one source and return the record.

    `bundle` is what the engine runs, `clock` returns the present time with its zone, `save` is given
    all that was read. `foresee` is given what the engine will likely be asked, while the rest is read.
    `acceptances` are waivers and attestations, which must keep to `terms`; `config` is the digest of
    auditor.yaml; `runtime` are the running programs that may be asked. Raises `SourceError` if nothing can
    be read and `EngineError` if the engine is gone.
    """
    started = _time(clock())
    made: Made = {}

    def ahead(partial: Snapshot) -> None:
        if foresee:
            within = within_reach(selection, partial.facts, partial.observations)
            foresee(_foreseen(partial, passes(within)[0], made))

    snapshot = collect(source, selection, now=started, ahead=ahead, runtime=runtime)
    if save:
        save(snapshot)
    selection = within_reach(selection, snapshot.facts, snapshot.observations)
    documents, found = judge(snapshot, engine, selection, made)
    stamp = Stamp(bundle.digest, rule_entries(bundle), run_id, started, _time(clock()), config)
    return record(snapshot, documents, found, selection, stamp, acceptances=acceptances, terms=terms)


def collect(
    source: Source,
    selection: Selection,
    *,
    now: str = "",
    ahead: Callable[[Snapshot], None] | None = None,
    runtime: Runtime | None = None,
) -> Snapshot:
    """Read the kinds that the selected policies judge or need; raises as `run` does.

    `now` is when the reading begins, in RFC 3339: a cluster changes, manifests do not. `ahead` is given
    what is known before all is read, if there is a glimpse of it. `runtime` is asked if a policy wants to
    know.
    """
    facts = source.facts()
    if facts.kind == "cluster" and not facts.read_at:
        facts = msgspec.structs.replace(facts, read_at=now)
    relations = _relations(selection)
    kinds, status = kinds_read(selection.judging.values()), _status(selection)
    observations = runtime.observe() if runtime and not relations.isdisjoint(OBSERVED) else ()
    read = []
    for one in source.read(kinds, status=status):
        if not isinstance(one, Glimpse):
            read.append(one)
        elif ahead:
            partial = _snapshot(facts, one.resources, one.gaps)
            ahead(msgspec.structs.replace(partial, observations=observations))
    resources = [item for item in read if isinstance(item, Resource)]
    facts = _identified(facts, resources)
    gaps = [item for item in read if isinstance(item, Gap)]
    # lists are taken at different moments: what seems not to be there is asked for by its name
    for item in source.confirm(absent(resources, gaps, relations)):
        if isinstance(item, Gap):
            gaps.append(item)
        else:
            resources.append(item)
    skipped = [item for item in read if isinstance(item, SkippedFile)]
    return msgspec.structs.replace(
        _snapshot(facts, resources, gaps),
        skipped=tuple(sorted(skipped, key=lambda one: (one.path, one.line or 0, one.reason))),
        kinds=kinds,
        status=status,
        observations=observations,
    )


def _identified(facts: SourceFacts, resources: Iterable[Resource]) -> SourceFacts:
    """Say which cluster it is, if the namespace that is as old as the cluster was read.

    https://github.com/kubernetes/kubernetes/issues/44954
    """
    if facts.kind != "cluster" or facts.cluster_id:
        return facts
    uids = (one.uid for one in resources if (one.ref.kind, one.ref.name) == ("Namespace", "kube-system"))
    return msgspec.structs.replace(facts, cluster_id=next(uids, ""))


def _snapshot(facts: SourceFacts, resources: Iterable[Resource], gaps: Iterable[Gap]) -> Snapshot:
    # sorted: the record must not depend on the order in which an API server or a folder lists
    return Snapshot(facts, tuple(sorted(resources, key=_resource_order)), tuple(sorted(gaps, key=_gap_order)))


def judge(
    snapshot: Snapshot, engine: Engine, selection: Selection, made: Made | None = None
) -> tuple[list[Document], list[Results]]:
    """Assemble and evaluate; what it means is not yet said. Raises `EngineError` as `run` does.

    A document is assembled when the engine asks for it, and its parts are gone when it is judged.
    The documents that are returned are without them. `made` has parts that were assembled before.
    Of what is judged only to be counted nothing is returned.
    """
    first, second = passes(selection)
    documents: list[Document] = []
    asked = _kinds(selection)

    def noted(assembled: Iterable[Document]) -> Iterator[Document]:
        for document in assembled:
            if document.ref.kind in asked:
                documents.append(judged(document))
            yield document

    assembled = _assembled(snapshot, first, _kinds(first), made)
    found = list(_evaluate(noted(assembled), engine, first))
    if second.policies:
        tally = Tally(first, found, snapshot.gaps)
        again = map(tally.with_results, _assembled(snapshot, second, _kinds(second)))
        known = {one.ref for one in documents}
        seen = (one if one.ref in known else next(noted([one])) for one in again)
        found += _evaluate(seen, engine, second)
    if selection.counted:
        found = [one.only(selection.policies) for one in found]
    return documents, found


def _assembled(
    snapshot: Snapshot,
    selection: Selection,
    kinds: frozenset[str],
    made: Made | None = None,
    *,
    ahead: bool = False,
) -> Iterator[Document]:
    return assemble(
        snapshot,
        kinds,
        _relations(selection),
        _parts(selection),
        made,
        ahead=ahead,
        judges=selection.namespaces.judges if selection.namespaces.limited else None,
        owner_label=selection.owner_label,
        read=_read(selection),
    )


def _kinds(selection: Selection) -> frozenset[str]:
    return frozenset(chain.from_iterable(policy.kinds for policy in selection.policies.values()))


def _relations(selection: Selection) -> frozenset[str]:
    return frozenset(chain.from_iterable(policy.joins for policy in selection.judging.values()))


def _parts(selection: Selection) -> frozenset[str]:
    return frozenset(chain.from_iterable(policy.reads for policy in selection.judging.values()))


def _read(selection: Selection) -> Mapping[str, frozenset[str]]:
    """The parts that some policy reads of each kind."""
    read: dict[str, set[str]] = {}
    for policy in selection.policies.values():
        for kind in policy.kinds:
            read.setdefault(kind, set()).update(policy.reads)
    return {kind: frozenset(parts) for kind, parts in read.items()}


def _status(selection: Selection) -> bool:
    """Whether some policy reads the status of pods: then none of them is like another."""
    return any("status" in one.reads and "Pod" in one.kinds for one in selection.judging.values())


def _resource_order(resource: Resource) -> tuple[ResourceRef, str, int, int]:
    return (resource.ref, *_place_order(resource.origin))


def _gap_order(gap: Gap) -> tuple[str, str, str, int, int, str]:
    return (gap.kind or "", gap.namespace or "", *_place_order(gap.origin), gap.reason)


def _place_order(origin: Origin | None) -> tuple[str, int, int]:
    return (origin.path, origin.document, origin.line) if origin else ("", 0, 0)


def _foreseen(partial: Snapshot, selection: Selection, made: Made) -> Iterator[Question]:
    """What will be asked about what is known already; pods look like templates that are yet to come."""
    kinds = _kinds(selection) - {"Pod"}
    able = Able(selection)
    for document in _assembled(partial, selection, kinds, made, ahead=True):
        if names := able(document)[0]:
            yield Question(document, names)


def _evaluate(documents: Iterable[Document], engine: Engine, selection: Selection) -> Iterator[Results]:
    """Ask the engine what it can answer; what it cannot is not_evaluated without asking.

    An engine that forgets a question must not make the audit look complete.
    """
    waiting: dict[int, tuple[Question, list[Result]]] = {}
    undone: list[Results] = []
    able = Able(selection)

    def questions() -> Iterator[Question]:
        for document in documents:
            names, unable = able(document)
            if names:
                question = Question(document, names)
                waiting[id(document)] = question, unable
                yield question
            elif unable:
                undone.append(Results(unable[0].document, told=tuple(unable)))

    for answer in engine.evaluate(questions()):
        if asked := waiting.pop(id(answer.document), None):
            yield results(_complete(answer, asked[0].policies), selection.policies, asked[1])
    for question, unable in waiting.values():
        forgotten = Answer(question.document, {})
        yield results(_complete(forgotten, question.policies), selection.policies, unable)
    yield from undone


def _complete(answer: Answer, asked: Iterable[str]) -> Answer:
    forgotten = Failure("the engine gave no verdict")
    return Answer(answer.document, {name: answer.verdicts.get(name, forgotten) for name in asked})


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

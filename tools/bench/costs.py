"""What each policy and each relation costs: seconds of CPU, by snapshots of one cluster as it grew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditor.collect.snapshot import SnapshotSource
from auditor.document.assemble import answering
from auditor.document.relations.index import Index
from auditor.document.relations.relation import World
from auditor.document.relations.table import RELATIONS
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.limits import Limits
from auditor.evaluate.process import OpaProcess
from auditor.evaluate.request import batches, request_json
from auditor.judge.selection import Selection, select
from auditor.model import Answer, Question, Snapshot
from auditor.pipeline import collect, judge
from auditor.rules import Bundle
from tools.bench.table import aligned
from tools.bench.usage import thread_seconds

TOP = 10
SAMPLE = 60
"""Documents that a policy is measured on, spread evenly over all that it judges."""
REPEATS = 5
"""The cheapest of so many counts: whatever else the machine does only adds to it."""
STEEP = 1.3
"""The power of the number of pods from which on a cost is remarked upon: 1 is in proportion to them.

A larger cluster fits the caches of the processor less well, which alone makes 1.2.
"""
NOISE_SECONDS = 0.01
"""Below it a cost says nothing."""


@dataclass(frozen=True)
class PolicyCost:
    """OPA's part of one policy."""

    policy: str
    pairs: int
    pair: float
    """Seconds for one document, that of parsing it left out."""

    @property
    def seconds(self) -> float:
        """Of the whole audit; what policies share of the library counts for each."""
        return self.pairs * self.pair


def report(opa: Path, snapshots: Mapping[int, Path]) -> str:
    """Return the tables for these snapshots, by number of pods: growth of relations, dearest policies."""
    with load_bundle(opa) as bundle:
        selection = select(bundle)
        read = {pods: collect(SnapshotSource(str(path)), selection) for pods, path in snapshots.items()}
        grown = {pods: relations(snapshot, selection) for pods, snapshot in read.items()}
        dearest = policies(opa, bundle, selection, read[max(read)])
    steeply = ", ".join(steep(grown)) or "none"
    return (
        f"{_growth(grown)}\n\nRelations whose cost grows faster than the cluster: {steeply}.\n\n"
        f"The {TOP} policies that cost OPA most at {max(read)} pods:\n\n{_dearest(dearest)}"
    )


def relations(snapshot: Snapshot, selection: Selection) -> dict[str, float]:
    """Return the seconds of Python that each relation costs, and `(owners)`, which all of them need."""
    heads = tuple(answering(snapshot, snapshot.resources))
    world = World(snapshot.resources, heads, live=True)

    def own() -> None:
        tuple(answering(snapshot, snapshot.resources))

    def join(name: str, judged: set[str]) -> None:
        index = Index([RELATIONS[name]], world)
        for one in heads:
            if one.resource.ref.kind in judged:
                index.related(one.resource, {f"related.{name}"})
                index.missing(one.resource)

    used = {name: kinds for name in RELATIONS if (kinds := _kinds(selection, name))}
    joined = {name: _cheapest(partial(join, name, kinds), time.thread_time) for name, kinds in used.items()}
    return {"(owners)": _cheapest(own, time.thread_time), **joined}


def power(grown: Mapping[int, Mapping[str, float]], name: str) -> float:
    """Return by which power of the pods a cost grows, from the smallest size to the largest."""
    small, large = min(grown), max(grown)
    if small == large:
        return 1.0
    times = grown[large][name] / max(grown[small][name], 1e-6)
    return math.log(max(times, 1e-6)) / math.log(large / small)


def steep(grown: Mapping[int, Mapping[str, float]]) -> list[str]:
    """Return the relations whose cost grows faster than the cluster, but for what costs nearly nothing."""
    found = grown[max(grown)].items()
    return [name for name, seconds in found if seconds > NOISE_SECONDS and power(grown, name) > STEEP]


def policies(opa: Path, bundle: Bundle, selection: Selection, snapshot: Snapshot) -> list[PolicyCost]:
    """Return what each policy costs OPA, dearest first, each judged alone on a sample of its documents."""
    asked = _Asked()
    judge(snapshot, asked, selection)
    found = []
    process = OpaProcess(opa, Path(bundle.archive), Limits())
    try:
        process.wait_until_ready()
        for name in selection.policies:
            own = [one for one in asked.questions if name in one.policies]
            if not own:
                continue
            sample = own[:: -(-len(own) // SAMPLE)]
            judging, parsing = (
                _cheapest(_asking(process, sample, names), lambda: thread_seconds(process.pid))
                for names in ((name,), ())
            )
            found.append(PolicyCost(name, len(own), max(0.0, judging - parsing) / len(sample)))
    finally:
        process.stop()
    return sorted(found, key=lambda one: -one.seconds)


class _Asked:
    """An engine that only remembers what it is asked."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        self.questions.extend(questions)
        return iter(())


def _asking(process: OpaProcess, sample: Sequence[Question], names: tuple[str, ...]) -> Callable[[], None]:
    questions = [Question(one.document, names) for one in sample]
    bodies = [request_json([(one, names) for one in batch]) for batch in batches(questions, Limits())]

    def ask() -> None:
        for body in bodies:
            process.ask(body)

    return ask


def _cheapest(work: Callable[[], None], clock: Callable[[], float]) -> float:
    costs = []
    for _ in range(REPEATS):
        begin = clock()
        work()
        costs.append(clock() - begin)
    return min(costs)


def _kinds(selection: Selection, relation: str) -> set[str]:
    """The kinds that policies judge with this relation."""
    using = (one for one in selection.policies.values() if relation in (*one.needs, *one.wants))
    return {kind for one in using for kind in one.kinds}


def _growth(grown: Mapping[int, Mapping[str, float]]) -> str:
    sizes = sorted(grown)
    head = ("relation", *(f"ms at {pods}" for pods in sizes), "us for each pod", "power")
    rows = [
        (
            name,
            *(f"{grown[pods][name] * 1e3:.1f}" for pods in sizes),
            f"{seconds * 1e6 / sizes[-1]:.2f}",
            f"{power(grown, name):.2f}",
        )
        for name, seconds in grown[sizes[-1]].items()
    ]
    return aligned([head, *rows])


def _dearest(costs: Sequence[PolicyCost]) -> str:
    rows = [
        (one.policy, str(one.pairs), f"{one.pair * 1e6:.0f}", f"{one.seconds:.2f}") for one in costs[:TOP]
    ]
    rest = costs[TOP:]
    rows.append(
        (
            f"{len(rest)} others",
            str(sum(one.pairs for one in rest)),
            "",
            f"{sum(one.seconds for one in rest):.2f}",
        )
    )
    return aligned([("policy", "pairs", "us for each", "s"), *rows])

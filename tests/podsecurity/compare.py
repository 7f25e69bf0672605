"""Compares our verdicts on pods with Kubernetes' own, per level and per check."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from tests.podsecurity.checks import POLICIES, policies_that_must_fail
from tests.podsecurity.fixtures import KINDS, Object, wrap
from tests.podsecurity.oracle import VERSIONS, Level, Question, Verdict, judge
from tests.podsecurity.pods import random_pod

Evaluate = Callable[[Sequence[tuple[Object, str]]], list[frozenset[str]]]
"""Our side: (object of a workload kind, version) each to the ids of the policies that fail."""

LEVELS: tuple[Level, ...] = ("baseline", "restricted")


class Case(msgspec.Struct, frozen=True, eq=False):
    """A pod, the kind of object it stands in, and the version that judges it."""

    name: str
    kind: str
    version: str
    pod: Object


class Disagreement(msgspec.Struct, frozen=True, eq=False):
    """A case on which the two differ at one level."""

    case: Case
    level: Level
    kubernetes: Verdict
    expected: frozenset[str]
    """The policies of that level that must fail."""
    ours: frozenset[str]
    """The policies of that level that do."""

    def __str__(self) -> str:
        """All there is to know, on some lines."""
        case = self.case
        return "\n".join(
            (
                f"{case.name}, a {case.kind}, at {self.level} {case.version}",
                f"Kubernetes: {'pass' if self.kubernetes.allowed else 'fail'} {dict(self.kubernetes.failed)}",
                f"ours:       {'fail' if self.ours else 'pass'} {sorted(self.ours)}",
                f"missing:    {sorted(self.expected - self.ours)}",
                f"too many:   {sorted(self.ours - self.expected)}",
                f"pod:        {msgspec.json.encode(case.pod).decode()}",
            )
        )


def random_case(number: int) -> Case:
    """Return the case with this number, always the same one."""
    rng = random.Random(number)
    pod = random_pod(rng)
    return Case(f"random pod {number}", rng.choice(KINDS), rng.choice((*VERSIONS, "latest")), pod)


def disagreements(cases: Sequence[Case], evaluate: Evaluate) -> list[Disagreement]:
    """Judge all cases at both levels by both; return where they differ."""
    ours = evaluate([(wrap(case.pod, case.kind), case.version) for case in cases])
    found = []
    for level in LEVELS:
        verdicts = judge(Question(level, case.version, case.pod, case.kind != "Pod") for case in cases)
        for case, failing, verdict in zip(cases, ours, verdicts, strict=True):
            expected = policies_that_must_fail(level, verdict.failed)
            if expected != failing & POLICIES[level]:
                found.append(Disagreement(case, level, verdict, expected, failing & POLICIES[level]))
    return found


def smallest(disagreement: Disagreement, evaluate: Evaluate) -> Disagreement:
    """Take parts away from the pod for as long as the two still differ."""
    while True:
        case = disagreement.case
        smaller = [msgspec.structs.replace(case, pod={**case.pod, **pod}) for pod in _smaller_pods(case.pod)]
        found = disagreements(smaller, evaluate)
        if not found:
            return disagreement
        disagreement = found[0]


def _smaller_pods(pod: Object) -> Iterator[Object]:
    annotations = pod["metadata"].get("annotations")
    for spec in _without_one_part(pod["spec"]):
        yield {"spec": spec}
    for fewer in chain(_without_one_part(annotations), [None] if annotations else []):
        yield {"metadata": {**pod["metadata"], "annotations": fewer}}


def _without_one_part(value: Any) -> Iterator[Any]:
    """Every value that lacks one key or entry, at any depth, the outer ones first."""
    entries: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = list(enumerate(value))
    for key, _ in entries:
        yield _replaced(value, key)
    for key, entry in entries:
        for smaller in _without_one_part(entry):
            yield _replaced(value, key, smaller)


def _replaced(value: Any, key: Any, *entry: Any) -> Any:
    """A copy in which the entry at `key` is another one, or not there."""
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != key} | ({key: entry[0]} if entry else {})
    return [*value[:key], *entry, *value[key + 1 :]]

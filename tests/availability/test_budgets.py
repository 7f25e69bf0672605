"""Proof: our verdicts on budgets are those of the disruption controller and of the eviction API.

Every case is judged from its manifests, made in a real cluster, and judged again live. Then a pod of
each owner is evicted, for trial only: 201 where we find nothing, 500 where we say that two budgets
overlap, 429 where we say that no pod may go. The figures in between are those of the budget's status.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pytest

from auditor.document.replicas import Budget, Rule, rule
from auditor.model import Result, Status
from tests.availability import cases as make
from tests.availability.api import Api, Object, until
from tests.availability.cases import LABEL, OUTSIDE, UNSCALED, Case
from tests.availability.judge import Judged, live, manifests, messages

COUNT = int(os.environ.get("AUDITOR_PROOF_BUDGETS", "400"))
"""Cases in all: the table first, then random ones."""

BATCH = 400
"""Cases that are in the cluster at a time: its nodes have room for 4,000 pods."""

BLOCKED = ("pdb_budget_unreachable", "pdb_sync_failed")
"""A pod may not go: 429."""
POLICIES = (*BLOCKED, "pdb_overlap", "pdb_selects_nothing")


def batches() -> Iterator[list[Case]]:
    every = iter([*make.table(), *map(make.random_case, range(COUNT))][:COUNT])
    while batch := list(islice(every, BATCH)):
        yield batch


def test_batches_hold_the_table_and_more() -> None:
    assert sum(map(len, batches())) == COUNT >= 300


@pytest.mark.parametrize("batch", list(batches()), ids=lambda batch: f"{batch[0].name}-{batch[-1].name}")
def test_budgets(api: Api, tmp_path: Path, batch: list[Case]) -> None:
    declared = manifests(tmp_path, [one for case in batch for one in make.objects(case)], *POLICIES)
    namespace = f"budgets-{uuid.uuid4().hex[:8]}"
    api.namespace(namespace)
    api.define_kinds()
    try:
        pods, budgets = settle(api, namespace, batch)
        found = live(api.plane, namespace, *POLICIES)
        answers = {case.name: evictions(api, namespace, pods[case.name]) for case in batch}
        wrong = [
            text
            for case in batch
            for text in disagreements(case, pods[case.name], budgets, answers[case.name], found, declared)
        ]
    finally:
        api.delete(f"/api/v1/namespaces/{namespace}")
    counted = Counter(code for codes in answers.values() for code in codes)
    print(f"{len(batch)} budgets, {sum(map(len, pods.values()))} pods; evictions answered {dict(counted)}")
    assert counted.keys() == {201, 429, 500}
    assert not wrong, f"{len(wrong)} disagreements:\n" + "\n".join(wrong[:20])


def settle(
    api: Api, namespace: str, batch: Sequence[Case]
) -> tuple[dict[str, list[Object]], dict[str, Object]]:
    """Make the cases; return their running pods by case, and the budgets by name."""
    made = api.create(namespace, [one for case in batch for one in make.objects(case)])
    uids = {one["metadata"]["name"]: one["metadata"]["uid"] for one in made if one["kind"] in OUTSIDE}
    api.create(namespace, [pod for case in batch for pod in make.pods_of(case, uids)])
    expected = sum(count(case) for case in batch)
    until(lambda: len(api.listed(namespace, "Pod")) == expected)
    for pod in api.listed(namespace, "Pod"):
        if make.UNSCHEDULABLE.items() <= pod["spec"].items():
            ready = {"type": "Ready", "status": "True"}
            api.status(namespace, pod["metadata"]["name"], phase="Running", conditions=[ready])
    label(api, namespace, batch)
    until(lambda: all(map(is_ready, api.listed(namespace, "Pod"))))
    pods: dict[str, list[Object]] = {case.name: [] for case in batch}
    for pod in api.listed(namespace, "Pod"):
        if case := pod["metadata"]["labels"].get(LABEL):
            pods[case].append(pod)

    def seen(budget: Object) -> bool:
        """The controller has seen all of these pods, or says that it fails."""
        status = budget.get("status", {})
        failed = any(one["reason"] == "SyncFailed" for one in status.get("conditions", ()))
        return failed or status.get("currentHealthy") == len(pods[budget["metadata"]["name"].split("-")[0]])

    until(lambda: all(map(seen, api.listed(namespace, "PodDisruptionBudget"))))
    budgets = {one["metadata"]["name"]: one for one in api.settled(namespace, "PodDisruptionBudget")}
    return pods, budgets


def count(case: Case) -> int:
    return sum(owner.replicas for owner in case.owners)


def label(api: Api, namespace: str, batch: Sequence[Case]) -> None:
    """Give the label of their case to some live pods of owners whose template does not have it."""
    wanted = {
        f"{case.name}-{number}": (case.name, owner.part)
        for case in batch
        for number, owner in enumerate(case.owners)
        if owner.part
    }
    given = dict.fromkeys(wanted, 0)
    for pod in api.listed(namespace, "Pod"):
        app = pod["metadata"]["labels"].get("app", "")
        if app in wanted and given[app] < wanted[app][1]:
            given[app] += 1
            body = {"metadata": {"labels": {LABEL: wanted[app][0]}}}
            path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
            api.ask("PATCH", path, body, "application/merge-patch+json")


def is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def evictions(api: Api, namespace: str, pods: Sequence[Object]) -> set[int]:
    """How evictions of one pod of each owner are answered."""
    return {api.evict(namespace, pod["metadata"]["name"]).status for pod in first(pods)}


def disagreements(
    case: Case,
    pods: Sequence[Object],
    budgets: Mapping[str, Object],
    answers: set[int],
    found: Judged,
    declared: Judged,
) -> Iterator[str]:
    """Say where a case is not as we say."""
    name = f"{case.name}-0"
    said = {policy: found[policy, name] for policy in POLICIES}
    for policy in POLICIES:
        if case.plain and declared[policy, name].status is not said[policy].status:
            both = messages(declared[policy, name]), messages(said[policy])
            yield f"{case}: {policy} by manifests and live: {both}"
    if (wanted := answer(case, said)) is not None and answers - {wanted}:
        told = {policy: messages(one) for policy, one in said.items()}
        yield f"{case}: evictions answered {answers}, we say {told}; {budgets[name]['status']}"
    if bool(pods) is (said["pdb_selects_nothing"].status is Status.FAIL) and not is_idle(case):
        yield f"{case}: {len(pods)} pods, we say {messages(said['pdb_selects_nothing'])}"
    if (status := budgets[name]["status"]) and (ours := figures(case, pods)) != theirs(status):
        yield f"{case}: the controller says {theirs(status)}, we {ours}; {status}"


def first(pods: Sequence[Object]) -> list[Object]:
    """One pod of each owner."""
    return list({pod["metadata"]["name"].rsplit("-", 1)[0]: pod for pod in pods}.values())


def answer(case: Case, said: Mapping[str, Result]) -> int | None:
    """What an eviction must answer; None if it depends: we judge the lowest number of replicas."""
    if said["pdb_overlap"].status is Status.FAIL:
        return 500
    if said["pdb_sync_failed"].status is Status.FAIL:
        return 429
    if said["pdb_budget_unreachable"].status is not Status.FAIL:
        return 201
    return 429 if all(one.scaler is None or one.replicas == one.scaler[0] for one in case.owners) else None


def is_idle(case: Case) -> bool:
    """Its owners are there, and have no pods."""
    return not any(owner.replicas for owner in case.owners)


def figures(case: Case, pods: Sequence[Object]) -> tuple[int, ...] | str:
    """What the controller must say: expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed."""
    found = rule(case.spec)
    assert isinstance(found, Rule)
    owners = {pod["metadata"]["name"].removeprefix(f"{case.name}-")[0] for pod in pods}
    there = [owner for number, owner in enumerate(case.owners) if str(number) in owners]
    if found.scaled and any(owner.kind in UNSCALED for owner in there):
        return "SyncFailed"
    scale = sum(owner.replicas for owner in there if owner.kind != "Pod")
    expected = found.expected(scale, len(pods))
    budget = Budget(expected, found.desired(expected), len(pods))
    return budget.expected, budget.desired, budget.healthy, budget.allowed


def theirs(status: Object) -> tuple[int, ...] | str:
    """The same, from the status."""
    if any(one["reason"] == "SyncFailed" for one in status["conditions"]):
        return "SyncFailed"
    names = ("expectedPods", "desiredHealthy", "currentHealthy", "disruptionsAllowed")
    return tuple(status[name] for name in names)

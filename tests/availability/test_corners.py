"""Proof: budgets that select what nobody thinks of, each in a namespace of its own.

As in test_budgets.py, an eviction that is only tried says who is right.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from auditor.model import Status
from tests.availability import cases as make
from tests.availability.api import GROUP, THREADS, Api, Object, until
from tests.availability.cases import Case, Owner
from tests.availability.judge import Judged, live, messages
from tests.availability.test_budgets import is_ready

BLOCKED, FAILED, OVERLAP, NOTHING = (
    "pdb_budget_unreachable",
    "pdb_sync_failed",
    "pdb_overlap",
    "pdb_selects_nothing",
)
POLICIES = (BLOCKED, FAILED, OVERLAP, NOTHING)
PATIENCE = 60
"""Seconds until an answer is the last one."""
EVERYTHING: Object = {"selector": {}}


class Corner(msgspec.Struct, frozen=True):
    """A namespace, what an eviction there is answered, and which of our policies fail."""

    budgets: tuple[Mapping[str, Any], ...]
    owners: tuple[Owner, ...]
    answer: int
    failing: frozenset[str] = frozenset()
    more: Callable[[Api, str], None] | None = None
    """Makes what takes more than one step."""
    evicted: str = ""
    """The beginning of the name of the pod that is evicted."""


def budget(name: str, spec: Mapping[str, Any]) -> Object:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": dict(spec),
    }


def web(replicas: int = 2) -> Owner:
    return Owner("Deployment", replicas)


def owned_by(api: Api, namespace: str, owner: Object, *names: str) -> None:
    """Pods of an owner that is there."""
    reference = {name: owner[name] for name in ("apiVersion", "kind")}
    reference |= {name: owner["metadata"][name] for name in ("name", "uid")}
    metadata = [{"name": name, "ownerReferences": [{**reference, "controller": True}]} for name in names]
    api.create(namespace, [{**POD, "metadata": one} for one in metadata])


def mirrored(api: Api, namespace: str) -> None:
    owned_by(
        api,
        namespace,
        {"apiVersion": "v1", "kind": "Node", **api.ask("GET", "/api/v1/nodes/node-1")},
        "static",
    )


def driven(api: Api, namespace: str) -> None:
    [driver] = api.create(namespace, [{**POD, "metadata": {"name": "driver"}}])
    owned_by(api, namespace, driver, "executor")


POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "spec": {"containers": [{"name": "main", "image": "main:1"}]},
}


def finished(api: Api, namespace: str) -> None:
    template = {"spec": {**POD["spec"], "restartPolicy": "Never"}}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "done"},
        "spec": {"template": template},
    }
    api.create(namespace, [job])
    until(lambda: any(one["status"].get("phase") == "Succeeded" for one in api.listed(namespace, "Pod")))


def cron_job(name: str, *, suspend: bool) -> Object:
    template = {"spec": {**POD["spec"], "restartPolicy": "Never"}}
    spec = {"schedule": "0 0 1 1 *", "suspend": suspend, "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def suspended(api: Api, namespace: str) -> None:
    api.create(namespace, [cron_job("nightly", suspend=True)])


def rollout(api: Api, namespace: str) -> None:
    """Two ReplicaSets of an owner that nobody can scale, as those of an Argo Rollout."""
    body: Object = {"apiVersion": f"{GROUP}/v1", "kind": "Unscaled", "metadata": {"name": "rollout"}}
    [owner] = api.create(namespace, [body])
    reference = {name: owner[name] for name in ("apiVersion", "kind")}
    reference |= {name: owner["metadata"][name] for name in ("name", "uid")}
    for name, replicas in (("stable", 2), ("canary", 1)):
        labels = {"track": name}
        template = {"metadata": {"labels": labels}, "spec": POD["spec"]}
        metadata = {"name": name, "ownerReferences": [{**reference, "controller": True}]}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        api.create(
            namespace, [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}]
        )


ONE_OF_THREE = {"selector": {"matchLabels": {"statefulset.kubernetes.io/pod-name": "c-0-0"}}}

CORNERS: Mapping[str, Corner] = {
    "everything": Corner(({**EVERYTHING, "maxUnavailable": 1},), (web(),), 201),
    "everything, and daemons": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(), Owner("DaemonSet")), 429, frozenset({FAILED})
    ),
    "daemons, by number": Corner(({**EVERYTHING, "minAvailable": 2},), (web(), Owner("DaemonSet")), 201),
    "everything twice": Corner(
        ({**EVERYTHING, "maxUnavailable": 1}, {**EVERYTHING, "minAvailable": 0}),
        (web(),),
        500,
        frozenset({OVERLAP}),
    ),
    "no selector": Corner(({"maxUnavailable": 0},), (web(),), 201, frozenset({NOTHING})),
    "static pod": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(),), 429, frozenset({FAILED}), mirrored, evicted="c-0"
    ),
    "pods of a pod": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(),), 429, frozenset({FAILED}), driven, evicted="c-0"
    ),
    "a Job that is done": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(),), 429, frozenset({FAILED}), finished, evicted="c-0"
    ),
    "a CronJob that is suspended": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(),), 201, more=suspended
    ),
    "two ReplicaSets of one owner": Corner(({**EVERYTHING, "minAvailable": "60%"},), (), 201, more=rollout),
    "two ReplicaSets, too many": Corner(
        ({**EVERYTHING, "minAvailable": "67%"},), (), 429, frozenset({BLOCKED}), rollout
    ),
    "one pod of three": Corner(
        ({**ONE_OF_THREE, "minAvailable": 1},),
        (Owner("StatefulSet", 3),),
        429,
        frozenset({BLOCKED}),
        evicted="c-0-0",
    ),
    "one pod of three, by what may be missing": Corner(
        ({**ONE_OF_THREE, "maxUnavailable": 1},),
        (Owner("StatefulSet", 3),),
        429,
        frozenset({BLOCKED}),
        evicted="c-0-0",
    ),
    "a pod of nobody": Corner(
        ({**EVERYTHING, "maxUnavailable": 1},), (web(0), Owner("Pod", 1)), 429, frozenset({BLOCKED})
    ),
    "a pod of nobody beside others": Corner(
        ({**EVERYTHING, "maxUnavailable": 0},), (web(), Owner("Pod", 1)), 201
    ),
}


class Told(msgspec.Struct, frozen=True):
    """What the eviction API answers, and what we say, by corner."""

    answers: Mapping[str, int]
    statuses: Mapping[str, Object]
    judged: Judged


@pytest.fixture(scope="module")
def told(api: Api) -> Iterator[Told]:
    api.define_kinds()
    prefix = f"corner-{uuid.uuid4().hex[:6]}"
    spaces = {name: f"{prefix}-{number}" for number, name in enumerate(CORNERS)}
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            made = pool.map(lambda name: made_and_settled(api, spaces[name], CORNERS[name]), CORNERS)
            statuses = dict(zip(CORNERS, made, strict=True))
        answers = {name: evict(api, spaces[name], corner) for name, corner in CORNERS.items()}
        judged = live(api.plane, list(spaces.values()), *POLICIES)
        yield Told(answers, statuses, judged)
    finally:
        for space in spaces.values():
            api.delete(f"/api/v1/namespaces/{space}")


def populate(api: Api, space: str, corner: Corner) -> None:
    api.namespace(space)
    owners = make.objects(Case("c", {}, corner.owners))
    api.create(space, [one for one in owners if one["kind"] != "PodDisruptionBudget"])
    if corner.more:
        corner.more(api, space)
    number = space.rsplit("-", 1)[1]
    api.create(space, [budget(f"b{number}-{index}", spec) for index, spec in enumerate(corner.budgets)])


def at_rest(api: Api, space: str, corner: Corner) -> bool:
    pods = [one for one in api.listed(space, "Pod") if one["status"].get("phase") != "Succeeded"]
    enough = len(pods) >= max(1, sum(owner.replicas for owner in corner.owners))
    return enough and all(map(is_ready, pods))


def made_and_settled(api: Api, space: str, corner: Corner) -> Object:
    """Make a corner; return what its budgets have come to, by name."""
    populate(api, space, corner)
    until(lambda: at_rest(api, space, corner))
    return {one["metadata"]["name"]: one["status"] for one in api.settled(space, "PodDisruptionBudget")}


def evict(api: Api, space: str, corner: Corner) -> int:
    """Return the answer; the controller is given the time that it needs to come to it."""
    names = [one["metadata"]["name"] for one in api.listed(space, "Pod")]
    name = next(name for name in names if name.startswith(corner.evicted))
    deadline = time.monotonic() + PATIENCE
    while (answer := api.evict(space, name).status) != corner.answer and time.monotonic() < deadline:
        time.sleep(0.3)
    return answer


@pytest.mark.parametrize("name", CORNERS)
def test_the_api_server_says(told: Told, name: str) -> None:
    assert told.answers[name] == CORNERS[name].answer, told.statuses[name]


@pytest.mark.parametrize("name", CORNERS)
def test_we_say(told: Told, name: str) -> None:
    said = {
        policy: messages(one)
        for (policy, budget), one in told.judged.items()
        if budget in told.statuses[name] and one.status is Status.FAIL
    }
    assert said.keys() == CORNERS[name].failing, f"{said}; {told.statuses[name]}"

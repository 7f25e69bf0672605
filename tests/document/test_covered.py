"""What a PodDisruptionBudget selects, and the replicas behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from auditor.document.assemble import assemble
from auditor.document.keep import LivePod, Pods
from auditor.model import Body, Document, Snapshot, SourceFacts
from tests import factories as make
from tests.factories import part

WEB = {"matchLabels": {"app": "web"}}


def labelled(body: Body, **labels: str) -> Body:
    """A workload whose pods have these labels."""
    spec = body["spec"]
    inner = spec["jobTemplate"]["spec"] if body["kind"] == "CronJob" else spec
    inner["template"]["metadata"]["labels"] = labels
    return body


def workload(kind: str = "Deployment", name: str = "web", replicas: int | None = 3, **outer: Any) -> Body:
    given = {} if replicas is None else {"replicas": replicas}
    return labelled(make.workload(kind, outer={**given, **outer}, name=name, uid=f"uid-{name}"), app="web")


def budget(spec: Body | None = None, name: str = "web", **metadata: Any) -> Body:
    given = {"maxUnavailable": 1, "selector": WEB} if spec is None else spec
    return make.obj("PodDisruptionBudget", given, name=name, **metadata)


def scaler(
    low: int | None = 2, high: int = 9, name: str = "web", target: Body | None = None, **more: Any
) -> Body:
    ref = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", **(target or {})}
    spec = {"scaleTargetRef": ref, "maxReplicas": high, **({} if low is None else {"minReplicas": low})}
    return {**make.obj("HorizontalPodAutoscaler", spec, name=name), **more}


def related(kind: str, relation: str, *bodies: Body, live: bool = True) -> list[Any]:
    """What a relation gives to the documents of one kind, in the order of their names."""
    documents = made(kind, relation, *bodies, live=live)
    return [
        part(one, f"related.{relation}") if f"related.{relation}" in one.parts else None for one in documents
    ]


def made(kind: str, relation: str, *bodies: Body, live: bool = True) -> Sequence[Document]:
    snapshot = make.snapshot(*bodies, kind="cluster" if live else "manifests")
    parts = frozenset({f"related.{relation}"})
    found = assemble(snapshot, frozenset({kind}), frozenset({relation}), parts)
    return sorted(found, key=lambda one: (one.ref, one.variant))


def covered(*bodies: Body, live: bool = True) -> Any:
    (found,) = related("PodDisruptionBudget", "covered", *bodies, live=live)
    return found


def owner(
    kind: str = "Deployment", name: str = "web", pods: int = 0, replicas: int | None = 3, **more: Any
) -> Any:
    given = {} if replicas is None else {"replicas": {"min": replicas, "max": replicas}}
    return {"kind": kind, "name": name, "pods": pods, "scale": True, **given, **more}


def listed(*items: Any) -> Any:
    return {"total": len(items), "items": list(items)}


def pods(by: Body, *labels: Body) -> list[Body]:
    return [make.live(by=by, index=index, labels=one) for index, one in enumerate(labels)]


def test_a_deployment_and_its_pods() -> None:
    web = workload()
    found = covered(budget(), web, *pods(web, *[{"app": "web"}] * 3))
    assert found == {
        "owners": listed(owner(pods=3)),
        "pods": 3,
        "bare": 0,
        "budgets": listed(),
        "unscaled": listed(),
        "budget": {"expected": 3, "desired": 2, "healthy": 3, "allowed": 1},
    }


def test_a_manifest_says_the_same_but_for_pods() -> None:
    assert covered(budget(), workload(), live=False)["budget"]["allowed"] == 1
    assert covered(budget(), workload(), live=False)["owners"] == listed(owner())


def test_the_lowest_number_that_an_autoscaler_leaves_counts() -> None:
    tight = budget({"minAvailable": 2, "selector": WEB})
    assert covered(tight, workload())["budget"]["allowed"] == 1
    found = covered(tight, workload(), scaler())
    assert found["owners"]["items"][0]["replicas"] == {"min": 2, "max": 9}
    assert found["budget"] == {"expected": 2, "desired": 2, "healthy": 2, "allowed": 0, "enough": 3}


@pytest.mark.parametrize(
    "spec",
    [
        {"maxUnavailable": 1},
        {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "other"}}},
        {"maxUnavailable": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}},
    ],
)
def test_nothing(spec: Body) -> None:
    web = workload()
    found = covered(budget(spec), web, *pods(web, {"app": "web"}))
    assert (found["owners"], found["pods"], "budget" in found) == (listed(), 0, False)
    assert "invalid" not in found


def test_everything_is_every_pod_of_the_namespace_and_nothing_but_pods() -> None:
    everything = budget({"maxUnavailable": 1, "selector": {}})
    elsewhere = {**workload(name="far"), "metadata": {"name": "far", "namespace": "bank", "uid": "uid-far"}}
    found = covered(everything, workload(), elsewhere, scaler(), make.namespace())
    assert [one["name"] for one in found["owners"]["items"]] == ["web"]


def test_an_invalid_selector() -> None:
    wrong = {"matchExpressions": [{"key": "app", "operator": "In"}]}
    found = covered(budget({"maxUnavailable": 1, "selector": wrong}), workload())
    assert found["invalid"] == "In without values for app"
    assert "budget" not in found
    assert "unknown" not in found


def test_what_no_api_server_takes() -> None:
    found = covered(budget({"maxUnavailable": "x", "selector": WEB}), workload())
    assert found["unknown"] == (
        "No API server takes it: maxUnavailable is neither a number of pods nor a percentage up to 100%."
    )


def test_pods_of_nobody() -> None:
    alone = [make.live(index=index, labels={"app": "web"}) for index in range(2)]
    found = covered(budget(), *alone)
    assert (found["bare"], found["pods"], found["owners"]) == (2, 2, listed())
    assert found["budget"] == {"expected": 0, "desired": 0, "healthy": 2, "allowed": 0}
    beside = covered(budget({"maxUnavailable": 0, "selector": WEB}), workload(replicas=2), *alone[:1])
    assert beside["budget"] == {"expected": 2, "desired": 2, "healthy": 3, "allowed": 1}


def test_in_a_manifest_everybody_is_nobody_s() -> None:
    pod = make.pod(labels={"app": "web"})
    owned = make.owned(pod, make.rollout())
    assert covered(budget(), owned, live=False)["bare"] == 1
    assert covered(budget(), owned)["bare"] == 0


@pytest.mark.parametrize("kind", ["DaemonSet", "Job", "CronJob"])
@pytest.mark.parametrize("live", [True, False])
def test_owners_without_scale(kind: str, live: bool) -> None:
    one = workload(kind, replicas=None)
    found = covered(budget(), one, workload(name="api"), live=live)
    assert [entry["kind"] for entry in found["unscaled"]["items"]] == [kind]
    assert found["unknown"] == f"{kind} web has no scale."
    by_number = covered(budget({"minAvailable": 1, "selector": WEB}), one, workload(name="api"), live=live)
    assert by_number["unscaled"] == listed()
    if kind == "DaemonSet" and not live:
        assert by_number["unknown"] == "On how many nodes DaemonSet web has pods is not known."
    else:
        assert by_number["budget"]["allowed"] == (2 if live else 3)


def test_the_parallel_pods_of_a_job_in_a_manifest() -> None:
    found = covered(
        budget({"minAvailable": 2, "selector": WEB}),
        workload("Job", replicas=None, parallelism=2),
        live=False,
    )
    assert found["budget"]["healthy"] == 2


@pytest.mark.parametrize("live", [True, False])
def test_what_is_suspended_is_idle(live: bool) -> None:
    cron = labelled(make.workload("CronJob", outer={"suspend": True}, name="web"), app="web")
    for one in (cron, workload("Job", replicas=None, suspend=True)):
        found = covered(budget(), one, live=live)
        assert found["owners"]["total"] == 1
        assert found["unscaled"] == listed()
        assert "budget" not in found
        assert "unknown" not in found


def test_mirror_pods_and_pods_of_pods() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "uid-n"}}
    driver = make.pod(name="driver", uid="uid-driver")
    for above, kind in ((node, "Node"), (driver, "Pod")):
        found = covered(budget(), make.live(by=above, labels={"app": "web"}), driver)
        assert [one["kind"] for one in found["unscaled"]["items"]] == [kind]


class TestOwnersOfOthers:
    DATABASE = make.rollout("Database", "pg")
    PODS = pods(DATABASE, *[{"app": "web"}] * 2)

    def status(self, expected: int = 2, observed: int = 1, **more: Any) -> Body:
        return {"observedGeneration": observed, "expectedPods": expected, **more}

    def test_nobody_knows(self) -> None:
        found = covered(budget(), *self.PODS)
        assert found["unknown"] == "Whether Database pg has a scale, and which, is not known."
        assert found["owners"] == listed({"kind": "Database", "name": "pg", "pods": 2})

    def test_by_number_nobody_has_to_know(self) -> None:
        found = covered(budget({"minAvailable": 1, "selector": WEB}), *self.PODS)
        assert found["budget"]["allowed"] == 1

    def test_the_controller_knows(self) -> None:
        told = {**budget(generation=1), "status": self.status()}
        assert covered(told, *self.PODS)["budget"] == {
            "expected": 2,
            "desired": 1,
            "healthy": 2,
            "allowed": 1,
        }

    def test_beside_others(self) -> None:
        told = {**budget(generation=1), "status": self.status(expected=5)}
        found = covered(told, workload(), scaler(2, 9), *self.PODS)
        assert found["budget"]["expected"] == 4

    def test_the_controller_spoke_of_an_older_spec(self) -> None:
        told = {**budget(generation=2), "status": self.status()}
        assert "unknown" in covered(told, *self.PODS)

    def test_the_controller_fails(self) -> None:
        condition = {"type": "DisruptionAllowed", "reason": "SyncFailed", "message": "no scale"}
        told = {**budget(generation=2), "status": self.status(observed=1, conditions=[condition])}
        assert covered(told, *self.PODS)["failed"] == "no scale"
        assert "unknown" in covered(told, *self.PODS)
        assert "failed" not in covered(told, *self.PODS, live=False)

    def test_an_owner_that_is_gone(self) -> None:
        gone = workload("ReplicaSet", "gone")
        assert "unknown" in covered(budget(), *pods(gone, {"app": "web"}))


PRIMARY = {"matchLabels": {"role": "primary"}}


class TestPodsWithLabelsOfTheirOwn:
    """An operator labels live pods; their look is that of the others."""

    DB = labelled(make.workload("StatefulSet", outer={"replicas": 3}, name="db", uid="uid-db"), app="db")
    PODS = pods(DB, {"app": "db", "role": "primary"}, {"app": "db"}, {"app": "db"})

    def test_some_of_an_owner_s_pods(self) -> None:
        found = covered(budget({"maxUnavailable": 1, "selector": PRIMARY}), self.DB, *self.PODS)
        assert found["owners"] == listed(owner("StatefulSet", "db", pods=1))
        assert found["budget"] == {"expected": 3, "desired": 2, "healthy": 1, "allowed": 0}
        by_number = covered(budget({"minAvailable": 1, "selector": PRIMARY}), self.DB, *self.PODS)
        assert by_number["budget"] == {"expected": 1, "desired": 1, "healthy": 1, "allowed": 0}

    def test_all_of_them(self) -> None:
        every = pods(self.DB, *[{"app": "db", "role": "primary"}] * 3)
        found = covered(budget({"maxUnavailable": 1, "selector": PRIMARY}), self.DB, *every)
        assert found["budget"] == {"expected": 3, "desired": 2, "healthy": 3, "allowed": 1}

    def test_pods_that_share_one_content(self) -> None:
        taken = Pods()
        taken.add(msgspec.json.decode(msgspec.json.encode(self.PODS), type=list[LivePod]))
        rows = list(taken.resources())
        assert len({id(one.content) for one in rows}) == 1
        others = map(make.resource, (self.DB, budget({"minAvailable": 1, "selector": PRIMARY})))
        snapshot = Snapshot(SourceFacts("cluster"), (*rows, *others))
        (seen,) = assemble(
            snapshot,
            frozenset({"PodDisruptionBudget"}),
            frozenset({"covered"}),
            frozenset({"related.covered"}),
        )
        assert part(seen, "related.covered")["pods"] == 1


def test_the_replica_sets_of_an_owner_outside_share_its_replicas() -> None:
    above = make.rollout()
    sets = [
        make.owned(workload("ReplicaSet", name, replicas), above)
        for name, replicas in (("stable", 4), ("canary", 1))
    ]
    found = covered(budget(), *sets)
    assert found["owners"] == listed(owner("Rollout", replicas=5))
    assert found["budget"]["expected"] == 5
    target = {"apiVersion": "example.dev/v1", "kind": "Rollout"}
    scaled = covered(budget(), *sets, scaler(2, 9, target=target))
    assert scaled["owners"]["items"][0]["replicas"] == {"min": 2, "max": 9}


def test_other_budgets_on_the_same_pods() -> None:
    web, api = workload(), labelled(workload(name="api"), app="api")
    bodies = [
        web,
        api,
        *pods(web, {"app": "web"}, {"app": "web"}),
        budget(name="a"),
        budget({"maxUnavailable": 1, "selector": {}}, name="b"),
        budget({"maxUnavailable": 1, "selector": {"matchLabels": {"app": "api"}}}, name="c"),
    ]
    first, second, third = related("PodDisruptionBudget", "covered", *bodies)
    names = ["web-00000", "web-00001"]
    assert first["budgets"] == listed({"name": "b", "pods": 2, "names": names, "owners": ["Deployment web"]})
    assert [one["name"] for one in second["budgets"]["items"]] == ["a", "c"]
    assert third["budgets"] == listed({"name": "b", "pods": 0, "names": [], "owners": ["Deployment api"]})


def test_lists_are_cut_and_say_how_long_they_were() -> None:
    bodies = [workload(name=f"web-{number:03}") for number in range(50)]
    more = [budget({"maxUnavailable": 1, "selector": {}}, name=f"other-{number:03}") for number in range(50)]
    found = related("PodDisruptionBudget", "covered", budget(name="a"), *bodies, *more)[0]
    for name in ("owners", "budgets"):
        assert (found[name]["total"], len(found[name]["items"])) == (50, 20)
    assert len(found["budgets"]["items"][0]["owners"]) == 10
    assert found["budget"]["expected"] == 150


def test_the_longest_names_fit_into_a_document() -> None:
    """Names of 253 letters, everywhere more of them than are told."""
    long = "x" * 240
    webs = [workload(name=f"{long}-{number:05}") for number in range(30)]
    live = [one for web in webs for one in pods(web, *[{"app": "web"}] * 2)]
    more = [budget({"maxUnavailable": 1, "selector": {}}, name=f"{long}-{number:05}") for number in range(30)]
    scalers = [
        scaler(name=f"{long}-{number:05}", target={"name": webs[number]["metadata"]["name"]})
        for number in range(30)
    ]
    for web in webs:
        web["spec"]["selector"] = WEB
    bodies = [*webs, *live, *more, *scalers]
    for kind, relation in (("PodDisruptionBudget", "covered"), ("HorizontalPodAutoscaler", "rivals")):
        for one in made(kind, relation, *bodies):
            assert 16 * 1024 < len(one.parts[f"related.{relation}"].json) < 200 * 1024


def test_an_object_that_is_defined_twice_is_one() -> None:
    """In the folders of two stages, say."""
    found = related(
        "PodDisruptionBudget", "covered", budget(), budget(), workload(), workload(replicas=5), live=False
    )
    for one in found:
        assert one["owners"] == listed(owner() | {"replicas": {"min": 3, "max": 5}})
        assert one["budgets"] == listed()

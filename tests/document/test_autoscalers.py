"""What workloads know of their autoscalers and budgets, and autoscalers of their targets."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.absent import absent
from auditor.document.assemble import assemble
from auditor.model import Body, ResourceRef
from tests import factories as make
from tests.document.test_covered import budget, labelled, listed, made, pods, related, scaler, workload
from tests.factories import part

CPU = {"requests": {"cpu": "1"}}
UTILIZATION = {"type": "Utilization", "averageUtilization": 80}
METRIC = {"type": "Resource", "resource": {"name": "cpu", "target": UTILIZATION}}


# --- replicas and budgets of workloads --------------------------------------------------------------


def replicas(*bodies: Body, kind: str = "Deployment", live: bool = True) -> Any:
    return related(kind, "replicas", *bodies, live=live)


def test_replicas_without_an_autoscaler() -> None:
    assert replicas(workload()) == [{"min": 3, "max": 3, "autoscalers": listed()}]
    assert replicas(workload(replicas=None))[0]["min"] == 1


def test_replicas_through_autoscalers() -> None:
    told = scaler(1, 4, name="b", status={"lastScaleTime": "2026-05-20T08:00:00Z"})
    assert replicas(workload(), scaler(2, 9, name="c"), told) == [
        {
            "min": 1,
            "max": 9,
            "autoscalers": listed(
                {"name": "b", "min": 1, "max": 4, "scaled": "2026-05-20T08:00:00Z"},
                {"name": "c", "min": 2, "max": 9},
            ),
        }
    ]
    assert "scaled" not in replicas(workload(), told, live=False)[0]["autoscalers"]["items"][0]


@pytest.mark.parametrize(
    ("target", "namespace", "scales"),
    [
        ({}, "shop", True),
        ({"apiVersion": "apps/v1beta1"}, "shop", True),
        ({"apiVersion": "extensions/v1beta1"}, "shop", False),
        ({"kind": "StatefulSet"}, "shop", False),
        ({"name": "other"}, "shop", False),
        ({}, "bank", False),
    ],
)
def test_a_target_is_a_group_a_kind_and_a_name_of_the_same_namespace(
    target: Body, namespace: str, scales: bool
) -> None:
    one = scaler(target=target)
    one["metadata"]["namespace"] = namespace
    assert replicas(workload(), one)[0]["autoscalers"]["total"] == scales


def test_without_a_namespace_it_is_the_default_one() -> None:
    one, web = scaler(), workload()
    del one["metadata"]["namespace"]
    web["metadata"]["namespace"] = "default"
    assert replicas(web, one, live=False)[0]["min"] == 2


@pytest.mark.parametrize("kind", ["DaemonSet", "Job", "CronJob", "Pod"])
def test_kinds_without_replicas(kind: str) -> None:
    assert replicas(make.workload(kind), kind=kind) == [None]


def test_pods_that_differ_know_the_replicas_of_their_owner() -> None:
    web = workload()
    odd = make.live(make.pod_spec(hostPID=True), by=web, labels={"app": "web"})
    documents = made("Deployment", "replicas", web, odd)
    assert [part(one, "related.replicas")["min"] for one in documents] == [3, 3]
    assert [one.variant for one in documents] == [False, True]


def test_budgets_of_a_workload() -> None:
    web = workload()
    found = related("Deployment", "disruption_budgets", web, budget(name="b"), budget(name="a"))
    assert found == [listed({"name": "a"}, {"name": "b"})]
    assert related("Deployment", "disruption_budgets", workload(), budget(namespace="bank")) == [listed()]
    labels = make.deployment(labels={"app": "web"})  # of the Deployment, not of its pods
    assert related("Deployment", "disruption_budgets", labels, budget()) == [listed()]


def test_budgets_of_live_pods() -> None:
    web = labelled(workload(), app="other")
    live = pods(web, {"app": "web"}, {"app": "other"})
    assert related("Deployment", "disruption_budgets", web, *live, budget()) == [listed({"name": "web"})]
    odd = make.live(make.pod_spec(hostPID=True), by=web, labels={"app": "web"})
    documents = made("Deployment", "disruption_budgets", labelled(workload(), app="other"), odd, budget())
    assert [part(one, "related.disruption_budgets")["total"] for one in documents] == [1, 1]


@pytest.mark.parametrize("kind", ["Namespace", "PodDisruptionBudget"])
def test_what_is_no_workload_has_neither(kind: str) -> None:
    one = make.namespace() if kind == "Namespace" else budget()
    assert related(kind, "disruption_budgets", one) == [None]
    assert related(kind, "replicas", one) == [None]


# --- the target of an autoscaler --------------------------------------------------------------------


def of_scaler(relation: str, *bodies: Body, live: bool = True) -> Any:
    return related("HorizontalPodAutoscaler", relation, *bodies, live=live)[0]


def test_a_target_that_is_there() -> None:
    assert of_scaler("target", scaler(), workload(replicas=0)) == {"exists": True, "replicas": 0}


def test_a_target_that_is_owned_itself() -> None:
    web = workload()
    middle = make.owned(workload("ReplicaSet", "web-1"), web)
    target = {"kind": "ReplicaSet", "name": "web-1"}
    assert of_scaler("target", scaler(target=target), web, middle) == {"exists": True}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({}, "Deployment web is not in namespace shop"),
        ({"kind": "DaemonSet"}, "a DaemonSet has no scale subresource"),
        ({"kind": "Job", "apiVersion": "batch/v1"}, "a Job has no scale subresource"),
        ({"apiVersion": "v1"}, "API group core has no kind Deployment; Deployment is one of apps/v1"),
        (
            {"apiVersion": "extensions/v1beta1"},
            "API group extensions has no kind Deployment; Deployment is one of apps/v1",
        ),
        ({"kind": "Thing"}, "API group apps has no kind Thing"),
    ],
)
def test_a_target_that_is_not_there(target: Body, reason: str) -> None:
    assert of_scaler("target", scaler(target=target)) == {"exists": False, "reason": reason}


class TestTargetOfOthers:
    TARGET = scaler(target={"apiVersion": "example.dev/v1", "kind": "Rollout"})
    UNKNOWN = "whether there is a Rollout web that can be scaled is not known"

    def test_nobody_knows(self) -> None:
        assert of_scaler("target", self.TARGET) == {"reason": self.UNKNOWN}

    @pytest.mark.parametrize("group", ["apps.kruise.io/v1", "x.apps/v1"])
    def test_a_kind_of_our_name(self, group: str) -> None:
        found = of_scaler("target", scaler(target={"apiVersion": group}), workload())
        assert "exists" not in found

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({"status": "True", "reason": "SucceededGetScale"}, {"exists": True}),
            (
                {"status": "False", "reason": "FailedGetScale", "message": "gone"},
                {"exists": False, "reason": "gone"},
            ),
            ({"status": "False", "reason": "FailedUpdateScale"}, {"reason": UNKNOWN}),
        ],
    )
    def test_the_controller_knows(self, condition: Body, expected: Body) -> None:
        told = {**self.TARGET, "status": {"conditions": [{"type": "AbleToScale", **condition}]}}
        assert of_scaler("target", told) == expected
        assert of_scaler("target", told, live=False) == {"reason": self.UNKNOWN}


def test_absence_is_confirmed_where_it_can_be() -> None:
    bodies = [
        scaler(name="a"),
        scaler(name="b", target={"kind": "DaemonSet"}),
        scaler(name="c", target={"apiVersion": "example.dev/v1"}),
        scaler(name="d", target={"kind": "StatefulSet", "name": "db"}),
        workload(),
    ]
    found = absent(list(map(make.resource, bodies)), [], ["target"])
    assert found == [ResourceRef("apps/v1", "StatefulSet", "db", "shop")]


# --- what its pods request --------------------------------------------------------------------------


def missing(pod: Body, *metrics: Body, live: list[Body] | None = None) -> Any:
    web = make.workload("Deployment", pod, uid="uid-web")
    one = scaler()
    if metrics:
        one["spec"]["metrics"] = list(metrics)
    return of_scaler(
        "requests", one, web, *[make.live(spec, index=index, by=web) for index, spec in enumerate(live or [])]
    )


def told(
    *missing: str, index: int = 0, resource: str = "cpu", absent: bool = False, template: bool = True
) -> Body:
    return {
        "index": index,
        "resource": resource,
        "missing": list(missing),
        "absent": absent,
        "template": template,
    }


def test_the_default_metric_is_cpu() -> None:
    assert missing(make.pod_spec()) == {"known": True, "metrics": listed(told("container web"))}


def test_every_metric_that_is_a_utilization() -> None:
    value = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageValue": "1"}}}
    memory = {"type": "Resource", "resource": {"name": "memory", "target": UTILIZATION}}
    external = {"type": "External", "external": {"metric": {"name": "x"}, "target": UTILIZATION}}
    pod = {"containers": [make.container(resources=CPU)]}
    found = missing(pod, value, METRIC, external, memory, {"resource": 5}, {"resource": {"target": 5}})
    assert found["metrics"] == listed(told(index=1), told("container web", index=3, resource="memory"))


def test_the_containers_that_count() -> None:
    pod = {
        "containers": [make.container(resources=CPU), make.container("second")],
        "initContainers": [make.container("init"), make.container("side", restartPolicy="Always")],
    }
    assert missing(pod)["metrics"]["items"][0]["missing"] == ["container second", "container side"]


def test_a_limit_is_a_request() -> None:
    limited = {"containers": [make.container(resources={"limits": {"cpu": "1"}})]}
    assert missing(limited)["metrics"] == listed(told())


def test_one_container() -> None:
    def metric(name: str) -> Body:
        return {"containerResource": {"name": "cpu", "container": name, "target": UTILIZATION}}

    pod = {"containers": [make.container("a", resources=CPU), make.container("b")]}
    assert missing(pod, metric("a"))["metrics"] == listed(told())
    assert missing(pod, metric("b"))["metrics"] == listed(told("container b"))
    assert missing(pod, metric("c"))["metrics"] == listed(told("container c", absent=True))


@pytest.mark.parametrize(
    ("own", "containers", "expected"),
    [
        ({"requests": {"cpu": "1"}}, [{}], []),
        ({"limits": {"cpu": "1"}}, [{}], []),
        ({"requests": {"memory": "1"}}, [{}], ["the pod"]),
        ({"requests": {"memory": "1"}}, [CPU, {}], []),  # what any of them requests is in the sum
        ({"requests": {"hugepages-2Mi": "1"}}, [{}], ["the pod"]),
        ({"requests": {"example.dev/gpu": "1"}}, [{}], ["container c0"]),  # no request of a pod
        ({"requests": 5}, [{}], ["container c0"]),
    ],
)
def test_requests_of_the_pod(own: Body, containers: list[Body], expected: list[str]) -> None:
    listed_ = [make.container(f"c{index}", resources=one) for index, one in enumerate(containers)]
    if own.get("requests") != 5:
        assert (
            missing({"containers": listed_, "resources": own})["metrics"]["items"][0]["missing"] == expected
        )


def test_live_pods_are_the_truth() -> None:
    asking = {"containers": [make.container(resources=CPU)]}
    injected = {**asking, "initContainers": [make.container("side", restartPolicy="Always")]}
    found = missing(asking, live=[asking, asking, injected])
    assert found["metrics"] == listed(told("container side", template=False))
    assert missing(make.pod_spec(), live=[asking])["metrics"] == listed(told(template=False))


def test_a_target_that_nobody_knows() -> None:
    assert of_scaler("requests", scaler()) == {"known": False, "metrics": listed()}


# --- rivals -----------------------------------------------------------------------------------------


def rivals(*bodies: Body) -> list[list[Any]]:
    found = related("HorizontalPodAutoscaler", "rivals", *bodies)
    return [[(one["name"], one["target"], one["pods"]) for one in each["items"]] for each in found]


def selecting(name: str, labels: Body, selector: Body) -> Body:
    return labelled(
        make.workload(
            "Deployment", outer={"selector": {"matchLabels": selector}}, name=name, uid=f"uid-{name}"
        ),
        **labels,
    )


def test_two_for_one_target() -> None:
    assert rivals(scaler(name="a"), scaler(name="b")) == [
        [("b", "Deployment web", 0)],
        [("a", "Deployment web", 0)],
    ]
    web = selecting("web", {"app": "web"}, {"app": "web"})
    live = pods(web, {"app": "web"}, {"app": "web"})
    assert rivals(scaler(name="a"), scaler(name="b"), web, *live)[0] == [("b", "Deployment web", 2)]


def test_two_for_the_same_pods() -> None:
    wide = selecting("wide", {"app": "web"}, {"app": "web"})
    narrow = selecting("narrow", {"app": "web", "tier": "x"}, {"app": "web", "tier": "x"})
    bodies = [scaler(name=name, target={"name": name}) for name in ("narrow", "wide")]
    assert rivals(*bodies, wide, narrow) == [
        [("wide", "Deployment wide", 0)],
        [("narrow", "Deployment narrow", 0)],
    ]
    live = pods(narrow, {"app": "web", "tier": "x"})
    assert rivals(*bodies, wide, narrow, *live)[0] == [("wide", "Deployment wide", 1)]
    other = selecting("narrow", {"app": "api"}, {"app": "api"})
    assert rivals(*bodies, wide, other) == [[], []]


def test_a_replication_controller_has_a_plain_selector() -> None:
    target = {"apiVersion": "v1", "kind": "ReplicationController", "name": "rc"}
    rc = labelled(
        make.workload("ReplicationController", outer={"selector": {"app": "web"}}, name="rc"), app="web"
    )
    wide = selecting("wide", {"app": "web"}, {"app": "web"})
    bodies = [scaler(name="a", target=target), scaler(name="b", target={"name": "wide"})]
    assert rivals(*bodies, rc, wide)[0] == [("b", "Deployment wide", 0)]


def test_the_same_one_in_two_folders_is_no_rival() -> None:
    assert rivals(scaler(), scaler()) == [[], []]


# --- what is broken ---------------------------------------------------------------------------------


BROKEN_BUDGET = budget({"maxUnavailable": 1, "selector": {"matchLabels": 5}})
BROKEN_SCALER = scaler(name="broken", target={"name": 5})
BROKEN_WORKLOAD = workload(name="broken", replicas="three")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "relation", "broken", "told"),
    [
        (
            "Deployment",
            "replicas",
            BROKEN_SCALER,
            "HorizontalPodAutoscaler shop/broken: spec.scaleTargetRef.name",
        ),
        (
            "Deployment",
            "disruption_budgets",
            BROKEN_BUDGET,
            "PodDisruptionBudget shop/web: spec.selector.matchLabels",
        ),
        ("PodDisruptionBudget", "covered", BROKEN_WORKLOAD, "Deployment shop/broken: spec.replicas"),
        ("PodDisruptionBudget", "covered", BROKEN_SCALER, "HorizontalPodAutoscaler shop/broken"),
        ("HorizontalPodAutoscaler", "rivals", BROKEN_SCALER, "HorizontalPodAutoscaler shop/broken"),
        ("HorizontalPodAutoscaler", "rivals", BROKEN_WORKLOAD, "Deployment shop/broken"),
    ],
)
def test_what_is_broken_is_missing_to_all_that_it_may_concern(
    kind: str, relation: str, broken: Body, told: str
) -> None:
    bodies = [workload(), scaler(), budget(name="fine")]
    seen = made(kind, relation, *bodies, broken, live=False)[-1]
    assert seen.ref.name in ("web", "fine")
    assert seen.missing[relation].startswith(told)
    elsewhere = {**broken, "metadata": {**broken["metadata"], "namespace": "bank"}}
    assert not made(kind, relation, *bodies, elsewhere, live=False)[-1].missing


@pytest.mark.parametrize("relation", ["target", "requests"])
def test_a_broken_target(relation: str) -> None:
    one = scaler(target={"name": "broken"})
    (seen,) = made("HorizontalPodAutoscaler", relation, one, BROKEN_WORKLOAD, live=False)
    assert "spec.replicas must be whole number, not text" in seen.missing[relation]
    (seen,) = made("HorizontalPodAutoscaler", relation, scaler(), workload(), BROKEN_WORKLOAD, live=False)
    assert not seen.missing


def test_pods_with_a_credential_in_a_label() -> None:
    """It is replaced in the pod and in the selector alike."""
    token = "ghp_" + "x" * 36
    web = labelled(workload(), app="web", token=token)
    one = budget({"maxUnavailable": 1, "selector": {"matchLabels": {"token": token}}})
    snapshot = make.snapshot(web, one, *pods(web, {"token": token}))
    assert all(token.encode() not in each.content.json for each in snapshot.resources)
    parts = frozenset({"related.covered"})
    (seen,) = assemble(snapshot, frozenset({"PodDisruptionBudget"}), frozenset({"covered"}), parts)
    assert part(seen, "related.covered")["pods"] == 1

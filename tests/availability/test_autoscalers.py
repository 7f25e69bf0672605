"""Proof: our verdicts on autoscalers are the conditions that the controller writes.

Targets that are missing, requests that are missing, selectors that are ambiguous, scaling that is
switched off or at its limit; metrics are served by us (metrics.py).
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.model import Status
from auditor.rules import Severity
from tests.availability.api import GROUP, Api, Object, until
from tests.availability.judge import Judged, live, manifests, messages
from tests.availability.metrics import USAGE, metrics

RANDOM = 60
"""Targets with random requests."""

PERIOD = 15
"""Seconds after which the controller looks at an autoscaler again."""

POLICIES = (
    "hpa_target_missing",
    "hpa_target_without_requests",
    "hpa_duplicate_target",
    "hpa_not_scaling",
    "hpa_saturated",
)

REASONS = {"AmbiguousSelector": "hpa_duplicate_target", "FailedGetScale": "hpa_target_missing"}
NO_REQUESTS = (
    "missing request for",
    "missing pod-level request for",
    "did not receive metrics for targeted pods",
)
"""What the controller says where requests are missing, or the container that it shall look at: all others
have metrics here."""

ACTIVE = ("AbleToScale", "ScalingActive")
"""The conditions that are false where it does not scale."""


class Scaler(msgspec.Struct, frozen=True):
    """An autoscaler, what it is about, and the reason of the condition that it must get."""

    reason: str
    """ValidMetricFound where all is well."""
    objects: tuple[Object, ...] = ()
    target: Mapping[str, str] = {}
    """Whatever is not `apps/v1 Deployment` of its name."""
    metrics: tuple[Object, ...] = ()
    most: int = 10


def utilization(resource: str = "cpu", container: str = "") -> Object:
    target = {"type": "Utilization", "averageUtilization": 80}
    if container:
        source = {"name": resource, "container": container, "target": target}
        return {"type": "ContainerResource", "containerResource": source}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


VALUE = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "80m"}},
}
CPU: Object = {"cpu": "100m"}


def container(name: str = "main", requests: Object | None = None, **more: Any) -> Object:
    resources = {"resources": {"requests": requests}} if requests else {}
    return {"name": name, "image": f"{name}:1", **resources, **more}


def pods(*containers: Object, **more: Any) -> Object:
    return {"containers": list(containers) or [container(requests=CPU)], **more}


def workload(
    name: str,
    spec: Object | None = None,
    kind: str = "Deployment",
    replicas: int = 1,
    labels: Mapping[str, str] | None = None,
) -> Object:
    own = {"app": name, **(labels or {})}
    version = "v1" if kind == "ReplicationController" else "apps/v1"
    selector = {"app": name} if version == "v1" else {"matchLabels": {"app": name}}
    body: Object = {"selector": selector, "template": {"metadata": {"labels": own}, "spec": spec or pods()}}
    if kind != "DaemonSet":
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body["serviceName"] = name
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": body}


def overlapping(name: str, labels: Mapping[str, str]) -> Object:
    """A Deployment whose pods have the label of another one, too."""
    made = workload(name, labels=labels)
    return {**made, "spec": {**made["spec"], "selector": {"matchLabels": labels}}}


def ours(name: str, kind: str) -> Object:
    body: Object = {"metadata": {"name": name}, "spec": {"replicas": 1}}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, **body}


def requests(reason: str, spec: Object, *metrics: Object) -> Scaler:
    return Scaler(reason, (workload("NAME", spec),), metrics=metrics)


SIDECAR: Object = {"restartPolicy": "Always"}
ADOPTED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "adopted", "labels": {"app": "adopting"}},
    "spec": pods(container(requests=CPU), initContainers=[container("injected", **SIDECAR)]),
}
"""A pod that differs from the template of the ReplicaSet that will own it."""

SCALERS: Mapping[str, Scaler] = {
    "fine": Scaler("ValidMetricFound", (workload("NAME"),)),
    "stateful": Scaler("ValidMetricFound", (workload("NAME", kind="StatefulSet"),), {"kind": "StatefulSet"}),
    "controller": Scaler(
        "ValidMetricFound",
        (workload("NAME", kind="ReplicationController"),),
        {"apiVersion": "v1", "kind": "ReplicationController"},
    ),
    "old-version": Scaler("ValidMetricFound", (workload("NAME"),), {"apiVersion": "apps/v1beta1"}),
    "nobody": Scaler("FailedGetScale"),
    "old-group": Scaler("FailedGetScale", (workload("NAME"),), {"apiVersion": "extensions/v1beta1"}),
    "elsewhere": Scaler("FailedGetScale", (), {"name": "limited"}),
    "daemons": Scaler("FailedGetScale", (workload("NAME", kind="DaemonSet"),), {"kind": "DaemonSet"}),
    "own": Scaler(
        "InvalidSelector", (ours("NAME", "Scaled"),), {"apiVersion": f"{GROUP}/v1", "kind": "Scaled"}
    ),
    "own-missing": Scaler("FailedGetScale", (), {"apiVersion": f"{GROUP}/v1", "kind": "Scaled"}),
    "own-unscaled": Scaler(
        "FailedGetScale", (ours("NAME", "Unscaled"),), {"apiVersion": f"{GROUP}/v1", "kind": "Unscaled"}
    ),
    "own-unknown": Scaler("FailedGetScale", (), {"apiVersion": "other.example.dev/v1", "kind": "Deployment"}),
    "no-requests": requests("FailedGetResourceMetric", pods(container())),
    "one-without": requests("FailedGetResourceMetric", pods(container(requests=CPU), container("second"))),
    "other-requests": requests("FailedGetResourceMetric", pods(container(requests={"memory": "1Mi"}))),
    "limits": requests("ValidMetricFound", pods(container(resources={"limits": CPU}))),
    "init": requests("ValidMetricFound", pods(initContainers=[container("init")])),
    "sidecar": requests("FailedGetResourceMetric", pods(initContainers=[container("side", **SIDECAR)])),
    "sidecar-with": requests("ValidMetricFound", pods(initContainers=[container("side", CPU, **SIDECAR)])),
    "injected": Scaler(
        "FailedGetResourceMetric",
        (ADOPTED, workload("adopting", kind="ReplicaSet")),
        {"kind": "ReplicaSet", "name": "adopting"},
    ),
    "value": requests("ValidMetricFound", pods(container()), VALUE),
    # one that works is enough to be active
    "value-and-memory": requests("ValidMetricFound", pods(), VALUE, utilization("memory")),
    "one": requests(
        "ValidMetricFound", pods(container(requests=CPU), container("b")), utilization(container="main")
    ),
    "one-missing": requests("FailedGetContainerResourceMetric", pods(), utilization(container="other")),
    "one-no-requests": requests(
        "FailedGetContainerResourceMetric",
        pods(container(requests=CPU), container("b")),
        utilization(container="b"),
    ),
    "pod-requests": requests("ValidMetricFound", pods(container(), resources={"requests": CPU})),
    "pod-limits": requests("ValidMetricFound", pods(container(), resources={"limits": CPU})),
    "pod-memory": requests(
        "FailedGetResourceMetric", pods(container(), resources={"requests": {"memory": "1Gi"}})
    ),
    "pod-memory-and-one": requests(
        "ValidMetricFound",
        pods(container(requests=CPU), container("b"), resources={"requests": {"memory": "1Gi"}}),
    ),
    "pod-one-container": requests(
        "FailedGetContainerResourceMetric",
        pods(container(), resources={"requests": CPU}),
        utilization(container="main"),
    ),
    "twice-a": Scaler("AmbiguousSelector", (workload("twice"),), {"name": "twice"}),
    "twice-b": Scaler("AmbiguousSelector", (), {"name": "twice"}),
    "wide": Scaler("AmbiguousSelector", (workload("NAME"),)),
    "narrow": Scaler(
        "AmbiguousSelector",
        (overlapping("NAME", {"app": "wide", "tier": "narrow"}),),
    ),
    "asleep": Scaler("ScalingDisabled", (workload("NAME", replicas=0),)),
    "asleep-twice-a": Scaler(
        "ScalingDisabled", (workload("asleep-twice", replicas=0),), {"name": "asleep-twice"}
    ),
    "asleep-twice-b": Scaler("ScalingDisabled", (), {"name": "asleep-twice"}),
    "busy": Scaler("TooManyReplicas", (workload("NAME", replicas=2, labels={USAGE: "500m"}),), most=2),
}
"""By name."""


def random_scaler(number: int) -> Scaler:
    """A target whose containers request this and that; what must come out is for the controller to say."""
    rng = random.Random(number)

    def some(chance: float) -> Object:
        return {
            name: "100m" if name == "cpu" else "1Mi" for name in ("cpu", "memory") if rng.random() < chance
        }

    def one(name: str, **more: Any) -> Object:
        resources = {field: found for field in ("requests", "limits") if (found := some(0.45))}
        return {"name": name, "image": f"{name}:1", "resources": resources, **more}

    more: Object = {}
    if rng.random() < 0.3:
        more["initContainers"] = [one("init", **(SIDECAR if rng.random() < 0.6 else {}))]
    if rng.random() < 0.3 and (
        resources := {field: found for field in ("requests", "limits") if (found := some(0.6))}
    ):
        more["resources"] = {
            field: {name: "10" if name == "cpu" else "1Gi" for name in found}
            for field, found in resources.items()
        }
    listed = [one(name) for name in ("main", "second")[: rng.choice((1, 1, 2))]]
    containers = ("", "", "", "main", "second", "init")
    wanted = tuple(
        utilization(rng.choice(("cpu", "cpu", "memory")), rng.choice(containers))
        for _ in range(rng.choice((1, 1, 2)))
    )
    return Scaler("", (workload("NAME", {"containers": listed, **more}),), metrics=wanted)


ALL: Mapping[str, Scaler] = {**SCALERS, **{f"r{number}": random_scaler(number) for number in range(RANDOM)}}


def objects(name: str, scaler: Scaler) -> list[Object]:
    """What the autoscaler is about."""
    text = msgspec.json.encode(scaler.objects).replace(b'"NAME"', msgspec.json.encode(name))
    found: list[Object] = msgspec.json.decode(text)
    return found


def autoscaler(name: str, scaler: Scaler) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, **scaler.target}
    spec: Object = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": scaler.most}
    if scaler.metrics:
        spec["metrics"] = list(scaler.metrics)
    kind = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    return {**kind, "metadata": {"name": name}, "spec": spec}


class Told(msgspec.Struct, frozen=True):
    """What the controller says of every autoscaler, and what we say, live and by the manifests."""

    conditions: Mapping[str, Mapping[str, Object]]
    """By name and type."""
    events: Mapping[str, str]
    """All that it has said of one, by name."""
    live: Judged
    declared: Judged


LIMIT_RANGE = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "defaults"},
    "spec": {"limits": [{"type": "Container", "default": {"cpu": "200m"}, "defaultRequest": CPU}]},
}


@pytest.fixture(scope="module")
def told(api: Api, space: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    api.define_kinds()
    with metrics(api, space, tmp_path_factory.mktemp("metrics")):
        made = [one for name, scaler in ALL.items() for one in objects(name, scaler)]
        api.create(space, [one for one in made if one["kind"] == "Pod"])
        api.create(space, [one for one in made if one["kind"] != "Pod"])
        expected = sum(one.get("spec", {}).get("replicas", 0) for one in made if one["kind"] in TARGETS)
        until(lambda: running(api, space) >= expected)
        scalers = [autoscaler(name, scaler) for name, scaler in ALL.items()]
        api.create(space, scalers)
        conditions = settled(api, space)
        said = events(api, space)
        found = live(api.plane, space, *POLICIES)
    folder = tmp_path_factory.mktemp("manifests")
    return Told(conditions, said, found, manifests(folder, [*made, *scalers], *POLICIES))


TARGETS = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")


def running(api: Api, namespace: str) -> int:
    """How many pods run, those of DaemonSets left out."""
    kinds = [
        {owner["kind"] for owner in one["metadata"].get("ownerReferences", ())}
        for one in api.listed(namespace, "Pod")
        if one["status"].get("phase") == "Running"
    ]
    return sum("DaemonSet" not in found for found in kinds)


def settled(api: Api, namespace: str) -> Mapping[str, Mapping[str, Object]]:
    """What the controller says once it has looked at all of them, and once more after that."""

    def seen(one: Object) -> bool:
        found = {condition["type"] for condition in one.get("status", {}).get("conditions", ())}
        return "ScalingActive" in found or "AbleToScale" in found

    def arrived(one: Object) -> bool:
        """What goes up in steps has taken the last one, and says so."""
        status = one.get("status", {})
        going = any(
            condition.get("reason") == "TooManyReplicas" for condition in status.get("conditions", ())
        )
        return not going or status.get("currentReplicas") == status.get("desiredReplicas")

    until(lambda: all(map(seen, api.listed(namespace, "HorizontalPodAutoscaler"))))
    time.sleep(2 * PERIOD)
    until(lambda: all(map(arrived, api.listed(namespace, "HorizontalPodAutoscaler"))))
    listed = api.settled(namespace, "HorizontalPodAutoscaler")
    return {
        one["metadata"]["name"]: {condition["type"]: condition for condition in one["status"]["conditions"]}
        for one in listed
    }


def events(api: Api, namespace: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in api.ask("GET", f"/api/v1/namespaces/{namespace}/events")["items"]:
        if one["involvedObject"]["kind"] == "HorizontalPodAutoscaler":
            name = one["involvedObject"]["name"]
            found[name] = f"{found.get(name, '')} {one['message']}"
    return found


def false(conditions: Mapping[str, Object]) -> Mapping[str, Object]:
    return {name: one for name, one in conditions.items() if one["status"] == "False" and name in ACTIVE}


@pytest.mark.parametrize("name", SCALERS)
def test_what_the_controller_says(told: Told, name: str) -> None:
    """The table is right about the controller: else the rest would prove nothing."""
    reasons = {one["reason"] for one in told.conditions[name].values()}
    assert SCALERS[name].reason in reasons, told.conditions[name]


def test_random_targets_are_of_both_sorts(told: Told) -> None:
    lost = [name for name in ALL if name not in SCALERS and lacks_requests(told.events.get(name, ""))]
    assert RANDOM / 4 < len(lost) < RANDOM * 3 / 4


def lacks_requests(text: str) -> bool:
    return any(words in text for words in NO_REQUESTS)


def by_condition(name: str, told: Told) -> dict[str, bool]:
    """Which of our policies must fail an autoscaler of which the controller says this."""
    conditions = told.conditions[name]
    reasons = {one["reason"] for one in false(conditions).values()}
    limited = conditions.get("ScalingLimited", {})
    return {
        "hpa_target_missing": "FailedGetScale" in reasons,
        "hpa_target_without_requests": lacks_requests(told.events.get(name, "")),
        "hpa_duplicate_target": "AmbiguousSelector" in reasons or name.startswith("asleep-twice"),
        "hpa_not_scaling": bool(reasons - {"ScalingDisabled"}),
        "hpa_saturated": limited.get("status") == "True" and limited["reason"] == "TooManyReplicas",
    }


def fails(judged: Judged, policy: str, name: str) -> bool:
    """A pair is told once, at the first of the two."""
    if policy == "hpa_duplicate_target":
        pairs = ({one.document.ref.name, *one.keys} for one in judged.values() if one.policy.id == policy)
        return any(name in pair for pair in pairs if len(pair) > 1)
    return judged[policy, name].status is Status.FAIL


def test_our_verdicts_are_the_conditions(told: Told) -> None:
    wrong = [
        f"{name}: {policy} {messages(told.live[policy, name])}, though {told.conditions[name]}; "
        f"{told.events.get(name)}; {ALL[name]}"
        for name in ALL
        for policy, failing in by_condition(name, told).items()
        if fails(told.live, policy, name) is not failing
    ]
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:5])


def test_what_is_high_does_not_scale_at_all(told: Told) -> None:
    for name in ALL:
        found = told.live["hpa_target_without_requests", name]
        if any(one.severity is Severity.HIGH for one in found.violations):
            words = " ".join(one["message"] for one in false(told.conditions[name]).values())
            assert lacks_requests(words), f"{name}: {told.conditions[name]}"


def test_manifests_say_the_same_but_for_what_only_a_cluster_knows(told: Told) -> None:
    unknown = {name for name in SCALERS if name.startswith("own")}
    for name in ALL.keys() - unknown - {"injected", "elsewhere"}:
        for policy in ("hpa_target_missing", "hpa_target_without_requests", "hpa_duplicate_target"):
            both = told.declared[policy, name], told.live[policy, name]
            assert both[0].status is both[1].status, f"{name}: {messages(both[0])}, live {messages(both[1])}"
    for name in unknown:
        assert told.declared["hpa_target_missing", name].status is Status.NOT_EVALUATED
    assert told.declared["hpa_target_without_requests", "injected"].status is Status.PASS


def test_a_limit_range_requests_for_those_who_do_not(api: Api, tmp_path: Path) -> None:
    namespace = f"limited-{uuid.uuid4().hex[:8]}"
    scaler = requests("", pods(container()))
    made = [LIMIT_RANGE, *objects("limited", scaler), autoscaler("limited", scaler)]
    api.namespace(namespace)
    api.create(namespace, made[:1])
    api.create(namespace, made[1:])
    try:
        until(lambda: running(api, namespace) == 1)
        [pod] = api.listed(namespace, "Pod")
        assert pod["spec"]["containers"][0]["resources"]["requests"] == CPU
        policy = "hpa_target_without_requests"
        assert live(api.plane, namespace, policy)[policy, "limited"].status is Status.PASS
        assert manifests(tmp_path, made, policy)[policy, "limited"].status is Status.PASS
        assert manifests(tmp_path, made[1:], policy)[policy, "limited"].status is Status.FAIL
    finally:
        api.delete(f"/api/v1/namespaces/{namespace}")

"""N8: what the API server fills in."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.defaults import default_object
from tests import factories as make
from tests.factories import document, part


def outer(kind: str, **fields: Any) -> dict[str, Any]:
    """The `spec` part of a controller."""
    seen: dict[str, Any] = part(document(make.workload(kind, outer=fields)), "spec")
    return seen


def only_container(**fields: Any) -> dict[str, Any]:
    seen: dict[str, Any] = part(document(make.deployment(make.pod_spec(containers=[fields]))), "containers")[
        0
    ]["body"]
    return seen


def test_deployment() -> None:
    assert outer("Deployment") == {
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
    }


def test_stateful_set() -> None:
    assert outer("StatefulSet") == {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    }


def test_daemon_set() -> None:
    assert outer("DaemonSet") == {
        "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    }


def test_cron_job_and_job() -> None:
    assert outer("Job") == {"backoffLimit": 6, "parallelism": 1}
    assert outer("CronJob") == {
        "schedule": "0 3 * * *",
        "jobTemplate": {"spec": {}},
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }


@pytest.mark.parametrize("kind", ["ReplicaSet", "ReplicationController"])
def test_replicas(kind: str) -> None:
    assert outer(kind) == {"replicas": 1}
    assert outer(kind, replicas=0) == {"replicas": 0}
    assert outer(kind, replicas=None) == {"replicas": 1}


@pytest.mark.parametrize("strategy", [{}, None, {"rollingUpdate": None}, {"type": ""}])
def test_a_strategy_that_says_nothing_is_rolling(strategy: Any) -> None:
    assert outer("Deployment", strategy=strategy)["strategy"]["rollingUpdate"]["maxSurge"] == "25%"


def test_a_strategy_keeps_what_it_says() -> None:
    assert outer("Deployment", strategy={"type": "Recreate"})["strategy"] == {"type": "Recreate"}
    rolling = {"rollingUpdate": {"maxUnavailable": 0}}
    assert outer("Deployment", strategy=rolling)["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }


@pytest.mark.parametrize("metrics", [{}, {"metrics": []}])
def test_autoscaler(metrics: dict[str, Any]) -> None:
    seen = default_object("HorizontalPodAutoscaler", {"maxReplicas": 3, **metrics})
    assert (seen["minReplicas"], seen["maxReplicas"]) == (1, 3)
    assert seen["metrics"][0]["resource"]["target"]["averageUtilization"] == 80


def test_autoscaler_keeps_its_metrics() -> None:
    own = [{"type": "Pods"}]
    assert default_object("HorizontalPodAutoscaler", {"metrics": own})["metrics"] == own


def test_other_kinds_get_nothing() -> None:
    assert default_object("Service", {"ports": []}) == {"ports": []}


def test_pod() -> None:
    seen = part(document(make.deployment()), "pod")["spec"]
    assert seen == {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
    }


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({"serviceAccount": "old"}, "old"),
        ({"serviceAccount": "old", "serviceAccountName": "new"}, "new"),
        ({"serviceAccount": "old", "serviceAccountName": ""}, "old"),
        ({"serviceAccount": None}, "default"),
    ],
)
def test_the_deprecated_name_of_the_service_account(spec: dict[str, Any], name: str) -> None:
    assert part(document(make.pod(make.pod_spec(**spec))), "pod")["spec"]["serviceAccountName"] == name


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe", "startupProbe"])
def test_probes(probe: str) -> None:
    seen = only_container(name="a", **{probe: {"periodSeconds": 3}})[probe]
    assert seen == {"timeoutSeconds": 1, "periodSeconds": 3, "successThreshold": 1, "failureThreshold": 3}


def test_what_is_a_finding_when_absent_is_not_filled_in() -> None:
    assert only_container(name="a", image="a:1") == {
        "name": "a",
        "image": "a:1",
        "imagePullPolicy": "IfNotPresent",
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("web", "Always"),
        ("web:latest", "Always"),
        ("registry:5000/web", "Always"),
        ("registry:5000/team/web:latest", "Always"),
        ("web:latest@sha256:" + "0" * 64, "Always"),
        ("web:1.2", "IfNotPresent"),
        ("registry:5000/web:1.2", "IfNotPresent"),
        ("web@sha256:" + "0" * 64, "IfNotPresent"),
        ("web:1.2@sha256:" + "0" * 64, "IfNotPresent"),
    ],
)
def test_image_pull_policy(image: str, policy: str) -> None:
    assert only_container(name="a", image=image)["imagePullPolicy"] == policy
    assert only_container(name="a", image=image, imagePullPolicy="Never")["imagePullPolicy"] == "Never"

"""Proof: what policies read in the status of objects is what the controllers write there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.model import Status
from tests.availability.api import Api, Object, until
from tests.availability.judge import Judged, live, manifests, messages
from tests.availability.test_budgets import is_ready

POLICIES = ("rollout_stalled", "pdb_disruptions_exhausted")
STUCK = {"nodeSelector": {"no": "node"}}
NOBODY = {"serviceAccountName": "nobody"}


def deployment(name: str, pod: Mapping[str, object], **spec: object) -> Object:
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "main:1"}], **pod},
    }
    body = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": body}


def budget(name: str) -> Object:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": name}}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": spec,
    }


OBJECTS = (
    deployment("fine", {}),
    deployment("stuck", STUCK, progressDeadlineSeconds=1),
    deployment("refused", NOBODY),
    budget("fine"),
    budget("sick"),
    deployment("sick", {}),
)


@pytest.fixture(scope="module")
def told(api: Api, space: str) -> tuple[Judged, Judged]:
    """What we say years later, and what we say now."""
    api.create(space, OBJECTS)
    until(
        lambda: reasons(api, space) >= {"ProgressDeadlineExceeded", "FailedCreate", "NewReplicaSetAvailable"}
    )
    until(lambda: len([pod for pod in api.listed(space, "Pod") if is_ready(pod)]) == 4)
    sick = [pod for pod in api.listed(space, "Pod") if pod["metadata"]["labels"]["app"] == "sick"]
    for pod in sick:
        api.status(space, pod["metadata"]["name"], conditions=[{"type": "Ready", "status": "False"}])
    until(lambda: api.listed(space, "PodDisruptionBudget")[1]["status"]["currentHealthy"] == 0)
    api.settled(space, "PodDisruptionBudget")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return live(api.plane, space, *POLICIES), live(api.plane, space, *POLICIES, now=now)


def reasons(api: Api, namespace: str) -> set[str]:
    conditions = [one["status"].get("conditions", ()) for one in api.listed(namespace, "Deployment")]
    return {condition["reason"] for listed in conditions for condition in listed}


@pytest.mark.parametrize(
    ("policy", "name", "later", "now"),
    [
        ("rollout_stalled", "fine", Status.PASS, Status.PASS),
        ("rollout_stalled", "stuck", Status.FAIL, Status.FAIL),  # its deadline is over
        ("rollout_stalled", "refused", Status.FAIL, Status.PASS),
        ("pdb_disruptions_exhausted", "fine", Status.PASS, Status.PASS),
        ("pdb_disruptions_exhausted", "sick", Status.FAIL, Status.PASS),
    ],
)
def test_verdicts(told: tuple[Judged, Judged], policy: str, name: str, later: Status, now: Status) -> None:
    found = [one[policy, name] for one in told]
    assert [one.status for one in found] == [later, now], list(map(messages, found))


def test_manifests_have_no_status(tmp_path: Path) -> None:
    assert manifests(tmp_path, OBJECTS, *POLICIES) == {}

"""What makes backups, and whether it still does; and what pods get that name no PriorityClass."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.assemble import assemble
from auditor.model import Body, Document, Snapshot, SourceFacts
from tests import factories as make

RELATIONS = ("backup_runs", "backup_schedules", "priority_classes")
PARTS = frozenset(f"related.{name}" for name in RELATIONS)


def document(*bodies: Body, kind: str = "cluster", namespaces: tuple[str, ...] = ()) -> Document:
    """Return the document of the first object."""
    snapshot = Snapshot(SourceFacts(kind, namespaces=namespaces), tuple(map(make.resource, bodies)))
    found = assemble(snapshot, frozenset({bodies[0]["kind"]}), frozenset(RELATIONS), PARTS)
    return next(one for one in found if one.ref.name == bodies[0]["metadata"]["name"])


def related(name: str, *bodies: Body, **options: Any) -> Any:
    """Return what the first object is told; None if nothing."""
    seen = document(*bodies, **options)
    return make.part(seen, f"related.{name}") if f"related.{name}" in seen.parts else None


def schedule(name: str = "daily", *, phase: str = "Enabled", paused: Any = None, **template: Any) -> Body:
    spec = {"schedule": "0 3 * * *", "template": template, **({} if paused is None else {"paused": paused})}
    return {**make.obj("Schedule", spec, name=name, namespace="velero"), "status": {"phase": phase}}


def backup(name: str, phase: str = "Completed", at: str = "2026-06-01T03:05:00Z", of: str = "daily") -> Body:
    body = make.obj("Backup", {}, name=name, namespace="velero", labels={"velero.io/schedule-name": of})
    return {**body, "status": {"phase": phase, "completionTimestamp": at}}


def claim(name: str = "data", namespace: str = "shop") -> Body:
    return make.obj("PersistentVolumeClaim", {}, name=name, namespace=namespace)


# --- runs -----------------------------------------------------------------------------------------


def test_the_last_whole_backup_counts() -> None:
    others = [
        backup("1", at="2026-06-01T03:05:00Z"),
        backup("2", at="2026-06-02T03:05:00Z"),
        backup("3", phase="PartiallyFailed", at="2026-06-03T03:05:00Z"),
        backup("4", of="hourly", at="2026-06-04T03:05:00Z"),
        {**backup("5", at="2026-06-05T03:05:00Z"), "metadata": {"name": "5", "namespace": "velero"}},
    ]
    assert related("backup_runs", schedule(), *others) == {
        "interval": 86400,
        "completed": "2026-06-02T03:05:00Z",
    }


def test_a_namespace_is_another_velero() -> None:
    other = backup("1")
    other["metadata"]["namespace"] = "other"
    assert related("backup_runs", schedule(), other) == {"interval": 86400}


@pytest.mark.parametrize(
    ("body", "off"),
    [
        (schedule(paused=True), "it is paused"),
        (schedule(paused=False), None),
        (schedule(phase="FailedValidation"), "Velero finds it invalid"),
        (make.cronjob(make.pod_spec(), outer={"suspend": True}), "it is paused"),
        (make.cronjob(), None),
    ],
)
def test_what_is_off(body: Body, off: str | None) -> None:
    assert related("backup_runs", body).get("off") == off


def test_an_expression_that_cannot_be_read() -> None:
    body = make.obj("Schedule", {"schedule": "every night"}, name="daily", namespace="velero")
    assert related("backup_runs", body) == {"reason": "When it runs is not known: it has not five fields."}
    bare = make.obj("Schedule", name="daily", namespace="velero")
    assert related("backup_runs", bare) == {"reason": "When it runs is not known: it has not five fields."}


def test_a_cron_job_runs_too() -> None:
    assert related("backup_runs", make.cronjob()) == {"interval": 86400}
    assert related("backup_runs", make.deployment()) is None


def test_a_broken_backup_is_named() -> None:
    broken = {**backup("1"), "status": {"phase": 5}}
    reason = {"backup_runs": "Backup velero/1: status.phase must be text, not whole number"}
    assert {"backup_runs": document(schedule(), broken).missing["backup_runs"]} == reason
    assert "backup_runs" not in document(make.cronjob(), broken).missing


# --- schedules ------------------------------------------------------------------------------------


def covers(*others: Body, **options: Any) -> Any:
    return related("backup_schedules", make.namespace(), *others, **options)


def nothing(**more: Any) -> Body:
    none = {"total": 0, "items": []}
    return {
        "claims": 0,
        "velero": False,
        "covered": 0,
        "off": none,
        "unsure": none,
        "cron_jobs": none,
        **more,
    }


def test_nothing_at_all() -> None:
    assert covers() == nothing()
    assert related("backup_schedules", make.deployment()) is None


def test_claims_are_those_of_the_namespace() -> None:
    assert covers(claim("a"), claim("b"), claim("c", "bank"))["claims"] == 2


@pytest.mark.parametrize(
    ("template", "covered"),
    [
        ({}, 1),
        ({"includedNamespaces": []}, 1),
        ({"includedNamespaces": ["*"]}, 1),
        ({"includedNamespaces": ["bank", "shop"]}, 1),
        ({"includedNamespaces": ["bank"]}, 0),
        ({"includedNamespaces": ["*"], "excludedNamespaces": ["shop"]}, 0),
        ({"excludedNamespaces": ["bank"]}, 1),
        ({"excludedNamespaces": ["*"]}, 0),
        ({"includedNamespaces": ["shop", "shop"]}, 1),
        ({"includedResources": ["*"]}, 1),
        ({"includedResources": ["PersistentVolumeClaims", "pods"]}, 1),
        ({"excludedResources": ["secrets"]}, 1),
        ({"snapshotVolumes": True}, 1),
        ({"snapshotVolumes": False, "defaultVolumesToFsBackup": True}, 1),
    ],
)
def test_which_namespaces_are_covered(template: Body, covered: int) -> None:
    assert covers(schedule(**template)) == nothing(velero=True, covered=covered)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (schedule(paused=True), "it is paused"),
        (schedule(phase="FailedValidation"), "it is in phase FailedValidation"),
        (schedule(includedResources=["secrets"]), "it leaves out volumes"),
        (schedule(excludedResources=["pvc"]), "it leaves out volumes"),
        (schedule(excludedNamespaceScopedResources=["persistentvolumeclaims"]), "it leaves out volumes"),
        (schedule(includedNamespaceScopedResources=["configmaps"]), "it leaves out volumes"),
        (schedule(paused=True, labelSelector={"matchLabels": {"a": "b"}}), "it is paused"),
    ],
)
def test_which_make_no_backups(body: Body, reason: str) -> None:
    words = f"Schedule velero/daily would, but {reason}"
    assert covers(body) == nothing(velero=True, off={"total": 1, "items": [words]})


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({"labelSelector": {"matchLabels": {"a": "b"}}}, "it takes only what has certain labels"),
        ({"orLabelSelectors": [{"matchLabels": {"a": "b"}}]}, "it takes only what has certain labels"),
        ({"snapshotVolumes": False}, "it takes no snapshots of volumes"),
        ({"includedNamespaces": ["sh*"]}, "it names namespaces by a pattern"),
        ({"excludedNamespaces": ["b*"]}, "it names namespaces by a pattern"),
    ],
)
def test_of_which_it_cannot_be_told(template: Body, reason: str) -> None:
    words = f"Whether Schedule velero/daily makes backups of all its claims is not known: {reason}."
    assert covers(schedule(**template)) == nothing(velero=True, unsure={"total": 1, "items": [words]})


def test_one_of_several_is_enough() -> None:
    found = covers(schedule(paused=True), schedule("hourly"), schedule("labels", labelSelector={"a": {}}))
    assert (found["covered"], found["off"]["total"], found["unsure"]["total"]) == (1, 1, 1)


def test_a_pattern_beside_the_name_is_sure() -> None:
    assert covers(schedule(includedNamespaces=["b*", "shop"]))["covered"] == 1


def test_a_status_in_manifests_is_a_claim() -> None:
    assert covers(schedule(phase="FailedValidation"), kind="manifests")["covered"] == 1


def test_cron_jobs_of_the_namespace() -> None:
    jobs = [
        make.cronjob(name="b"),
        make.cronjob(name="a"),
        make.cronjob(make.pod_spec(), outer={"suspend": True}, name="c"),
        make.cronjob(name="d", namespace="bank"),
    ]
    assert covers(*jobs)["cron_jobs"] == {"total": 2, "items": ["a", "b"]}


def test_namespaces_that_were_not_read() -> None:
    reason = "Schedules of Velero stand in a namespace that was not read."
    assert covers(namespaces=("shop",))["unsure"] == {"total": 1, "items": [reason]}


def test_a_broken_schedule_is_named() -> None:
    broken = make.obj("Schedule", {"paused": "yes"}, name="daily", namespace="velero")
    missing = document(make.namespace(), broken).missing["backup_schedules"]
    assert missing == "Schedule velero/daily: spec.paused must be boolean, not text"


# --- priority classes -----------------------------------------------------------------------------


def priority(name: str, *, default: Any = None) -> Body:
    return {
        **make.obj("PriorityClass", name=name),
        "value": 5,
        **({} if default is None else {"globalDefault": default}),
    }


def test_the_default_class() -> None:
    assert related("priority_classes", make.deployment()) == {}
    assert related("priority_classes", make.deployment(), priority("a"), priority("b", default=False)) == {}
    assert related("priority_classes", make.deployment(), priority("a"), priority("b", default=True)) == {
        "default": "b"
    }


def test_a_broken_class_is_named() -> None:
    missing = document(make.deployment(), priority("a", default="yes")).missing["priority_classes"]
    assert missing == "PriorityClass a: globalDefault must be boolean, not text"

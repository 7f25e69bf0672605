"""The PersistentVolumeClaims that workloads use."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.assemble import assemble
from auditor.model import Body, Document
from tests import factories as make

PART = "related.volume_claims"
NAMES = frozenset({"volume_claims"})


def document(*bodies: Body, kind: str = "cluster") -> Document:
    """Return the document of the first object."""
    snapshot = make.snapshot(*bodies, kind=kind)
    found = assemble(snapshot, frozenset({bodies[0]["kind"]}), NAMES, frozenset({PART}))
    return next(one for one in found if one.ref.name == bodies[0]["metadata"]["name"])


def claims(*bodies: Body, kind: str = "cluster") -> Any:
    """Return what the first object is told of its claims; None if nothing."""
    seen = document(*bodies, kind=kind)
    return make.part(seen, PART) if PART in seen.parts else None


def claim(name: str = "data", *, namespace: str = "shop", capacity: str = "", **spec: Any) -> Body:
    asked = {"resources": {"requests": {"storage": "10Gi"}}, "accessModes": ["ReadWriteOnce"], **spec}
    body = make.obj("PersistentVolumeClaim", asked, name=name, namespace=namespace)
    return {**body, "status": {"capacity": {"storage": capacity}}} if capacity else body


def volume(name: str = "pv-1", **spec: Any) -> Body:
    return make.obj("PersistentVolume", spec or {"capacity": {"storage": "10Gi"}}, name=name)


def storage_class(name: str = "fast", *, default: bool = False, **fields: Any) -> Body:
    chosen = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {**make.obj("StorageClass", name=name, annotations=chosen), "provisioner": "example.dev", **fields}


def uses(*names: str) -> Body:
    volumes = [{"name": f"v-{name}", "persistentVolumeClaim": {"claimName": name}} for name in names]
    return make.deployment(make.pod_spec(volumes=[{"name": "scratch"}, *volumes]))


def stateful(**spec: Any) -> Body:
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}, **spec}}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "hidden"}}]
    outer = {"volumeClaimTemplates": [template]}
    return make.workload("StatefulSet", make.pod_spec(volumes=volumes), outer=outer, name="db")


BASE = {"volume": "v-data", "name": "data", "capacity": "10Gi", "accessModes": ["ReadWriteOnce"]}


@pytest.mark.parametrize(
    ("others", "seen"),
    [
        ([claim()], {}),
        ([claim(capacity="12Gi")], {"capacity": "12Gi"}),
        ([claim(volumeName="pv-1"), volume()], {"reclaimPolicy": "Retain"}),
        (
            [claim(volumeName="pv-1"), volume(persistentVolumeReclaimPolicy="Delete")],
            {"reclaimPolicy": "Delete"},
        ),
        # the volume decides, whatever the class has become since
        (
            [claim(volumeName="pv-1", storageClassName="fast"), volume(), storage_class()],
            {"reclaimPolicy": "Retain", "storageClass": "fast"},
        ),
        ([claim(volumeName="gone", storageClassName="fast"), storage_class()], {"storageClass": "fast"}),
        (
            [claim(storageClassName="fast"), storage_class()],
            {"storageClass": "fast", "reclaimPolicy": "Delete", "predicted": True},
        ),
        (
            [claim(storageClassName="fast"), storage_class(reclaimPolicy="Retain")],
            {"storageClass": "fast", "reclaimPolicy": "Retain", "predicted": True},
        ),
        (
            [claim(), storage_class("slow"), storage_class(default=True)],
            {"storageClass": "fast", "reclaimPolicy": "Delete", "predicted": True},
        ),
        ([claim(storageClassName=""), storage_class(default=True)], {}),
        ([claim(storageClassName="other"), storage_class(default=True)], {"storageClass": "other"}),
    ],
)
def test_the_claim_that_a_pod_mounts(others: list[Body], seen: Body) -> None:
    assert claims(uses("data"), *others) == {"total": 1, "items": [{**BASE, **seen}]}


def test_manifests_have_no_capacity_but_what_is_asked_for() -> None:
    assert claims(uses("data"), claim(capacity="12Gi"), kind="manifests")["items"] == [BASE]


def test_of_a_claim_that_was_not_read_only_the_name_is_known() -> None:
    elsewhere = claim(namespace="bank")
    assert claims(uses("data"), elsewhere)["items"] == [{"volume": "v-data", "name": "data"}]


def test_no_claims() -> None:
    assert claims(make.deployment(), claim()) == {"total": 0, "items": []}
    assert claims(make.obj("ConfigMap", name="web"), claim()) is None


def test_the_claims_that_a_stateful_set_made() -> None:
    made = [claim(f"data-db-{number}", capacity=f"{number}Gi") for number in (1, 2)]
    others = [claim("data-db-x"), claim("data-dbx-0"), claim("data-db-0", namespace="bank"), claim("hidden")]
    found = claims(stateful(), *made, *others)
    assert [(one["volume"], one["name"], one["capacity"]) for one in found["items"]] == [
        ("data", "data-db-1", "1Gi"),
        ("data", "data-db-2", "2Gi"),
    ]


def test_the_template_tells_where_there_are_no_claims_so_far() -> None:
    told = {"volume": "data", "name": "data-db", "capacity": "5Gi"}
    assert claims(stateful())["items"] == [told]
    predicted = {"storageClass": "fast", "reclaimPolicy": "Delete", "predicted": True}
    assert claims(stateful(storageClassName="fast"), storage_class())["items"] == [{**told, **predicted}]


def test_many_claims_are_counted() -> None:
    found = claims(stateful(), *(claim(f"data-db-{number}") for number in range(30)))
    assert (found["total"], len(found["items"])) == (30, 20)


def broken(body: Body) -> Body:
    return {**body, "metadata": {**body["metadata"], "labels": "none"}}


@pytest.mark.parametrize(
    "others",
    [
        [broken(claim())],
        [claim(volumeName="pv-1"), broken(volume())],
        [claim(storageClassName="fast"), broken(storage_class())],
    ],
)
def test_what_is_broken_is_missing_to_those_who_use_it(others: list[Body]) -> None:
    seen = document(uses("data"), *others, kind="manifests")
    assert "labels" in seen.missing["volume_claims"]
    assert not document(make.deployment(), *others, kind="manifests").missing


@pytest.mark.parametrize("spec", [None, {"resources": []}, {"resources": {"requests": None}}])
def test_claims_that_say_nothing_of_use(spec: Any) -> None:
    odd = make.obj("PersistentVolumeClaim", spec, name="data")
    assert claims(uses("data"), odd, kind="manifests")["items"] == [{"volume": "v-data", "name": "data"}]


def test_a_claim_whose_spec_is_no_mapping_is_missing() -> None:
    odd = make.obj("PersistentVolumeClaim", [], name="data")
    seen = document(uses("data"), odd, kind="manifests")
    assert "spec" in seen.missing["volume_claims"]
    assert "related.volume_claims" not in seen.parts


def test_since_when_a_claim_is_there() -> None:
    old = make.obj("PersistentVolumeClaim", {}, name="data", creationTimestamp="2026-01-01T00:00:00Z")
    [item] = claims(uses("data"), old)["items"]
    assert item["created"] == "2026-01-01T00:00:00Z"
    # what a manifest says of its age is a claim
    [item] = claims(uses("data"), old, kind="manifests")["items"]
    assert "created" not in item


@pytest.mark.parametrize("kind", ["Prometheus", "Alertmanager"])
def test_an_object_of_an_operator_has_the_claims_of_what_is_made_from_it(kind: str) -> None:
    owner = make.obj(kind, {}, name="k8s", uid="u-1")
    made = make.owned(stateful(), owner)
    other = make.owned(stateful(), make.obj(kind, {}, name="other", uid="u-2"))
    seen = claims(owner, made, claim("data-db-0", capacity="6Gi"), claim("data-db-1", capacity="7Gi"))
    assert [(one["volume"], one["name"], one["capacity"]) for one in seen["items"]] == [
        ("data", "data-db-0", "6Gi"),
        ("data", "data-db-1", "7Gi"),
    ]
    assert claims(owner, other) is None
    assert claims(owner, made, kind="manifests") is None

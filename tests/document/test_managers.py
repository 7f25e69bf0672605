"""What is kept of managedFields, and whom it leads to; by the real API server: tests/availability."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.document.keep import keep, restore
from auditor.document.managers import MAX_MANAGERS, set_by
from auditor.document.snapshot_digest import snapshot_digest
from auditor.model import Body, Manager, Origin, ResourceRef, SetBy, Snapshot, SourceFacts

CONTAINER: Body = {".": {}, "f:name": {}, "f:image": {}, "f:args": {}}
CREATED: Body = {
    "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
    "f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': CONTAINER}}}},
}
EARLY, LATE = "2026-05-01T08:00:00Z", "2026-06-01T08:00:00Z"
POD = "/spec/template/spec"


def entry(manager: Any, fields: Any, time: Any = EARLY, **more: Any) -> Body:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields, **more}


def deployment(*entries: Any) -> Body:
    containers = [{"name": "side", "image": "a"}, {"name": "web", "image": "a", "args": ["x", "y"]}]
    return {
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "labels": {"app": "web"},
            "managedFields": [*entries],
        },
        "spec": {"replicas": 2, "template": {"spec": {"containers": containers}}},
    }


def kept(*entries: Any, kind: str = "Deployment", origin: Origin | None = None) -> tuple[Manager, ...]:
    ref = ResourceRef("apps/v1", kind, "web", "shop")
    return keep(ref, deployment(*entries), origin).content.managers


def found(path: str, *entries: Any) -> SetBy | None:
    return set_by(kept(*entries), deployment(), path)


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("/spec/replicas", ""),
        ("/metadata/labels/app", ""),
        (f"{POD}/containers/1/image", ""),
        (f"{POD}/containers/1", ""),
        (f"{POD}/containers/1/args/1", f"{POD}/containers/1/args"),
        (f"{POD}/containers/1/readinessProbe", f"{POD}/containers/1"),
        (f"{POD}/containers/1/resources/limits/memory", f"{POD}/containers/1"),
        ("/metadata/labels/example.com~1owner", "/metadata/labels"),
    ],
)
def test_who_owns_a_place_or_what_is_around_it(path: str, owned: str) -> None:
    assert found(path, entry("kubectl-create", CREATED)) == SetBy(
        "kubectl-create", "Update", EARLY, path=owned
    )


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/spec",
        f"{POD}/hostNetwork",
        f"{POD}/containers/0/image",
        f"{POD}/containers/7",
        f"{POD}/containers/x",
    ],
)
def test_where_nobody_decided_anything_nobody_is_named(path: str) -> None:
    assert found(path, entry("kubectl-create", CREATED)) is None


def test_the_nearest_counts_and_then_the_latest() -> None:
    replicas: Body = {"f:spec": {"f:replicas": {}}}
    entries = [entry("one", CREATED, EARLY), entry("two", replicas, LATE), entry("three", replicas, EARLY)]
    assert getattr(found("/spec/replicas", *entries), "manager", "") == "two"
    image: Body = {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}}}
    }
    entries = [entry("one", CREATED, LATE), entry("two", image, EARLY)]
    assert getattr(found(f"{POD}/containers/1/image", *entries), "manager", "") == "one"
    assert getattr(found(f"{POD}/containers/1/tty", *entries), "manager", "") == "one"
    scale = entry("hpa", replicas, None, subresource="scale", operation="Apply")
    assert found("/spec/replicas", scale) == SetBy("hpa", "Apply", "", "scale")


def test_what_is_kept() -> None:
    status = entry("controller", {"f:status": {"f:replicas": {}}})
    assert kept(status, entry("kubelet", CREATED, subresource="status")) == ()
    [one] = kept(entry("old", {**CREATED, "f:status": {"f:replicas": {}}}))
    assert msgspec.json.decode(one.fields) == CREATED
    assert len(kept(*[entry(f"m{number}", CREATED) for number in range(50)])) == MAX_MANAGERS
    assert kept(entry("large", {f"f:{number}": {} for number in range(20_000)})) == ()


def test_manifests_pods_and_custom_kinds_have_none() -> None:
    created = entry("kubectl-create", CREATED)
    assert kept(created)
    assert kept(created, origin=Origin("a.yaml", 1, 1)) == ()
    assert kept(created, kind="Prometheus") == ()


def test_no_credential_is_kept() -> None:
    token = "ghp_" + "a1B2" * 9
    assert kept(entry(token, CREATED)) == ()
    [one] = kept(entry("m", {"f:metadata": {"f:finalizers": {".": {}, f'v:"{token}"': {}}}}))
    assert token.encode() not in one.fields
    assert msgspec.json.decode(one.fields) == {"f:metadata": {"f:finalizers": {".": {}}}}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "x",
        {},
        {"manager": 1, "fieldsV1": CREATED},
        {"manager": "m", "fieldsV1": []},
        entry("m", {"f:spec": 1}),
        entry("m", {"f:spec": {"f:replicas": None}}),
        entry(
            "m", {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:[": {}, "k:1": {}, "k:": {}}}}}}
        ),
    ],
)
def test_what_is_broken_names_nobody(broken: Any) -> None:
    for path in ("/spec/replicas", f"{POD}/containers/1/image"):
        assert found(path, broken) is None


@pytest.mark.parametrize("fields", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"f:spec":' * 100_000])
def test_what_a_snapshot_of_a_stranger_says_names_nobody(fields: bytes) -> None:
    stranger = Manager("m", "Update", EARLY, "", fields)
    for path in ("/spec/replicas", f"{POD}/containers/1/image", f"{POD}/containers/{'9' * 5000}"):
        assert set_by([stranger], deployment(), path) is None


def test_a_snapshot_has_the_same() -> None:
    ref = ResourceRef("apps/v1", "Deployment", "web", "shop")
    one = keep(ref, deployment(entry("kubectl-create", CREATED)))
    again = restore("Deployment", one.content.json, one.content.managers)
    assert (again.json, again.managers) == (one.content.json, one.content.managers)
    assert b"managedFields" not in one.content.json

    def digest(*entries: Any) -> str:
        facts = SourceFacts("cluster")
        return snapshot_digest(Snapshot(facts, (keep(ref, deployment(*entries)),)))

    created = entry("kubectl-create", CREATED)
    assert digest(created) == digest(created)
    assert len({digest(), digest(created), digest(entry("kubectl-create", CREATED, LATE))}) == 3

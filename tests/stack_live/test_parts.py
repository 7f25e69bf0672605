"""What is sent, in which order, what is remembered of it, and when it counts as ready."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from typing import Any

import pytest

from auditor.collect.fault import ApiError, Cause
from auditor.errors import IncompleteError, UsageError
from auditor.stack.compose import identity
from auditor.stack.live import inventory as inventories
from auditor.stack.live import preflight, wait
from auditor.stack.live.conflicts import Conflict, conflicts
from auditor.stack.live.inventory import LARGEST, Inventory, Member
from auditor.stack.live.order import rank
from auditor.stack.live.scaling import handover, left_over
from auditor.stack.live.wait import State, states
from auditor.stack.live.wanted import Wanted, read, wanted
from auditor.stack.patches import Object
from tests.stack.shipped import chosen, rendered
from tests.stack_live.deployer import autoscaler, claim, closed, config, deployment, secret, service


class World:
    """A cluster that holds these objects, and no more."""

    def __init__(self, *objects: Object, refused: int = 0) -> None:
        self.objects = {identity(one): one for one in objects}
        self.refused = refused

    def find(self, one: Object) -> Object | None:
        if self.refused:
            raise ApiError(self.refused, "no")
        return self.objects.get(identity(one))

    def holds(self, one: Object) -> bool:
        return self.find(one) is not None

    def list(self, api_version: str, kind: str, namespace: str = "") -> Iterator[Object]:
        if self.refused:
            raise ApiError(self.refused, "no")
        for one in self.objects.values():
            if one["kind"] == kind and namespace in ("", one["metadata"].get("namespace")):
                yield one

    def resource(self, api_version: str, kind: str) -> None:
        return None

    def version(self) -> str:
        return "v1.30.4-gke.1"


def stack(*objects: Object) -> Wanted:
    return wanted("shop", objects)


def test_what_others_need_comes_first() -> None:
    objects = [
        autoscaler("shop"), deployment("shop"), closed("shop"), service("shop"), config("shop"),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
         "metadata": {"name": "g", "namespace": "shop"}},
        {**closed("shop"), "metadata": {"name": "z-opens", "namespace": "shop"}, "spec": {"ingress": [{}]}},
    ]  # fmt: skip
    random.Random(7).shuffle(objects)
    assert [f"{one['kind']} {one['metadata']['name']}" for one in sorted(objects, key=rank)] == [
        "Namespace shop",
        "ConfigMap settings",
        "NetworkPolicy z-opens",
        "NetworkPolicy a-default-deny",
        "Service web",
        "Deployment web",
        "HorizontalPodAutoscaler web",
        "Gateway g",
    ]


@pytest.mark.parametrize("profile", ["minimal", "ha", "azure-mlops"])
def test_of_what_ships_nothing_comes_before_what_it_names(profile: str) -> None:
    order = [one["kind"] for one in wanted("monitoring", rendered(chosen(profile)).objects).objects]
    pairs = {
        "Namespace": "ServiceAccount",
        "ConfigMap": "StatefulSet",
        "NetworkPolicy": "Deployment",
        "Deployment": "HorizontalPodAutoscaler",
    }
    for first, later in pairs.items():
        if later in order:
            assert max(i for i, kind in enumerate(order) if kind == first) < order.index(later)


def test_what_only_a_server_writes_is_not_sent() -> None:
    one = config("shop")
    one["metadata"] |= {"uid": "1", "resourceVersion": "2", "managedFields": [], "creationTimestamp": None}
    [sent] = stack({**one, "status": {}}).objects
    assert sent["metadata"].keys() == {"name", "namespace", "labels"}
    assert "status" not in sent


def test_an_object_twice_is_an_error() -> None:
    with pytest.raises(UsageError, match="ConfigMap shop/settings is there twice"):
        stack(config("shop"), config("shop"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "line 1"),
        ("- 1", "a document is no object"),
        ("kind: A\nmetadata: {name: x}", "missing required field `apiVersion`"),
        ("apiVersion: v1\nkind: A\nmetadata: {name: 7}", r"Expected `str`, got `int`"),
        ("apiVersion: v1\nkind: A\nmetadata: {name: a/b}", "no object can be called"),
        ("apiVersion: v1\nkind: A\nmetadata: {name: x, labels: [a]}", "Expected `object"),
    ],
)
def test_what_kustomize_prints_is_checked(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        read(text.encode(), "-k here")
    assert str(raised.value).startswith("-k here: ")


def test_lists_are_taken_apart() -> None:
    text = "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A, metadata: {name: x}}]"
    assert [one["kind"] for one in read(text.encode(), "")] == ["A"]


def test_copies_are_the_same_bytes_without_secrets_and_not_too_large() -> None:
    one = stack(config("shop"), secret("shop", "value-of-it"))
    assert [each["kind"] for each in inventories.unpacked(inventories.packed(one.objects))] == ["ConfigMap"]
    assert inventories.packed(one.objects) == inventories.packed(one.objects)
    noise = random.Random(1).randbytes(LARGEST).hex()
    first = Inventory("shop").finished(one, [])
    large = first.finished(stack(config("shop", a=noise[: LARGEST + 1000])), [])
    assert large.applied
    assert large.previous == first.applied
    larger = large.finished(stack(config("shop", a=noise[1000 : LARGEST * 2])), [])
    assert (larger.applied, larger.previous) == (b"", b"")
    assert larger.digest


def test_the_same_again_keeps_what_was_before() -> None:
    first = Inventory("shop").finished(stack(config("shop")), [])
    second = first.finished(stack(service("shop")), [])
    assert second.previous == first.applied
    assert second.finished(stack(service("shop")), []).previous == first.applied


@pytest.mark.parametrize(
    "copy",
    [
        b"no gzip",
        gzip.compress(b"{"),
        gzip.compress(b'"text"'),
        gzip.compress(b" " * (65 << 20)),
        gzip.compress(b'[{"kind": "ClusterRole"}]'),
        gzip.compress(b'[{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a/../b"}}]'),
        gzip.compress(b'[{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "spec": 7}]'),
    ],
    # what gzip makes has the time in it
    ids=["no gzip", "no JSON", "no list", "a bomb", "no name", "a path for a name", "no object"],
)
def test_a_broken_copy_is_one_clear_error(copy: bytes) -> None:
    with pytest.raises(IncompleteError, match="the copy of what was applied is broken"):
        inventories.unpacked(copy)


def test_begun_it_knows_what_was_and_what_is_to_be() -> None:
    old = Member("/Service/shop/web", "v1", "uid-1")
    begun = Inventory("shop", "applied", (old,)).begun(stack(config("shop"), service("shop")))
    assert begun.state == "applying"
    assert begun.members == (Member("/ConfigMap/shop/settings", "v1"), old)


def test_conflicts_are_read_as_the_server_writes_them() -> None:
    causes = [
        Cause("FieldManagerConflict", 'conflict with "kubectl-edit" using apps/v1', ".spec.replicas"),
        Cause("FieldManagerConflict", 'conflict with "hpa" with subresource "scale" using v1', ".spec.a"),
        Cause("Other", "not about fields", ".spec"),
    ]
    entries = [
        {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T00:00:00Z"},
        {"manager": "kubectl-edit", "operation": "Apply", "time": "2026-01-01T00:00:00Z"},
        {"manager": "hpa", "operation": "Update", "time": "2026-01-03T00:00:00Z", "subresource": "scale"},
    ]
    live = {"metadata": {"managedFields": entries}}
    assert conflicts(ApiError(409, "", causes), live) == [
        Conflict(".spec.replicas", "kubectl-edit", "Update", "", "2026-01-02T00:00:00Z"),
        Conflict(".spec.a", "hpa", "Update", "scale", "2026-01-03T00:00:00Z"),
    ]
    assert conflicts(ApiError(409, "", causes[:1]), None) == [Conflict(".spec.replicas", "kubectl-edit")]


def test_only_what_an_autoscaler_wrote_is_left_over() -> None:
    scaler = Conflict(".spec.replicas", "kube-controller-manager", "Update", "scale")
    assert left_over([scaler])
    assert not left_over([])
    assert not left_over([scaler, Conflict(".spec.replicas", "kubectl", "Update", "scale")])
    assert not left_over([Conflict(".spec.template", "kube-controller-manager", "Update")])


def test_a_number_is_handed_over_only_by_its_owner() -> None:
    entry = {"manager": "auditor", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    live = deployment("shop", 4)
    live["metadata"]["managedFields"] = [entry]
    sent = deployment("shop", None)
    assert handover(live, sent) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 4},
    }
    assert handover(live, deployment("shop", 4)) is None
    live["metadata"]["managedFields"] = [{**entry, "operation": "Update"}]
    assert handover(live, sent) is None


def live(kind: str, status: dict[str, Any], **spec: Any) -> Object:
    """A workload of generation 3 as its controller has left it."""
    one = deployment("shop")
    return {
        **one,
        "kind": kind,
        "metadata": {**one["metadata"], "generation": 3},
        "spec": {**one["spec"], **spec},
        "status": {"observedGeneration": 3, **status},
    }


FULL = {"updatedReplicas": 2, "availableReplicas": 2, "replicas": 2}
LATE = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too slow"}


@pytest.mark.parametrize(
    ("kind", "status", "ready", "text"),
    [
        ("Deployment", FULL, True, "2 of 2 available"),
        ("Deployment", FULL | {"observedGeneration": 2}, False, "its controller has not seen it yet"),
        ("Deployment", FULL | {"availableReplicas": 1}, False, "1 of 2 available"),
        ("Deployment", FULL | {"updatedReplicas": 1}, False, "2 of 2 available, 1 of them new"),
        ("Deployment", FULL | {"replicas": 3}, False, "2 of 2 available, 1 old ones still there"),
        ("Deployment", FULL | {"conditions": [LATE]}, False, "2 of 2 available, too slow"),
        ("Deployment", {}, False, "0 of 2 available, 0 of them new"),
        ("StatefulSet", FULL | {"currentRevision": "a", "updateRevision": "a"}, True, "2 of 2 available"),
        ("StatefulSet", FULL | {"currentRevision": "a", "updateRevision": "b"}, False,
         "2 of 2 available, not all of one revision"),
        ("DaemonSet", {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}, True,
         "3 of 3 available"),
        ("DaemonSet", {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2}, False,
         "2 of 3 available"),
    ],
)  # fmt: skip
def test_when_a_workload_is_ready(kind: str, status: dict[str, Any], ready: bool, text: str) -> None:
    one = {**deployment("shop"), "kind": kind}
    [found] = states(World(live(kind, status)), stack(one))  # type: ignore[arg-type]
    assert (found.ready, found.text, found.required) == (ready, text, True)


def pod(status: dict[str, Any]) -> Object:
    """A pod of that workload."""
    metadata = {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status}


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]},
         "web-0: web ImagePullBackOff"),
        ({"conditions": [{"type": "PodScheduled", "status": "False", "message": "no node"}]},
         "web-0: no node"),
    ],
)  # fmt: skip
def test_why_it_is_not_ready(status: dict[str, Any], why: str) -> None:
    world = World(live("Deployment", {}), pod(status))
    [found] = states(world, stack(deployment("shop")))  # type: ignore[arg-type]
    assert found.text == f"0 of 2 available, 0 of them new ({why})"


def test_what_is_gone_or_cannot_be_read_is_not_ready() -> None:
    for world, text in ((World(), "is not there"), (World(refused=403), "no (HTTP 403)")):
        assert states(world, stack(deployment("shop"))) == [  # type: ignore[arg-type]
            State("apps/Deployment/shop/web", text)
        ]


def test_an_autoscaler_is_a_remark_only_and_the_time_has_an_end() -> None:
    ready = live("Deployment", FULL)
    found = wait.wait(World(ready), stack(deployment("shop"), autoscaler("shop")), 60)  # type: ignore[arg-type]
    assert [(one.ready, one.required) for one in found] == [(True, True), (False, False)]
    assert not wait.wait(World(), stack(deployment("shop")), 0)[0].ready  # type: ignore[arg-type]


def test_what_will_not_work_is_told_before() -> None:
    one = {**deployment("shop", 3), "kind": "StatefulSet"}
    one["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "d"}, "spec": {"storageClassName": "fast"}}]
    spec = one["spec"]["template"]["spec"]
    spec["volumes"] = [
        {"name": "a", "secret": {"secretName": "tls"}},
        {"name": "b", "secret": {"secretName": "maybe", "optional": True}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "made"}}]}},
    ]
    term = {"topologyKey": "kubernetes.io/hostname"}
    spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    objects = [
        one,
        autoscaler("shop"),
        claim("shop"),
        secret("shop", "x", "made"),
        config("shop", a="SET-ME"),
    ]
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    found = list(preflight.warnings(World(node), stack(*objects)))  # type: ignore[arg-type]
    assert found == [
        "Kubernetes v1.30.4-gke.1 is older than 1.31: some of it will not work there",
        "PersistentVolumeClaim shop/data: the cluster has no default StorageClass, and none is named: "
        "--storage-class",
        "StatefulSet shop/web: there is no StorageClass fast: its claims will wait for ever",
        "StatefulSet shop/web: its pods wait for the Secret tls, which is not there "
        "(deploy/overlays/README.md says what belongs in it)",
        "the cluster has no metrics.k8s.io (metrics-server): autoscalers will not scale",
        "StatefulSet shop/web: 3 replicas want a node each, of which there are 1",
        "ConfigMap shop/settings: still holds SET-ME",
    ]


def test_what_cannot_be_looked_at_is_told_too() -> None:
    found = list(preflight.warnings(World(refused=403), stack(claim("shop"))))  # type: ignore[arg-type]
    assert "could not look at storage: no" in found


def test_nothing_of_what_ships_looks_like_a_placeholder_once_it_is_set() -> None:
    from tests.stack.render import SETTINGS

    for profile in ("minimal", "ha"):
        objects = rendered(chosen(profile, dict(SETTINGS))).objects
        assert list(preflight.placeholders(objects)) == []

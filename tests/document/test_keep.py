"""What is kept of what was read: rows, and one content for pods that look alike."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from auditor.document.credentials import redact
from auditor.document.keep import LivePod, Pods, keep
from auditor.document.normalise import clean_object
from auditor.document.variants import groups, look
from auditor.model import Body, Resource, ResourceRef
from tests import factories as make

OWNER = make.deployment(uid="uid-web")


def taken(*bodies: Body, pages: int = 1, **options: Any) -> list[Resource]:
    """Take pods in as a list has them, in pages of equal size."""
    pods = Pods(**options)
    size = -(-len(bodies) // pages)
    for start in range(0, len(bodies), size):
        items = msgspec.json.encode(bodies[start : start + size])
        pods.add(msgspec.json.decode(items, type=list[LivePod]))
    return list(pods.resources())


def contents(resources: list[Resource]) -> int:
    return len({id(one.content) for one in resources})


def test_pods_that_look_alike_share_one_content() -> None:
    bodies = [make.live(index=index, by=OWNER) for index in range(10)]
    found = taken(*bodies, pages=3)
    assert [one.ref.name for one in found] == [body["metadata"]["name"] for body in bodies]
    assert [one.uid for one in found] == [body["metadata"]["uid"] for body in bodies]
    assert contents(found) == 1
    assert found[7].body["metadata"]["name"] == "web-00000"


@pytest.mark.parametrize("seed", range(5))
def test_the_content_is_that_of_the_first_by_name_whatever_the_order(seed: int) -> None:
    bodies = [make.live(index=index, by=OWNER) for index in range(10)]
    random.Random(seed).shuffle(bodies)
    assert {one.body["metadata"]["name"] for one in taken(*bodies)} == {"web-00000"}


def test_a_row_is_the_same_as_that_of_any_other_kind() -> None:
    body = make.live(index=1, by=OWNER, labels={"a": "b"}, annotations={"c": "d"}, creationTimestamp="2026")
    (row,) = taken(body)
    other = make.resource(body)
    assert (row.ref, row.uid, row.owner, row.finished) == (other.ref, other.uid, other.owner, other.finished)
    kept = other.body
    del kept["status"]
    assert row.body == kept


def differing() -> dict[str, Body]:
    """Pods of one owner, each unlike all others in one thing that somebody may judge."""
    base = make.pod_spec()
    token = {"name": "kube-api-access-x", "hostPath": {"path": "/"}}
    disk = {"name": "data", "persistentVolumeClaim": {"claimName": "data-other"}}
    env = [{"name": "A", "value": "b"}]
    mount = {"name": "data", "mountPath": "/data"}
    return {
        "plain": make.live(base, index=1, by=OWNER),
        "host": make.live({**base, "hostPID": True}, index=2, by=OWNER),
        "image": make.live({"containers": [make.container(image="x:1")]}, index=3, by=OWNER),
        "env": make.live({"containers": [make.container(env=env)]}, index=4, by=OWNER),
        "mount": make.live({"containers": [make.container(volumeMounts=[mount])]}, index=5, by=OWNER),
        "false token": make.live({**base, "volumes": [token]}, index=6, by=OWNER),
        "claim of another": make.live({**base, "volumes": [disk]}, index=7, by=OWNER),
        "sidecar": make.live({"containers": [make.container(), make.container("s")]}, index=8, by=OWNER),
        "init": make.live({**base, "initContainers": [make.container("i")]}, index=9, by=OWNER),
        "debug": make.live({**base, "ephemeralContainers": [make.container("d")]}, index=10, by=OWNER),
        "annotation": make.live(
            base,
            index=11,
            by=OWNER,
            annotations={"container.apparmor.security.beta.kubernetes.io/web": "unconfined"},
        ),
        "other owner": make.live(base, index=12, by=make.deployment(uid="uid-other")),
        "other namespace": make.live(base, index=13, by=OWNER, namespace="bank"),
    }


def test_what_a_policy_may_judge_is_never_shared() -> None:
    found = taken(*differing().values())
    assert contents(found) == len(found)


def test_pods_that_share_a_content_look_alike_and_nothing_else_does() -> None:
    """The cheap comparison never joins what the exact one tells apart."""
    bodies = [*differing().values(), *[make.live(index=index, by=OWNER) for index in range(20, 30)]]
    exact = {look(make.resource(body).body) for body in bodies}
    found = taken(*bodies)
    rough = {look(one.body) for one in found}
    assert rough == exact
    for one, body in zip(found, bodies, strict=True):
        assert look(one.body) == look(make.resource(body).body)


def test_pods_that_look_alike_keep_labels_of_their_own() -> None:
    token = "ghp_" + "x" * 36
    labels = [{"app": "web"}, {"app": "web", "role": "primary"}, {"app": "web"}, {}, {"token": token}]
    found = taken(*[make.live(index=index, by=OWNER, labels=one) for index, one in enumerate(labels)])
    assert contents(found) == 1
    mark = {"class": "vendor_token", "length": 40}
    assert [one.labels for one in found] == [
        None,
        {"app": "web", "role": "primary"},
        None,
        {},
        {"token": mark},
    ]
    assert found[0].body["metadata"]["labels"] == {"app": "web"}


def test_labels_of_the_first_by_name_are_those_of_the_content() -> None:
    bodies = [make.live(index=index, by=OWNER, labels={"app": str(index)}) for index in (2, 1)]
    found = taken(*bodies)
    assert [one.labels for one in found] == [{"app": "2"}, None]


def test_a_pod_named_like_a_value_hides_nothing() -> None:
    """What is written into a pod is left out by its place, never by its text."""
    spec = {"containers": [make.container(image="true")]}
    other = {"containers": [make.container(image="false")]}
    found = taken(make.live(spec, name="true", by=OWNER), make.live(other, name="false", by=OWNER))
    assert contents(found) == 2


def test_claims_of_a_stateful_set() -> None:
    owner = make.workload(
        "StatefulSet", outer={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}, uid="uid-web"
    )

    def member(index: int) -> Body:
        disk = {"name": "data", "persistentVolumeClaim": {"claimName": f"data-web-{index:05}"}}
        return make.live(make.pod_spec(volumes=[disk], hostname=f"web-{index:05}"), index=index, by=owner)

    found = taken(*map(member, range(5)))
    assert contents(found) == 1
    assert groups(found, make.resource(owner)) == []
    # the same claims without a template for them: all alike, and unlike the template
    assert [one.count for one in groups(found, make.resource(OWNER))] == [5]


def test_the_claim_of_another_pod_is_no_claim_of_its_own() -> None:
    disk = {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-00000"}}
    spec = make.pod_spec(volumes=[disk])
    assert contents(taken(make.live(spec, index=0, by=OWNER), make.live(spec, index=1, by=OWNER))) == 2


TOKEN = {"serviceAccountToken": {"path": "token"}}
SECRET = {"secret": {"name": "other"}}


@pytest.mark.parametrize(
    ("source", "path", "kept"),
    [
        (TOKEN, "/var/run/secrets/kubernetes.io/serviceaccount", 1),
        (TOKEN, "/elsewhere", 2),
        (SECRET, "/var/run/secrets/kubernetes.io/serviceaccount", 2),
    ],
)
def test_only_a_token_where_it_belongs_is_left_out(source: Body, path: str, kept: int) -> None:
    def pod(index: int) -> Body:
        name = f"kube-api-access-{index:05}"
        mount = {"name": name, "readOnly": True, "mountPath": path}
        volume = {"name": name, "projected": {"sources": [source]}}
        spec = make.pod_spec(volumes=[volume], containers=[make.container(volumeMounts=[mount])])
        return make.live(spec, index=index, by=OWNER)

    assert contents(taken(pod(1), pod(2))) == kept


def test_fields_of_the_wrong_type_make_a_pod_like_no_other() -> None:
    for volumes in ({"kube-api-access-": 1}, [{"name": "kube-api-access-a", "projected": []}], [1], "x"):
        spec = make.pod_spec(volumes=volumes)
        assert contents(taken(make.live(spec, index=1, by=OWNER), make.live(spec, index=2, by=OWNER))) == 2


def test_nobody_s_pods_answer_for_themselves() -> None:
    assert contents(taken(make.live(index=1), make.live(index=2))) == 2


def test_mirror_pods_of_one_node_answer_for_themselves() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "uid-n"}}
    found = taken(*(make.live(index=index, by=node) for index in (1, 2)))
    assert [one.body["metadata"]["name"] for one in found] == ["n-00001", "n-00002"]
    other = {**node, "apiVersion": "example.dev/v1"}  # a kind of somebody's own
    assert contents(taken(*(make.live(index=index, by=other) for index in (1, 2)))) == 1


def test_a_template_volume_that_a_claim_replaces() -> None:
    outer = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    spec = make.pod_spec(volumes=[{"name": "data", "emptyDir": {}}])
    owner = make.workload("StatefulSet", spec, outer=outer, uid="uid-web")
    disk = {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-00001"}}
    found = taken(make.live(make.pod_spec(volumes=[disk]), index=1, by=owner))
    assert groups(found, make.resource(owner)) == []


def test_what_has_ended_is_a_row_only() -> None:
    found = taken(make.live(index=1, by=OWNER, phase="Succeeded"), make.live(index=2, by=OWNER))
    assert [one.finished for one in found] == [True, False]
    assert found[0].body == {}


def test_with_status_no_pod_is_like_another() -> None:
    bodies = [make.live(index=index, by=OWNER) for index in range(3)]
    for index, body in enumerate(bodies):
        body["status"]["podIP"] = f"10.0.0.{index}"
    found = taken(*bodies, with_status=True)
    assert [one.body["status"]["podIP"] for one in found] == ["10.0.0.0", "10.0.0.1", "10.0.0.2"]
    assert "status" not in taken(*bodies)[0].body


@pytest.mark.parametrize(
    "spec", [{}, {"containers": 5}, {"containers": [5]}, {"volumes": [None]}, {"containers": [{"env": [1]}]}]
)
def test_fields_of_the_wrong_type_are_refused_and_end_nothing(spec: Body) -> None:
    body = make.live(index=1, by=OWNER)
    body["spec"] = spec
    found = taken(body, make.live(index=2, by=OWNER))
    assert bool(found[0].content.refused) is bool(spec)
    assert not found[1].content.refused
    assert sum(group.count for group in groups(found, make.resource(OWNER))) == 1


def test_credentials_are_gone_before_anything_is_kept() -> None:
    secret = {"containers": [make.container(env=[{"name": "DB_PASSWORD", "value": "hunter2hunter2"}])]}
    (pod,) = taken(make.live(secret, index=1, by=OWNER))
    assert b"hunter2" not in pod.content.json
    assert b"hunter2" not in make.resource(make.deployment(secret)).content.json


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeSelector": {"a": "", "token": "x"}, "hostname": "", "subdomain": None},
        {"tolerations": [{"key": "", "operator": "Exists"}, {"key": "a", "value": None}], "volumes": None},
        {"securityContext": {"sysctls": [{"name": "a", "value": ""}], "fsGroup": None}, "affinity": {}},
        {"volumes": [{"name": "a", "csi": {"volumeAttributes": {"password": "hunter2hunter2"}}}]},
        {"initContainers": [make.container(env=[{"name": "TOKEN", "value": ""}, {"name": "A"}])]},
    ],
)
def test_parts_are_made_safe_as_the_whole_would_be(spec: Body) -> None:
    for body in (make.deployment(make.pod_spec(**spec)), make.pod(make.pod_spec(**spec))):
        assert make.resource(body).body == redact(clean_object(body))


def test_a_broken_object_is_kept_by_its_name() -> None:
    ref = ResourceRef("apps/v1", "Deployment", "web", "shop")
    kept = keep(ref, {"metadata": [], "spec": 5})
    assert (kept.ref, kept.uid, kept.owner, kept.finished) == (ref, "", None, False)
    assert kept.content.refused

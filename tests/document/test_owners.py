"""Who answers for a pod: every live, unfinished pod is accounted for by exactly one head."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.keep import keep
from auditor.document.kinds import WORKLOADS
from auditor.document.owners import heads
from auditor.model import Body, Document, ResourceRef
from tests import factories as make
from tests.factories import documents


def described(*bodies: Body, **options: Any) -> list[str]:
    """Each document as text: who, whose pods, managed by whom."""
    return [_described(one) for one in documents(*bodies, **options)]


def _described(one: Document) -> str:
    count = f" {one.pods.affected}/{one.pods.total}" if one.pods else ""
    outside = f" of {one.managed_by}" if one.managed_by else ""
    return f"{one.ref}{' variant' if one.variant else ''}{count}{outside}"


def replica_set(
    owner: Body | None = None, name: str = "web-1", replicas: int = 1, spec: Body | None = None
) -> Body:
    body = make.workload("ReplicaSet", spec, outer={"replicas": replicas}, name=name, uid=f"uid-{name}")
    return make.owned(body, owner) if owner else body


DEPLOYMENT = make.deployment(uid="uid-web")


def test_deployment_replica_set_pods() -> None:
    middle = replica_set(DEPLOYMENT)
    pods = [make.live(index=number, by=middle) for number in range(3)]
    assert described(DEPLOYMENT, middle, *pods) == ["Deployment shop/web 3/3"]
    assert described(*pods, middle, DEPLOYMENT) == ["Deployment shop/web 3/3"]


def test_in_the_middle_of_a_rollout() -> None:
    old_spec = make.pod_spec(hostNetwork=True)
    old, new = replica_set(DEPLOYMENT, "web-1", spec=old_spec), replica_set(DEPLOYMENT, "web-2")
    empty = replica_set(DEPLOYMENT, "web-0", replicas=0)
    pods = [make.live(old_spec, index=1, by=old), *(make.live(index=number, by=new) for number in (2, 3))]
    assert described(DEPLOYMENT, empty, old, new, *pods) == [
        "Deployment shop/web 2/3",
        "Deployment shop/web variant 1/3",
    ]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "ReplicationController", "ReplicaSet"])
def test_controllers_of_pods(kind: str) -> None:
    owner = make.workload(kind, uid="uid-web")
    assert described(owner, make.live(by=owner), make.live(by=owner, index=2)) == [f"{kind} shop/web 2/2"]


def test_a_controller_without_pods() -> None:
    assert described(DEPLOYMENT) == ["Deployment shop/web 0/0"]


def test_cron_job_jobs_and_their_pods() -> None:
    cron = make.cronjob(uid="uid-web")
    old, new = (
        make.owned(make.workload("Job", name=f"web-{number}", uid=f"uid-web-{number}"), cron)
        for number in (1, 2)
    )
    pods = [
        make.live(by=old, phase="Succeeded"),
        make.live(by=old, index=1, phase="Failed"),
        make.live(by=new),
    ]
    assert described(cron, old, new, *pods) == ["CronJob shop/web 1/1"]


def test_bare_pods() -> None:
    bare = [make.live(name="a"), make.live(name="b", phase="Pending"), make.live(name="c", phase="Succeeded")]
    assert described(*bare) == ["Pod shop/a 1/1", "Pod shop/b 1/1"]


def test_pods_in_manifests_are_not_counted() -> None:
    assert described(make.pod(), kind="manifests") == ["Pod shop/web"]
    assert described(make.deployment(), kind="manifests") == ["Deployment shop/web"]


def test_owners_in_manifests_are_claims_and_everything_answers_for_itself() -> None:
    middle = replica_set(DEPLOYMENT)
    assert [
        one.split()[0] for one in described(DEPLOYMENT, middle, make.live(by=middle), kind="manifests")
    ] == [
        "Deployment",
        "ReplicaSet",
        "Pod",
    ]


def test_a_status_in_a_manifest_hides_nothing() -> None:
    finished = {**make.pod(), "status": {"phase": "Succeeded"}}
    emptied = replica_set(DEPLOYMENT)
    emptied["spec"]["replicas"] = 0
    assert [one.split()[0] for one in described(finished, emptied, kind="manifests")] == ["Pod", "ReplicaSet"]


@pytest.mark.parametrize("owned", [True, False])
def test_mirror_pods(owned: bool) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-0", "uid": "uid-node"}}
    pods = [
        make.live(
            name=f"etcd-{number}", namespace="kube-system", annotations={"kubernetes.io/config.mirror": "x"}
        )
        for number in range(2)
    ]
    if owned:
        pods = [make.owned(pod, node) for pod in pods]
    assert described(*pods) == [
        "Pod kube-system/etcd-0 1/1 of Node node-0",
        "Pod kube-system/etcd-1 1/1 of Node node-0",
    ]


def test_replica_sets_of_an_owner_that_we_do_not_list() -> None:
    rollout = make.rollout()
    stable, canary = (replica_set(rollout, f"web-{number}") for number in (1, 2))
    history = replica_set(rollout, "web-0", replicas=0)
    pods = [make.live(by=stable), make.live(by=canary, index=1)]
    assert described(stable, canary, history, *pods) == [
        "ReplicaSet shop/web-1 1/1 of Rollout shop/web",
        "ReplicaSet shop/web-2 1/1 of Rollout shop/web",
    ]


def test_a_replica_set_that_is_being_emptied_still_has_pods() -> None:
    last = replica_set(make.rollout(), replicas=0)
    assert described(last, make.live(by=last)) == ["ReplicaSet shop/web-1 1/1 of Rollout shop/web"]


def test_a_replica_set_that_nobody_owns_is_judged_though_empty() -> None:
    assert described(replica_set(replicas=0)) == ["ReplicaSet shop/web-1 0/0"]


def test_pods_of_an_owner_that_we_do_not_list_are_grouped_by_what_they_look_like() -> None:
    owner, other = make.rollout("Workflow"), make.rollout("Workflow", "other")
    different = make.pod_spec(hostPID=True)
    pods = [
        make.live(index=1, by=owner),
        make.live(different, index=2, by=owner),
        make.live(index=3, by=owner),
        make.live(by=other),
    ]
    assert described(*pods) == [
        "Pod shop/web-00001 2/3 of Workflow shop/web",
        "Pod shop/web-00002 1/3 of Workflow shop/web",
        "Pod shop/other-00000 1/1 of Workflow shop/other",
    ]


def test_owners_without_uids_are_not_confused() -> None:
    pods = [make.live(by=make.rollout(name=name)) for name in ("a", "b")]
    for pod in pods:
        del pod["metadata"]["ownerReferences"][0]["uid"]
    assert [one.split(" of ")[1] for one in described(*pods)] == ["Rollout shop/a", "Rollout shop/b"]


def test_a_pod_that_owns_pods() -> None:
    driver = make.live(name="driver")
    pods = [make.live(make.pod_spec(hostPID=True), index=number, by=driver) for number in (1, 2)]
    expected = ["Pod shop/driver 1/1", "Pod shop/driver-00001 2/2 of Pod shop/driver"]
    assert described(driver, *pods) == expected
    finished = {**driver, "status": {"phase": "Succeeded"}}
    assert described(finished, *pods) == expected[1:]


def test_the_owner_is_gone() -> None:
    pod = make.live(by=DEPLOYMENT)
    assert described(pod) == ["Pod shop/web-00000 1/1 of Deployment shop/web"]


def test_the_owner_is_gone_and_another_has_its_name() -> None:
    pod = make.live(by={**DEPLOYMENT, "metadata": {**DEPLOYMENT["metadata"], "uid": "former"}})
    assert described(DEPLOYMENT, pod) == ["Deployment shop/web 0/0", "Pod shop/web-00000 1/1"]


def test_an_owner_in_another_namespace_is_a_lie() -> None:
    system = make.workload("DaemonSet", namespace="kube-system", uid="uid-proxy")
    liar = make.live(by=system)
    assert described(system, liar) == [
        "DaemonSet kube-system/web 0/0",
        "Pod shop/web-00000 1/1 of DaemonSet shop/web",
    ]


def test_only_a_controller_is_an_owner() -> None:
    owned = make.live(by=DEPLOYMENT)
    owned["metadata"]["ownerReferences"][0]["controller"] = False
    assert make.resource(owned).owner is None
    assert described(DEPLOYMENT, owned) == ["Deployment shop/web 0/0", "Pod shop/web-00000 1/1"]


@pytest.mark.parametrize("references", [None, "x", {}, [None], [[]], [{"controller": "yes"}]])
def test_broken_owner_references(references: Any) -> None:
    ref = ResourceRef("v1", "Pod", "web", "shop")
    assert keep(ref, {"metadata": {"ownerReferences": references}}).owner is None
    assert keep(ref, {"metadata": references}).owner is None


def test_owner_references_in_a_circle() -> None:
    one, other = replica_set(name="a"), replica_set(name="b")
    one, other = make.owned(one, other), make.owned(other, one)
    pods = [make.live(by=one), make.live(by=other)]
    assert described(one, other, *pods) == ["ReplicaSet shop/a 2/2"]
    assert described(other, *pods, one) == ["ReplicaSet shop/a 2/2"]


def test_one_that_owns_itself() -> None:
    own = replica_set(name="a")
    own = make.owned(own, own)
    assert described(own, make.live(by=own)) == ["ReplicaSet shop/a 1/1"]


def test_kinds_that_no_policy_judges_are_left_out() -> None:
    middle = replica_set(DEPLOYMENT)
    assert described(DEPLOYMENT, middle, make.live(by=middle), kinds=["Pod"]) == []
    assert described(make.namespace(), make.obj("ServiceAccount"), kinds=["ServiceAccount"]) == [
        "ServiceAccount shop/web"
    ]


# --- nobody is lost, nobody is counted twice ------------------------------------------------------

UIDS = st.sampled_from(["u0", "u1", "u2", "u3", "elsewhere", ""])
NAMES = st.sampled_from(["a", "b", "c"])
REFERENCES = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["apps/v1", "example.dev/v1"]),
        "kind": st.sampled_from([*WORKLOADS, "Rollout", "Node"]),
        "name": NAMES,
        "uid": UIDS,
        "controller": st.sampled_from([True, True, True, False]),
    }
)
OBJECTS = st.builds(
    lambda kind, name, uid, space, references, phase, mirror, spec, replicas: {
        **make.workload(
            kind,
            make.pod_spec(hostPID=True) if spec else None,
            outer={"replicas": replicas},
            name=name,
            uid=uid,
            namespace=space,
            ownerReferences=references,
            annotations={"kubernetes.io/config.mirror": "x"} if mirror else {},
        ),
        "status": {"phase": phase},
    },
    kind=st.sampled_from(["Pod", "Pod", "Pod", *WORKLOADS]),
    name=NAMES,
    uid=UIDS,
    space=st.sampled_from(["shop", "kube-system"]),
    references=st.lists(REFERENCES, max_size=2),
    phase=st.sampled_from(["Running", "Pending", "", "Succeeded", "Failed"]),
    mirror=st.booleans(),
    spec=st.booleans(),
    replicas=st.sampled_from([0, 1]),
)


@given(st.lists(OBJECTS, max_size=10))
def test_accounted_pods_are_the_listed_pods(bodies: list[Body]) -> None:
    listed = [
        body
        for body in bodies
        if body["kind"] == "Pod" and body["status"]["phase"] not in ("Succeeded", "Failed")
    ]
    resources = [make.resource(body) for body in bodies]
    accounted = [id(pod) for head in heads(resources) for pod in head.pods]
    live = [id(one) for one, body in zip(resources, bodies, strict=True) if body in listed]
    assert sorted(accounted) == sorted(live)
    assert sum(one.pods.affected for one in documents(*bodies) if one.pods) == len(listed)


def test_a_kind_called_node_of_another_group_is_an_owner_as_any_other() -> None:
    other = {"apiVersion": "example.dev/v1", "kind": "Node", "metadata": {"name": "n", "uid": "uid-n"}}
    pods = [make.live(index=index, by=other) for index in (1, 2)]
    assert described(*pods) == ["Pod shop/n-00001 2/2 of Node shop/n"]


def test_pods_of_an_owner_that_is_gone_and_whose_name_is_taken_are_one_document() -> None:
    gone = make.deployment(uid="uid-gone")
    pods = [make.live(index=index, by=gone) for index in (1, 2)]
    assert described(*pods, make.deployment(uid="uid-new"))[0] == "Pod shop/web-00001 2/2"

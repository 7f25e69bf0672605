"""ReplicaSets and Jobs: a row where their controller is there, an object where it is not."""

from __future__ import annotations

import msgspec
import pytest

from auditor.document.middle import Middle
from auditor.document.owners import heads
from auditor.model import Body, Resource
from tests import factories as make

OWNER = make.deployment(uid="uid-web")


def replica_set(name: str = "web-1", *, replicas: int = 1, by: Body | None = OWNER) -> Body:
    body = make.workload("ReplicaSet", outer={"replicas": replicas}, name=name, uid=f"uid-{name}")
    return make.owned(body, by) if by else body


def row(middle: Middle, body: Body) -> Resource | None:
    return middle.row(body["kind"], body["apiVersion"], msgspec.json.encode(body))


def waited(*bodies: Body, owners: tuple[Body, ...] = ()) -> list[Resource]:
    """What becomes of these, when all lists are read."""
    middle = Middle(frozenset())
    for body in bodies:
        found = row(middle, body)
        assert found
        middle.waiting.append((found, msgspec.json.encode(body)))
    return list(middle.resources([("shop", one["metadata"]["uid"]) for one in owners]))


def test_where_the_controller_is_there_a_row_is_enough() -> None:
    [found] = waited(replica_set(), owners=(OWNER,))
    whole = make.resource(replica_set())
    assert (found.ref, found.uid, found.owner) == (whole.ref, whole.uid, whole.owner)
    assert found.content.refused == "its controller answers for it"
    pods = [make.resource(make.live(index=index, by=replica_set())) for index in (1, 2)]
    [head] = heads([make.resource(OWNER), found, *pods])
    assert (head.resource.ref.kind, len(head.pods)) == ("Deployment", 2)


def test_where_it_is_not_the_object_answers_for_itself() -> None:
    [found] = waited(replica_set(by=make.rollout()))
    assert found.body == make.resource(replica_set(by=make.rollout())).body
    assert not found.content.refused


def test_two_that_wait_may_control_each_other() -> None:
    job = make.workload("Job", name="job", uid="uid-job")
    outer, inner = waited(make.owned(job, make.rollout()), make.owned(replica_set(), job))
    assert (outer.content.refused, bool(inner.content.refused)) == ("", True)


def test_what_nobody_controls_is_no_row() -> None:
    assert row(Middle(frozenset()), replica_set(by=None)) is None


@pytest.mark.parametrize(("living", "finished"), [((), True), (("uid-web-1",), False)])
def test_an_emptied_one_is_history_unless_pods_of_it_live(living: tuple[str, ...], finished: bool) -> None:
    found = row(Middle(frozenset(living)), replica_set(replicas=0))
    assert found
    assert found.finished is finished


def test_a_job_is_never_emptied() -> None:
    job = make.owned(make.workload("Job", uid="uid-job"), make.cronjob(uid="uid-c"))
    found = row(Middle(frozenset()), job)
    assert found
    assert not found.finished


@pytest.mark.parametrize("metadata", [None, {}, {"name": 5}])
def test_what_is_no_object_is_an_error(metadata: Body | None) -> None:
    with pytest.raises(msgspec.MsgspecError):
        row(Middle(frozenset()), {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata})

"""ReplicaSets and Jobs: a row where their controller is there, an object where it is not."""

from __future__ import annotations

import msgspec
import pytest

from auditor.document import middle
from auditor.document.owners import heads
from auditor.model import Body, Resource
from tests import factories as make

OWNER = make.deployment(uid="uid-web")


def replica_set(name: str = "web-1", *, replicas: int = 1, by: Body | None = OWNER) -> Body:
    body = make.workload("ReplicaSet", outer={"replicas": replicas}, name=name, uid=f"uid-{name}")
    return make.owned(body, by) if by else body


def row(body: Body) -> middle.Row | None:
    return middle.row(body["kind"], body["apiVersion"], msgspec.json.encode(body))


def waited(*bodies: Body, owners: tuple[Body, ...] = (), living: tuple[str, ...] = ()) -> list[Resource]:
    """What becomes of these, when all lists are read."""
    rows = [found for body in bodies if (found := row(body))]
    assert len(rows) == len(bodies)
    known = {("shop", one["metadata"]["uid"]) for one in (*owners, *bodies)}
    return list(middle.resources(middle.settled(rows, known), living))


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
    assert row(replica_set(by=None)) is None


@pytest.mark.parametrize("owners", [(), (OWNER,)])
@pytest.mark.parametrize(("living", "finished"), [((), True), (("uid-web-1",), False)])
def test_an_emptied_one_is_history_unless_pods_of_it_live(
    living: tuple[str, ...], finished: bool, owners: tuple[Body, ...]
) -> None:
    [found] = waited(replica_set(replicas=0), owners=owners, living=living)
    assert found.finished is finished
    assert (found.content.json == b"{}") is (finished or bool(owners))


def test_json_is_let_go_of_as_soon_as_the_controller_is_known() -> None:
    rows = [
        found for body in (replica_set(), replica_set("web-2", by=make.rollout())) if (found := row(body))
    ]
    assert [bool(one.json) for one in middle.settled(rows, {("shop", "uid-web")})] == [False, True]


def test_a_job_is_never_emptied() -> None:
    job = make.owned(make.workload("Job", uid="uid-job"), make.cronjob(uid="uid-c"))
    [found] = waited(job)
    assert not found.finished


@pytest.mark.parametrize("metadata", [None, {}, {"name": 5}])
def test_what_is_no_object_is_an_error(metadata: Body | None) -> None:
    with pytest.raises(msgspec.MsgspecError):
        row({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata})

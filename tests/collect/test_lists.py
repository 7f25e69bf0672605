"""What is kept of lists: pods are begun first and read on last, and a glimpse comes between."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from auditor.collect.lists import plan, read_lists
from auditor.model import Body, Gap, Glimpse, Resource
from tests import factories as make
from tests.collect.scripted import Reply, in_turn, serving
from tests.collect.test_fetch import GONE, asking

OWNER = make.deployment(uid="uid-web")
OTHER = make.deployment(name="new", uid="uid-new")
HISTORY = make.owned(make.workload("ReplicaSet", outer={"replicas": 0}, name="web-1", uid="uid-1"), OWNER)
KINDS = ("Pod", "ReplicaSet", "Deployment")


def page(*bodies: Body, token: str = "") -> Reply:
    return Reply(body=json.dumps({"items": bodies, "metadata": {"continue": token}}).encode())


def pod(index: int, by: Body = HISTORY) -> Body:
    return make.live(index=index, by=by)


def read(pods: list[Reply], sets: list[Reply], deployments: list[Reply]) -> tuple[list[Any], list[str]]:
    """Return the glimpses, objects and gaps in their order, and the paths that were asked for."""
    replies = {
        "/api/v1/pods": pods,
        "/apis/apps/v1/replicasets": sets,
        "/apis/apps/v1/deployments": deployments,
    }
    scripts = {path: in_turn(*replied) for path, replied in replies.items()}
    found: list[Any] = []
    with serving(lambda asked: scripts[asked.path.partition("?")[0]](asked)) as server:
        for part in read_lists(asking(server), plan(KINDS, None, ())[0]):
            found += [part] if isinstance(part, Gap | Glimpse) else part
        return found, [asked.path.partition("?")[0].rpartition("/")[2] for asked in server.asked]


def names(parts: Any) -> list[str]:
    return sorted(one.ref.name for one in parts if isinstance(one, Resource))


def test_a_glimpse_of_all_but_the_pods() -> None:
    pods = [page(pod(1), token="x"), page(pod(2))]
    (glimpse, *found), asked = read(pods, [page(HISTORY)], [page(OWNER)])
    assert isinstance(glimpse, Glimpse)
    assert names(glimpse.resources) == ["web"]
    assert names(found) == ["web", "web-1", "web-1-00001", "web-1-00002"]
    assert asked == ["pods", "replicasets", "deployments", "pods"]
    # a pod on the last page shows that it is no history
    assert [one.finished for one in found if one.ref.kind == "ReplicaSet"] == [False]


def test_an_emptied_set_without_pods_is_history() -> None:
    (_, *found), _ = read(
        [page(pod(1, OWNER), token="x"), page(pod(2, OWNER))], [page(HISTORY)], [page(OWNER)]
    )
    assert [one.finished for one in found if one.ref.kind == "ReplicaSet"] == [True]


def test_after_a_new_start_of_the_pods_the_others_are_read_again() -> None:
    new = pod(3, OTHER)
    pods = [page(pod(1), token="x"), GONE, page(pod(1), token="y"), page(new)]
    (glimpse, *found), asked = read(pods, [page(HISTORY), page()], [page(OWNER), page(OWNER, OTHER)])
    assert names(glimpse.resources) == ["web"]
    assert names(found) == ["new", "new-00003", "web", "web-1-00001"]
    assert Counter(asked) == {"pods": 4, "replicasets": 2, "deployments": 2}


@pytest.mark.parametrize("broken", [Reply(403, b'{"message": "no"}'), page({"metadata": {}})])
def test_gaps_in_a_glimpse(broken: Reply) -> None:
    (glimpse, *found), _ = read([page(pod(1), token="x"), page(pod(2))], [page()], [broken])
    assert [one.kind for one in glimpse.gaps] == ["Deployment"]
    assert [one.kind for one in found if isinstance(one, Gap)] == ["Deployment"]
    assert names(found) == ["web-1-00001", "web-1-00002"]


def test_pods_that_break_off_are_a_gap() -> None:
    pods = [page(pod(1), token="x"), Reply(403, b'{"message": "no"}')]
    (glimpse, *found), _ = read(pods, [page(HISTORY)], [page(OWNER)])
    assert isinstance(glimpse, Glimpse)
    assert [one.kind for one in found if isinstance(one, Gap)] == ["Pod"]
    assert names(found) == ["web", "web-1"]


def test_no_glimpse_where_pods_are_read_at_once() -> None:
    found, asked = read([page(pod(1))], [page(HISTORY)], [page(OWNER)])
    assert not [one for one in found if isinstance(one, Glimpse)]
    assert asked == ["pods", "replicasets", "deployments"]

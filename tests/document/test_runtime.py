"""What running programs say is joined to whom they run for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.document.assemble import assemble
from auditor.model import Body, Observation, Snapshot
from tests import factories as make

NAMES = frozenset({"prometheus_runtime", "alertmanager_runtime"})
PARTS = frozenset({"related.prometheus_runtime", "related.alertmanager_runtime"})
AT = "2026-06-01T12:00:00Z"


def observation(name: str = "web", program: str = "prometheus", **more: Any) -> Observation:
    return Observation(program, more.pop("namespace", "shop"), name, "http://a", AT, **more)


def snapshot(*bodies: Body, observations: tuple[Observation, ...], kind: str = "cluster") -> Snapshot:
    return msgspec.structs.replace(make.snapshot(*bodies, kind=kind), observations=observations)


def related(found: Snapshot, kind: str = "Deployment", program: str = "prometheus") -> list[Any]:
    """Return what each document of a kind is told."""
    part = f"related.{program}_runtime"
    documents = assemble(found, frozenset({kind}), NAMES, PARTS)
    return [make.part(one, part) if part in one.parts else None for one in documents]


def test_an_answer() -> None:
    seen = observation(told={"retention": "15d"})
    found = snapshot(make.deployment(), make.deployment(name="other"), observations=(seen,))
    assert related(found) == [[{"url": "http://a", "at": AT, "told": {"retention": "15d"}}], []]
    assert related(found, program="alertmanager") == [[], []]


def test_no_answer() -> None:
    found = snapshot(make.deployment(), observations=(observation(failure="nobody listens there"),))
    assert related(found) == [[{"url": "http://a", "at": AT, "failure": "nobody listens there"}]]


@pytest.mark.parametrize("kind", ["cluster", "manifests"])
def test_all_answers_in_their_order(kind: str) -> None:
    seen = tuple(observation(told={"version": str(number)}) for number in range(30))
    [items] = related(snapshot(make.deployment(), observations=seen, kind=kind))
    assert [one["told"]["version"] for one in items] == [str(number) for number in range(30)]


def test_an_object_of_the_operator() -> None:
    found = snapshot(make.obj("Prometheus", {}), observations=(observation(told={"version": "1"}),))
    [[item]] = related(found, "Prometheus")
    assert item["told"] == {"version": "1"}


def test_a_namespace_that_is_left_out() -> None:
    body = make.deployment()
    del body["metadata"]["namespace"]
    seen = observation(namespace="default", told={"version": "1"})
    [[item]] = related(snapshot(body, observations=(seen,), kind="manifests"))
    assert item["told"] == {"version": "1"}


def test_another_namespace() -> None:
    assert related(snapshot(make.deployment(), observations=(observation(namespace="other"),))) == [[]]


def test_what_runs_nothing_is_told_nothing() -> None:
    assert related(snapshot(make.namespace(), observations=(observation("shop"),)), "Namespace") == [None]


def test_a_pod_that_differs_is_told_what_its_owner_is() -> None:
    owner = make.workload("StatefulSet", name="web", uid="u-1")
    pod = make.live(make.pod_spec(hostNetwork=True), by=owner)
    found = snapshot(owner, pod, observations=(observation(told={"version": "1"}),))
    [template, variant] = related(found, "StatefulSet")
    assert template == variant != []

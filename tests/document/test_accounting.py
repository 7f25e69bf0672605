"""Accounted pods are the listed pods, in made-up clusters, however they are read; nothing is sampled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.assemble import assemble
from auditor.document.keep import LivePod, Pods
from auditor.document.kinds import WORKLOADS
from auditor.model import Body, Document, PodCount, Snapshot, SourceFacts
from auditor.pipeline import collect, judge
from tests import factories as make

LOOKS = (
    make.pod_spec(),
    make.pod_spec(hostPID=True),
    {"containers": [make.container(image="web:2")]},
    {"containers": [make.container(), make.container("proxy")]},
)
OUTSIDE = (make.rollout(name="one"), make.rollout("Database", "two"))
SPACES = st.sampled_from(["shop", "bank"])
CONTROLLERS = st.sampled_from([kind for kind in WORKLOADS if kind != "Pod"])
PHASES = st.sampled_from(["Running", "Running", "Pending", "Unknown", "Succeeded", "Failed"])
MANY = 60
"""More looks than any owner should have."""


@st.composite
def clusters(draw: st.DrawFn) -> list[Body]:
    """Controllers, some of them of others, and pods, in any order; every uid is a name of its own."""
    controllers: list[Body] = []

    def belonging(body: Body) -> Body:
        # an owner in another namespace is none that can be followed
        owner = draw(st.sampled_from([None, *OUTSIDE, *controllers]))
        return make.owned(body, owner) if owner else body

    for number in range(draw(st.integers(0, 6))):
        look, replicas = draw(st.integers(0, len(LOOKS) - 1)), draw(st.integers(0, 1))
        known = {"name": f"c{number}", "uid": f"c{number}", "namespace": draw(SPACES)}
        labels = {"look": str(look)}
        outer = {"replicas": replicas}
        body = make.workload(draw(CONTROLLERS), LOOKS[look], outer=outer, labels=labels, **known)
        controllers.append(belonging(body))
    pods = []
    for number in range(draw(st.integers(0, 12))):
        look = draw(st.integers(0, len(LOOKS) - 1))
        who: dict[str, Any] = {"name": f"p{number}", "namespace": draw(SPACES), "labels": {"look": str(look)}}
        pods.append(belonging(make.live(LOOKS[look], index=number, phase=draw(PHASES), **who)))
    return draw(st.permutations([*controllers, *pods]))


def live_pods(bodies: Iterable[Body]) -> list[Body]:
    ended = ("Succeeded", "Failed")
    return [one for one in bodies if one["kind"] == "Pod" and one["status"]["phase"] not in ended]


def expected(bodies: list[Body]) -> Counter[tuple[object, ...]]:
    """Count the documents by what they should say, told from the objects alone."""
    space_and_uid = {(_space(one), one["metadata"]["uid"]): one for one in bodies if one["kind"] != "Pod"}

    def climb(body: Body) -> tuple[Body, str]:
        named = [one["uid"] for one in body["metadata"].get("ownerReferences", [])]
        above = space_and_uid.get((_space(body), *named))
        return climb(above) if above else (body, "".join(named))

    looks: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pod in live_pods(bodies):
        top, outside = climb(pod)
        name = outside if top is pod and outside else top["metadata"]["name"]
        looks[_space(pod), name][pod["metadata"]["labels"]["look"]] += 1
    wanted: Counter[tuple[object, ...]] = Counter()
    for (space, uid), one in space_and_uid.items():
        found = looks.pop((space, uid), Counter())
        total = found.total()
        top, outside = climb(one)
        emptied = one["kind"] == "ReplicaSet" and not one["spec"]["replicas"]
        if top is one and (found or not (outside and emptied)):
            wanted[space, uid, "template", found.pop(one["metadata"]["labels"]["look"], 0), total] += 1
        wanted.update((space, uid, "variant", count, total) for count in found.values())
    for who, found in looks.items():
        wanted.update((*who, "pods", count, found.total()) for count in found.values())
    return wanted


def told(documents: Iterable[Document]) -> Counter[tuple[object, ...]]:
    """Count documents by what they say."""
    found: Counter[tuple[object, ...]] = Counter()
    for one in documents:
        of_pods = one.ref.kind == "Pod"
        name = one.managed_by.name if of_pods and one.managed_by else one.ref.name
        # OUTSIDE has uids that are not its names
        uid = next((own["metadata"]["uid"] for own in OUTSIDE if own["metadata"]["name"] == name), name)
        sort = "pods" if of_pods else "variant" if one.variant else "template"
        assert one.pods
        found[one.ref.namespace, uid, sort, one.pods.affected, one.pods.total] += 1
    return found


def _space(body: Body) -> str:
    return str(body["metadata"]["namespace"])


def summaries(documents: Iterable[Document]) -> list[tuple[str, ...]]:
    """What documents say and are made of, in an order of its own."""
    return sorted(
        (
            *(str(one.ref), str(one.managed_by), str(one.variant), str(one.pods), str(one.pod_names)),
            *(one.parts[name].digest for name in ("meta", "pod", "containers")),
        )
        for one in documents
    )


def as_listed(bodies: list[Body]) -> list[Document]:
    """The documents of a cluster whose pods come in pages, as those of an API server do."""
    pods = Pods()
    listed = sorted((one for one in bodies if one["kind"] == "Pod"), key=lambda one: one["metadata"]["name"])
    for page in (listed[:5], listed[5:]):
        pods.add(msgspec.json.decode(msgspec.json.encode(page), type=list[LivePod]))
    others = [make.resource(one) for one in bodies if one["kind"] != "Pod"]
    snapshot = Snapshot(SourceFacts("cluster"), (*pods.resources(), *others))
    return list(assemble(snapshot, frozenset(WORKLOADS), frozenset(), make.PARTS))


@given(clusters())
def test_every_live_pod_is_in_one_document(bodies: list[Body]) -> None:
    found = make.documents(*bodies)
    assert told(found) == expected(bodies)
    assert sum(one.pods.affected for one in found if one.pods) == len(live_pods(bodies))
    names = [(one.ref.namespace, name) for one in found for name in one.pod_names]
    assert len(set(names)) == len(names)
    assert set(names) <= {(_space(one), one["metadata"]["name"]) for one in live_pods(bodies)}


@given(clusters().flatmap(lambda bodies: st.tuples(st.just(bodies), st.permutations(bodies))))
def test_order_and_pages_make_no_difference(both: tuple[list[Body], list[Body]]) -> None:
    bodies, shuffled = both
    found = summaries(make.documents(*bodies))
    assert summaries(make.documents(*shuffled)) == found
    assert summaries(as_listed(bodies)) == found


def test_every_look_of_an_owner_is_judged() -> None:
    owner = make.deployment(uid="uid-web")
    pods = [make.live(index=0, by=owner)]
    for look in range(1, MANY + 1):
        spec = {"containers": [make.container(image=f"web:{look}")]}
        pods += (make.live(spec, index=100 * look + index, by=owner) for index in range(2))
    resources = map(make.resource, (owner, *pods))
    policy = make.policy()
    engine = make.FakeEngine(no_web=lambda given: make.fail(message=given["containers"][0]["body"]["image"]))
    snapshot = collect(make.FakeSource(*resources), make.selection(policy))
    documents, results = judge(snapshot, engine, make.selection(policy))
    assert [str(one.ref) for one in documents] == ["Deployment shop/web"] * (MANY + 1)
    assert sorted(one.pods.affected for one in documents if one.pods) == [1, *[2] * MANY]
    images = {one.message for found in results for result in found.told for one in result.violations}
    assert images == {"registry.example/web:1.2", *(f"web:{look}" for look in range(1, MANY + 1))}


@pytest.mark.parametrize("by", OUTSIDE)
def test_every_look_of_an_outside_owner_is_judged(by: Body) -> None:
    looks = [{"containers": [make.container(image=f"web:{look}")]} for look in range(MANY)]
    pods = [make.live(spec, index=index, by=by) for index, spec in enumerate(looks)]
    documents = make.documents(*pods)
    assert [one.pods for one in documents] == [PodCount(1, MANY)] * MANY
    images = {make.part(one, "containers")[0]["body"]["image"] for one in documents}
    assert images == {f"web:{look}" for look in range(MANY)}

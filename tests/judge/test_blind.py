"""Two audits of a world that did not change: whatever one of them cannot see, nothing is resolved or news.

The whole way from objects to delta, with gaps as the sources make them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.lists import effect, plan
from auditor.collect.manifests import ManifestSource
from auditor.document.kinds import WORKLOADS
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.delta import between, known
from auditor.judge.remember import remember
from auditor.judge.selection import Selection, select
from auditor.model import Body, Failure, Gap, Resource, ResourceRef, SourceFacts, Verdict, Violation
from auditor.past import KnownFinding
from auditor.pipeline import run
from auditor.ports import Engine, Past, Source
from auditor.record import Audit
from tests import factories as make
from tests.factories import FakeEngine, FakeSource, policy, resource, selection
from tools.build import tool_bin

# --- a cluster ------------------------------------------------------------------------------------

BAD = make.pod_spec(hostPID=True)


def chain(*owners: Body, bad: bool = True, namespace: str = "shop") -> list[Body]:
    """Owners, the highest first, each controlled by the one before, and two pods of the last one."""
    made = [owners[0]]
    for one in owners[1:]:
        made.append(make.owned(one, made[-1]))
    pods = [make.live(BAD if bad else None, index=n, by=made[-1], namespace=namespace) for n in range(2)]
    return [*made, *pods]


def of(kind: str, name: str, spec: Body | None = None, namespace: str = "shop") -> Body:
    return make.workload(kind, spec, name=name, namespace=namespace, uid=f"uid-{kind}-{name}")


WORLD: list[Body] = [
    *chain(of("Deployment", "web"), of("ReplicaSet", "web-1")),
    *chain(of("Deployment", "api", BAD), of("ReplicaSet", "api-1", BAD), bad=False),
    *chain(of("StatefulSet", "db", namespace="other"), namespace="other"),
    *chain(of("DaemonSet", "agent", BAD)),
    *chain(of("CronJob", "export"), of("Job", "export-1")),
    *chain(of("Job", "once", BAD)),
    *chain(of("ReplicationController", "old")),
    *chain(make.rollout("Rollout", "front"), of("ReplicaSet", "front-1", BAD))[1:],
    *chain(make.rollout("Workflow", "flow"))[1:],
    make.live(BAD, name="alone"),
    make.live(BAD, name="etcd", namespace="other", annotations={"kubernetes.io/config.mirror": "x"}),
    *(make.obj("NetworkPolicy", {}, name="open", namespace=space) for space in ("shop", "other")),
    *(make.namespace(space) for space in ("shop", "other")),
    make.obj("Node", name="one"),
]


class Cluster:
    """A cluster some of whose lists are refused, as a `Source`."""

    def __init__(self, refused: Iterable[tuple[str, str]] = (), namespaces: Sequence[str] = ()) -> None:
        """`refused` are kinds with a namespace, "" for all of them."""
        self._refused = frozenset(refused)
        self._namespaces = tuple(namespaces)

    def facts(self) -> SourceFacts:
        return SourceFacts("cluster", name="test", version="v1.36.3", namespaces=self._namespaces)

    def read(self, kinds: frozenset[str], *, status: bool = False) -> Iterator[Resource | Gap]:
        lists, gaps = plan(kinds, None, self._namespaces)
        for one in lists:
            if self._refused & {(one.name, ""), (one.name, one.namespace)}:
                yield one.gap(f"403: {one.namespace or 'cluster'} is forbidden")
            else:
                yield from (
                    found for found in _objects(one.name) if one.namespace in ("", found.ref.namespace)
                )
        for name in self._namespaces if "Namespace" in kinds else ():
            if self._refused & {("Namespace", ""), ("Namespace", name)}:
                yield Gap("Namespace", "403: forbidden", effect("Namespace"), namespace=name)
            else:
                yield from (found for found in _objects("Namespace") if found.ref.name == name)
        yield from gaps

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:
        yield from ()


def _objects(kind: str) -> Iterator[Resource]:
    yield from (resource(one) for one in WORLD if one["kind"] == kind)


POLICIES = (
    policy("host_pid", kinds=WORKLOADS),
    policy("deployment_host_pid", kinds=("Deployment", "DaemonSet")),
    policy("needing", kinds=WORKLOADS, needs=("namespace",), reads=("pod", "meta", "related.namespace")),
    policy("wanting", kinds=WORKLOADS, wants=("namespace",), reads=("pod", "meta", "related.namespace")),
    policy("always", kinds=("NetworkPolicy", "Namespace", "Node"), reads=("meta",)),
)
NAMES = tuple(one.id for one in POLICIES)
Doubts = Mapping[tuple[str, str], str]
"""What becomes of the verdict of a policy about the pods or objects of a name: `failure` or `unknown`."""


def engine(doubts: Doubts) -> FakeEngine:
    def judge(name: str, given: Mapping[str, Any]) -> Verdict | Failure:
        doubt = doubts.get((name, given["meta"]["name"].partition("-")[0]), "")
        if doubt == "failure":
            return Failure("timed out")
        unknown = ("who knows",) if doubt else ()
        if name == "always":
            return Verdict(unknown=unknown) if doubt else make.fail("/metadata", "x")
        bad = given["pod"]["spec"].get("hostPID")
        places = ("hostIPC",) if doubt else ("hostIPC", "hostPID")
        fails = tuple(Violation(f"{given['pod']['path']}/{one}", "x") for one in places if bad)
        return Verdict(fails, unknown=unknown)

    return FakeEngine(**{name: lambda given, name=name: judge(name, given) for name in NAMES})


def audited(source: Source, by: Engine, chosen: Selection, *, number: int = 1) -> Audit:
    when = datetime(2026, 11, number, tzinfo=UTC)
    return run(source, by, chosen, bundle=make.bundle(chosen), run_id=f"audit-{number}", clock=lambda: when)


def cluster(
    refused: Iterable[tuple[str, str]] = (),
    namespaces: Sequence[str] = (),
    policies: Sequence[str] = NAMES,
    doubts: Doubts | None = None,
    *,
    number: int = 1,
) -> Audit:
    chosen = selection(*(one for one in POLICIES if one.id in policies))
    return audited(Cluster(refused, namespaces), engine(doubts or {}), chosen, number=number)


PLACES = st.tuples(
    st.sampled_from((*WORKLOADS, "NetworkPolicy", "Namespace", "Node")),
    st.sampled_from(("", "shop", "other")),
)
VIEWS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "refused": st.lists(PLACES, max_size=3),
        "namespaces": st.sampled_from(((), ("shop",), ("other",), ("shop", "other"))),
        "policies": st.lists(st.sampled_from(NAMES), unique=True, min_size=1),
        "doubts": st.dictionaries(
            st.tuples(
                st.sampled_from(NAMES),
                st.sampled_from(("web", "api", "db", "flow", "front", "open", "shop", "one")),
            ),
            st.sampled_from(("failure", "unknown")),
            max_size=4,
        ),
    },
)


def test_the_world_has_findings_of_every_sort() -> None:
    found = cluster().findings
    assert {one.policy for one in found} == set(NAMES)
    assert {one.resource.kind for one in found} == {*WORKLOADS, "NetworkPolicy", "Namespace", "Node"}
    assert {one.resource.managed_by.kind for one in found if one.resource.managed_by} == {
        "Rollout",
        "Workflow",
        "Node",
    }


@given(VIEWS)
def test_nothing_of_a_cluster_is_resolved_because_it_could_not_be_seen(view: dict[str, Any]) -> None:
    whole, part = cluster(), cluster(number=2, **view)
    assert between(whole, part).resolved == ()


@given(VIEWS)
def test_nothing_of_a_cluster_is_news_because_it_could_not_be_seen_before(view: dict[str, Any]) -> None:
    part, whole = cluster(**view), cluster(number=2)
    kept = remember(whole, Past({}, lambda: [part])).audit
    before = {one.fingerprint for one in part.findings}
    causes = {
        one.first_seen.cause for one in kept.findings if one.first_seen and one.fingerprint not in before
    }
    assert causes <= {"first_looked_at", "policy_changed"}


@given(VIEWS)
def test_nothing_of_a_cluster_is_news_because_less_can_be_seen(view: dict[str, Any]) -> None:
    whole = remember(cluster(), Past()).audit
    part = remember(cluster(number=2, **view), Past(known(whole), lambda: [whole])).audit
    assert {one.first_seen.cause for one in part.findings if one.first_seen} <= {"first_looked_at"}


def test_what_a_variant_could_not_tell_is_known_where_its_template_has_the_same_fault() -> None:
    by = policy("p")

    def judged(*doubted: str) -> Audit:
        def rule(given: Mapping[str, Any]) -> Verdict:
            doubt = given["meta"]["name"] in doubted
            bad = [one for one in ("hostIPC", "hostPID") if given["pod"]["spec"].get(one)]
            fails = tuple(Violation(f"{given['pod']['path']}/{one}", "x") for one in bad[: 1 if doubt else 2])
            return Verdict(fails, unknown=("who knows",) if doubt else ())

        worse = make.live(make.pod_spec(hostIPC=True, hostPID=True), by=owner)
        source = FakeSource(*map(resource, (owner, worse)))
        return audited(source, FakeEngine(p=rule), selection(by))

    owner = of("Deployment", "web", make.pod_spec(hostIPC=True))
    assert between(judged(), judged("web-00000")).resolved == ()


@given(st.lists(VIEWS, max_size=4))
def test_what_stands_keeps_its_date_whatever_could_be_seen_meanwhile(views: list[dict[str, Any]]) -> None:
    audits: list[Audit] = []
    standing: dict[str, KnownFinding] = {}
    for number, view in enumerate(({}, *views, {}), start=1):
        kept = remember(cluster(number=number, **view), Past(standing, lambda: audits[::-1]))
        standing = {name: one for name, one in standing.items() if name not in kept.resolved} | known(
            kept.audit
        )
        audits.append(kept.audit)
    whole = {one.fingerprint: one.first_seen for one in audits[0].findings}
    assert {name: one.first_seen for name, one in standing.items()} == whole


# --- manifests ------------------------------------------------------------------------------------


def _workload(name: str, kind: str) -> Body:
    container = {"name": "app", "image": "app:1", "securityContext": {"privileged": True}}
    return make.workload(kind, {"hostPID": True, "containers": [container]}, name=name)


FILES = {
    "web.yaml": [_workload("web", "Deployment"), make.obj("Service", {}, name="web")],
    "db/db.json": [_workload("db", "StatefulSet")],
    "db/more.yaml": [
        _workload("export", "CronJob"),
        {"apiVersion": "a/v1", "kind": "Shop", "metadata": {"name": "x"}},
    ],
}
FATES = (
    "as it was",
    "renamed",
    "moved",
    "broken",
    "templated",
    "misspelt",
    "of the wrong type",
    "huge",
    "left out",
)


def lay_out(folder: Path, fates: Mapping[str, str]) -> list[str]:
    """Write the files with what has become of each; return what an audit is told to read."""
    paths = []
    for name, bodies in FILES.items():
        fate = fates.get(name, "")
        first = bodies[0]
        if fate == "misspelt":
            first = {**first, "kind": f"{first['kind']}s"}
        elif fate == "of the wrong type":
            first = {**first, "spec": "none"}
        elif fate == "huge":
            first = json.loads(json.dumps(first).replace("app:1", "x" * 300_000))
        text = "\n---\n".join(json.dumps(one) for one in (first, *bodies[1:]))
        place = {"renamed": f"{name}.yml", "moved": f"there/{name}"}.get(fate, name)
        if fate != "left out":
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(
                {"broken": "a: }\n", "templated": "{{ if .x }}\n" + text}.get(fate, text)
            )
            paths.append(place)
    return paths


@pytest.fixture(scope="module")
def opa() -> Iterator[tuple[OpaEngine, Selection]]:
    """The real engine, and all shipped policies."""
    binary = tool_bin("opa") / "opa"
    with load_bundle(binary) as bundle, OpaEngine(binary, bundle) as running:
        yield running, select(bundle)


@given(
    st.fixed_dictionaries({name: st.sampled_from(FATES) for name in FILES}),
    st.sampled_from(((), ("shop",), ("other",))),
)
def test_nothing_of_manifests_is_resolved_because_it_could_not_be_seen(
    opa: tuple[OpaEngine, Selection], fates: dict[str, str], namespaces: tuple[str, ...]
) -> None:
    def audit(fates: Mapping[str, str], namespaces: Sequence[str] = ()) -> Audit:
        with TemporaryDirectory() as name, chdir(name):
            paths = lay_out(Path("m"), fates)
            # whole where every file is there, else file by file: what is not named is not read
            named = ["m"] if len(paths) == len(FILES) else [f"m/{one}" for one in paths]
            return audited(ManifestSource(named, io.BytesIO(), namespaces=namespaces), *opa)

    whole = audit({})
    assert len({str(one.resource) for one in whole.findings}) == 3
    if set(fates.values()) == {"left out"}:
        return
    part = audit(fates, namespaces)
    assert [str(one.resource) for one in between(whole, part).resolved] == []
    if not namespaces:
        there = {str(FILES[name][0]["metadata"]["name"]) for name, fate in fates.items() if fate in FATES[:3]}
        assert {one.resource.name for one in part.findings} == there
        assert not between(whole, part).new

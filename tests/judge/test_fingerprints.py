"""Fingerprints through what happens to manifests and pods: the shipped policies, judged by a real OPA.

A baseline is worth as much as they are: what only changes its place must not be new.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.collect.manifests import ManifestSource
from auditor.document.kinds import KINDS
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.baseline import excused
from auditor.judge.delta import between
from auditor.judge.selection import select
from auditor.model import Body
from auditor.pipeline import run
from auditor.ports import Source
from auditor.record import Audit, Finding
from tests import factories as make
from tests.factories import FakeSource, resource
from tools.build import tool_bin

Judge = Callable[[Source], Audit]
POD = frozenset({"meta", "pod", "containers", "related.namespace"})
"""The parts of a document that every workload makes of its pods, and where they are."""

FEW = settings(max_examples=40)
"""Each example is a whole audit or two."""

ORDERS = st.integers(0, 2**32).map(random.Random)
"""A seed, not the draws of hypothesis: there are thousands."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """Audits a source by all shipped policies that are about pods alone.

    What others say of a pod changes with what stands beside it: with its replicas, its claims, its budget.
    """
    binary = tool_bin("opa") / "opa"
    with load_bundle(binary) as bundle, OpaEngine(binary, bundle) as engine:
        alone = [one.id for one in bundle.policies.values() if one.judges_pods and POD.issuperset(one.reads)]
        selection = select(bundle, policies=alone)

        def audited(source: Source) -> Audit:
            return run(
                source,
                engine,
                selection,
                bundle=bundle,
                run_id="id",
                clock=lambda: datetime(2026, 11, 24, tzinfo=UTC),
            )

        yield audited


def container(name: str, **fields: Any) -> Body:
    """A container with a fault of every sort that lists can hold."""
    return {
        "name": name,
        "image": f"registry.example/{name}:1",
        "securityContext": {
            "privileged": True,
            "runAsUser": 0,
            "procMount": "Unmasked",
            "seLinuxOptions": {"type": "spc_t", "user": "system_u"},
            "capabilities": {
                "add": ["NET_RAW", "SYS_ADMIN", "NET_ADMIN", "NET_RAW"],
                "drop": ["CHOWN", "KILL"],
            },
        },
        "ports": [
            {"containerPort": 53, "hostPort": 53, "protocol": "UDP"},
            {"containerPort": 53, "hostPort": 53, "protocol": "TCP"},
            {"containerPort": 80, "hostPort": 8080},
            {"containerPort": 80, "hostPort": 8081},
            {"name": "metrics", "containerPort": 9100, "hostPort": 9100},
        ],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "volumeMounts": [{"name": "host", "mountPath": "/host"}, {"name": "logs", "mountPath": "/logs"}],
        "livenessProbe": {"httpGet": {"host": "10.0.0.1", "port": 80}},
        **fields,
    }


def pod_spec() -> Body:
    return {
        "hostPID": True,
        "hostNetwork": True,
        "securityContext": {
            "sysctls": [
                {"name": "kernel.shmmax", "value": "1"},
                {"name": "net.core.somaxconn", "value": "1"},
            ],
            "seccompProfile": {"type": "Unconfined"},
        },
        "containers": [container("web"), container("proxy"), container("log")],
        "initContainers": [container("wait"), container("prepare")],
        "volumes": [
            {"name": "host", "hostPath": {"path": "/"}},
            {"name": "logs", "hostPath": {"path": "/var/log"}},
            {"name": "disk", "nfs": {"server": "nfs", "path": "/"}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }


OBJECTS: list[Body] = [
    make.namespace("shop"),
    make.deployment(pod_spec(), annotations={"a": "1", "b": "2"}),
    make.cronjob(pod_spec(), name="export"),
    make.pod(pod_spec(), name="alone"),
]
FILES: dict[str, list[Body]] = {"shop.yaml": OBJECTS[:3], "more/alone.json": OBJECTS[3:]}


def shuffled(value: Any, order: random.Random) -> Any:
    """The same with all its lists and mappings in another order."""
    if isinstance(value, dict):
        keys = order.sample(list(value), len(value))
        return {key: shuffled(value[key], order) for key in keys}
    if isinstance(value, list):
        return [shuffled(one, order) for one in order.sample(value, len(value))]
    return value


def of_files(judge: Judge, files: Mapping[str, Sequence[Body]], paths: Iterable[str] = ("m",)) -> Audit:
    """Write the files below the folder `m` and audit them."""
    with TemporaryDirectory() as name, chdir(name):
        for path, bodies in files.items():
            place = Path("m", path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("\n---\n".join(json.dumps(one) for one in bodies))
        return judge(ManifestSource(list(paths), io.BytesIO()))


def of_cluster(judge: Judge, *bodies: Body) -> Audit:
    return judge(FakeSource(*map(resource, bodies)))


def prints(audit: Audit) -> dict[str, Finding]:
    found = {one.fingerprint: one for one in audit.findings}
    assert len(found) == len(audit.findings)
    return found


def same(before: Audit, after: Audit) -> None:
    """Nothing is new, nothing is gone, and each fingerprint still names the same fault of the same object."""
    old, new = prints(before), prints(after)
    delta = between(before, after, "baseline")
    assert (delta.new, delta.resolved, delta.unknown) == ((), (), ())
    assert delta.unchanged == len(old) == len(new) > 0
    assert excused(after, before) == new.keys()
    for name, one in new.items():
        assert told(one) == told(old[name])


def told(one: Finding) -> tuple[object, ...]:
    """What a finding is about, whatever the order of lists that it quotes."""
    resource, container = one.resource, one.evidence.get("container")
    return one.policy, one.severity, resource.kind, resource.namespace, resource.name, container


def test_the_objects_have_faults_of_many_sorts(before: Audit) -> None:
    assert (before.gaps, before.not_evaluated) == ((), ())
    assert len({one.policy for one in before.findings}) >= 15
    assert {one.resource.kind for one in before.findings} == {"Deployment", "CronJob", "Pod"}


@pytest.fixture(scope="module")
def before(judge: Judge) -> Audit:
    """The audit of all the objects in their first order and place."""
    return of_files(judge, FILES)


@FEW
@given(ORDERS)
def test_lists_documents_and_keys_in_another_order(judge: Judge, before: Audit, order: random.Random) -> None:
    files = {path: order.sample(bodies, len(bodies)) for path, bodies in shuffled(FILES, order).items()}
    same(before, of_files(judge, files))


PATHS = st.sampled_from(["a.yaml", "z.json", "b/c.yml", "deep/er/and/deeper.yaml", "größe.yaml"])


@FEW
@given(st.lists(PATHS, min_size=1, unique=True), ORDERS)
def test_objects_that_moved_to_other_files(
    judge: Judge, before: Audit, paths: list[str], order: random.Random
) -> None:
    files: dict[str, list[Body]] = {}
    for one in order.sample(OBJECTS, len(OBJECTS)):
        files.setdefault(order.choice(paths), []).append(one)
    same(before, of_files(judge, files))


@FEW
@given(st.none() | st.integers(0, 100), st.sampled_from(["apps/v1", "apps/v1beta2"]))
def test_replicas_and_other_versions_of_the_api(judge: Judge, replicas: int | None, version: str) -> None:
    scaled = json.loads(json.dumps(OBJECTS[1]))
    scaled["apiVersion"] = version
    scaled["spec"] |= {} if replicas is None else {"replicas": replicas}
    same(of_files(judge, {"a.yaml": [OBJECTS[1]]}), of_files(judge, {"a.yaml": [scaled]}))


# --- renamed containers ---------------------------------------------------------------------------


@pytest.mark.parametrize(("lists", "name"), [("containers", "web"), ("initContainers", "prepare")])
@pytest.mark.parametrize("number", range(1, len(OBJECTS)))
def test_a_renamed_container_is_another_one_and_nothing_else_is(
    judge: Judge, number: int, lists: str, name: str
) -> None:
    body = OBJECTS[number]
    renamed = json.loads(json.dumps(body))
    spec = renamed
    for key in KINDS[body["kind"]].pod_path:
        spec = spec[key]
    [one] = [one for one in spec[lists] if one["name"] == name]
    one["name"] = "renamed"
    before, after = (of_files(judge, {"a.yaml": [one]}) for one in (body, renamed))

    def inside(audit: Audit, name: str) -> dict[str, str]:
        """Policies of what is found in a container, by fingerprint."""
        return {
            one.fingerprint: one.policy for one in audit.findings if one.evidence.get("container") == name
        }

    was, now = inside(before, name), inside(after, "renamed")
    assert sorted(was.values()) == sorted(now.values()) != []
    assert prints(before).keys() - prints(after).keys() == was.keys()
    assert prints(after).keys() - prints(before).keys() == now.keys()


# --- the same object twice ------------------------------------------------------------------------


def test_two_files_that_define_the_same_object_are_told_apart(judge: Judge) -> None:
    web = OBJECTS[1]
    single = of_files(judge, {"a.yaml": [web]})
    double = of_files(judge, {"a.yaml": [web], "b.yaml": [web]})
    assert len(prints(double)) == 2 * len(prints(single))
    assert not prints(single).keys() & prints(double).keys()
    by_file = [
        {
            one.fingerprint
            for one in double.findings
            if one.resource.source and one.resource.source.path == f"m/{name}.yaml"
        }
        for name in "ab"
    ]
    assert len(by_file[0]) == len(by_file[1]) == len(prints(single))
    same(double, of_files(judge, {"a.yaml": [web], "b.yaml": [web]}, ["m/b.yaml", "m/a.yaml"]))
    alone = of_files(judge, {"b.yaml": [web]})
    same(single, alone)


# --- pods that come and go ------------------------------------------------------------------------


def living(order: random.Random, pods: int, strange: int) -> list[Body]:
    """A Deployment, a DaemonSet's and an outside owner's pods under names of the moment.

    `strange` of the Deployment's pods have a debug container that the template does not have.
    """

    numbers = iter(order.sample(range(100_000), 100))

    def suffix() -> str:
        return f"{next(numbers):05}"

    web = make.deployment({"containers": [container("web")]}, uid=f"uid-{suffix()}")
    sets = [
        make.workload(
            "ReplicaSet", {"containers": [container("web")]}, name=f"web-{suffix()}", uid=f"uid-{suffix()}"
        )
        for _ in range(2)
    ]
    emptied = {**sets[1], "spec": {**sets[1]["spec"], "replicas": 0}}
    debug = {"containers": [container("web")], "ephemeralContainers": [{"name": "debug", "image": "debug:1"}]}
    plain = {"containers": [container("web")]}
    made = [
        make.live(
            debug if number < strange else plain, index=number, by=sets[0], name=f"web-{suffix()}-{number}"
        )
        for number in range(pods + strange)
    ]
    flow = make.rollout("Workflow", "flow")
    made += [
        make.live(
            {"containers": [container("step")]}, index=number, by=flow, name=f"flow-{suffix()}-{number}"
        )
        for number in range(pods)
    ]
    front = make.owned(
        make.workload("ReplicaSet", plain, name=f"front-{suffix()}", uid=f"uid-{suffix()}"),
        make.rollout("Rollout", "front"),
    )
    made.append(make.live(plain, index=9, by=front, name=f"front-{suffix()}"))
    everything = [
        web,
        *(make.owned(one, web) for one in (sets[0], emptied)),
        front,
        *made,
        make.namespace("shop"),
    ]
    return order.sample(everything, len(everything))


@FEW
@given(ORDERS, ORDERS, st.integers(1, 4), st.integers(1, 4), st.integers(1, 2))
def test_pods_under_other_names_and_in_other_numbers(
    judge: Judge, one: random.Random, other: random.Random, few: int, many: int, strange: int
) -> None:
    before = of_cluster(judge, *living(one, few, strange))
    after = of_cluster(judge, *living(other, many, 1))
    old, new = prints(before), prints(after)
    assert old.keys() == new.keys()
    owners = {str(found.resource.managed_by or found.resource.kind) for found in new.values()}
    assert owners == {"Deployment", "Workflow shop/flow", "Rollout shop/front"}
    assert any("/ephemeralContainers/" in found.path for found in new.values())
    delta = between(before, after, "baseline")
    assert (delta.new, delta.resolved, delta.unknown, delta.unchanged) == ((), (), (), len(new))

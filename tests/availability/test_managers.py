"""Proof: whom we name for a place of an object is who really wrote it, by the API server's own records.

Deployments are written by many managers, field by field; a model remembers who wrote what last, and
what is kept of the real managedFields must lead to the same names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from auditor.document.keep import keep
from auditor.document.managers import set_by
from auditor.model import ResourceRef, Status
from tests.availability.api import THREADS, Api, Object
from tests.availability.judge import live

PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
SUBJECTS = 40
STEPS = 12

POD = "/spec/template/spec"

Write = Callable[[str, int], Object]
"""The pod spec that sets a field to a value that it never had, in a container where it is in one."""


def _container(**fields: object) -> Write:
    """In a container: `VALUE` stands for the value."""

    def write(container: str, value: int) -> Object:
        text = msgspec.json.encode({"containers": [{"name": container, **fields}]}).decode()
        pod: Object = msgspec.json.decode(text.replace('"VALUE"', str(value)).replace("VALUE", str(value)))
        return pod

    return write


FIELDS: Mapping[str, Write] = {
    "image": _container(image="image:VALUE"),
    "securityContext/runAsUser": _container(securityContext={"runAsUser": "VALUE"}),
    "resources/limits/memory": _container(resources={"limits": {"memory": "VALUEMi"}}),
    "args": _container(args=["--level", "VALUE."]),
    "args/1": _container(args=["--level", "VALUE."]),
    "livenessProbe/periodSeconds": _container(
        livenessProbe={"exec": {"command": ["true"]}, "periodSeconds": "VALUE"}
    ),
}
"""Places within a container, and how each is written."""

ABSENT = ("readinessProbe", "securityContext/privileged", "lifecycle/preStop")
"""What nobody writes: who put there what is around it is named."""


class Subject(msgspec.Struct):
    """One Deployment, and who wrote what of it."""

    name: str
    owners: dict[str, str]
    """By path: who wrote it last."""
    added: dict[str, set[str]]
    """By path of a container: who put it there; who applies one that is there has put it there too."""
    writers: set[str]
    body: Object = {}


def _created(name: str) -> Object:
    labels = {"app": name}
    containers = [{"name": "main", "image": "image:1"}, {"name": "side", "image": "image:1"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


def _written(api: Api, path: str, name: str) -> Subject:
    """Create a Deployment and write fields of it, one after the other, each by a manager of its own."""
    rng = random.Random(name)
    api.ask("POST", f"{path}?fieldManager=creator", _created(name))
    places = {container: f"{POD}/containers/{number}" for number, container in enumerate(("main", "side"))}
    one = Subject(
        name,
        {f"{place}/image": "creator" for place in places.values()},
        {place: {"creator"} for place in places.values()},
        {"creator"},
    )
    for step in range(STEPS):
        field, container = rng.choice(list(FIELDS)), rng.choice(list(places))
        place, value = places[container], 100 + step
        pod = FIELDS[field](container, value)
        applies = rng.random() < 0.4
        manager = f"{'apply' if applies else 'edit'}-{step}"
        content = APPLY if applies else PATCH
        query = f"fieldManager={manager}{'&force=true' * applies}"
        head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}} if applies else {}
        patch = {**head, "spec": {"template": {"spec": pod}}}
        api.ask("PATCH", f"{path}/{name}?{query}", patch, content)
        one.owners.update(
            {f"{place}/{same}": manager for same in FIELDS if same.split("/")[0] == field.split("/")[0]}
        )
        one.writers.add(manager)
        if applies:
            one.added[place].add(manager)
    one.body = api.ask("GET", f"{path}/{name}")
    return one


@pytest.fixture(scope="module")
def subjects(api: Api, space: str) -> list[Subject]:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}}
    api.ask("POST", f"/api/v1/namespaces/{space}/resourcequotas", {**quota, "spec": {"hard": {"pods": "0"}}})
    path = f"/apis/apps/v1/namespaces/{space}/deployments"
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda number: _written(api, path, f"m{number}"), range(SUBJECTS)))


def test_who_wrote_a_field_is_named(subjects: list[Subject]) -> None:
    wrong, named = [], 0
    for one in subjects:
        kept = keep(ResourceRef("apps/v1", "Deployment", one.name, "shop"), one.body)
        for path, owner in one.owners.items():
            found = set_by(kept.content.managers, kept.body, path)
            whole = path.removesuffix("/1") if path.endswith("args/1") else ""
            named += 1
            if found is None or (found.manager, found.path) != (owner, whole):
                wrong.append(f"{one.name} {path}: {found}, {owner}")
    assert named > SUBJECTS * 5
    assert not wrong, f"{len(wrong)} of {named} wrong:\n" + "\n".join(wrong[:10])


def test_of_what_is_missing_who_put_there_what_is_around_it_is_named(subjects: list[Subject]) -> None:
    """A mapping in a container, where somebody is known to have made it: who applies its fields did not."""
    around = set()
    for one in subjects:
        kept = keep(ResourceRef("apps/v1", "Deployment", one.name, "shop"), one.body)
        for number, (place, adders) in enumerate(one.added.items()):
            container = one.body["spec"]["template"]["spec"]["containers"][number]
            for field in ABSENT:
                inner = field.rpartition("/")[0]
                found = set_by(kept.content.managers, kept.body, f"{place}/{field}")
                assert found is not None
                if found.path != place:
                    assert (found.path, inner in container) == (f"{place}/{inner}", True)
                assert found.manager in (adders if found.path == place else one.writers)
                around.add((inner in container, found.path == place))
    assert around >= {(True, False), (False, True)}


def test_what_nobody_decided_has_no_name(subjects: list[Subject]) -> None:
    for one in subjects:
        kept = keep(ResourceRef("apps/v1", "Deployment", one.name, "shop"), one.body)
        for path in (
            "",
            "/spec",
            POD,
            f"{POD}/hostNetwork",
            f"{POD}/volumes/0",
        ):
            assert set_by(kept.content.managers, kept.body, path) is None, path


def test_a_finding_says_it(api: Api, space: str, subjects: list[Subject]) -> None:
    """The whole way, with the real OPA: every verdict that fails knows whom to ask."""
    judged = live(api.plane, space, "memory_limit_missing", "read_only_root_filesystem_missing")
    failed = [one for one in judged.values() if one.status is Status.FAIL]
    assert len({one.document.ref.name for one in failed}) == SUBJECTS
    for one in failed:
        assert len(one.set_by) == len(one.violations)
        assert all(one.set_by)

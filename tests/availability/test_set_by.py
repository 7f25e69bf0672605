"""Proof: what the API server records of who set spec.replicas, in every order, and what we make of it.

Deployments are created, applied in two ways, scaled and edited; a model of the rules says who owns the
field then, and the real managedFields must agree.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import msgspec
import pytest

from auditor.document.keep import keep
from auditor.document.normalise import meta
from auditor.document.set_by import LAST_APPLIED
from auditor.model import ResourceRef, Status
from auditor.rules import Severity
from tests.availability.api import THREADS, Api, Object
from tests.availability.judge import Judged, live, messages

CREATED = ("create", "create 3", "kubectl apply", "kubectl apply 3", "apply", "apply 3")
CHANGES = ("scale", "edit", "edit image", "kubectl apply", "kubectl apply 3", "apply", "apply 3")
RANDOM = 60
"""Longer sequences, beside all of up to two changes."""

PATCH = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


def sequences() -> list[tuple[str, ...]]:
    rng = random.Random(6)
    short = [
        (first, *rest) for first in CREATED for count in (0, 1, 2) for rest in permutations(CHANGES, count)
    ]
    return short + [(rng.choice(CREATED), *rng.choices(CHANGES, k=rng.randint(3, 6))) for _ in range(RANDOM)]


class Model(msgspec.Struct):
    """Who owns the field, by the rules of the API server."""

    replicas: int = 1
    owners: set[str] = set()
    """Managers; one of the scale subresource ends in `/scale`."""
    applied: int | None = None
    scaled: bool = False
    """The autoscaler was the last but one to change it, or before."""

    def update(self, manager: str, replicas: int) -> None:
        """Somebody writes the object: who changes a field owns it alone."""
        if replicas != self.replicas or not self.owners:
            self.replicas, self.owners = replicas, {manager}

    def scale(self, manager: str, replicas: int) -> None:
        """Somebody writes the scale: he takes the field from its owners, and where it has none he is none."""
        self.replicas, self.scaled = replicas, True
        self.owners = {manager} if self.owners else set()

    def apply(self, manager: str, replicas: int | None) -> None:
        """Somebody applies what he wants to own."""
        others = self.owners - {manager}
        if replicas is None:
            if manager in self.owners and not others:
                self.replicas = 1  # nobody wants it any more: the default
            self.owners = others
        else:
            self.owners = {manager, *others} if replicas == self.replicas else {manager}
            self.replicas = replicas


class Subject(msgspec.Struct):
    """One Deployment, what becomes of it, and what must have become of it."""

    api: Api
    path: str
    name: str
    model: Model
    count: int = 3
    """Goes up with each number that somebody chooses."""

    def run(self, steps: Sequence[str]) -> None:
        """Do all of it."""
        for number, step in enumerate(steps):
            word, _, replicas = step.partition(" 3")
            wanted = 3 if step.endswith(" 3") else None
            del replicas
            STEPS[word](self, wanted, number)

    def body(self, replicas: int | None) -> Object:
        """The Deployment as people write it."""
        labels = {"app": self.name}
        pod = {"containers": [{"name": "main", "image": "main:1"}]}
        spec: Object = {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        if replicas is not None:
            spec["replicas"] = replicas
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name}, "spec": spec}

    def next(self) -> int:
        """A number of replicas that nobody has chosen."""
        self.count += 1
        return self.count


def _create(one: Subject, replicas: int | None, number: int) -> None:
    one.api.ask("POST", f"{one.path}?fieldManager=kubectl-create", one.body(replicas))
    one.model.replicas, one.model.owners = replicas or 1, {"kubectl-create"}


def _kubectl_apply(one: Subject, replicas: int | None, number: int) -> None:
    """What kubectl does: it patches what differs between last time, this time, and the cluster."""
    body = one.body(replicas)
    annotations = {LAST_APPLIED: json.dumps(body)}
    manager = "kubectl-client-side-apply"
    if number == 0:
        body["metadata"]["annotations"] = annotations
        one.api.ask("POST", f"{one.path}?fieldManager={manager}", body)
        one.model.replicas, one.model.owners = replicas or 1, {manager}
    else:
        patch: Object = {"metadata": {"annotations": annotations}}
        if replicas is not None:
            patch["spec"] = {"replicas": replicas}
            one.model.update(manager, replicas)
        elif one.model.applied is not None:
            patch["spec"] = {"replicas": None}
            one.model.update(manager, 1)
        one.api.ask("PATCH", f"{one.path}/{one.name}?fieldManager={manager}", patch, PATCH)
    one.model.applied = replicas


def _apply(one: Subject, replicas: int | None, number: int) -> None:
    path = f"{one.path}/{one.name}?fieldManager=flux&force=true"
    one.api.ask("PATCH", path, one.body(replicas), APPLY)
    if number == 0:
        one.model.replicas, one.model.owners = replicas or 1, {"flux"} if replicas else set()
    else:
        one.model.apply("flux", replicas)


def _scale(one: Subject, replicas: int | None, number: int) -> None:
    wanted = one.next()
    path = f"{one.path}/{one.name}/scale?fieldManager=kube-controller-manager"
    one.api.ask("PATCH", path, {"spec": {"replicas": wanted}}, MERGE)
    one.model.scale("kube-controller-manager/scale", wanted)


def _edit(one: Subject, replicas: int | None, number: int) -> None:
    wanted = one.next()
    path = f"{one.path}/{one.name}?fieldManager=kubectl-edit"
    one.api.ask("PATCH", path, {"spec": {"replicas": wanted}}, MERGE)
    one.model.update("kubectl-edit", wanted)


def _edit_image(one: Subject, replicas: int | None, number: int) -> None:
    pod = {"containers": [{"name": "main", "image": f"main:{one.next()}"}]}
    path = f"{one.path}/{one.name}?fieldManager=kubectl-set"
    one.api.ask("PATCH", path, {"spec": {"template": {"spec": pod}}}, PATCH)


STEPS: Mapping[str, Callable[[Subject, int | None, int], None]] = {
    "create": _create,
    "kubectl apply": _kubectl_apply,
    "apply": _apply,
    "scale": _scale,
    "edit": _edit,
    "edit image": _edit_image,
}


class Told(msgspec.Struct, frozen=True):
    """What has become of every sequence, by the name of its Deployment."""

    steps: Mapping[str, tuple[str, ...]]
    models: Mapping[str, Model]
    bodies: Mapping[str, Object]
    judged: Judged


@pytest.fixture(scope="module")
def told(api: Api, space: str) -> Told:
    """Pods would only be in the way: none is admitted."""
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none"},
        "spec": {"hard": {"pods": "0"}},
    }
    api.ask("POST", f"/api/v1/namespaces/{space}/resourcequotas", quota)
    path = f"/apis/apps/v1/namespaces/{space}/deployments"
    steps = {f"d{number}": one for number, one in enumerate(sequences())}
    subjects = [Subject(api, path, name, Model()) for name in steps]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda one: one.run(steps[one.name]), subjects))
    models = {one.name: one.model for one in subjects}
    scalers = [scaler(one.name) for one in subjects]
    api.create(space, scalers)
    scalers_path = f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers"
    for name, model in models.items():
        if model.scaled:
            status = {
                "status": {
                    "currentReplicas": 1,
                    "desiredReplicas": 1,
                    "lastScaleTime": "2029-01-01T00:00:00Z",
                }
            }
            api.ask("PATCH", f"{scalers_path}/{name}/status", status, MERGE)
    bodies = {one["metadata"]["name"]: one for one in api.listed(space, "Deployment")}
    return Told(steps, models, bodies, live(api.plane, space, "hpa_replicas_conflict"))


def scaler(name: str) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 100}
    kind = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    return {**kind, "metadata": {"name": name}, "spec": spec}


def test_every_order(told: Told) -> None:
    assert len(told.steps) == len(CREATED) * (1 + 7 + 42) + RANDOM


def test_owners_are_as_the_rules_say(told: Told) -> None:
    wrong = []
    for name, model in told.models.items():
        entries = owning(told.bodies[name])
        owners = {one["manager"] + ("/scale" if one.get("subresource") else "") for one in entries}
        if (owners, told.bodies[name]["spec"]["replicas"]) != (model.owners, model.replicas):
            wrong.append(f"{told.steps[name]}: {owners}, {told.bodies[name]['spec']['replicas']}; {model}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:10])


def owning(body: Object) -> list[Object]:
    """The entries of those who own the field."""
    return [
        one
        for one in body["metadata"]["managedFields"]
        if "f:replicas" in one.get("fieldsV1", {}).get("f:spec", {})
    ]


def test_scaling_has_no_time_and_who_applied_may_have_lost_it(told: Told) -> None:
    """So times cannot tell who was last: that the field is owned does, once it was scaled."""
    found = {
        (one["operation"], one.get("subresource"), "time" in one): told.steps[name]
        for name, body in told.bodies.items()
        for one in owning(body)
    }
    timed = {("Update", None, True), ("Apply", None, True)}
    assert found.keys() == timed | {("Update", "scale", False), ("Apply", None, False)}, found


def test_what_we_keep(told: Told) -> None:
    for name, model in told.models.items():
        kept = keep(ResourceRef("apps/v1", "Deployment", name, "shop"), told.bodies[name]).body
        found = meta(kept).get("set_by", {}).get("replicas", {})
        owners = {
            one["manager"] + ("/scale" if one.get("subresource") else "") for one in found.get("managers", ())
        }
        assert owners == model.owners, told.steps[name]
        assert found.get("applied") == model.applied, told.steps[name]
        assert "declared" not in found
        assert "managedFields" not in kept["metadata"]


def test_verdicts(told: Told) -> None:
    wrong = []
    for name, model in told.models.items():
        found = told.judged["hpa_replicas_conflict", name]
        severities = {one.severity for one in found.violations}
        if severities != expected(model):
            wrong.append(f"{told.steps[name]}: {messages(found)}, {model}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:10])
    statuses = {one.status for one in told.judged.values()}
    assert statuses == {Status.PASS, Status.FAIL}


def expected(model: Model) -> set[Severity]:
    if model.applied is not None or "flux" in model.owners:
        return {Severity.MEDIUM}
    kept = {owner for owner in model.owners if not owner.endswith("/scale")}
    return {Severity.LOW} if model.scaled and kept else set()

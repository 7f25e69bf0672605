"""Budgets and what they select: the table of the catalogue, and random ones.

A case is a PodDisruptionBudget over the pods of some owners, which carry a label of the case.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import msgspec

from tests.availability.api import GROUP, Object

LABEL = "case"
UNSCHEDULABLE = {"nodeSelector": {"no": "node"}}
"""No node runs the pods: nobody finishes those of a Job."""

APPS = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
OUTSIDE = ("Scaled", "Unscaled")
"""Kinds of our own, with and without a scale."""
UNSCALED = ("DaemonSet", "Job", "Unscaled")


class Owner(msgspec.Struct, frozen=True):
    """Who has pods, and how many."""

    kind: str
    """One of KINDS, `Pod` for pods of nobody, or a kind of our own."""
    replicas: int = 1
    scaler: tuple[int, int] | None = None
    """minReplicas and maxReplicas of an autoscaler that targets it."""
    labelled: bool = True
    """Its template has the label; else only some of its live pods get it."""
    part: int = 0
    """How many of its live pods get the label by hand."""


class Case(msgspec.Struct, frozen=True):
    """A budget over the pods of some owners."""

    name: str
    spec: Mapping[str, Any]
    """`minAvailable`, `maxUnavailable`, or neither."""
    owners: tuple[Owner, ...]
    others: tuple[Mapping[str, Any], ...] = ()
    """Further budgets on the same pods."""
    form: str = "labels"
    """How its selector is written."""

    @property
    def plain(self) -> bool:
        """Manifests say all about it: no owner of others, no pods whose number only a cluster knows."""
        return all(one.kind not in ("DaemonSet", *OUTSIDE) and one.labelled for one in self.owners)


RULES: tuple[dict[str, Any], ...] = (
    *({"minAvailable": value} for value in (0, 1, 2, 3, "0%", "1%", "34%", "50%", "67%", "90%", "100%")),
    *({"maxUnavailable": value} for value in (0, 1, 3, "0%", "1%", "34%", "50%", "100%")),
    {},
)

_OWNERS: tuple[tuple[Owner, ...], ...] = (
    *((Owner("Deployment", number),) for number in (0, 1, 2, 3)),
    (Owner("StatefulSet", 3),),
    (Owner("ReplicaSet", 2),),
    (Owner("ReplicationController", 2),),
    (Owner("DaemonSet"),),
    (Owner("Job", 2),),
    (Owner("Pod", 2),),
    (Owner("Scaled", 3),),
    (Owner("Unscaled", 2),),
    (Owner("Deployment", 2), Owner("StatefulSet", 1)),
    (Owner("Deployment", 2), Owner("Pod", 1)),
    (Owner("Deployment", 2), Owner("Job", 1)),
    (Owner("Deployment", 2, (2, 4)),),
    (Owner("Deployment", 3, (1, 3)),),
    (Owner("StatefulSet", 3, labelled=False, part=1),),
)


def table() -> Iterator[Case]:
    """Yield every rule over every sort of owners, and pods under two budgets."""
    for number, (spec, owners) in enumerate(product(RULES, _OWNERS)):
        yield Case(f"t{number}", spec, owners)
    two = ({"maxUnavailable": 1}, {"minAvailable": 1}, {"minAvailable": 5})
    for number, (spec, other) in enumerate(product(two, two)):
        yield Case(f"o{number}", spec, (Owner("Deployment", 2), Owner("Pod", 1)), (other,))


def random_case(number: int) -> Case:
    """Return the case with this number, always the same one."""
    rng = random.Random(number)
    owners = tuple(_owner(rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3))))
    others = (_rule(rng),) if rng.random() < 0.07 else ()
    return Case(f"r{number}", _rule(rng), owners, others, rng.choice(("labels", "In", "Exists", "NotIn")))


def _rule(rng: random.Random) -> dict[str, Any]:
    field = rng.choice(("minAvailable", "maxUnavailable"))
    percent = rng.choice((rng.randint(0, 100), rng.choice((1, 10, 25, 33, 50, 66, 75, 99))))
    return {field: rng.choice((rng.randint(0, 6), f"{percent}%"))} if rng.random() < 0.97 else {}


def _owner(rng: random.Random) -> Owner:
    kind = rng.choice((*APPS, *APPS, "Deployment", "DaemonSet", "Job", "Pod", "Pod", "Scaled", "Unscaled"))
    replicas = 1 if kind == "DaemonSet" else rng.randint(0 if kind in APPS else 1, 5)
    if kind in ("Deployment", "StatefulSet") and replicas and rng.random() < 0.4:
        low = rng.randint(1, replicas)
        return Owner(kind, replicas, (low, rng.randint(replicas, replicas + 3)))
    if kind in APPS and replicas > 1 and rng.random() < 0.15:
        return Owner(kind, replicas, labelled=False, part=rng.randint(1, replicas))
    return Owner(kind, replicas)


def objects(case: Case) -> list[Object]:
    """Return the objects of a case but for pods that an owner of our own kinds has."""
    found = []
    for number, owner in enumerate(case.owners):
        name = f"{case.name}-{number}"
        found += _owned(case, owner, name)
        if owner.scaler:
            found.append(_scaler(owner, name))
    for number, spec in enumerate((case.spec, *case.others)):
        selector = {"selector": _selector(case) if number == 0 else {"matchLabels": {LABEL: case.name}}}
        body = {"metadata": {"name": f"{case.name}-{number}"}, "spec": {**spec, **selector}}
        found.append({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **body})
    return found


def pods_of(case: Case, uids: Mapping[str, str]) -> list[Object]:
    """Return the pods of owners of our own kinds, whose uids are known by name."""
    found = []
    for number, owner in enumerate(case.owners):
        if owner.kind in OUTSIDE:
            name = f"{case.name}-{number}"
            reference = {
                "apiVersion": f"{GROUP}/v1",
                "kind": owner.kind,
                "name": name,
                "uid": uids[name],
                "controller": True,
            }
            found += [
                _pod(case, f"{name}-{index}", ownerReferences=[reference]) for index in range(owner.replicas)
            ]
    return found


def _owned(case: Case, owner: Owner, name: str) -> list[Object]:
    if owner.kind == "Pod":
        return [_pod(case, f"{name}-{index}") for index in range(owner.replicas)]
    if owner.kind in OUTSIDE:
        body: Object = {"metadata": {"name": name}, "spec": {"replicas": owner.replicas}}
        return [{"apiVersion": f"{GROUP}/v1", "kind": owner.kind, **body}]
    own = {"app": name}
    labels = {**own, **({LABEL: case.name} if owner.labelled else {})}
    spec: Object = {"template": {"metadata": {"labels": labels}, "spec": dict(_CONTAINERS)}}
    if owner.kind == "Job":
        spec |= {"parallelism": owner.replicas, "completions": owner.replicas}
        spec["template"]["spec"] |= {"restartPolicy": "Never", **UNSCHEDULABLE}
        return [{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}]
    spec["selector"] = own if owner.kind == "ReplicationController" else {"matchLabels": own}
    if owner.kind == "DaemonSet":
        spec["template"]["spec"] |= {"nodeSelector": {"kubernetes.io/hostname": "node-1"}}
    else:
        spec["replicas"] = owner.replicas
    if owner.kind == "StatefulSet":
        spec |= {"podManagementPolicy": "Parallel", "serviceName": name}
    version = "v1" if owner.kind == "ReplicationController" else "apps/v1"
    return [{"apiVersion": version, "kind": owner.kind, "metadata": {"name": name}, "spec": spec}]


_CONTAINERS = {"containers": [{"name": "main", "image": "main:1"}]}


def _pod(case: Case, name: str, **metadata: Any) -> Object:
    metadata = {"name": name, "labels": {LABEL: case.name}, **metadata}
    spec = {**_CONTAINERS, "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _scaler(owner: Owner, name: str) -> Object:
    assert owner.scaler
    low, high = owner.scaler
    target = {"apiVersion": "apps/v1", "kind": owner.kind, "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high}
    body: Object = {"metadata": {"name": name}, "spec": spec}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", **body}


def _selector(case: Case) -> Object:
    expression: Object = {"key": LABEL, "operator": "In", "values": [case.name, "nobody"]}
    match case.form:
        case "In":
            return {"matchExpressions": [expression]}
        case "Exists":
            exists = {"key": LABEL, "operator": "Exists"}
            return {"matchLabels": {LABEL: case.name}, "matchExpressions": [exists]}
        case "NotIn":
            absent = {"key": "absent", "operator": "NotIn", "values": ["a"]}
            return {"matchExpressions": [expression, absent]}
        case _:
            return {"matchLabels": {LABEL: case.name}}

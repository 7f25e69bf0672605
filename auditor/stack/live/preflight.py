"""What is looked at before anything is applied: what will not go, and what will not work afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.collect.fault import ApiError
from auditor.stack.compose import identity
from auditor.stack.kinds import PLACEHOLDER
from auditor.stack.live.cluster import Cluster, UnknownKindError
from auditor.stack.live.order import AUTOSCALER, WORKLOADS
from auditor.stack.live.plan import Action, Plan
from auditor.stack.live.wanted import Wanted, named
from auditor.stack.patches import Object

OLDEST = (1, 31)
"""The first Kubernetes in which all that the stack uses is stable: unhealthyPodEvictionPolicy was the last.
https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
"""

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def refusals(cluster: Cluster, plan: Plan) -> Iterator[str]:
    """Yield why the plan would break off: rights that are missing where no dry run could tell."""
    asked: set[tuple[str, str, str, str]] = set()
    home = plan.inventory.home
    asked |= {(verb, "v1", "ConfigMap", home) for verb in ("get", "create", "patch")}
    asked |= {(verb, "coordination.k8s.io/v1", "Lease", home) for verb in ("get", "create", "update")}
    for step in plan.steps:
        namespace = step.sent["metadata"].get("namespace", "")
        place = (step.sent["apiVersion"], step.sent["kind"], namespace)
        if step.unchecked:
            asked |= {(verb, *place) for verb in ("create", "patch")}
        elif step.action is Action.PRUNE:
            asked.add(("delete", *place))
    for verb, api_version, kind, namespace in sorted(asked):
        try:
            if not cluster.may(verb, api_version, kind, namespace):
                where = f" in {namespace}" if namespace else ""
                yield f"you may not {verb} {kind}{where}"
        except UnknownKindError as error:
            yield str(error)
        except ApiError as error:
            yield f"whether you may {verb} {kind} cannot be asked: {error}"


def warnings(cluster: Cluster, wanted: Wanted) -> Iterator[str]:
    """Yield what will be applied and then not work."""
    for look in (_version, _storage, _secrets, _metrics, _nodes):
        try:
            yield from look(cluster, wanted)
        except (ApiError, UnknownKindError) as error:
            yield f"could not look at {look.__name__.strip('_')}: {error}"
    yield from placeholders(wanted.objects)


def placeholders(objects: Sequence[Object]) -> Iterator[str]:
    """Yield objects in which something still stands for what only a user knows."""
    for one in objects:
        found = sorted({match[0] for text in _texts(one) for match in PLACEHOLDER.finditer(text)})
        if found:
            yield f"{named(identity(one))}: still holds {', '.join(found)}"


def _version(cluster: Cluster, _: Wanted) -> Iterator[str]:
    version = cluster.version()
    found = re.match(r"v(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        yield f"Kubernetes {version} is older than {oldest}: some of it will not work there"


def _storage(cluster: Cluster, wanted: Wanted) -> Iterator[str]:
    classes: dict[str, Object] = {}
    for one in [*cluster.list("storage.k8s.io/v1", "StorageClass"), *wanted.objects]:
        if one["kind"] == "StorageClass":
            classes[one["metadata"]["name"]] = one
    default = any(
        (one["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true" for one in classes.values()
    )
    free = {
        one["spec"].get("storageClassName", "")
        for one in cluster.list("v1", "PersistentVolume")
        if (one.get("status") or {}).get("phase") in ("Available", "Bound")
    }
    for owner, claim in _claims(wanted.objects):
        name = (claim.get("spec") or {}).get("storageClassName")
        if name and name not in classes and name not in free:
            yield f"{named(identity(owner))}: there is no StorageClass {name}: its claims will wait for ever"
        elif not name and not default and "" not in free:
            yield (
                f"{named(identity(owner))}: the cluster has no default StorageClass, and none is named: "
                "--storage-class"
            )


def _claims(objects: Sequence[Object]) -> Iterator[tuple[Object, Mapping[str, Any]]]:
    for one in objects:
        if one["kind"] == "PersistentVolumeClaim":
            yield one, one
        elif one["kind"] == "StatefulSet":
            for claim in one["spec"].get("volumeClaimTemplates") or ():
                yield one, claim


def _secrets(cluster: Cluster, wanted: Wanted) -> Iterator[str]:
    """Secrets that pods cannot start without, and that nothing in the stack makes."""
    made = {("Secret", one["metadata"].get("namespace"), one["metadata"]["name"]) for one in wanted.objects}
    made |= {
        ("Secret", one["metadata"].get("namespace"), one["spec"].get("secretName"))
        for one in wanted.objects
        if one["kind"] == "Certificate"
    }
    for owner in wanted.objects:
        if owner["kind"] not in WORKLOADS:
            continue
        namespace = owner["metadata"].get("namespace", "")
        for name in sorted(_mounted(owner["spec"]["template"].get("spec") or {})):
            stub = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
            if ("Secret", namespace, name) not in made and not cluster.holds(stub):
                yield (
                    f"{named(identity(owner))}: its pods wait for the Secret {name}, which is not there "
                    "(deploy/overlays/README.md says what belongs in it)"
                )


def _mounted(pod: Mapping[str, Any]) -> Iterator[str]:
    for volume in pod.get("volumes") or ():
        sources = [volume.get("secret") or {}]
        sources += [one.get("secret") or {} for one in (volume.get("projected") or {}).get("sources") or ()]
        for one in sources:
            name = one.get("secretName") or one.get("name")
            if name and not one.get("optional"):
                yield name


def _metrics(cluster: Cluster, wanted: Wanted) -> Iterator[str]:
    scaling = any(one["kind"] == AUTOSCALER for one in wanted.objects)
    if scaling and cluster.resource("metrics.k8s.io/v1beta1", "PodMetrics") is None:
        yield "the cluster has no metrics.k8s.io (metrics-server): autoscalers will not scale"


def _nodes(cluster: Cluster, wanted: Wanted) -> Iterator[str]:
    """Replicas that want a node each, of which there are not as many."""
    needing = [one for one in wanted.objects if one["kind"] in WORKLOADS and _apart(one)]
    if not needing:
        return
    nodes = sum(1 for one in cluster.list("v1", "Node") if not (one.get("spec") or {}).get("unschedulable"))
    for one in needing:
        replicas = one["spec"].get("replicas", 1)
        if replicas > nodes:
            yield f"{named(identity(one))}: {replicas} replicas want a node each, of which there are {nodes}"


def _apart(one: Object) -> bool:
    affinity = (one["spec"]["template"].get("spec") or {}).get("affinity") or {}
    terms = (affinity.get("podAntiAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or ()
    return any(term.get("topologyKey") == "kubernetes.io/hostname" for term in terms)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value

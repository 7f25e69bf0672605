"""Workloads, written with all that their controllers make of them but the pods, which are returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tools.bench.cluster import block as plan
from tools.bench.cluster.applied import account_of, create_applied, surroundings
from tools.bench.cluster.block import Block
from tools.bench.cluster.draw import suffix
from tools.bench.cluster.pods import CONTROLLERS, Place, Pod, owner, pod, pod_name
from tools.bench.cluster.templates import Object, labels, role, selector_of, template
from tools.bench.cluster.writer import Writer

Task = Callable[[Writer], list[Pod]]

ROLLING = 10
"""One of so many Deployments is in the middle of a rollout."""


def tasks(block: Block) -> Iterator[Task]:
    """Yield what is to be written for a block, largest first; each part can be written beside the others."""
    deployments = sorted(block.numbers(plan.DEPLOYMENTS), key=_replicas, reverse=True)
    yield from (partial(deployment, block=block, number=number) for number in deployments)
    for number in block.numbers(plan.DAEMON_SETS):
        yield partial(daemon_set, block=block, number=number)
    for number in block.numbers(len(plan.STATEFUL_SETS)):
        yield partial(stateful_set, block=block, number=number)
    for place, number in enumerate(block.custom_resources):
        yield partial(custom_resource, block=block, number=number, replicas=_shares(block)[place])


def _replicas(number: int) -> int:
    return plan.REPLICAS[number % plan.DEPLOYMENTS % len(plan.REPLICAS)]


def _is_rolling(number: int) -> bool:
    """Tell it for one in ten, without favouring a namespace, which also goes by the number."""
    return (number * 7 + number // ROLLING) % ROLLING == 0


def _shares(block: Block) -> list[int]:
    """How the 50 pods of custom resources are shared out in a block."""
    return [20, 15, 15] if len(block.custom_resources) == 3 else [25, 25]


def deployment(writer: Writer, *, block: Block, number: int) -> list[Pod]:
    """Write a Deployment, its account, Service and three ReplicaSets; return its pods."""
    name, place = f"{role(number)}-{number}", block.place(number)
    namespace, replicas = place.namespace, _replicas(number)
    style = block.style(place, name)
    account = account_of(writer, name, namespace) if number % 2 else ""
    selector = selector_of(name, number)
    made_of = [template(name, number, style, age=age, account=account) for age in range(3)]
    body: Object = {
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": labels(name, number),
            "annotations": {"deployment.kubernetes.io/revision": "3"},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": selector},
            "template": made_of[0],
            "revisionHistoryLimit": 10,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
            },
        },
    }
    made = create_applied(writer, body, number)
    surroundings(writer, body, number)
    new = (replicas + 1) // 2 if _is_rolling(number) else replicas
    counts = [new, replicas - new, 0]
    writer.report(body, _deployment_status(replicas, new, made.created), CONTROLLERS)
    pods: list[Pod] = []
    up = owner("Deployment", "apps/v1", name, made.uid)
    for age, (content, count) in enumerate(zip(made_of, counts, strict=True)):
        revision = {
            "deployment.kubernetes.io/desired-replicas": str(replicas),
            "deployment.kubernetes.io/max-replicas": str(replicas + (replicas + 3) // 4),
            "deployment.kubernetes.io/revision": str(3 - age),
        }
        hash = suffix(10, name, age)
        made_pods = replica_set(writer, place, name, hash, content, selector, up, count, revision)
        pods += [replace(one, age=age) for one in made_pods]
    return pods


def replica_set(
    writer: Writer,
    place: Place,
    name: str,
    hash: str,
    content: Object,
    selector: dict[str, str],
    up: Object,
    count: int,
    annotations: dict[str, str],
) -> list[Pod]:
    """Write one ReplicaSet of an owner `name`, told apart by `hash`; return its pods."""
    called, mark = f"{name}-{hash}", {"pod-template-hash": hash}
    own = {**content["metadata"]["labels"], **mark}
    body: Object = {
        "kind": "ReplicaSet",
        "metadata": {
            "name": called,
            "namespace": place.namespace,
            "labels": own,
            "annotations": annotations,
            "ownerReferences": [up],
        },
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": {**selector, **mark}},
            "template": {**content, "metadata": {**content["metadata"], "labels": own}},
        },
    }
    made = writer.create(body, CONTROLLERS)
    status: Object = {"replicas": count, "observedGeneration": 1}
    if count:
        status |= dict.fromkeys(("fullyLabeledReplicas", "readyReplicas", "availableReplicas"), count)
    writer.report(body, status, CONTROLLERS)
    reference = owner("ReplicaSet", "apps/v1", called, made.uid)
    return [
        Pod(
            pod(body["spec"]["template"], pod_name(called, one), place, workload=name, owned=reference),
            head=name,
        )
        for one in range(count)
    ]


def stateful_set(writer: Writer, *, block: Block, number: int) -> list[Pod]:
    """Write a StatefulSet with a claim for each pod; return its pods."""
    name, place = f"db-{role(number)}-{number}", block.place(number)
    replicas = plan.STATEFUL_SETS[number % len(plan.STATEFUL_SETS)]
    content = template(
        name, number, block.style(place, name), account=account_of(writer, name, place.namespace)
    )
    content["spec"]["containers"][0]["volumeMounts"].append({"name": "data", "mountPath": "/var/lib/data"})
    selector = selector_of(name, number)
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}}
    body: Object = {
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": place.namespace, "labels": labels(name, number)},
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": selector},
            "template": content,
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    }
    made = create_applied(writer, body, number)
    surroundings(writer, body, number)
    revision = f"{name}-{suffix(10, name)}"
    counts = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    revisions = {"currentRevision": revision, "updateRevision": revision}
    status = {"observedGeneration": 1, "collisionCount": 0, **dict.fromkeys(counts, replicas), **revisions}
    writer.report(body, status, CONTROLLERS)
    reference = owner("StatefulSet", "apps/v1", name, made.uid)
    pods = []
    for one in range(replicas):
        called = f"{name}-{one}"
        more = {
            "apps.kubernetes.io/pod-index": str(one),
            "controller-revision-hash": revision,
            "statefulset.kubernetes.io/pod-name": called,
        }
        made_pod = pod(content, called, place, workload=name, owned=reference, labels=more)
        made_pod["spec"] |= {"hostname": called, "subdomain": name}
        claimed = {"name": "data", "persistentVolumeClaim": {"claimName": f"data-{called}"}}
        made_pod["spec"]["volumes"].insert(0, claimed)
        pods.append(Pod(made_pod, head=name))
    return pods


def daemon_set(writer: Writer, *, block: Block, number: int) -> list[Pod]:
    """Write a DaemonSet of a pool of nodes; return its pods, each pinned to its node."""
    name, place = f"agent-{role(number)}-{number}", block.open_place(number)
    account = account_of(writer, name, place.namespace)
    content = template(name, number, "careless" if number % 2 else "average", account=account)
    content["spec"] |= {
        "nodeSelector": {"pool": block.pool},
        "priorityClassName": "system-node-critical",
        "tolerations": [{"operator": "Exists"}],
        "hostNetwork": number % 4 == 1,
    }
    content["spec"].pop("affinity", None)
    if number % 4 == 1:
        for container in content["spec"]["containers"]:
            for port in container["ports"]:
                port["hostPort"] = port["containerPort"]
    selector = selector_of(name, number)
    body: Object = {
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": place.namespace, "labels": labels(name, number)},
        "spec": {"selector": {"matchLabels": selector}, "template": content},
    }
    made = create_applied(writer, body, number)
    counts = ("currentNumberScheduled", "desiredNumberScheduled", "numberReady", "numberAvailable")
    status = {**dict.fromkeys((*counts, "updatedNumberScheduled"), len(place.nodes)), "numberMisscheduled": 0}
    writer.report(body, {**status, "observedGeneration": 1}, CONTROLLERS)
    reference = owner("DaemonSet", "apps/v1", name, made.uid)
    more = {"controller-revision-hash": suffix(10, name), "pod-template-generation": "1"}
    pods = []
    for index, node in enumerate(place.nodes):
        called = pod_name(name, index)
        made_pod = pod(content, called, place, workload=name, owned=reference, labels=more, node=node)
        made_pod["spec"]["affinity"] = {"nodeAffinity": _pinned(node)}
        made_pod["spec"]["tolerations"] = [*content["spec"]["tolerations"], *_daemon_tolerations()]
        pods.append(Pod(made_pod, head=name))
    return pods


def _pinned(node: str) -> Object:
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    required = {"nodeSelectorTerms": [{"matchFields": fields}]}
    return {"requiredDuringSchedulingIgnoredDuringExecution": required}


def _daemon_tolerations() -> list[Object]:
    """What the controller adds: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ ."""
    keys = {"not-ready": "NoExecute", "unreachable": "NoExecute"}
    keys |= dict.fromkeys(("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"), "NoSchedule")
    return [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
        for key, effect in keys.items()
    ]


def custom_resource(writer: Writer, *, block: Block, number: int, replicas: int) -> list[Pod]:
    """Write a Rollout; even ones own ReplicaSets, odd ones own pods. Return the pods."""
    name, place = f"rollout-{role(number)}-{number}", block.place(number)
    style = block.style(place, name)
    now, before = (template(name, number, style, age=age) for age in (0, 1))
    selector = selector_of(name, number)
    metadata = {"name": name, "namespace": place.namespace, "labels": labels(name, number)}
    spec: Object = {"replicas": replicas, "selector": {"matchLabels": selector}, "template": now}
    spec["strategy"] = {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}, {"setWeight": 100}]}}
    made = writer.create({"kind": "Rollout", "metadata": metadata, "spec": spec}, "kubectl-create")
    reference = owner("Rollout", "example.dev/v1alpha1", name, made.uid)
    if number % 2:
        return [
            Pod(pod(now, pod_name(name, one), place, workload=name, owned=reference), manager="rollouts")
            for one in range(replicas)
        ]
    old = replica_set(writer, place, name, suffix(10, name, 1), before, selector, reference, 0, {})
    return old + replica_set(writer, place, name, suffix(10, name, 0), now, selector, reference, replicas, {})


def _deployment_status(replicas: int, updated: int, moment: str) -> Object:
    counts = ("replicas", "readyReplicas", "availableReplicas")
    times = {"lastUpdateTime": moment, "lastTransitionTime": moment}
    progress = "NewReplicaSetAvailable" if updated == replicas else "ReplicaSetUpdated"
    return {
        **dict.fromkeys(counts, replicas),
        "updatedReplicas": updated,
        "observedGeneration": 1,
        "conditions": [
            {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", **times},
            {"type": "Progressing", "status": "True", "reason": progress, **times},
        ],
    }

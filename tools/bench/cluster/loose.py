"""Other pods: of Jobs, of nodes, of nobody, of owners that are gone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial

from tools.bench.cluster import block as plan
from tools.bench.cluster.block import Block
from tools.bench.cluster.draw import hexadecimal, suffix
from tools.bench.cluster.pods import CONTROLLERS, KUBELET, Phase, Place, Pod, owner, pod, pod_name
from tools.bench.cluster.templates import Object, template
from tools.bench.cluster.workloads import Task
from tools.bench.cluster.writer import Writer

STATIC = ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "node-proxy")
"""The static pods of a node."""


def tasks(block: Block, node_uids: dict[str, str]) -> Iterator[Task]:
    """Yield what is to be written for a block; `node_uids` are those of its nodes, by name."""
    for number in block.numbers(plan.CRON_JOBS):
        yield partial(cron_job, block=block, number=number)
    yield partial(single_jobs, block=block)
    yield lambda _: [*_bare(block), *_orphans(block), *_mirrors(block, node_uids)]


def cron_job(writer: Writer, *, block: Block, number: int) -> list[Pod]:
    """Write a CronJob with a Job that runs and one that is done; return their pods."""
    name, place = f"nightly-{number}", block.place(number)
    content = _once(name, number, block, place)
    body: Object = {
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": place.namespace},
        "spec": {
            "schedule": f"{number % 60} 3 * * *",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"template": content}},
        },
    }
    made = writer.create(body)
    up = owner("CronJob", "batch/v1", name, made.uid)
    running = _job(writer, place, f"{name}-29374620", content, up, "Running")
    return running + _job(writer, place, f"{name}-29373180", content, up, "Succeeded")


def single_jobs(writer: Writer, *, block: Block) -> list[Pod]:
    """Write three Jobs of nobody: one indexed and running, one done, one failed; return their pods."""
    phases: tuple[tuple[Phase, int], ...] = (("Running", 3), ("Succeeded", 2), ("Failed", 1))
    pods = []
    for index, (phase, count) in enumerate(phases):
        name, place = f"import-{block.number}-{index}", block.place(index)
        content = _once(name, index, block, place)
        pods += _job(writer, place, name, content, None, phase, count=count)
    return pods


def _once(name: str, number: int, block: Block, place: Place) -> Object:
    content = template(name, number, block.style(place, name))
    content["spec"]["restartPolicy"] = "Never"
    return content


def _job(
    writer: Writer,
    place: Place,
    name: str,
    content: Object,
    up: Object | None,
    phase: Phase,
    *,
    count: int = 1,
) -> list[Pod]:
    indexed = phase == "Running" and count > 1
    metadata: Object = {"name": name, "namespace": place.namespace}
    if up:
        metadata["ownerReferences"] = [up]
    spec: Object = {"parallelism": count, "completions": count, "template": content}
    if indexed:
        spec["completionMode"] = "Indexed"
    body: Object = {"kind": "Job", "metadata": metadata, "spec": spec}
    made = writer.create(body, CONTROLLERS if up else "kubectl-create")
    writer.report(body, _job_status(phase, count, made.created), CONTROLLERS)
    reference = owner("Job", "batch/v1", name, made.uid)
    prefix = "batch.kubernetes.io/"
    more = {"controller-uid": made.uid, "job-name": name}
    more |= {f"{prefix}{key}": value for key, value in more.items()}
    pods = []
    for index in range(count):
        called = f"{name}-{index}-{suffix(5, name, index)}" if indexed else pod_name(name, index)
        one = pod(content, called, place, workload=name, owned=reference, labels=more)
        if indexed:
            one["metadata"]["labels"][f"{prefix}job-completion-index"] = str(index)
            one["metadata"]["annotations"][f"{prefix}job-completion-index"] = str(index)
            one["spec"]["hostname"] = f"{name}-{index}"
            for container in one["spec"]["containers"]:
                field = f"metadata.labels['{prefix}job-completion-index']"
                index_of = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {"fieldPath": field}}}
                container.setdefault("env", []).append(index_of)
        pods.append(Pod(one, phase, head=up["name"] if up else name))
    return pods


def _job_status(phase: Phase, count: int, moment: str) -> Object:
    status: Object = {"startTime": moment, "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0}
    times = {"lastProbeTime": moment, "lastTransitionTime": moment}

    def conditions(reason: str, *kinds: str) -> list[Object]:
        return [{"type": kind, "status": "True", "reason": reason, **times} for kind in kinds]

    if phase == "Running":
        return {**status, "active": count, "ready": count}
    if phase == "Succeeded":
        met = conditions("CompletionsReached", "SuccessCriteriaMet", "Complete")
        return {**status, "succeeded": count, "completionTime": moment, "conditions": met}
    return {
        **status,
        "failed": count,
        "conditions": conditions("BackoffLimitExceeded", "FailureTarget", "Failed"),
    }


def _bare(block: Block) -> Iterator[Pod]:
    for number in block.numbers(plan.BARE):
        name, place = f"debug-{number}", block.open_place(number)
        content = template(name, number, block.style(place, name))
        yield Pod(pod(content, name, place, workload=name, generated=False), manager="kubectl-run")


def _orphans(block: Block) -> Iterator[Pod]:
    """Pods whose controller was deleted without them: three owners in each block, five pods each."""
    for number in block.numbers(plan.ORPHANS):
        family = number // 5
        kind, api = ("Job", "batch/v1") if family % 3 == 2 else ("ReplicaSet", "apps/v1")
        name, place = f"gone-{family}-{suffix(10, 'gone', family)}", block.open_place(family)
        uid = str(uuid.UUID(hexadecimal(32, "gone", family)))
        content = template(f"gone-{family}", family, block.style(place, name))
        up = owner(kind, api, name, uid)
        yield Pod(pod(content, pod_name(name, number), place, workload=f"gone-{family}", owned=up))


def _mirrors(block: Block, node_uids: dict[str, str]) -> Iterator[Pod]:
    """The API's copies of static pods: five on each of three nodes."""
    for index in range(plan.MIRRORS):
        which = block.number % plan.BLOCKS_PER_POOL * (plan.MIRRORS // len(STATIC)) + index // len(STATIC)
        node, name = block.nodes[which], STATIC[index % len(STATIC)]
        place = Place("kube-system", strict=False, nodes=(node,))
        content = template(name, index % len(STATIC), "average")
        content["spec"] = {
            "containers": [{**one, "volumeMounts": []} for one in content["spec"]["containers"][:1]],
            "hostNetwork": True,
            "priorityClassName": "system-node-critical",
            "priority": 2000001000,
            "tolerations": [{"operator": "Exists", "effect": "NoExecute"}],
            "volumes": [{"name": "pki", "hostPath": {"path": "/etc/kubernetes/pki", "type": "Directory"}}],
        }
        for container in content["spec"]["containers"]:
            # a mirror pod may refer to no Secret
            container["env"] = [one for one in container["env"] if "value" in one]
            # what a file of the node says, no audit knows
            container["args"] = [one for one in container.get("args", ()) if not one.startswith("--config")]
        up = owner("Node", "v1", node, node_uids[node])
        up.pop("blockOwnerDeletion")
        one = pod(
            content,
            f"{name}-{node}",
            place,
            workload=name,
            owned=up,
            generated=False,
            node=node,
            injectable=False,
        )
        digest = hexadecimal(32, name)
        one["metadata"]["annotations"] = {
            "kubernetes.io/config.hash": digest,
            "kubernetes.io/config.mirror": digest,
            "kubernetes.io/config.seen": "2026-01-01T00:00:00.000000000Z",
            "kubernetes.io/config.source": "file",
        }
        yield Pod(one, manager=KUBELET)

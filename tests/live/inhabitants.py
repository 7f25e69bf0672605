"""The objects of the zoo: every sort of workload, of owner, and of pod without an owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.cluster.custom_kinds import definition
from tests.live.live import Object, pod_spec, workload

HELD = "example.dev/held"
"""A finalizer that nobody takes away: what has it stays when it is deleted."""
HOUR = 3600
NOWHERE: Object = {"nodeSelector": {"no": "node"}}
"""No node is so: the pod stays Pending unless its status says otherwise, and kwok leaves it alone."""
BAD: Object = {"hostPID": True}
"""Makes a pod fail the policy host_pid."""
CUSTOM = {"Rollout": "canary", "Database": "pg", "Workflow": "flow", "Operator": "op"}
"""The custom resources: kind and name."""


# --- how each is made -----------------------------------------------------------------------------


def spec(number: int = 1, **more: Any) -> Object:
    """Return a quiet pod spec whose image is `main:<number>`."""
    made = pod_spec(**more)
    made["containers"][0]["image"] = f"main:{number}"
    return made


def bare(name: str, pod: Object | None = None, *, app: str = "", **metadata: Any) -> Object:
    """Return a pod; its label `app` is its name unless given."""
    metadata = {"name": name, "labels": {"app": app or name}, **metadata}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod or spec()}


def job(name: str, count: int, *, app: str = "", **more: Any) -> Object:
    """Return a Job of so many pods at a time that gives up at the first failure."""
    labels = {"app": app or name}
    template = {"metadata": {"labels": labels}, "spec": spec(restartPolicy="Never", **more)}
    inner = {"parallelism": count, "completions": count, "backoffLimit": 0, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": inner}


def stateful_set(name: str, pod: Object, storage_class: str, **more: Any) -> Object:
    """Return two pods, each with a claim."""
    claims = [{"metadata": {"name": "data"}, "spec": _claim(storage_class)}]
    more = {"volumeClaimTemplates": claims, "podManagementPolicy": "Parallel", **more}
    return workload("StatefulSet", name, pod, replicas=2, serviceName=name, **more)


def held(body: Object) -> Object:
    """Return the controller; its pods have the finalizer."""
    body["spec"]["template"]["metadata"]["finalizers"] = [HELD]
    return body


def owned(body: Object, owner: Object) -> Object:
    """Return the object, controlled by another that exists, or by an ownerReference."""
    if meta := owner.get("metadata"):
        who = {"name": meta["name"], "uid": meta["uid"], "controller": True}
        owner = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], **who}
    body["metadata"]["ownerReferences"] = [owner]
    return body


def static(name: str, node: str) -> Object:
    """Return what a kubelet makes for a file in its manifest folder; newer ones own it by their node."""
    volumes = [{"name": "certificates", "hostPath": {"path": "/etc/ssl"}}]
    pod = spec(nodeName=node, automountServiceAccountToken=False, volumes=volumes)
    annotations = {"kubernetes.io/config.mirror": "digest", "kubernetes.io/config.source": "file"}
    return bare(f"{name}-{node}", pod, app=name, annotations=annotations)


def windows() -> Object:
    """Return a pod spec for Windows, where half of the fields are refused."""
    return {"os": {"name": "windows"}, "containers": [{"name": "main", "image": "main:1"}]}


# --- what there is --------------------------------------------------------------------------------


def ground(home: str, away: str, group: str) -> list[Object]:
    """Return what must be there first: namespaces, kinds, volumes, classes."""
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in (home, away)]
    return [
        *spaces,
        *(definition(f"{group}/v1", kind, f"{kind.lower()}s") for kind in CUSTOM),
        *(_volume(home, f"data-db-{number}") for number in range(2)),
        *_classes(home),
    ]


def owners(group: str) -> list[Object]:
    """Return what others name as their controller: their uids are needed first."""
    yearly = {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": job("nightly", 2)["spec"]}}
    return [
        *({"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": CUSTOM[kind]}} for kind in CUSTOM),
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": yearly},
        bare("driver"),
        workload("Deployment", "web", spec(), replicas=3),
    ]


def controllers(known: Mapping[str, Object]) -> list[Object]:
    """Return the controllers of pods; `known` are the owners that exist, by name."""
    replication = workload("ReplicationController", "controlled", spec(), replicas=2)
    replication["spec"]["selector"] = {"app": "controlled"}
    return [
        *rolled_out(1, **BAD),
        workload("Deployment", "asleep", spec(), replicas=0),
        workload("Deployment", "fleet", spec(), replicas=15),
        workload("Deployment", "evicted", spec(), replicas=2),
        held(workload("Deployment", "draining", spec(), replicas=2)),
        workload("Deployment", "pending", spec(**NOWHERE), replicas=2),
        workload("Deployment", "windows", windows(), replicas=1),
        owned(workload("Deployment", "operated", spec(**BAD), replicas=1), known["op"]),
        stateful_set("queue", spec(), "none-has-this-class"),
        workload("DaemonSet", "agent", spec()),
        job("finished", 2),
        job("failed", 1, **NOWHERE),
        job("running", 3, **NOWHERE),
        owned(job("nightly-1", 2, app="nightly", **NOWHERE), known["nightly"]),
        owned(job("nightly-0", 1), known["nightly"]),
        owned(job("step", 1, **NOWHERE), known["flow"]),
        {**replication, "apiVersion": "v1"},
        workload("ReplicaSet", "solo", spec(), replicas=1),
        workload("ReplicaSet", "empty", spec(), replicas=0),
        owned(workload("ReplicaSet", "stable", spec(), replicas=2), known["canary"]),
        owned(workload("ReplicaSet", "canary", spec(2, **BAD), replicas=1), known["canary"]),
        owned(workload("ReplicaSet", "former", spec(3, **BAD), replicas=0), known["canary"]),
        held(workload("ReplicaSet", "gone", spec(**BAD), replicas=2)),
        held(workload("ReplicaSet", "renewed", spec(), replicas=1)),
        workload("ReplicaSet", "left", spec(), replicas=1),
    ]


def rolled_out(number: int, **more: Any) -> list[Object]:
    """Return what is updated, as it is before (1) and after (2): none of it will ever be done."""
    # no pod is available before an hour has passed: half of the new ones, and that is it
    slow = {"minReadySeconds": HOUR, "progressDeadlineSeconds": 2 * HOUR}
    half = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
    partition = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    return [
        workload("Deployment", "moving", spec(number, **more), replicas=4, strategy=half, **slow),
        stateful_set("db", spec(number, **more), "", updateStrategy=partition),
        workload("DaemonSet", "on-delete", spec(number, **more), updateStrategy={"type": "OnDelete"}),
    ]


def written(classes: str) -> list[Object]:
    """Return controllers into whose pods defaults, admission and controllers write all that they do."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "puller"}}
    pod = spec(
        runtimeClassName=classes, priorityClassName=classes, serviceAccountName="puller", hostNetwork=True
    )
    pod["containers"][0] |= {
        "image": "main:1",
        "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": "0.5"}},
        "livenessProbe": {"httpGet": {"port": 80}},
        "env": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
    }
    labels = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
    pod["volumes"] = [
        {"name": "scratch", "emptyDir": {}},
        {"name": "settings", "configMap": {"name": "settings", "optional": True}},
        {"name": "labels", "downwardAPI": {"items": [labels]}},
        {"name": "disk", "ephemeral": {"volumeClaimTemplate": {"spec": _claim("none-has-this-class")}}},
    ]
    full = workload("Deployment", "written", pod, replicas=2)
    profile = {"container.apparmor.security.beta.kubernetes.io/main": "runtime/default"}
    full["spec"]["template"]["metadata"]["annotations"] = profile
    indexed = job("indexed", 2, **NOWHERE)
    indexed["spec"]["completionMode"] = "Indexed"
    return [{**account, "imagePullSecrets": [{"name": "registry"}]}, full, indexed]


def singles(known: Mapping[str, Object]) -> list[Object]:
    """Return pods that no controller made; `known` are the owners that exist, by name."""
    # the garbage collector cannot look it up, its kind is not served; and it remembers uids for long
    lost = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "lost", "uid": str(uuid4())}
    return [
        *(owned(bare(f"pg-{number}", app="postgres"), known["pg"]) for number in range(4)),
        owned(bare("pg-4", spec(**BAD), app="postgres"), known["pg"]),
        *(owned(bare(f"lost-{number}", app="lost"), {**lost, "controller": True}) for number in range(2)),
        *(owned(bare(f"executor-{number}", app="executor"), known["driver"]) for number in range(2)),
        owned(static("static", "node-1"), known["node-1"]),
        static("ownerless", "node-2"),
        bare("bare"),
        bare("debugged"),
        bare("bare-windows", windows()),
        bare("gated", spec(schedulingGates=[{"name": "example.dev/wait"}])),
        bare("unknown", spec(**NOWHERE)),
        bare("succeeded", spec(**NOWHERE)),
        bare("broken", spec(**NOWHERE)),
        bare("held", finalizers=[HELD]),
    ]


def injector(name: str, namespace: str) -> list[Object]:
    """Return what puts a sidecar into every new pod of a namespace."""
    proxy = (
        'Object.spec.initContainers{name: "proxy", image: "proxy:1", restartPolicy: "Always", '
        "securityContext: Object.spec.initContainers.securityContext{privileged: true}}"
    )
    added = {"expression": f"Object{{spec: Object.spec{{initContainers: [{proxy}]}}}}"}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
    version = "admissionregistration.k8s.io/v1"
    policy = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {"resourceRules": [rule]},
        "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": added}],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    binding = {"policyName": name, "matchResources": here}
    return [
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": inner}
        for kind, inner in (
            ("MutatingAdmissionPolicy", policy),
            ("MutatingAdmissionPolicyBinding", binding),
        )
    ]


def _claim(storage_class: str) -> Object:
    return {
        "storageClassName": storage_class,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }


def _classes(name: str) -> list[Object]:
    selector, tolerations = {"kubernetes.io/os": "linux"}, [{"key": "sandbox", "operator": "Exists"}]
    meta = {"metadata": {"name": name}}
    runtime = {
        "handler": "sandbox",
        "overhead": {"podFixed": {"cpu": "10m"}},
        "scheduling": {"nodeSelector": selector, "tolerations": tolerations},
    }
    return [
        {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", **meta, **runtime},
        {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", **meta, "value": 7},
    ]


def _volume(namespace: str, claim: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{namespace}-{claim}"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {"namespace": namespace, "name": claim},
            "nfs": {"server": "192.0.2.1", "path": "/"},
        },
    }

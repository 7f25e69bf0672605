"""A small cluster at rest: every workload kind, and for most policies one kind alone that fails it.

So a list that is not read, and is not missed either, makes a control pass that does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from tests.evaluate.custom import write_policy
from tests.live.live import Object, pod_spec, workload
from tools.cluster import ControlPlane

SHOP, BANK = "shop", "bank"
ROLLOUT: Object = {"apiVersion": "example.dev/v1", "kind": "Rollout", "name": "canary", "controller": True}
DATABASE: Object = {"apiVersion": "example.dev/v1", "kind": "Database", "name": "pg", "controller": True}
GONE: Object = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "gone", "controller": True}
"""Owners that are not listed, or not there: nobody looks whether they are, or collects what they own."""

PRIVILEGED = {"name": "proxy", "image": "proxy:1", "securityContext": {"privileged": True}}
OLD = {"pod-security.kubernetes.io/enforce-version": "v1.26"}
YOUNG_SYSCTL = {"name": "net.ipv4.tcp_rmem", "value": "4096 131072 6291456"}
"""Safe since v1.32: who does not know the version of the namespace sees no fault."""
TEMPLATES = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "ReplicationController",
)
"""The kinds that make pods."""

_MADE = ("namespace/default", "namespace/kube-system", "namespace/kube-public", "namespace/kube-node-lease")
_MAP = "configmap/kube-apiserver-legacy-service-account-token-tracking"
"""What the API server makes by itself, soon after it is up."""


def settle(plane: ControlPlane) -> None:
    """Create everything, on a control plane without controllers: it stays as it is."""
    plane.kubectl("wait", "--for=create", *_MADE, "--timeout=60s")
    plane.kubectl("wait", "--for=create", _MAP, "-n", "kube-system", "--timeout=60s")
    for make in (_ground, _controllers, _owned_controllers, _pods):
        _create(plane, make(_known(plane)))
    ended = json.dumps({"status": {"phase": "Succeeded"}})
    patch = ("--subresource=status", "--type=merge", "-p", ended)
    plane.kubectl("patch", "pod", "ended", "-n", SHOP, *patch)


def write_policies(folder: Path) -> Path:
    """Write policies that judge other kinds than the shipped ones do, and need what those only want."""
    labelled = """
fail contains {"path": "/metadata/namespace", "message": "lives in an old namespace"} if {
	input.related.namespace.labels["pod-security.kubernetes.io/enforce-version"]
}
"""
    called = """
fail contains {"path": "/metadata/name", "message": "is called so"} if input.meta.name in {"shop", "odd"}
"""
    write_policy(folder, "namespace_old", labelled, custom={"kinds": ["workload"], "needs": ["namespace"]})
    write_policy(folder, "rollout_old", labelled, custom={"kinds": ["Deployment"], "needs": ["namespace"]})
    for name, kind in (("map_odd", "ConfigMap"), ("space_odd", "Namespace"), ("node_odd", "Node")):
        write_policy(folder, name, called, custom={"kinds": [kind]})
    write_policy(folder, "set_odd", called, custom={"kinds": ["StatefulSet", "ConfigMap"]})
    return folder


def _create(plane: ControlPlane, objects: Sequence[Object]) -> None:
    plane.kubectl(
        "create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    )


def _known(plane: ControlPlane) -> dict[str, Object]:
    """Return the controllers that there are, by name."""
    kinds = ",".join(f"{kind.lower()}s" for kind in TEMPLATES)
    found = json.loads(plane.kubectl("get", kinds, "-A", "-o", "json"))["items"]
    return {one["metadata"]["name"]: one for one in found}


def _bare(name: str, pod: Object) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod}


def _job(name: str, **more: Any) -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod_spec(restartPolicy="Never", **more)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template},
    }


def _owned(body: Object, owner: Object) -> Object:
    """Return the object, controlled by another that exists, or by an ownerReference."""
    if meta := owner.get("metadata"):
        who = {"name": meta["name"], "uid": meta["uid"], "controller": True}
        owner = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], **who}
    uid = owner.get("uid") or str(uuid5(NAMESPACE_DNS, f"{owner['kind']}.example.dev"))
    body["metadata"]["ownerReferences"] = [{**owner, "uid": uid}]
    return body


def _at(namespace: str, body: Object) -> Object:
    body["metadata"]["namespace"] = namespace
    return body


def _ground(_: Mapping[str, Object]) -> list[Object]:
    labels = {SHOP: OLD, BANK: {"pod-security.kubernetes.io/warn": "restricted"}, "empty": {}}
    accounts = {"apiVersion": "v1", "kind": "ServiceAccount"}
    maps = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}
    return [
        *(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": some}}
            for name, some in labels.items()
        ),
        *({**accounts, "metadata": {"name": "default", "namespace": name}} for name in (SHOP, BANK)),
        {**accounts, "metadata": {"name": "default", "namespace": "kube-system"}},
        *({**maps, "metadata": {"name": name, "namespace": SHOP}} for name in ("odd", "even", "more")),
        {**maps, "metadata": {"name": "plain", "namespace": BANK}},
        *({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}} for name in ("odd", "n1", "n2")),
    ]


def _controllers(_: Mapping[str, Object]) -> list[Object]:
    """Return what nobody owns."""
    adding = pod_spec()
    adding["containers"][0]["securityContext"] = {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]}}
    unconfined, selinux = {"seccompProfile": {"type": "Unconfined"}}, {"seLinuxOptions": {"role": "admin"}}
    yearly = {"schedule": "0 0 1 1 *"}
    probe = {"httpGet": {"host": "example.dev", "port": 80}}
    probed = {**pod_spec()["containers"][0], "livenessProbe": probe}
    careless = _job("none", securityContext={"runAsNonRoot": True, **unconfined})["spec"]
    replication = workload("ReplicationController", "old", _with(selinux), replicas=0)
    replication["spec"]["selector"] = {"app": "old"}
    here = [
        workload("Deployment", "web", adding, replicas=3),
        workload("StatefulSet", "db", pod_spec(hostIPC=True), serviceName="db", replicas=0),
        workload("StatefulSet", "queue", pod_spec(), serviceName="queue", replicas=1),
        workload("DaemonSet", "agent", pod_spec(hostPID=True)),
        workload("DaemonSet", "idle", _with({"appArmorProfile": {"type": "Unconfined"}})),
        _job("root", securityContext={**pod_spec()["securityContext"], "runAsUser": 0}),
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": yearly},
        {**replication, "apiVersion": "v1"},
        _owned(workload("ReplicaSet", "canary", _with({"sysctls": [YOUNG_SYSCTL]}), replicas=1), ROLLOUT),
    ]
    here[6]["spec"]["jobTemplate"] = {"spec": careless}
    there = [
        workload("Deployment", "api", pod_spec(hostNetwork=True), replicas=1),
        workload("StatefulSet", "ledger", pod_spec(), serviceName="ledger", replicas=1),
        workload("StatefulSet", "asleep", pod_spec(containers=[probed]), serviceName="asleep", replicas=0),
    ]
    system = workload("DaemonSet", "kube-proxy", pod_spec(containers=[PRIVILEGED]))
    return [
        *(_at(SHOP, one) for one in here),
        *(_at(BANK, one) for one in there),
        _at("kube-system", system),
    ]


def _with(security: Object) -> Object:
    pod = pod_spec()
    pod["securityContext"] |= security
    return pod


def _owned_controllers(known: Mapping[str, Object]) -> list[Object]:
    web, api, nightly = known["web"], known["api"], known["nightly"]
    template = web["spec"]["template"]["spec"]
    return [
        _at(SHOP, _owned(workload("ReplicaSet", "web-2", template, replicas=3), web)),
        _at(SHOP, _owned(workload("ReplicaSet", "web-1", pod_spec(hostPID=True), replicas=0), web)),
        _at(BANK, _owned(workload("ReplicaSet", "api-1", api["spec"]["template"]["spec"], replicas=1), api)),
        _at(SHOP, _owned(_job("nightly-1"), nightly)),
    ]


def _pods(known: Mapping[str, Object]) -> list[Object]:
    web = known["web"]["spec"]["template"]["spec"]
    port = {**pod_spec()["containers"][0], "ports": [{"containerPort": 80, "hostPort": 80}]}
    disk = [{"name": "disk", "hostPath": {"path": "/"}}]
    sidecar = {**web, "containers": [*web["containers"], PRIVILEGED]}
    here = [
        *(_owned(_bare(f"web-2-{number}", web), known["web-2"]) for number in range(2)),
        _owned(_bare("web-2-x", sidecar), known["web-2"]),
        _owned(_bare("queue-0", pod_spec()), known["queue"]),
        _owned(_bare("agent-0", pod_spec(hostPID=True)), known["agent"]),
        _owned(_bare("nightly-1-0", pod_spec(restartPolicy="Never")), known["nightly-1"]),
        _owned(_bare("canary-0", _with({"sysctls": [YOUNG_SYSCTL]})), known["canary"]),
        *(_owned(_bare(f"pg-{number}", pod_spec(containers=[port])), DATABASE) for number in range(2)),
        _owned(_bare("lost", pod_spec()), GONE),
        _bare("disk", pod_spec(volumes=disk)),
        _bare("ended", pod_spec(hostPID=True)),
    ]
    there = [
        _owned(_bare("api-1-0", known["api"]["spec"]["template"]["spec"]), known["api-1"]),
        _owned(_bare("ledger-0", pod_spec()), known["ledger"]),
    ]
    return [*(_at(SHOP, one) for one in here), *(_at(BANK, one) for one in there)]

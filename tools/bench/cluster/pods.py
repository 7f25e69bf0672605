"""Live pods as controllers create them and kubelets report them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Literal

from tools.bench.cluster import sidecar
from tools.bench.cluster.draw import draw, hexadecimal, suffix

Object = dict[str, Any]
Phase = Literal["Running", "Succeeded", "Failed"]

CONTROLLERS = "kube-controller-manager"
KUBELET = "kubelet"
SIDECARS = 0.1
"""The share of pods with an injected sidecar, wherever it may be injected."""


@dataclass(frozen=True)
class Pod:
    """A pod to be written: what is created, then what its kubelet says of it."""

    body: Object
    phase: Phase = "Running"
    manager: str = CONTROLLERS
    """Who creates it, as managedFields show it."""
    head: str = ""
    """The workload whose template it is compared with, "" if there is none."""
    age: int = 0
    """Roll-outs since its template was the head's."""

    @property
    def variant(self) -> tuple[str, int, bool] | None:
        """What tells it from its head's template and its likes from others; None if nothing does."""
        injected = any(one["name"] == sidecar.NAME for one in self.body["spec"]["containers"])
        if self.head and self.phase == "Running" and (self.age or injected):
            return self.head, self.age, injected
        return None


@dataclass(frozen=True)
class Place:
    """Where the pods of one workload are."""

    namespace: str
    strict: bool
    """The namespace enforces a pod security level."""
    nodes: tuple[str, ...]


def owner(kind: str, api_version: str, name: str, uid: str) -> Object:
    """Return the ownerReference of a controller."""
    reference = {"apiVersion": api_version, "kind": kind, "name": name, "uid": uid}
    return {**reference, "controller": True, "blockOwnerDeletion": True}


def pod(
    template: Object,
    name: str,
    place: Place,
    *,
    workload: str,
    owned: Object | None = None,
    labels: Object | None = None,
    generated: bool = True,
    node: str = "",
    injectable: bool = True,
) -> Object:
    """Return the pod that a controller creates of a template, with a sidecar if it is its lot.

    `workload` is the name under which the mesh knows it, `labels` what the controller adds,
    `generated` whether the end of the name was the API server's choice.
    """
    made = copy.deepcopy(template)
    chance = draw("pod", place.namespace, name)
    metadata: Object = {
        "name": name,
        "namespace": place.namespace,
        "labels": {**made["metadata"].get("labels", {}), **(labels or {})},
        "annotations": dict(made["metadata"].get("annotations", {})),
    }
    if generated:
        metadata["generateName"] = name[: name.rindex("-") + 1]
    if owned:
        metadata["ownerReferences"] = [owned]
    made["metadata"] = metadata
    made["spec"]["nodeName"] = node or chance.choice(place.nodes)
    if injectable and not made["spec"].get("hostNetwork") and chance.random() < SIDECARS:
        sidecar.inject(made, workload, strict=place.strict)
    return made


def status(body: Object, phase: Phase, moment: str) -> Object:
    """Return what the kubelet reports of a pod; `moment` is when it was created, as the API writes it."""
    spec, name = body["spec"], body["metadata"]["name"]
    chance = draw("status", body["metadata"]["namespace"], name)
    running = phase == "Running"
    host = f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    address = f"10.{128 + chance.randrange(16)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    if spec.get("hostNetwork"):
        address = host
    conditions = {
        "PodReadyToStartContainers": running,
        "Initialized": True,
        "Ready": running,
        "ContainersReady": running,
        "PodScheduled": True,
    }
    reported: Object = {
        "phase": phase,
        "observedGeneration": 1,
        "conditions": [
            {
                "type": kind,
                "status": "True" if true else "False",
                "lastProbeTime": None,
                "lastTransitionTime": moment,
                "observedGeneration": 1,
                **({} if true else {"reason": "PodCompleted"}),
            }
            for kind, true in conditions.items()
        ],
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": moment,
        "containerStatuses": [_container(name, one, phase, moment) for one in spec["containers"]],
    }
    if first := spec.get("initContainers"):
        reported["initContainerStatuses"] = [
            _container(name, one, "Succeeded", moment, first=True) for one in first
        ]
    return reported


def _container(pod_name: str, container: Object, phase: Phase, moment: str, *, first: bool = False) -> Object:
    """The status of a container; `first` for one that had to end before the others could begin."""
    called, image = container["name"], container["image"]
    identity = f"containerd://{hexadecimal(64, pod_name, called)}"
    if phase == "Running":
        state: Object = {"running": {"startedAt": moment}}
    else:
        state = {
            "terminated": {
                "exitCode": 0 if phase == "Succeeded" else 1,
                "reason": "Completed" if phase == "Succeeded" else "Error",
                "startedAt": moment,
                "finishedAt": moment,
                "containerID": identity,
            }
        }
    reported: Object = {
        "name": called,
        "state": state,
        "lastState": {},
        "ready": phase == "Running" or first,
        "restartCount": len(identity + called) % 3,
        "image": image.partition("@")[0],
        "imageID": f"{image.partition('@')[0].rpartition(':')[0]}@sha256:{hexadecimal(64, image)}",
        "containerID": identity,
        "started": phase == "Running",
        "volumeMounts": [
            {**mount, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else mount
            for mount in container.get("volumeMounts", [])
        ],
        "user": {"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}},
    }
    if resources := container.get("resources"):
        reported["resources"] = resources
        reported["allocatedResources"] = resources.get("requests", {})
    return reported


def pod_name(parent: str, number: int) -> str:
    """Return the name of a pod whose controller lets the API server choose its end."""
    return f"{parent[:57]}-{suffix(5, parent, number)}"

"""Waiting until what was applied works, as its controllers say; what does not, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from auditor.collect.fault import ApiError
from auditor.stack.compose import identity
from auditor.stack.live.cluster import Cluster, UnknownKindError, said
from auditor.stack.live.order import AUTOSCALER, WORKLOADS
from auditor.stack.live.wanted import Wanted, named
from auditor.stack.patches import Object

PAUSE = 1.0
"""Seconds between two looks."""

_CONDITIONS = {AUTOSCALER: "ScalingActive", "Certificate": "Ready", "Gateway": "Programmed"}
"""What only deserves a remark: it depends on others than the stack, and may come later."""


class State(msgspec.Struct, frozen=True):
    """How one object is."""

    identity: str
    text: str
    """Of how much there is, or what is wrong."""
    ready: bool = False
    required: bool = True
    """The stack does not work without it."""

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "object": named(self.identity),
            "ready": self.ready,
            "required": self.required,
            "state": self.text,
        }


def wait(
    cluster: Cluster, wanted: Wanted, seconds: float, tell: Callable[[str], None] = lambda _: None
) -> list[State]:
    """Return the states when all that is required is ready, or when the time is over.

    Raises `SourceError` if the server is gone.
    """
    end = time.monotonic() + seconds
    while True:
        found = states(cluster, wanted)
        open_ones = [one for one in found if one.required and not one.ready]
        if not open_ones or time.monotonic() >= end:
            return found
        tell(", ".join(f"{named(one.identity)}: {one.text}" for one in open_ones))
        time.sleep(PAUSE)


def states(cluster: Cluster, wanted: Wanted) -> list[State]:
    """Return how all objects are that have a state."""
    return [
        _state(cluster, one)
        for one in wanted.objects
        if one["kind"] in WORKLOADS or one["kind"] in _CONDITIONS
    ]


def _state(cluster: Cluster, one: Object) -> State:
    name, required = identity(one), one["kind"] in WORKLOADS
    try:
        live = cluster.find(one)
    except (ApiError, UnknownKindError) as error:
        why = said(error) if isinstance(error, ApiError) else "the cluster does not have this kind"
        return State(name, why, required=required)
    if live is None:
        return State(name, "is not there", required=required)
    if not required:
        return _condition(name, live, _CONDITIONS[one["kind"]])
    ready, text = _workload(live)
    if not ready and (why := _why(cluster, live)):
        text += f" ({why})"
    return State(name, text, ready=ready)


def _condition(name: str, live: Object, wanted: str) -> State:
    for one in _conditions(live):
        if one.get("type") == wanted:
            ready = one.get("status") == "True"
            text = wanted if ready else f"{wanted}: {one.get('message', '')}"
            return State(name, text, ready=ready, required=False)
    return State(name, f"nobody says {wanted} yet", required=False)


def _workload(live: Object) -> tuple[bool, str]:
    """Whether a workload runs as it is written, in its newest version.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
    """
    status, spec = live.get("status") or {}, live.get("spec") or {}
    if live["kind"] == "DaemonSet":
        wanted = status.get("desiredNumberScheduled", 0)
        new, ready = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    else:
        wanted = spec.get("replicas", 1)
        new, ready = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    text = f"{ready} of {wanted} available"
    if status.get("observedGeneration", 0) < live["metadata"].get("generation", 0):
        return False, "its controller has not seen it yet"
    for one in _conditions(live):
        if one.get("reason") == "ProgressDeadlineExceeded":
            return False, f"{text}, {one.get('message', '')}"
    if new < wanted:
        return False, f"{text}, {new} of them new"
    if live["kind"] == "StatefulSet" and status.get("currentRevision") != status.get("updateRevision"):
        return False, f"{text}, not all of one revision"
    if live["kind"] == "Deployment" and status.get("replicas", 0) > wanted:
        return False, f"{text}, {status['replicas'] - wanted} old ones still there"
    return ready >= wanted, text


def _why(cluster: Cluster, live: Object) -> str:
    """What the first pod waits for that is not ready; "" where nobody knows."""
    namespace = live["metadata"].get("namespace", "")
    labels = ((live.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    try:
        for pod in cluster.list("v1", "Pod", namespace):
            carried = pod["metadata"].get("labels") or {}
            if labels.items() <= carried.items() and (reason := _reason(pod)):
                return f"{pod['metadata']['name']}: {reason}"
    except ApiError:
        return ""
    return ""


def _reason(pod: Object) -> str:
    status = pod.get("status") or {}
    found: Sequence[Mapping[str, Any]] = [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]
    for one in found:
        waiting = (one.get("state") or {}).get("waiting")
        if waiting:
            return f"{one.get('name')} {waiting.get('reason', 'waits')} {waiting.get('message', '')}".strip()
    for one in _conditions(pod):
        if one.get("status") == "False" and one.get("message"):
            return str(one["message"])
    return ""


def _conditions(live: Object) -> Sequence[Mapping[str, Any]]:
    return (live.get("status") or {}).get("conditions") or ()

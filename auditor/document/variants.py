"""Live pods that do not look like their owner's template: injected sidecars, debug containers.

A pod is compared with its template in everything but the fields that the API server, its admission
plugins, the scheduler and the controllers write into each pod. Pods that look the same are judged
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.document.kinds import KINDS
from auditor.document.normalise import clean, pod
from auditor.document.pointer import canonical, digest
from auditor.document.shape import misfit
from auditor.model import Body, Resource

_WRITTEN = frozenset(
    {
        "affinity",  # the DaemonSet controller pins each pod to its node
        "enableServiceLinks",  # defaulted for pods, not for templates
        "hostname",  # StatefulSet and indexed Job
        "imagePullSecrets",  # admission: ServiceAccount
        "nodeName",  # scheduler
        "nodeSelector",  # admission: RuntimeClass, PodNodeSelector
        "overhead",  # admission: RuntimeClass
        "preemptionPolicy",  # admission: Priority
        "priority",  # admission: Priority
        "priorityClassName",  # admission: Priority
        "schedulerName",  # defaulted
        "schedulingGates",  # removed as they open
        "serviceAccount",  # the deprecated twin of serviceAccountName
        "subdomain",  # StatefulSet
        "tolerations",  # admission: DefaultTolerationSeconds; DaemonSet controller
    }
)
"""Fields of a live pod spec that say nothing about its owner's template."""

_TOKEN_VOLUME = "kube-api-access-"
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_SOURCES = frozenset({"serviceAccountToken", "configMap", "downwardAPI"})
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_JUDGED_ANNOTATIONS = (
    _APPARMOR,
    "container.seccomp.security.alpha.kubernetes.io/",
    "seccomp.security.alpha.kubernetes.io/",
)


MAX_NAMES = 20
"""Pods that a finding names; how many there are is told too."""


class Group(msgspec.Struct, frozen=True, eq=False):
    """Live pods that look the same."""

    representative: Resource
    """The first one by name."""
    count: int
    names: tuple[str, ...] = ()
    """The first of them, at most `MAX_NAMES`."""


def groups(pods: Iterable[Resource], template: Resource | None) -> list[Group]:
    """Group pods by what they look like, leaving out those that look like the template.

    Without a template (pods of an outside owner) every pod is in a group.
    """
    claims = _claims(template.body) if template else frozenset[str]()
    own = look(template.body, claims) if template else ""
    found: dict[str, list[Resource]] = {}
    for one in sorted(pods, key=lambda pod: pod.ref):
        if (seen := look(one.body, claims)) != own:
            found.setdefault(seen, []).append(one)
    return [
        Group(same[0], len(same), tuple(one.ref.name for one in same[:MAX_NAMES])) for same in found.values()
    ]


def look(body: Body, claims: frozenset[str] = frozenset()) -> str:
    """Return the digest of what a pod, or a template, looks like.

    `claims` are the names of the owner's volumeClaimTemplates, whose volumes only the pods have.
    A body that is refused has the digest of its raw spec: it looks like nothing else.
    """
    if misfit(body, KINDS[body["kind"]].pod_path):
        return digest(canonical.encode(body.get("spec")))
    # credentials need not go: all that leaves is a digest, which nobody keeps
    annotated = {"annotations": (body.get("metadata") or {}).get("annotations")}
    parts = pod(clean({"kind": body["kind"], "metadata": annotated, "spec": body["spec"]}), live=True)
    assert parts, f"{body['kind']} carries a pod spec"  # noqa: S101
    view, containers = parts
    annotations = {
        key: value for key, value in view["annotations"].items() if key.startswith(_JUDGED_ANNOTATIONS)
    }
    spec = {key: value for key, value in view["spec"].items() if key not in _WRITTEN}
    spec["volumes"] = [one for one in spec.get("volumes", []) if not _is_added(one, claims)]
    if spec.get("resources", {}).get("limits"):
        # the API server fills in the pod's requests as the sum of its containers' (N4)
        spec["resources"] = {key: value for key, value in spec["resources"].items() if key != "requests"}
    spec["securityContext"] = spec.get("securityContext", {})
    seen = [(one["name"], one["role"], _container(one["body"], annotations, spec)) for one in containers]
    return digest(canonical.encode([seen, annotations, spec]))


def _container(
    body: Mapping[str, Any], annotations: dict[str, str], spec: Mapping[str, Any]
) -> dict[str, Any]:
    """A container without what is written into those of a live pod."""
    looked = {
        **body,
        "volumeMounts": [one for one in body.get("volumeMounts", []) if one.get("mountPath") != _TOKEN_PATH],
        "env": [one for one in body.get("env", []) if one.get("name") != "JOB_COMPLETION_INDEX"],
    }
    # API servers write the AppArmor annotation into the field, older ones also the field into it
    key = f"{_APPARMOR}{body.get('name', '')}"
    security = body.get("securityContext", {})
    of_pod = spec["securityContext"].get("appArmorProfile")
    annotated = _profile(annotations.get(key, ""))
    profile = security.get("appArmorProfile") or annotated or of_pod
    if profile and profile == annotated:
        del annotations[key]
    if profile and profile != of_pod:
        looked["securityContext"] = {**security, "appArmorProfile": profile}
    return looked


def _profile(annotation: str) -> dict[str, str] | None:
    """The AppArmor profile that an annotation asks for, as the field says it."""
    if annotation.startswith("localhost/"):
        return {"type": "Localhost", "localhostProfile": annotation.removeprefix("localhost/")}
    types = {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}
    return {"type": types[annotation]} if annotation in types else None


def _is_added(volume: Mapping[str, Any], claims: frozenset[str]) -> bool:
    """Tell whether a controller or admission added this volume; what it mounts must be theirs too."""
    name = volume.get("name", "")
    if name.startswith(_TOKEN_VOLUME):
        sources = volume.get("projected", {}).get("sources") or [{"none": {}}]
        return all(set(source) <= _TOKEN_SOURCES for source in sources)
    return name in claims and set(volume) == {"name", "persistentVolumeClaim"}


def _claims(body: Body) -> frozenset[str]:
    if misfit(body, KINDS[body["kind"]].pod_path):
        return frozenset()
    templates = body["spec"].get("volumeClaimTemplates") or ()
    return frozenset((one.get("metadata") or {}).get("name") or "" for one in templates)

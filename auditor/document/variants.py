"""Live pods that do not look like their owner's template: injected sidecars, debug containers.

A pod is compared with its template in everything but the fields that the API server, its admission
plugins, the scheduler and the controllers write into each pod. Pods that look the same are judged
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.document.credentials import redact
from auditor.document.normalise import clean_object, pod
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
_JUDGED_ANNOTATIONS = (
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
    "seccomp.security.alpha.kubernetes.io/",
)


class Group(msgspec.Struct, frozen=True, eq=False):
    """Live pods that look the same."""

    representative: Resource
    """The first one by name."""
    count: int


def groups(pods: Iterable[Resource], template: Resource | None) -> list[Group]:
    """Group pods by what they look like, leaving out those that look like the template.

    Without a template (pods of an outside owner) every pod is in a group.
    """
    own = look(template.body, _claims(template.body)) if template else ""
    claims = _claims(template.body) if template else frozenset[str]()
    found: dict[str, list[Resource]] = {}
    for one in sorted(pods, key=lambda pod: pod.ref):
        if (seen := look(one.body, claims)) != own or not seen:
            found.setdefault(seen, []).append(one)
    return [Group(same[0], len(same)) for same in found.values()]


def look(body: Body, claims: frozenset[str] = frozenset()) -> str:
    """Return the digest of what a pod, or a template, looks like.

    `claims` are the names of the owner's volumeClaimTemplates, whose volumes only the pods have.
    A body that cannot be normalised has the digest of its raw spec: it looks like nothing else.
    """
    cleaned = redact(clean_object(body))
    path = ("spec",) if body.get("kind") == "Pod" else ()
    if path and misfit(cleaned, path):
        return digest(canonical.encode(cleaned.get("spec")))
    parts = pod(cleaned)
    if parts is None:
        return ""
    view, containers = parts
    annotations = {
        key: value for key, value in view["annotations"].items() if key.startswith(_JUDGED_ANNOTATIONS)
    }
    spec = {key: value for key, value in view["spec"].items() if key not in _WRITTEN}
    spec["volumes"] = [one for one in spec.get("volumes", []) if not _is_added(one, claims)]
    seen = [annotations, spec, [(one["name"], one["role"], _container(one["body"])) for one in containers]]
    return digest(canonical.encode(seen))


def _container(body: Mapping[str, Any]) -> dict[str, Any]:
    mounts = [one for one in body.get("volumeMounts", []) if one.get("mountPath") != _TOKEN_PATH]
    environment = [one for one in body.get("env", []) if one.get("name") != "JOB_COMPLETION_INDEX"]
    return {**body, "volumeMounts": mounts, "env": environment}


def _is_added(volume: Mapping[str, Any], claims: frozenset[str]) -> bool:
    name = str(volume.get("name", ""))
    return (name.startswith(_TOKEN_VOLUME) and "projected" in volume) or name in claims


def _claims(body: Body) -> frozenset[str]:
    templates = body.get("spec", {}).get("volumeClaimTemplates") or ()
    return frozenset(str(one.get("metadata", {}).get("name", "")) for one in templates)

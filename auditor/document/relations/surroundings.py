"""What stands beside roles and bindings in a world: accounts, who runs with them, Pod Security levels."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from auditor.access.roles import SubjectKind, effective
from auditor.access.surroundings import Account, Surroundings, Workload
from auditor.document.normalise import meta, pod_holder
from auditor.document.owners import Head
from auditor.document.relations.heads import place
from auditor.document.relations.relation import World
from auditor.document.relations.rights import Rights, rights
from auditor.document.relations.selected import workloads
from auditor.document.relations.service_account import FIELD
from auditor.model import Resource

ENFORCE = "pod-security.kubernetes.io/enforce"
_MIRROR = "kubernetes.io/config.mirror"
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_VOLUME = "kube-api-access-"
_OWN_AUDIENCE = "https://kubernetes.default.svc"
"""How the audience of tokens for the API server begins, unless a cluster was set up otherwise."""

_OWNING = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr"),
    *("/opt/cni", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker", "/var/lib/etcd"),
)
"""Folders of a node: who may write as root there, or in what holds them, is root on it."""

_VERSION = re.compile(r"v?1\.(\d+)")


@lru_cache(maxsize=1)
def surroundings(world: World) -> Surroundings:
    """Return those of a snapshot."""
    known = {(place(one), one.ref.name): one for one in world.of("ServiceAccount")}
    heads = [head for head in workloads(world) if not head.resource.content.refused]
    automount = {key: one.body.get(FIELD) for key, one in known.items()}
    running = {id(head): _workload(head, automount) for head in heads}
    minor = _VERSION.match(world.version)
    return Surroundings(
        tuple(_accounts(world, known, tuple(running.values()))),
        tuple(running.values()),
        _levels(world, tuple(running.values())),
        {(place(pod), pod.ref.name): running[id(head)] for head in heads for pod in head.pods},
        get_executes=minor is None or int(minor[1]) < 35,
    )


def _accounts(
    world: World, known: Mapping[tuple[str, str], Resource], running: tuple[Workload, ...]
) -> Iterator[Account]:
    """Yield those that exist; manifests need not have all of them: what is used or bound is one too."""
    for (namespace, name), one in known.items():
        yield Account(namespace, name, tuple(_tokens(one)))
    if world.live:
        return
    held = rights(world)
    used = {(one.namespace, one.account) for one in running if one.account}
    bound = {
        (subject.namespace, subject.name)
        for binding in held.bindings.values()
        for named in binding.subjects
        if (subject := effective(named, binding.ref.namespace))
        and subject.kind == SubjectKind.SERVICE_ACCOUNT
    }
    homes = {(name, "default") for name in _namespaces(world, held, running)}
    for namespace, name in sorted((used | bound | homes) - known.keys()):
        yield Account(namespace, name)


def _tokens(account: Resource) -> Iterator[str]:
    """Yield the Secrets that the controller of clusters before 1.24 made for an account."""
    for one in account.body.get("secrets", ()):
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name.startswith(f"{account.ref.name}-token-"):
            yield name


def _levels(world: World, running: tuple[Workload, ...]) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(_namespaces(world, rights(world), running))
    for one in world.of("Namespace"):
        level = meta(one.body)["labels"].get(ENFORCE, "")
        found[one.ref.name] = level if isinstance(level, str) else str(level)
    return found


def _namespaces(world: World, held: Rights, running: tuple[Workload, ...]) -> set[str]:
    """Return the namespaces that something names."""
    return {
        *(one.ref.name for one in world.of("Namespace")),
        *(one.namespace for one in running),
        *(place(one) for one in world.of("ServiceAccount")),
        *(ref.namespace for ref in held.bindings if ref.namespace),
    }


def _workload(head: Head, automount: Mapping[tuple[str, str], Any]) -> Workload:
    one = head.resource
    holder = pod_holder(one.body) or {}
    spec = holder.get("spec", {})
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    static = _MIRROR in holder.get("metadata", {}).get("annotations", {})
    mounted = not static and _mounts_token(spec, automount.get((place(one), name)))
    return Workload(
        one.ref.kind,
        place(one),
        one.ref.name,
        name if mounted else "",
        _root(spec),
        one.ref.kind == "DaemonSet" and not spec.get("nodeSelector") and not spec.get("affinity"),
    )


def _mounts_token(spec: Mapping[str, Any], account: Any) -> bool:
    """Tell whether a container holds a token for the API server: the pod's word wins over the account's."""
    containers = [*spec.get("containers", ()), *spec.get("initContainers", ())]
    wanted = spec.get(FIELD, account if account is not None else True)
    if wanted is not False and any(not _taken(one) for one in containers):
        return True
    projected = {volume.get("name") for volume in spec.get("volumes", ()) if _projects_token(volume)}
    mounted = {mount.get("name") for one in containers for mount in one.get("volumeMounts", ())}
    return not projected.isdisjoint(mounted)


def _taken(container: Mapping[str, Any]) -> bool:
    """Whether something else is mounted where the token would be."""
    return any(
        mount.get("mountPath") == _TOKEN_PATH and not str(mount.get("name")).startswith(_TOKEN_VOLUME)
        for mount in container.get("volumeMounts", ())
    )


def _projects_token(volume: Mapping[str, Any]) -> bool:
    if str(volume.get("name")).startswith(_TOKEN_VOLUME):
        return False  # what admission adds is told by the field
    tokens = (one.get("serviceAccountToken") for one in volume.get("projected", {}).get("sources", ()))
    audiences = (str(one.get("audience", _OWN_AUDIENCE)) for one in tokens if isinstance(one, dict))
    return any(one.startswith(_OWN_AUDIENCE) for one in audiences)


def _root(spec: Mapping[str, Any]) -> str:
    """Say why root in a pod is root on its node; "" if it is not."""
    if spec.get("hostUsers") is False:
        return ""
    own = spec.get("securityContext", {})
    paths = {
        one.get("name"): one["hostPath"].get("path") for one in spec.get("volumes", ()) if "hostPath" in one
    }
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        context = container.get("securityContext", {})
        name = container.get("name", "")
        if context.get("privileged") is True:
            return f"container {name} is privileged"
        user = context.get("runAsUser", own.get("runAsUser", 0))
        if user or context.get("runAsNonRoot", own.get("runAsNonRoot", False)) is True:
            continue
        for mount in container.get("volumeMounts", ()):
            path = paths.get(mount.get("name"))
            if isinstance(path, str) and (real := _owned(path, mount)):
                return f"container {name} writes to {real} of the node"
    return ""


def _owned(path: str, mount: Mapping[str, Any]) -> str:
    """Return what of the node is mounted, if who writes to it owns the node; "" if not."""
    sub = mount.get("subPath")
    real = posixpath.normpath(f"/{path}/{sub if isinstance(sub, str) else ''}").replace("//", "/")
    real = re.sub(r"^/var/run(?=/|$)", "/run", real)
    socket = real.endswith(".sock")
    inside = any(_within(real, folder) or _within(folder, real) for folder in _OWNING)
    return real if socket or (inside and mount.get("readOnly") is not True) else ""


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")

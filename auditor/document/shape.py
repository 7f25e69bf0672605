"""The types of the fields that policies judge.

A field of the wrong type (`privileged: "true"`) is refused by the API server; to a policy it would
look like an absent one, and pass. So a manifest that holds one is not evaluated, with the reason.
Fields that no policy reads are not checked: this is no schema validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.document.shapes import REST, SPECS, STATUSES, IntOrString
from auditor.model import Body


class _Metadata(msgspec.Struct):
    name: str | None = None
    namespace: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    generation: int | None = None
    ownerReferences: list[dict[str, Any]] | None = None


class _Profile(msgspec.Struct):
    type: str | None = None


class _SELinux(msgspec.Struct):
    level: str | None = None
    role: str | None = None
    type: str | None = None
    user: str | None = None


class _Windows(msgspec.Struct):
    hostProcess: bool | None = None


class _Capabilities(msgspec.Struct):
    add: list[str | None] | None = None
    drop: list[str | None] | None = None


class _ContainerSecurity(msgspec.Struct):
    allowPrivilegeEscalation: bool | None = None
    appArmorProfile: _Profile | None = None
    capabilities: _Capabilities | None = None
    privileged: bool | None = None
    procMount: str | None = None
    readOnlyRootFilesystem: bool | None = None
    runAsGroup: int | None = None
    runAsNonRoot: bool | None = None
    runAsUser: int | None = None
    seLinuxOptions: _SELinux | None = None
    seccompProfile: _Profile | None = None
    windowsOptions: _Windows | None = None


class _Sysctl(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _PodSecurity(msgspec.Struct):
    appArmorProfile: _Profile | None = None
    fsGroup: int | None = None
    runAsGroup: int | None = None
    runAsNonRoot: bool | None = None
    runAsUser: int | None = None
    seLinuxOptions: _SELinux | None = None
    seccompProfile: _Profile | None = None
    supplementalGroups: list[int | None] | None = None
    sysctls: list[_Sysctl] | None = None
    windowsOptions: _Windows | None = None


class _HttpGet(msgspec.Struct):
    host: str | None = None
    httpHeaders: list[dict[str, Any]] | None = None


class _TcpSocket(msgspec.Struct):
    host: str | None = None


class _Exec(msgspec.Struct):
    command: list[str] | None = None


class _Handler(msgspec.Struct):
    """A probe or a lifecycle hook."""

    exec: _Exec | None = None
    httpGet: _HttpGet | None = None
    tcpSocket: _TcpSocket | None = None


class _Lifecycle(msgspec.Struct):
    postStart: _Handler | None = None
    preStop: _Handler | None = None


class _Port(msgspec.Struct):
    containerPort: int | None = None
    hostPort: int | None = None
    name: str | None = None
    protocol: str | None = None


class _EnvVar(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _Resources(msgspec.Struct):
    limits: dict[str, IntOrString | float | None] | None = None
    requests: dict[str, IntOrString | float | None] | None = None


class _Container(msgspec.Struct):
    name: str | None = None
    image: str | None = None
    imagePullPolicy: str | None = None
    args: list[str] | None = None
    command: list[str] | None = None
    env: list[_EnvVar] | None = None
    lifecycle: _Lifecycle | None = None
    livenessProbe: _Handler | None = None
    ports: list[_Port] | None = None
    readinessProbe: _Handler | None = None
    resources: _Resources | None = None
    restartPolicy: str | None = None
    securityContext: _ContainerSecurity | None = None
    startupProbe: _Handler | None = None
    volumeMounts: list[_VolumeMount] | None = None


class _Projected(msgspec.Struct):
    sources: list[dict[str, Any]] | None = None


class _EmptyDir(msgspec.Struct):
    medium: str | None = None
    sizeLimit: IntOrString | float | None = None


class _GitRepo(msgspec.Struct):
    repository: str | None = None


class _HostPath(msgspec.Struct):
    path: str | None = None
    type: str | None = None


class _ImageVolume(msgspec.Struct):
    pullPolicy: str | None = None
    reference: str | None = None


class _Volume(msgspec.Struct):
    name: str | None = None
    emptyDir: _EmptyDir | None = None
    gitRepo: _GitRepo | None = None
    hostPath: _HostPath | None = None
    image: _ImageVolume | None = None
    projected: _Projected | None = None


class _VolumeMount(msgspec.Struct):
    name: str | None = None
    mountPath: str | None = None
    readOnly: bool | None = None
    subPath: str | None = None
    subPathExpr: str | None = None


class _OS(msgspec.Struct):
    name: str | None = None


class PodSpec(msgspec.Struct):
    """The judged fields of a pod spec, as core/v1 types them."""

    containers: list[_Container] | None = None
    ephemeralContainers: list[_Container] | None = None
    hostIPC: bool | None = None
    hostNetwork: bool | None = None
    hostPID: bool | None = None
    hostUsers: bool | None = None
    initContainers: list[_Container] | None = None
    os: _OS | None = None
    resources: _Resources | None = None
    securityContext: _PodSecurity | None = None
    serviceAccount: str | None = None
    serviceAccountName: str | None = None
    shareProcessNamespace: bool | None = None
    volumes: list[_Volume] | None = None


class _Strategy(msgspec.Struct):
    type: str | None = None
    rollingUpdate: dict[str, IntOrString | None] | None = None


class _ClaimTemplate(msgspec.Struct):
    metadata: _Metadata | None = None


class _Spec(msgspec.Struct):
    """What defaults and variants look at in the spec of a controller."""

    replicas: int | None = None
    strategy: _Strategy | None = None
    updateStrategy: _Strategy | None = None
    volumeClaimTemplates: list[_ClaimTemplate] | None = None


def misfit(body: Body, pod_path: tuple[str, ...]) -> str:
    """Say which judged field has the wrong type, "" if none has.

    `pod_path` leads to the pod spec, empty for kinds that have none. The answer names the field
    and the types, never a value.
    """
    if answer := mistyped(body.get("metadata"), _Metadata, "metadata"):
        return answer
    kind = body.get("kind", "")
    if answer := mistyped(body.get("spec"), SPECS.get(kind, _Spec), "spec"):
        return answer
    if kind in REST and (answer := mistyped(body, REST[kind], "")):
        return answer
    if kind in STATUSES and (answer := mistyped(body.get("status"), STATUSES[kind], "status")):
        return answer
    here: Any = body
    for depth, key in enumerate(pod_path):
        here = here.get(key)
        where = ".".join(pod_path[: depth + 1])
        if not isinstance(here, Mapping):
            return f"{where} is missing" if here is None else f"{where} is no mapping"
        if key == "template" and (answer := mistyped(here.get("metadata"), _Metadata, f"{where}.metadata")):
            return answer
    return mistyped(here, PodSpec, where) if pod_path else ""


_TYPES = {"object": "mapping", "array": "list", "str": "text", "bool": "boolean", "int": "whole number"}


def mistyped(value: Any, shape: type[msgspec.Struct], where: str) -> str:
    """Say which field of a value has another type than in `shape`, "" if none has; `where` is its place."""
    if value is None:
        return ""
    try:
        msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        return _in_our_words(str(error), where)
    return ""


def _in_our_words(message: str, where: str) -> str:
    """Say what msgspec found: it names types and the place, and quotes no value."""
    what, _, place = message.partition(" - at `")
    expected, _, found = what.removeprefix("Expected ").replace("`", "").partition(", got ")
    types = [_TYPES.get(name, name) for name in expected.split(" | ") if name != "null"]
    got = f", not {_TYPES.get(found, found)}" if found else ""
    field = f"{where}{place.removeprefix('key` in `').strip('`$')}".lstrip(".")
    return f"{field} must be {' or '.join(types)}{got}"

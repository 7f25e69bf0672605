"""Live pods that do not look like their owner's template: injected sidecars, debug containers.

A pod is compared with its template in everything but the fields that the API server, its admission
plugins, the scheduler and the controllers write into each pod. Pods that look the same are judged
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from auditor.document.normalise import LISTS, pod
from auditor.document.pointer import canonical, digest
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
_TOKEN_JSON = b'{"name":"%b' % _TOKEN_VOLUME.encode()
_TOKEN_MOUNT = b'{"name":"%%b","readOnly":true,"mountPath":"%b"}' % _TOKEN_PATH.encode()
"""Both as API servers write them, name first."""
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_JUDGED_ANNOTATIONS = (
    _APPARMOR,
    "container.seccomp.security.alpha.kubernetes.io/",
    "seccomp.security.alpha.kubernetes.io/",
)


MAX_NAMES = 20
"""Pods that a finding names; how many there are is told too."""


Limits = Mapping[str, Mapping[str, Any]]
"""`default` and `defaultRequest` by resource name, as the relation `limit_range` has them."""


class Group(msgspec.Struct, frozen=True, eq=False):
    """Live pods that look the same."""

    representative: Resource
    """The first one by name."""
    count: int
    names: tuple[str, ...] = ()
    """The first of them, at most `MAX_NAMES`."""


def groups(pods: Iterable[Resource], template: Resource | None, limits: Limits | None = None) -> list[Group]:
    """Group pods by what they look like, leaving out those that look like the template.

    `limits` is what the LimitRanges of the namespace give, if they were read: admission writes it
    into pods, and into no template. Without a template (pods of an outside owner) every pod is in a
    group. One that is refused looks
    like nothing else.
    """
    claims = _claims(template) if template else frozenset[str]()
    own = look(template.body, claims, limits) if template and not template.content.refused else ""
    looks: dict[int, object] = {}  # by content: most pods share one
    found: dict[object, list[Resource]] = {}
    for one in sorted(pods, key=lambda pod: pod.ref):
        content = one.content
        if id(content) not in looks:
            looks[id(content)] = id(content) if content.refused else look(content.body, claims)
        if (seen := looks[id(content)]) != own:
            found.setdefault(seen, []).append(one)
    return [
        Group(same[0], len(same), tuple(one.ref.name for one in same[:MAX_NAMES])) for same in found.values()
    ]


def look(body: Body, claims: frozenset[str] = frozenset(), limits: Limits | None = None) -> str:
    """Return the digest of what a pod, or a template, looks like.

    `body` is a kept one. `claims` are the names of the owner's volumeClaimTemplates, whose volumes
    only the pods have; `limits` fill in the resources of a template's containers.
    """
    parts = pod(body, live=True)
    assert parts, f"{body['kind']} carries a pod spec"  # noqa: S101
    view, containers = parts
    name = body.get("metadata", {}).get("name", "") if body["kind"] == "Pod" else ""
    # a volume of the template that has the name of a claim is replaced by it
    replaced = frozenset[str]() if name else claims
    annotations = _judged(view["annotations"])
    spec = {key: value for key, value in view["spec"].items() if key not in _WRITTEN}
    spec["volumes"] = [
        _volume(one, name)
        for one in spec.get("volumes", [])
        if not _is_added(one, claims) and one.get("name") not in replaced
    ]
    if spec.get("resources", {}).get("limits"):
        # the API server fills in the pod's requests as the sum of its containers' (N4)
        spec["resources"] = {key: value for key, value in spec["resources"].items() if key != "requests"}
    spec["securityContext"] = spec.get("securityContext", {})
    seen = [
        (one["name"], one["role"], _container(_limited(one, limits), annotations, spec)) for one in containers
    ]
    return digest(canonical.encode([seen, annotations, spec]))


def rough_look(name: str, annotations: Mapping[str, str], spec: Mapping[str, Any]) -> list[Any]:
    """Return what two live pods must have in common to be compared only once, cheaply.

    It leaves out only what `look` leaves out whoever the owner is. Raises `TypeError` or
    `AttributeError` where a field is of the wrong type.
    """
    rough = {key: value for key, value in spec.items() if key not in _WRITTEN}
    rough["volumes"] = [_volume(one, name) for one in spec.get("volumes", ()) if not _is_token(one)]
    for field, _ in LISTS:
        if field in rough:
            rough[field] = [_bare(one) for one in rough[field]]
    return [_judged(annotations), rough]


def glance(name: str, annotations: Mapping[str, str], spec: Mapping[str, msgspec.Raw]) -> list[Any]:
    """Return what is the same only for live pods whose rough looks are the same, without decoding them.

    But for the service account's token it is what `rough_look` takes, as it was written. Whatever else
    differs from pod to pod makes their glances differ, which costs no more than a rough look. Raises
    `ValidationError` too.
    """
    seen: dict[str, Any] = {key: value for key, value in spec.items() if key not in _WRITTEN}
    volumes = bytes(seen.get("volumes", b""))
    if b"claimName" in volumes:
        seen[""] = name  # whether a claim is the pod's own hangs on it
    if _TOKEN_JSON in volumes:
        entries = msgspec.json.decode(volumes, type=list[msgspec.Raw])
        tokens = [_token_name(bytes(one)) for one in entries]
        seen["volumes"] = [one for one, token in zip(entries, tokens, strict=True) if not token]
        for field in (field for field, _ in LISTS if field in seen):
            text = bytes(seen[field])
            for token in filter(None, tokens):
                text = text.replace(_TOKEN_MOUNT % token, b"{}")
            seen[field] = msgspec.Raw(text)
    return [_judged(annotations), seen]


def _token_name(volume: bytes) -> bytes:
    """The name of a token's volume, b"" if it is none, or not written as API servers do."""
    if not volume.startswith(_TOKEN_JSON):
        return b""
    name, _, rest = volume.removeprefix(b'{"name":"').partition(b'"')
    return name if name.isascii() and b"\\" not in name and _is_token_json(rest) else b""


@lru_cache(maxsize=64)
def _is_token_json(rest: bytes) -> bool:
    """Tell whether a volume is a token's by all but its name: it is the same for all pods of a cluster."""
    return _is_token(msgspec.json.decode(_TOKEN_JSON + b'"' + rest))


def _limited(container: Mapping[str, Any], limits: Limits | None) -> Mapping[str, Any]:
    """The body of a container with what LimitRanges give it; debug containers have no resources.

    plugin/pkg/admission/limitranger, mergeContainerResources.
    """
    body: Mapping[str, Any] = container["body"]
    if not limits or container["role"] == "ephemeral":
        return body
    own = body.get("resources", {})
    given = {"limits": limits["default"], "requests": limits["defaultRequest"]}
    filled = {field: {**given[field], **own.get(field, {})} for field in given}
    return {**body, "resources": {**own, **{field: value for field, value in filled.items() if value}}}


def _judged(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key.startswith(_JUDGED_ANNOTATIONS)}


def _bare(container: Mapping[str, Any]) -> dict[str, Any]:
    """A container without what admission and controllers write into those of a live pod."""
    return {
        **container,
        "volumeMounts": [
            one for one in container.get("volumeMounts", ()) if one.get("mountPath") != _TOKEN_PATH
        ],
        "env": [one for one in container.get("env", ()) if one.get("name") != "JOB_COMPLETION_INDEX"],
    }


def _container(
    body: Mapping[str, Any], annotations: dict[str, str], spec: Mapping[str, Any]
) -> dict[str, Any]:
    """A container as its template would have it."""
    looked = _bare(body)
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
    return _is_token(volume) or (name in claims and set(volume) == {"name", "persistentVolumeClaim"})


def _is_token(volume: Mapping[str, Any]) -> bool:
    if not volume.get("name", "").startswith(_TOKEN_VOLUME):
        return False
    sources = volume.get("projected", {}).get("sources") or [{"none": {}}]
    return all(set(source) <= _TOKEN_SOURCES for source in sources)


def _volume(volume: Mapping[str, Any], pod: str) -> Mapping[str, Any]:
    """The volume; a claim of the pod's own, named after volume and pod, without the pod's name."""
    claim = volume.get("persistentVolumeClaim")
    if not pod or not claim or claim.get("claimName") != f"{volume.get('name')}-{pod}":
        return volume
    return {**volume, "persistentVolumeClaim": {**claim, "claimName": ""}}


def _claims(template: Resource) -> frozenset[str]:
    if template.content.refused:
        return frozenset()
    templates = template.body.get("spec", {}).get("volumeClaimTemplates") or ()
    return frozenset((one.get("metadata") or {}).get("name") or "" for one in templates)

"""One view of every object, whatever its kind: the normaliser contract.

The rules N1 to N8 are those of the API server's defaulting (pkg/apis/core/v1/defaults.go) and of
pod security admission; each is named where it is applied. What happens to a field is the same for
an object from the API server, which has most of it done already, and for a manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.document.defaults import default_container, default_object, default_pod
from auditor.document.kinds import KINDS, pod_pointer
from auditor.document.set_by import FIELD, LAST_APPLIED
from auditor.model import Body

LISTS = (("containers", "app"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral"))
"""The container lists of a pod spec, and the role of what stands in them."""

_STRING_MAPS = frozenset(
    {"annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "selector", "stringData"}
)
"""Fields that are maps from string to string: there "" is a value, and null decodes to it."""

_LABEL_SELECTOR = frozenset({"matchLabels", "matchExpressions"})
"""What `selector` holds where it is no such map: everywhere but in Services and replication controllers."""

_POINTERS = frozenset({"procMount", "storageClassName"})
"""Fields whose Go type is a pointer to a string, and judged as such: "" is set, and not the default."""

_KEPT = (("generation", "generation"), ("set_by", FIELD))
"""What of the metadata is kept only where it is there: names in the part, and in the object."""

_COPIES = frozenset(
    {
        LAST_APPLIED,
        "kapp.k14s.io/original",
        "objectset.rio.cattle.io/applied",
    }
)
"""Annotations that hold the object once more, credentials included."""


def clean(value: Any) -> Any:
    """Drop null and "" from mappings: to the API they are the same as a missing field (N2).

    `{}` stays: it is present, and empty. List entries keep their positions (null decodes to ""),
    maps from string to string their empty values.
    """
    if isinstance(value, dict):
        return {
            key: _clean_map(item) if key in _STRING_MAPS else clean(item)
            for key, item in value.items()
            if item is not None and (item != "" or key in _POINTERS)
        }
    if isinstance(value, list):
        return ["" if item is None else clean(item) for item in value]
    return value


def _clean_map(value: Any) -> Any:
    if not isinstance(value, dict) or (value and value.keys() <= _LABEL_SELECTOR):
        return clean(value)
    return {key: "" if item is None else clean(item) for key, item in value.items() if key not in _COPIES}


def clean_object(body: Body) -> Body:
    """Return the object without nulls, managedFields and the copies that tools keep of it.

    Its metadata, if any, must be a mapping.
    """
    return without_copies(clean(body))


def without_copies(body: Body) -> Body:
    """Return the object without managedFields and the copies that tools keep of it."""
    metadata = body.get("metadata", {})
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    if "annotations" in kept:
        kept["annotations"] = {key: text for key, text in kept["annotations"].items() if key not in _COPIES}
    return {**body, "metadata": kept} if "metadata" in body else body


def meta(body: Body) -> dict[str, Any]:
    """The `meta` part: who the object is, and since when."""
    metadata = body.get("metadata", {})
    kept = {name: metadata[key] for name, key in _KEPT if key in metadata}
    return {
        **kept,
        "apiVersion": body.get("apiVersion", ""),
        "kind": body.get("kind", ""),
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "labels": metadata.get("labels", {}),
        "annotations": metadata.get("annotations", {}),
        "created": metadata.get("creationTimestamp", ""),
        **_controller(metadata),
    }


def _controller(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Who controls the object, as it says itself: {controller: {apiVersion, kind, name}}, or nothing."""
    references = metadata.get("ownerReferences")
    for one in references if isinstance(references, list) else ():
        if isinstance(one, dict) and one.get("controller") is True:
            return {"controller": {key: one.get(key, "") for key in ("apiVersion", "kind", "name")}}
    return {}


def spec(body: Body) -> dict[str, Any]:
    """The `spec` part: the rest of the object, without pod template and container lists.

    For kinds without a `spec` (ConfigMap, ServiceAccount) it is whatever they have instead.
    """
    kind = str(body.get("kind", ""))
    rest = {
        key: item for key, item in body.items() if key not in ("apiVersion", "kind", "metadata", "status")
    }
    outer = rest.get("spec", {}) if "spec" in body else rest
    path = KINDS[kind].pod_path if kind in KINDS else ()
    if path == ("spec",):
        return {}
    if path:
        outer = _without(outer, path[1:-1])
    return default_object(kind, outer)


def pod_holder(body: Body) -> Body | None:
    """Return the pod, or the template of one, that an object carries, as it is; None for other kinds."""
    known = KINDS.get(str(body.get("kind", "")))
    if not known or not known.pod_path:
        return None
    holder = body
    for key in known.pod_path[:-1]:
        holder = holder[key]
    return holder


def pod(body: Body, *, live: bool | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The `pod` and `containers` parts of a workload; None for other kinds.

    `live` fills a template in as if it were a Pod already (N4, N5); left out, the kind decides.
    """
    kind = str(body.get("kind", ""))
    live = kind == "Pod" if live is None else live
    holder = pod_holder(body)
    if holder is None:
        return None
    # N6: a policy that reads annotations means those of the pod, not of its controller
    metadata = holder.get("metadata", {})
    pod_spec = default_pod(holder["spec"], live_defaults=live)
    path = pod_pointer(kind)
    containers = [
        {
            "name": container.get("name", ""),
            "role": "sidecar" if role == "init" and container.get("restartPolicy") == "Always" else role,
            "path": f"{path}/{name}/{index}",
            "body": default_container(container, pod_spec, role, live_defaults=live),
        }
        for name, role in LISTS
        for index, container in enumerate(pod_spec.get(name, []))
    ]
    listed = {name for name, _ in LISTS}
    return {
        "path": path,
        "labels": metadata.get("labels", {}),
        "annotations": metadata.get("annotations", {}),
        "spec": {key: item for key, item in pod_spec.items() if key not in listed},
    }, containers


def _without(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Copy `value` without what lies at `path`, which is there."""
    if len(path) == 1:
        return {key: item for key, item in value.items() if key != path[0]}
    return {key: _without(item, path[1:]) if key == path[0] else item for key, item in value.items()}

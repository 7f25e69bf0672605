"""What is kept of an object that was read: a row, and its content without credentials.

Pods are nine tenths of a cluster and mostly copies of each other. They come typed, straight from
the bytes of a page, and those that differ in nothing but what is written into every pod share one
content: of 10,000 pods some hundred contents and 10,000 short rows stay in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from auditor.document.configuration import Parse, with_configuration
from auditor.document.credentials import redact, unmarked
from auditor.document.kinds import KINDS
from auditor.document.managers import managers
from auditor.document.normalise import LISTS, clean, clean_object, without_copies
from auditor.document.owners import is_node
from auditor.document.pointer import canonical
from auditor.document.reduced import reduced
from auditor.document.rule_groups import with_queries
from auditor.document.secrets import SECRET
from auditor.document.set_by import with_set_by
from auditor.document.shape import misfit
from auditor.document.variants import glance, rough_look
from auditor.model import Body, Content, Lines, Manager, Origin, Owner, Resource, ResourceRef

_CONTAINERS = frozenset(name for name, _ in LISTS)
_FINISHED = frozenset({"Succeeded", "Failed"})
NOTHING = Content(b"{}")
"""Of what has ended nothing is judged."""

_POD = KINDS["Pod"].api_version


class OwnerReference(msgspec.Struct, frozen=True, rename="camel"):
    """An entry of `metadata.ownerReferences`."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class _Metadata(msgspec.Struct, rename="camel", omit_defaults=True):
    name: str
    namespace: str = ""
    uid: str = ""
    creation_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class LivePod(msgspec.Struct):
    """A pod as the API server lists it: what is not named here is not even decoded."""

    metadata: _Metadata
    spec: dict[str, msgspec.Raw]
    status: msgspec.Raw = msgspec.Raw(b"{}")


class _Phase(msgspec.Struct):
    phase: str = ""


_PHASE = msgspec.json.Decoder(_Phase)


def keep(
    ref: ResourceRef,
    body: Body,
    origin: Origin | None = None,
    lines: Lines | None = None,
    parse: Parse | None = None,
) -> Resource:
    """Return what is kept of an object of any kind; what it says of itself is what `ref` says.

    `parse` reads the YAML in ConfigMaps; without it, what they configure is not known.
    """
    body = reduced({**body, "apiVersion": ref.api_version, "kind": ref.kind})
    metadata = _section(body, "metadata")
    if ref.kind == "ConfigMap":
        body = with_configuration(body, parse)
    if ref.kind == "PrometheusRule":
        body = with_queries(body)
    content = _content(with_set_by(body) if metadata else body)
    if metadata and origin is None and _has_writers(ref.kind):
        content = msgspec.structs.replace(content, managers=managers(metadata))
    finished = ref.kind == "Pod" and _text(_section(body, "status"), "phase") in _FINISHED
    return Resource(
        ref=ref,
        content=content,
        uid=_text(metadata, "uid"),
        owner=_owner(metadata, ref.namespace),
        finished=finished,
        origin=origin,
        lines=lines,
    )


def _has_writers(kind: str) -> bool:
    """Whether it matters who wrote an object: Nodes write themselves, custom kinds may have any lists.

    Those of Secrets name all that is in them.
    """
    return kind in KINDS and not KINDS[kind].custom and kind not in ("Node", SECRET)


def restore(kind: str, data: bytes, managers: tuple[Manager, ...] = ()) -> Content:
    """Return a content that was kept earlier, from JSON that may come from anybody.

    What was kept comes back as the same bytes. Raises `ValueError` if it is none of this kind.
    """
    body = msgspec.json.decode(data)
    if not isinstance(body, dict) or body.get("kind") != kind or not isinstance(body.get("metadata"), dict):
        raise ValueError(kind)
    body = clean_object(body)
    if reason := misfit(unmarked(body), KINDS[kind].pod_path if kind in KINDS else ()):
        return Content(b"{}", reason)
    if kind == "ConfigMap":  # policies look at what its values are like, and older snapshots hold texts
        body = redact(body)
    return Content(canonical.encode(body), managers=managers)


class Pods:
    """The pods of one list, taken in as they come."""

    def __init__(self, *, with_status: bool = False) -> None:
        """With `with_status` the status is kept; then no pod is like another."""
        self._with_status = with_status
        self._keys: dict[bytes, bytes] = {}
        """By the digest of a glance: pods that look alike at first sight are not even decoded."""
        self._contents: dict[bytes, tuple[str, Content, dict[str, Any]]] = {}
        self._rows: list[tuple[ResourceRef, str, Owner | None, bytes, dict[str, Any]]] = []
        self._labels: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
        """Each once: most pods of one owner have the same."""
        self._owners: dict[tuple[str, str], Owner] = {}

    def add(self, pods: Iterable[LivePod]) -> None:
        """Take pods in; nothing of them is held afterwards but their rows and new contents."""
        for pod in pods:
            metadata = pod.metadata
            ref = ResourceRef(_POD, "Pod", metadata.name, metadata.namespace)
            owner = self._owner(metadata)
            finished = _PHASE.decode(pod.status).phase in _FINISHED
            labels = self._shared(metadata.labels or {})
            key = b"" if finished else self._key(pod, owner, labels)
            self._rows.append((ref, metadata.uid, owner, key, labels))

    def owners(self) -> frozenset[str]:
        """Return the uids of the controllers of live pods."""
        return frozenset(owner.uid for _, _, owner, key, _ in self._rows if owner and key)

    def resources(self) -> Iterator[Resource]:
        """Yield the pods, each once."""
        for ref, uid, owner, key, labels in self._rows:
            if key:
                _, content, shared = self._contents[key]
                yield Resource(ref, content, uid, owner, labels=None if labels is shared else labels)
            else:
                yield Resource(ref, NOTHING, uid, owner, finished=True)

    def _shared(self, labels: dict[str, str]) -> dict[str, Any]:
        """The labels as they are kept, the same ones as those of other pods that have them."""
        key = tuple(labels.items())
        known = self._labels.get(key)
        if known is None:
            known = self._labels[key] = redact({"labels": labels})["labels"]
        return known

    def _owner(self, metadata: _Metadata) -> Owner | None:
        for one in metadata.owner_references or ():
            if one.controller:
                known = self._owners.get((metadata.namespace, one.uid))
                if known is None or (known.ref.kind, known.ref.name) != (one.kind, one.name):
                    known = named(one, metadata.namespace)
                    self._owners[metadata.namespace, one.uid] = known
                return known
        return None

    def _key(self, pod: LivePod, owner: Owner | None, labels: dict[str, Any]) -> bytes:
        """What tells contents apart, once the content is kept.

        Pods of different looks never have the same key.
        """
        metadata = pod.metadata
        # what nobody controls answers for itself, and so does what a node does
        owned = owner and not is_node(owner.ref)
        whose = [
            metadata.namespace,
            *((owner.ref.name, owner.uid) if owner and owned else ("", "", metadata.name)),
        ]
        status = pod.status if self._with_status else None
        seen = _sha256([whose, _seen(glance, metadata, pod.spec), status])
        key = self._keys.get(seen)
        if key and metadata.name >= self._contents[key][0]:
            return key
        spec = msgspec.json.decode(msgspec.json.encode(pod.spec))
        key = self._keys[seen] = _sha256([whose, _seen(rough_look, metadata, spec), status])
        known = self._contents.get(key)
        if known is None or metadata.name < known[0]:
            self._contents[key] = (metadata.name, _content(self._body(pod, spec)), labels)
        return key

    def _body(self, pod: LivePod, spec: dict[str, Any]) -> Body:
        body: Body = {
            "apiVersion": _POD,
            "kind": "Pod",
            "metadata": msgspec.to_builtins(pod.metadata),
            "spec": spec,
        }
        if self._with_status:
            body["status"] = msgspec.json.decode(pod.status)
        return body


def _seen(look: Callable[..., list[Any]], metadata: _Metadata, spec: Mapping[str, Any]) -> list[Any]:
    try:
        return look(metadata.name, metadata.annotations or {}, spec)
    except (TypeError, AttributeError, msgspec.ValidationError):  # a field of the wrong type: like no other
        return [metadata.name]


def _sha256(value: list[Any]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(value)).digest()


def _content(body: Body) -> Content:
    path = KINDS[body["kind"]].pod_path if body["kind"] in KINDS else ()
    if reason := misfit(body, path):
        return Content(b"{}", reason)
    return Content(canonical.encode(_safe(_condensed(body, path) if path else body)))


def _safe(body: Body) -> Body:
    """The object without nulls and credentials; few objects of an API server hold nulls."""
    encoded = msgspec.json.encode(body)
    if b"null" in encoded or b'""' in encoded:
        return redact(clean_object(body))
    return redact(without_copies(body))


def _condensed(body: Body, path: Sequence[str]) -> Body:
    """The object with the parts of its pod spec made safe and encoded.

    They are most of an object, and repeat themselves: from pod to pod, in templates, in history.
    """
    key, rest = path[0], path[1:]
    if rest:
        return {**body, key: _condensed(body[key], rest)}
    return {**body, key: {field: _encoded(field, value) for field, value in body[key].items()}}


def _encoded(field: str, value: Any) -> Any:
    """A field of a pod spec in as few parts as will be the same in others."""
    if isinstance(value, dict):
        return _part(field, msgspec.json.encode(value))
    if not isinstance(value, list):
        return value
    if field in _CONTAINERS:
        return [_container(one) for one in value]
    return [_part(field, msgspec.json.encode(one), entry=True) for one in value]


def _container(container: Any) -> Any:
    """A container field by field: its mounts are its own, since one has the name of the pod's token."""
    if not isinstance(container, dict) or "value" in container:  # what goes by `value` hangs on `name`
        return container
    return {
        field: _encoded(field, value)
        if field == "volumeMounts"
        else _part(field, msgspec.json.encode(value))
        if isinstance(value, list | dict)
        else value
        for field, value in container.items()
    }


@lru_cache(maxsize=8192)
def _part(field: str, encoded: bytes, *, entry: bool = False) -> msgspec.Raw:
    """One field of a pod spec, or one entry of its list, made safe."""
    value = msgspec.json.decode(encoded)
    alone = {field: [value] if entry else value}
    safe = redact(clean(alone) if b"null" in encoded or b'""' in encoded else alone)[field]
    return msgspec.Raw(canonical.encode(safe[0] if entry else safe))


def _owner(metadata: Mapping[str, Any], namespace: str) -> Owner | None:
    """The controller that metadata names; a broken manifest may have anything in its place."""
    references = metadata.get("ownerReferences")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            known = {name: _text(reference, name) for name in ("apiVersion", "kind", "name", "uid")}
            return named(msgspec.convert({**known, "controller": True}, OwnerReference), namespace)
    return None


def named(reference: OwnerReference, namespace: str) -> Owner:
    """Return the owner that an object in this namespace refers to."""
    # an owner stands in the same namespace, or in none: a Node is the only one of those we know
    ref = ResourceRef(reference.api_version, reference.kind, reference.name, namespace)
    return Owner(msgspec.structs.replace(ref, namespace="") if is_node(ref) else ref, reference.uid)


def _section(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A mapping inside the object, empty where a broken manifest has something else."""
    section = body.get(key)
    return section if isinstance(section, dict) else {}


def _text(body: Mapping[str, Any], key: str) -> str:
    """A text inside the object, empty where a broken manifest has something else."""
    text = body.get(key)
    return text if isinstance(text, str) else ""

"""From a snapshot to documents: heads, variants, parts, relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from auditor.document.home import home
from auditor.document.kinds import KINDS, pod_pointer
from auditor.document.normalise import meta, pod, spec
from auditor.document.owners import Head, heads
from auditor.document.relations.index import Index
from auditor.document.relations.limit_range import container_defaults
from auditor.document.relations.relation import World, part
from auditor.document.relations.table import RELATIONS, relation_kinds
from auditor.document.variants import groups
from auditor.model import Body, Content, Document, Part, PodCount, Resource, ResourceRef, Snapshot

SIZE_LIMIT = 256 * 1024
"""Bytes of JSON that a document may have: none grows with the cluster."""

REQUEST = "auditor.dev/request-waiver"
"""The annotation with which an object asks for a waiver."""

MAX_REQUEST = 500
"""Characters of it that are kept."""


Made = dict[Content, tuple[Mapping[str, Part], str]]
"""What was made ahead of contents alone: their parts, and whether they are hollow."""


def assemble(
    snapshot: Snapshot,
    kinds: frozenset[str],
    relations: frozenset[str],
    parts: frozenset[str],
    made: Made | None = None,
    *,
    ahead: bool = False,
    judges: Callable[[ResourceRef], bool] | None = None,
    owner_label: str = "",
    read: Mapping[str, frozenset[str]] | None = None,
) -> Iterator[Document]:
    """Yield the documents of the kinds that policies judge, each built when it is asked for.

    `relations` are the names that the policies need or want; `parts` limits what goes into a
    document to what some policy reads. What is in `made` is taken out of it; with `ahead`
    it is filled instead, for the same documents to come. What `judges` refuses has no document, but is
    joined to those of others; it decides for whole namespaces. `owner_label` is the label that names
    who is responsible. `read` has the parts that policies read of each kind, where it is not `parts`: what
    is judged by its name alone (a ConfigMap) needs nothing else encoded, sent and decoded.
    """
    live = snapshot.facts.kind == "cluster"
    everything = tuple(answering(snapshot, snapshot.resources))
    facts = snapshot.facts
    world = World(
        snapshot.resources,
        everything,
        live,
        snapshot.observations,
        facts.namespaces,
        facts.version,
        facts.apis,
    )
    made = {} if made is None else made
    read = dict.fromkeys(kinds, parts) if read is None else read
    build = _Builder(snapshot, world, relations, read, owner_label, made, ahead=ahead)
    judged = [one for one in snapshot.resources if judges(one.ref)] if judges else None
    for head in everything if judged is None else answering(snapshot, judged):
        if head.resource.ref.kind not in kinds:
            continue
        if head.resource.ref.kind == "Pod":
            yield from build.pods(head, live=live)
        else:
            yield from build.workload(head, live=live)


def answering(snapshot: Snapshot, resources: Iterable[Resource]) -> Iterator[Head]:
    """Yield what answers for itself among these resources of a snapshot: whole namespaces of it, or all.

    What a manifest says of owners and of its status is a claim: there, everything does.
    """
    return heads(resources) if snapshot.facts.kind == "cluster" else map(_alone, resources)


def _alone(resource: Resource) -> Head:
    return Head(resource, pods=(resource,) if resource.ref.kind == "Pod" else ())


class _Builder:
    """What all documents of one snapshot share."""

    def __init__(
        self,
        snapshot: Snapshot,
        world: World,
        relations: frozenset[str],
        read: Mapping[str, frozenset[str]],
        owner_label: str,
        made: Made,
        *,
        ahead: bool,
    ) -> None:
        self._read = read
        self._made = made
        self._ahead = ahead
        self._label = owner_label
        self._owners = _namespace_owners(snapshot, owner_label) if owner_label else {}
        used = [RELATIONS[name] for name in sorted(relations) if name in RELATIONS]
        self._index = Index(used, world)
        self._limits = container_defaults(world)
        self._unread: dict[str | None, dict[str, str]] = {}
        """By namespace, None for all: the relations that could not be read, with the reason."""
        for relation in used:
            for gap in snapshot.gaps:
                if gap.kind in relation.kinds:
                    reason = f"{gap.kind} could not be read: {gap.reason}"
                    self._unread.setdefault(gap.namespace, {})[relation.name] = reason
        facts = snapshot.facts
        known = {"version": facts.version, "apis": list(facts.apis), "live": facts.kind == "cluster"}
        self._cluster = part(known)
        self._now = part(facts.read_at) if facts.read_at else None

    def pods(self, head: Head, *, live: bool) -> Iterator[Document]:
        """Documents of pods that answer for themselves; twins of an outside owner are one."""
        found = groups(head.pods, None)
        for group in found:
            count = PodCount(group.count, len(head.pods)) if live else None
            yield self.document(
                group.representative,
                managed_by=head.managed_by,
                pods=count,
                pod_names=group.names,
                variants=len(found),
            )

    def workload(self, head: Head, *, live: bool) -> Iterator[Document]:
        """The document of the template, and one for each way in which live pods differ from it."""
        total = len(head.pods)
        limits = self._limits.get(head.resource.ref.namespace)
        different = groups(head.pods, head.resource, limits) if head.pods else []
        alike = total - sum(group.count for group in different)
        counts = total or (live and pod_pointer(head.resource.ref.kind))
        count = PodCount(alike, total) if counts else None
        variants = len(different)
        yield self.document(head.resource, managed_by=head.managed_by, pods=count, variants=variants)
        for group in different:
            yield self.document(
                group.representative,
                managed_by=head.managed_by,
                pods=PodCount(group.count, total),
                pod_names=group.names,
                owner=head.resource,
                variants=variants,
            )

    def document(
        self,
        resource: Resource,
        *,
        managed_by: ResourceRef | None = None,
        pods: PodCount | None = None,
        pod_names: tuple[str, ...] = (),
        owner: Resource | None = None,
        variants: int = 0,
    ) -> Document:
        """Build one document; with `owner` it is a variant, and the owner answers for it."""
        parts: Mapping[str, Part] = {}
        reason, hollow, bearer = resource.content.refused, "", owner or resource
        responsible, request = "", ""
        missing = self._missing(resource)
        if not reason:
            read = self._read[bearer.ref.kind]
            own, hollow = self._own(resource, read)
            # of what was not read to its end, half would tell lies
            parts = {**own, **self._joined(resource, read.difference(f"related.{name}" for name in missing))}
            responsible, request = self._told(bearer)
            size = sum(len(one.json) for one in parts.values())
            if size > SIZE_LIMIT:
                reason = f"it has {size // 1024} KiB; documents over {SIZE_LIMIT // 1024} KiB are not judged"
        return Document(
            ref=bearer.ref,
            parts=parts,
            content=resource.content,
            pod_path=pod_pointer(resource.ref.kind),
            origin=resource.origin,
            lines=resource.lines,
            managed_by=managed_by,
            missing=missing,
            pods=pods,
            pod_names=pod_names,
            variant=owner is not None,
            variants=variants,
            refused=reason,
            hollow=hollow,
            owner=responsible,
            waiver_request=request,
        )

    def _told(self, bearer: Resource) -> tuple[str, str]:
        """Whom an object belongs to, and what it asks for; few ask, and decoding takes its time."""
        if not self._label and REQUEST.encode() not in bearer.content.json:
            return "", ""
        body = bearer.body
        own = _text(body, "labels", self._label) if self._label else ""
        request = _text(body, "annotations", REQUEST)[:MAX_REQUEST]
        return own or self._owners.get(home(bearer.ref), ""), request

    def _missing(self, resource: Resource) -> dict[str, str]:
        """What could not be joined to this resource: a gap in one namespace concerns those in it."""
        unread = self._unread
        return {
            **self._index.missing(resource),
            **unread.get(None, {}),
            **unread.get(resource.ref.namespace, {}),
        }

    def _own(self, resource: Resource, read: frozenset[str]) -> tuple[Mapping[str, Part], str]:
        """The parts that are made of the object alone, and whether it is hollow."""
        known = self._made.pop(resource.content, None)
        if known is None:
            body = resource.body
            known = _encoded(body, read), _hollow(body)
        if self._ahead:
            self._made[resource.content] = known
        return known

    def _joined(self, resource: Resource, read: frozenset[str]) -> dict[str, Part]:
        parts = {"cluster": self._cluster} if "cluster" in read else {}
        if "now" in read and self._now:
            parts["now"] = self._now
        return {**parts, **self._index.related(resource, read)}


def _encoded(body: Body, read: frozenset[str]) -> dict[str, Part]:
    makers: dict[str, Callable[[Body], Any]] = {
        "meta": meta,
        "spec": spec,
        "status": lambda body: body.get("status", {}),
    }
    parts = {name: part(make(body)) for name, make in makers.items() if name in read}
    if not read.isdisjoint(("pod", "containers")) and (view := pod(body)):
        parts |= {
            name: part(value) for name, value in zip(("pod", "containers"), view, strict=True) if name in read
        }
    return parts


def _namespace_owners(snapshot: Snapshot, label: str) -> dict[str, str]:
    """What the label of each namespace says that was read."""
    return {
        one.ref.name: _text(one.body, "labels", label)
        for one in snapshot.resources
        if one.ref.kind == "Namespace"
    }


def _text(body: Body, section: str, key: str) -> str:
    """A label or an annotation; "" where it is none, or was a credential and is only described."""
    text = body.get("metadata", {}).get(section, {}).get(key, "")
    return text if isinstance(text, str) else ""


def _hollow(body: Body) -> str:
    """Say that a workload has no containers, "" if it has some, or is none.

    No cluster takes such an object, so nothing is known of what will run: it is a patch for others
    to complete, or its list is misspelled. A policy would find nothing wrong.
    """
    path = KINDS[body["kind"]].pod_path if body["kind"] in KINDS else ()
    if not path:
        return ""
    spec = body
    for key in path:
        spec = spec[key]
    return "" if spec.get("containers") else f"{'.'.join(path)}.containers is missing or empty"


def wanted_kinds(kinds: Iterable[str], relations: Iterable[str]) -> frozenset[str]:
    """Return every kind that must be read for these judged kinds and relations.

    Workloads bring each other: a pod is only judged right when its owners are known.
    """
    wanted = set(kinds)
    for name in relations:
        wanted.update(relation_kinds(name))
    if any(KINDS[kind].pod_path for kind in wanted if kind in KINDS):
        wanted.update(kind for kind, known in KINDS.items() if known.pod_path)
    return frozenset(wanted)

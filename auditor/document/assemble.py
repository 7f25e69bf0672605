"""From a snapshot to documents: heads, variants, parts, relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from auditor.document.kinds import KINDS, pod_pointer
from auditor.document.normalise import meta, pod, spec
from auditor.document.owners import Head, heads
from auditor.document.relations.index import Index
from auditor.document.relations.limit_range import container_defaults
from auditor.document.relations.relation import World, part
from auditor.document.relations.table import RELATIONS, relation_kinds
from auditor.document.variants import groups
from auditor.model import Body, Document, Part, PodCount, Resource, ResourceRef, Snapshot

SIZE_LIMIT = 256 * 1024
"""Bytes of JSON that a document may have: none grows with the cluster."""


def assemble(
    snapshot: Snapshot, kinds: frozenset[str], relations: frozenset[str], parts: frozenset[str]
) -> Iterator[Document]:
    """Yield the documents of the kinds that policies judge, each built when it is asked for.

    `relations` are the names that the policies need or want; `parts` limits what goes into a
    document to what some policy reads.
    """
    live = snapshot.facts.kind == "cluster"
    # what a manifest says of owners and of its status is a claim: there, everything answers for itself
    found = tuple(heads(snapshot.resources) if live else map(_alone, snapshot.resources))
    build = _Builder(snapshot, World(snapshot.resources, found, live), relations, parts)
    for head in found:
        if head.resource.ref.kind not in kinds:
            continue
        if head.resource.ref.kind == "Pod":
            yield from build.pods(head, live=live)
        else:
            yield from build.workload(head, live=live)


def _alone(resource: Resource) -> Head:
    return Head(resource, pods=(resource,) if resource.ref.kind == "Pod" else ())


class _Builder:
    """What all documents of one snapshot share."""

    def __init__(
        self, snapshot: Snapshot, world: World, relations: frozenset[str], parts: frozenset[str]
    ) -> None:
        self._parts = parts
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
        self._cluster = part({"version": facts.version, "apis": list(facts.apis)})
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
                owner=head.resource.ref,
                variants=variants,
            )

    def document(
        self,
        resource: Resource,
        *,
        managed_by: ResourceRef | None = None,
        pods: PodCount | None = None,
        pod_names: tuple[str, ...] = (),
        owner: ResourceRef | None = None,
        variants: int = 0,
    ) -> Document:
        """Build one document; with `owner` it is a variant, and the owner answers for it."""
        parts: Mapping[str, Part] = {}
        reason, hollow = resource.content.refused, ""
        if not reason:
            body = resource.body
            parts, hollow = self._encoded(resource, body), _hollow(body)
            size = sum(len(one.json) for one in parts.values())
            if size > SIZE_LIMIT:
                reason = f"it has {size // 1024} KiB; documents over {SIZE_LIMIT // 1024} KiB are not judged"
        return Document(
            ref=owner or resource.ref,
            parts=parts,
            content=resource.content,
            pod_path=pod_pointer(resource.ref.kind),
            origin=resource.origin,
            lines=resource.lines,
            managed_by=managed_by,
            missing=self._missing(resource),
            pods=pods,
            pod_names=pod_names,
            variant=owner is not None,
            variants=variants,
            refused=reason,
            hollow=hollow,
        )

    def _missing(self, resource: Resource) -> dict[str, str]:
        """What could not be joined to this resource: a gap in one namespace concerns those in it."""
        unread = self._unread
        return {
            **self._index.missing(resource),
            **unread.get(None, {}),
            **unread.get(resource.ref.namespace, {}),
        }

    def _encoded(self, resource: Resource, body: Body) -> dict[str, Part]:
        makers: dict[str, Callable[[Body], Any]] = {
            "meta": meta,
            "spec": spec,
            "status": lambda body: body.get("status", {}),
        }
        parts = {name: part(make(body)) for name, make in makers.items() if name in self._parts}
        if "cluster" in self._parts:
            parts["cluster"] = self._cluster
        if "now" in self._parts and self._now:
            parts["now"] = self._now
        if not self._parts.isdisjoint(("pod", "containers")) and (view := pod(body)):
            parts |= {
                name: part(value)
                for name, value in zip(("pod", "containers"), view, strict=True)
                if name in self._parts
            }
        for name, joined in self._index.related(resource).items():
            if f"related.{name}" in self._parts:
                parts[f"related.{name}"] = joined
        return parts


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

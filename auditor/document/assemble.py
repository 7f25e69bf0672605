"""From a snapshot to documents: heads, variants, parts, relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from auditor.document.credentials import redact
from auditor.document.kinds import KINDS, pod_pointer
from auditor.document.normalise import clean_object, meta, pod, spec
from auditor.document.owners import Head, heads
from auditor.document.pointer import canonical, digest
from auditor.document.relations import RELATIONS, Index
from auditor.document.shape import misfit
from auditor.document.variants import groups
from auditor.model import Document, Part, PodCount, Resource, ResourceRef, Snapshot

SIZE_LIMIT = 256 * 1024
"""Bytes of JSON that a document may have: none grows with the cluster."""


def assemble(
    snapshot: Snapshot, kinds: frozenset[str], relations: frozenset[str], parts: frozenset[str]
) -> Iterator[Document]:
    """Yield the documents of the kinds that policies judge.

    `relations` are the names that the policies need or want; `parts` limits what goes into a
    document to what some policy reads (`meta` is always there).
    """
    resources = [_consistent(resource) for resource in snapshot.resources]
    build = _Builder(snapshot, resources, relations, parts)
    live = snapshot.facts.kind == "cluster"
    # what a manifest says of owners and of its status is a claim: there, everything answers for itself
    for head in heads(resources) if live else map(_alone, resources):
        if head.resource.ref.kind not in kinds:
            continue
        if head.resource.ref.kind == "Pod":
            yield from build.pods(head, live=live)
        else:
            yield from build.workload(head, live=live)


def _alone(resource: Resource) -> Head:
    return Head(resource, pods=(resource,) if resource.ref.kind == "Pod" else ())


def _consistent(resource: Resource) -> Resource:
    """The resource, its body saying of itself what its reference says: all steps ask the body."""
    ref, body = resource.ref, resource.body
    if body.get("kind") == ref.kind and body.get("apiVersion") == ref.api_version:
        return resource
    return msgspec.structs.replace(resource, body={**body, "apiVersion": ref.api_version, "kind": ref.kind})


class _Builder:
    """What all documents of one snapshot share."""

    def __init__(
        self,
        snapshot: Snapshot,
        resources: Sequence[Resource],
        relations: frozenset[str],
        parts: frozenset[str],
    ) -> None:
        self._parts = parts
        used = [RELATIONS[name] for name in sorted(relations) if name in RELATIONS]
        self._index = Index(used, resources)
        unread = {gap.kind: gap.reason for gap in snapshot.gaps if gap.kind}
        self._missing = {
            relation.name: f"{kind} could not be read: {unread[kind]}"
            for relation in used
            for kind in relation.kinds
            if kind in unread
        }
        facts = snapshot.facts
        self._cluster = {"version": facts.version, "apis": list(facts.apis)}

    def pods(self, head: Head, *, live: bool) -> Iterator[Document]:
        """Documents of pods that answer for themselves; twins of an outside owner are one."""
        for group in groups(head.pods, None):
            count = PodCount(group.count, len(head.pods)) if live else None
            yield self.document(
                group.representative, managed_by=head.managed_by, pods=count, pod_names=group.names
            )

    def workload(self, head: Head, *, live: bool) -> Iterator[Document]:
        """The document of the template, and one for each way in which live pods differ from it."""
        total = len(head.pods)
        different = groups(head.pods, head.resource) if head.pods else []
        alike = total - sum(group.count for group in different)
        counts = total or (live and pod_pointer(head.resource.ref.kind))
        count = PodCount(alike, total) if counts else None
        yield self.document(head.resource, managed_by=head.managed_by, pods=count)
        for group in different:
            yield self.document(
                group.representative,
                managed_by=head.managed_by,
                pods=PodCount(group.count, total),
                pod_names=group.names,
                owner=head.resource.ref,
            )

    def document(
        self,
        resource: Resource,
        *,
        managed_by: ResourceRef | None = None,
        pods: PodCount | None = None,
        pod_names: tuple[str, ...] = (),
        owner: ResourceRef | None = None,
    ) -> Document:
        """Build one document; with `owner` it is a variant, and the owner answers for it."""
        kind = resource.ref.kind
        body = resource.body
        reason = misfit(body, KINDS[kind].pod_path if kind in KINDS else ())
        parts: dict[str, Part] = {}
        if not reason:
            body = redact(clean_object(body))
            parts = {
                name: _part(value) for name, value in self._values(resource, body) if self._is_read(name)
            }
            size = sum(len(part.json) for part in parts.values())
            if size > SIZE_LIMIT:
                reason = f"it has {size // 1024} KiB; documents over {SIZE_LIMIT // 1024} KiB are not judged"
        return Document(
            ref=owner or resource.ref,
            parts=parts,
            body=body if not reason else {},
            pod_path=pod_pointer(kind),
            origin=resource.origin,
            lines=resource.lines,
            managed_by=managed_by,
            missing={**self._index.missing(resource), **self._missing},
            pods=pods,
            pod_names=pod_names,
            variant=owner is not None,
            refused=reason,
        )

    def _values(self, resource: Resource, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "meta", meta(body)
        yield "spec", spec(body)
        yield "status", body.get("status", {})
        yield "cluster", self._cluster
        if view := pod(body):
            yield "pod", view[0]
            yield "containers", view[1]
        for name, value in self._index.related(resource).items():
            yield f"related.{name}", redact({name: value})[name]

    def _is_read(self, part: str) -> bool:
        return part == "meta" or part in self._parts


def _part(value: Any) -> Part:
    encoded = canonical.encode(value)
    return Part(digest(encoded), encoded)


def wanted_kinds(kinds: Iterable[str], relations: Iterable[str]) -> frozenset[str]:
    """Return every kind that must be read for these judged kinds and relations.

    Workloads bring each other: a pod is only judged right when its owners are known.
    """
    wanted = set(kinds)
    for name in relations:
        wanted.update(RELATIONS[name].kinds)
    if any(KINDS[kind].pod_path for kind in wanted if kind in KINDS):
        wanted.update(kind for kind, known in KINDS.items() if known.pod_path)
    return frozenset(wanted)

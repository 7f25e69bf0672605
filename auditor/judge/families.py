"""Who bears a verdict: the results of one object, its template and its live variants together.

Pods of an outside owner come and go under changing names, so that owner bears what they fail: a
fingerprint holds no name that a restart changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from auditor.document.kinds import SYSTEM_NAMESPACES
from auditor.judge.results import key
from auditor.model import Document, PodCount, Policy, ResourceRef, Result, Status, Violation


class Bearer(msgspec.Struct, frozen=True, order=True):
    """The identity that goes into a fingerprint."""

    ref: ResourceRef
    source: str = ""
    """File of the object, only where several define it."""


class Failed(msgspec.Struct, frozen=True, eq=False):
    """One violation of a family, and how many of its live pods have it."""

    violation: Violation
    key: str
    document: Document
    pods: PodCount | None
    only_live: bool
    """The template, where there is one, does not have it."""
    unknown: tuple[str, ...] = ()


class Family(msgspec.Struct, frozen=True, eq=False):
    """All results of one policy for one bearer."""

    policy: Policy
    bearer: Bearer
    results: tuple[Result, ...]

    @property
    def status(self) -> Status:
        """The worst of its results: fail, not_evaluated, pass, not_applicable."""
        found = {result.status for result in self.results}
        return next(
            status
            for status in (Status.FAIL, Status.NOT_EVALUATED, Status.PASS, Status.NOT_APPLICABLE)
            if status in found
        )

    @property
    def has_gap(self) -> bool:
        """A result of it was not evaluated, whatever the others say."""
        return any(result.status is Status.NOT_EVALUATED for result in self.results)

    @property
    def system(self) -> bool:
        """It belongs to a namespace of Kubernetes itself."""
        ref = self.results[0].document.ref
        return (ref.name if ref.kind == "Namespace" else ref.namespace) in SYSTEM_NAMESPACES

    def failed(self) -> list[Failed]:
        """Its violations, each once, with the count of live pods."""
        template = next((one for one in self.results if not one.document.variant), self.results[0])
        total = sum(_count(one) for one in self.results)
        first: dict[str, tuple[Result, Violation]] = {}
        holders: Counter[str] = Counter()
        for result in self.results:
            for violation in result.violations:
                name = key(violation, result.document)
                first.setdefault(name, (result, violation))
                holders[name] += _count(result)
        return [
            Failed(
                violation=violation,
                key=name,
                document=result.document,
                pods=PodCount(holders[name], total) if total else None,
                only_live=result.document.variant and template is not result,
                unknown=result.reasons,
            )
            for name, (result, violation) in first.items()
        ]


def _count(result: Result) -> int:
    """How many live pods a result stands for."""
    return result.document.pods.affected if result.document.pods else 0


def families(results: Iterable[Result]) -> list[Family]:
    """Group results by policy and bearer, in the order they came."""
    everything = list(results)
    shared = _defined_twice(one.document for one in everything)
    grouped: dict[tuple[str, Bearer], list[Result]] = {}
    for result in everything:
        grouped.setdefault((result.policy.id, bearer(result.document, shared)), []).append(result)
    return [Family(found[0].policy, who, tuple(found)) for (_, who), found in grouped.items()]


def bearer(document: Document, shared: Mapping[ResourceRef, str]) -> Bearer:
    """Return who bears the verdicts of a document."""
    outside = document.managed_by
    if outside and outside.kind != "Node":
        return Bearer(outside)
    ref = document.ref
    if ref not in shared or not document.origin:
        return Bearer(ref)
    path = document.origin.path
    return Bearer(ref, path if shared[ref] == "files" else f"{path}#{document.origin.document}")


def _defined_twice(documents: Iterable[Document]) -> dict[ResourceRef, str]:
    """Objects that the manifests define more than once: in several files, or within one."""
    places: dict[ResourceRef, set[tuple[str, int]]] = {}
    for document in documents:
        if document.origin:
            places.setdefault(document.ref, set()).add((document.origin.path, document.origin.document))
    return {
        ref: "files" if len({path for path, _ in found}) == len(found) else "documents"
        for ref, found in places.items()
        if len(found) > 1
    }

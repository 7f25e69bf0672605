"""Who bears a verdict: the results of one object, its template and its live variants together.

Pods of an outside owner come and go under changing names, so that owner bears what they fail: a
fingerprint holds no name that a restart changes. What an outside owner makes under a name that
stays (the Deployments of an operator) answers for itself: two of them are two findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from auditor.document.kinds import SYSTEM_NAMESPACES
from auditor.document.owners import is_node
from auditor.document.variants import MAX_NAMES
from auditor.judge.results import Results
from auditor.model import Document, Origin, PodCount, ResourceRef, Result, SetBy, Status, Violation
from auditor.objects import ResourceEntry
from auditor.rules import Policy

_MADE_UP_NAMES = frozenset({"Pod", "ReplicaSet", "ReplicationController", "Job"})
"""Kinds whose names controllers generate."""


class Bearer(msgspec.Struct, frozen=True, order=True):
    """The identity that goes into a fingerprint: free of the API version, which may change."""

    group: str
    kind: str
    namespace: str
    name: str
    source: str = ""
    """Where it is defined, only if it is defined more than once."""


class Failed(msgspec.Struct, frozen=True, eq=False):
    """One violation of a family, and how many of its live pods have it."""

    violation: Violation
    key: str
    place: str
    document: Document
    pods: PodCount | None
    only_live: bool
    """The template, where there is one, does not have it."""
    unknown: tuple[str, ...] = ()
    pod_names: tuple[str, ...] = ()
    """Some of the live pods, where the template does not have it."""
    set_by: SetBy | None = None


class Family(msgspec.Struct, frozen=True, eq=False):
    """What is told of one bearer by one policy."""

    policy: Policy
    bearer: Bearer
    results: tuple[Result, ...]
    clear: tuple[Document, ...] = ()
    """The documents of the bearer that the policy passes or skips, where it fails another one."""

    @property
    def system(self) -> bool:
        """It belongs to a namespace of Kubernetes itself."""
        return in_system(self.results[0].document.ref)

    def failed(self) -> list[Failed]:
        """Its violations, each once, the template's before those of variants, with counts of live pods."""
        if not any(one.violations for one in self.results):
            return []
        documents = [*(one.document for one in self.results), *self.clear]
        total = sum(_count(self.policy, one) for one in documents)
        templated = not all(one.variant for one in documents)
        known = templated and all(
            one.document.variant or one.status is not Status.NOT_EVALUATED for one in self.results
        )
        first: dict[str, tuple[Result, Violation, str, SetBy | None]] = {}
        holders: Counter[str] = Counter()
        named: dict[str, list[str]] = {}
        doubts: dict[str, dict[str, None]] = {}
        for result in self.results:
            who = result.set_by or (None,) * len(result.keys)
            found = zip(result.keys, result.violations, result.places, who, strict=True)
            for name, violation, where, setter in found:
                first.setdefault(name, (result, violation, where, setter))
                holders[name] += _count(self.policy, result.document)
                named.setdefault(name, []).extend(result.document.pod_names)
                doubts.setdefault(name, {}).update(dict.fromkeys(result.reasons))
        return [
            Failed(
                violation=violation,
                key=name,
                place=where,
                document=result.document,
                pods=PodCount(holders[name], total) if total else None,
                only_live=result.document.variant and known,
                unknown=tuple(doubts[name]),
                set_by=setter,
                pod_names=tuple(sorted(named[name])[:MAX_NAMES]) if known or not templated else (),
            )
            for name, (result, violation, where, setter) in first.items()
        ]


def in_system(ref: ResourceRef) -> bool:
    """Tell whether an object belongs to a namespace of Kubernetes itself, or is one."""
    return (ref.name if ref.kind == "Namespace" else ref.namespace) in SYSTEM_NAMESPACES


def _count(policy: Policy, document: Document) -> int:
    """How many live pods a result stands for: all of them where only their template's owner was judged."""
    pods = document.pods
    if pods is None:
        return 0
    by_pods = policy.judges_pods or document.ref.kind == "Pod"
    return pods.affected if by_pods else pods.total


def families(results: Iterable[Results]) -> list[Family]:
    """Group what is told by policy and bearer; the same families whatever order the results came in."""
    everything = sorted(results, key=lambda one: _place(one.document))
    shared = _defined_twice(one.document for one in everything)
    borne: dict[Bearer, list[Results]] = {}
    grouped: dict[tuple[str, Bearer], list[Result]] = {}
    for one in everything:
        who = bearer(one.document, shared)
        borne.setdefault(who, []).append(one)
        for result in one.told:
            grouped.setdefault((result.policy.id, who), []).append(result)
    return [
        Family(told[0].policy, who, tuple(told), _clear(name, borne[who]))
        for (name, who), told in sorted(grouped.items(), key=lambda one: one[0][0])
    ]


def _clear(policy: str, borne: Sequence[Results]) -> tuple[Document, ...]:
    if len(borne) == 1:
        return ()  # its only document is told of
    return tuple(one.document for one in borne if policy in one.passed or policy in one.skipped)


def bearer(document: Document, shared: Mapping[Bearer, Mapping[Origin, str]]) -> Bearer:
    """Return who bears the verdicts of a document.

    `shared` holds the objects that are defined more than once, and what tells their places apart.
    """
    who = _borne_by(document.ref, document.managed_by)
    if document.origin and (places := shared.get(who)):
        return msgspec.structs.replace(who, source=places.get(document.origin, ""))
    return who


def bearer_of(resource: ResourceEntry) -> Bearer:
    """Return who bears what a record says of an object, wherever it is defined."""
    owner = resource.managed_by
    outside = ResourceRef(owner.apiVersion, owner.kind, owner.name, owner.namespace) if owner else None
    return _borne_by(resource_ref(resource), outside)


def resource_ref(resource: ResourceEntry) -> ResourceRef:
    """Return which object a record means."""
    return ResourceRef(resource.apiVersion, resource.kind, resource.name, resource.namespace)


def _borne_by(ref: ResourceRef, outside: ResourceRef | None) -> Bearer:
    made_up = ref.kind in _MADE_UP_NAMES
    return _bearer(outside if outside and made_up and not is_node(outside) else ref)


def _bearer(ref: ResourceRef) -> Bearer:
    return Bearer(ref.group, ref.kind, ref.namespace, ref.name)


def _place(document: Document) -> tuple[Any, ...]:
    """Where a document stands among others: templates first."""
    origin = document.origin or Origin("", 0, 0)
    return (
        document.variant,
        document.ref,
        origin.path,
        origin.document,
        origin.line,
        document.pod_names[:1],
    )


def _defined_twice(documents: Iterable[Document]) -> dict[Bearer, dict[Origin, str]]:
    """The objects that the manifests define more than once, with a name for each place.

    The name is that of the file, and within one file the number of the definition.
    """
    places: dict[Bearer, set[Origin]] = {}
    for document in documents:
        if document.origin and not document.variant:
            places.setdefault(_bearer(document.ref), set()).add(document.origin)
    return {who: _place_names(found) for who, found in places.items() if len(found) > 1}


def _place_names(places: Iterable[Origin]) -> dict[Origin, str]:
    names: dict[Origin, str] = {}
    seen: Counter[str] = Counter()
    for place in sorted(places, key=lambda one: (one.path, one.document, one.line)):
        seen[place.path] += 1
        number = seen[place.path]
        names[place] = place.path if number == 1 else f"{place.path}#{number}"
    return names
